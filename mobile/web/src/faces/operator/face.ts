import type { FaceParts } from '../../shell/face.ts';

export const face: FaceParts = { name: 'face.operator', routes: [], places: [], device: true };
