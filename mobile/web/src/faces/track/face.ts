import type { FaceParts } from '../../shell/face.ts';
import { withFace } from '../../shell/router.svelte.ts';
import TrackPage from './TrackPage.svelte';

export const face: FaceParts = {
  name: 'face.track',
  device: false,
  places: [],
  routes: [
    { pattern: '/', page: withFace(TrackPage) },
    { pattern: '/:code', page: withFace(TrackPage) },
  ],
};
