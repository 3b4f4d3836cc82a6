import type { TextKey } from './text.svelte.ts';
import sentences from './en.json';

/** Fetched only by those who read English. Says at compile time that nothing is missing. */
export const english: Record<TextKey, string> & Record<string, string> = sentences;
