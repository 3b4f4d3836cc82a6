import type { FaceParts } from '../../shell/face.ts';
import { withFace } from '../../shell/router.svelte.ts';
import Desk from './Desk.svelte';

const desk = withFace(Desk);

export const face: FaceParts = {
  name: 'face.branch',
  device: true,
  roles: ['officer', 'head'],
  wide: true,
  places: [{ to: '/', icon: 'dossier', label: 'branch.queue' }],
  routes: [
    { pattern: '/', page: desk, stays: 'desk' },
    { pattern: '/d/:dossier', page: desk, stays: 'desk' },
    { pattern: '/d/:dossier/papers', page: desk, stays: 'desk' },
    { pattern: '/d/:dossier/versions', page: desk, stays: 'desk' },
    { pattern: '/d/:dossier/file/:blob', page: desk, stays: 'desk' },
  ],
};
