import type { FaceParts } from '../../shell/face.ts';

export const face: FaceParts = { name: 'face.branch', routes: [], places: [], device: true };
