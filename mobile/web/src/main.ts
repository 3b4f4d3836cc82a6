import { mount } from 'svelte';
import type { Face } from './core/types.ts';
import './design/base.css';
import './design/controls.css';
import { open } from './shell/device.svelte.ts';
import type { FaceParts } from './shell/face.ts';
import { dress } from './shell/preferences.svelte.ts';
import Shell from './shell/Shell.svelte';
import { installWorker } from './shell/update.svelte.ts';

/** The address picks the face; each face is a device of its own and is fetched alone. */
const FACES: Record<Face, () => Promise<{ face: FaceParts }>> = {
  citizen: () => import('./faces/citizen/face.ts'),
  postal: () => import('./faces/postal/face.ts'),
  branch: () => import('./faces/branch/face.ts'),
  operator: () => import('./faces/operator/face.ts'),
  track: () => import('./faces/track/face.ts'),
};

function faceOf(path: string): Face {
  const name = path.split('/')[1] ?? '';
  return name in FACES ? (name as Face) : 'citizen';
}

function manifest(face: Face): void {
  const link = document.createElement('link');
  link.rel = 'manifest';
  link.href = `/${face}.webmanifest`;
  document.head.append(link);
}

const chosen = faceOf(location.pathname);
// The core starts in its worker while the face is still on its way; tracking keeps nothing and needs none.
if (chosen !== 'track') void open(chosen);
const [{ face }] = await Promise.all([FACES[chosen](), dress(chosen)]);
manifest(chosen);
const target = document.getElementById('app');
if (target) {
  target.replaceChildren();
  mount(Shell, { target, props: { face } });
}
if (import.meta.env.PROD) installWorker();
