/** The beginning, as small as can be: it fetches the face that the address names, the shell, and the core if it is here. */
import { coreIsHere, running } from './core/begin.ts';
import type { Face } from './core/types.ts';
import type { FaceParts } from './shell/face.ts';

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

const chosen = faceOf(location.pathname);
// The core starts in its worker while the face is still on its way; tracking keeps nothing and needs none.
if (chosen !== 'track' && coreIsHere) running();
void Promise.all([import('./start.ts'), FACES[chosen]()]).then(([shell, { face }]) => shell.start(chosen, face));
