/** What is kept in this browser for work without network, as the build lists it and the service worker holds it. */
import type { Face } from '../core/types.ts';

/** Files named by their content, of every version; a name never means two things. */
export const ASSETS = 'tram-assets';
/** The faces that were made ready, so that a newer version makes them ready before it takes over. */
export const FACES_KEPT = 'tram-faces';

export type Files = {
  /** Changes with any file. */
  version: string;
  /** What is no asset: the page itself. */
  page: string[];
  /** Everything that a face needs to work with no network in Vietnamese, the core included. */
  faces: Record<Face, string[]>;
  /** The English sentences of each face, for those who read it. */
  english: Record<Face, string[]>;
};

/** What a page asks of the service worker. */
export type Wish = { keep: Face; english: boolean } | { takeOver: true };
/** What it is told on the way; `kept` when everything is in. */
export type Kept = { done: number; total: number; kept: boolean };
