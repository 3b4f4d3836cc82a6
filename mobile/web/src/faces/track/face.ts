import type { FaceParts } from '../../shell/face.ts';

export const face: FaceParts = {
  name: 'face.track',
  device: false,
  places: [],
  routes: [
    { pattern: '/', page: () => import('./TrackPage.svelte') },
    { pattern: '/:code', page: () => import('./TrackPage.svelte') },
  ],
};
