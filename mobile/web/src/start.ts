/** The app around a face: shown first, then the core if it was not here, then what work without network takes. */
import { mount, tick } from 'svelte';
import { coreIsHere } from './core/begin.ts';
import { beginCore, questionsAnswered } from './core/client.ts';
import type { Face } from './core/types.ts';
import './design/base.css';
import './design/controls.css';
import { open } from './shell/device.svelte.ts';
import type { FaceParts } from './shell/face.ts';
import { dress } from './shell/preferences.svelte.ts';
import Shell from './shell/Shell.svelte';
import { makeReady } from './shell/readiness.svelte.ts';

/** What a person does first on a first visit has the line to itself for so long. */
const FIRST_MS = 800;

function manifest(face: Face): void {
  const link = document.createElement('link');
  link.rel = 'manifest';
  link.href = `/${face}.webmanifest`;
  document.head.append(link);
}

/** Shows the face. The page that the address names asks its questions once it is drawn. */
export async function start(chosen: Face, face: FaceParts): Promise<void> {
  const opened = face.device ? open(chosen) : Promise.resolve();
  await dress(chosen);
  const target = document.getElementById('app');
  if (!target) return;
  target.replaceChildren();
  await new Promise<void>((shown) => mount(Shell, { target, props: { face, shown } }));
  await tick();
  await questionsAnswered();
  if (!coreIsHere) {
    await new Promise((over) => setTimeout(over, FIRST_MS));
    await questionsAnswered();
  }
  if (face.device) beginCore();
  await opened;
  manifest(chosen);
  if (import.meta.env.PROD) await makeReady(chosen);
}
