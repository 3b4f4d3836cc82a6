import type { FaceParts } from '../../shell/face.ts';

export const face: FaceParts = { name: 'face.postal', routes: [], places: [], device: true };
