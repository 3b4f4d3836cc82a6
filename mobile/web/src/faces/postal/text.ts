import { volume } from '../../text/text.svelte.ts';
import vi from './vi.json';

/** The sentences of the postal worker's face. */
export const tp = await volume(vi, () => import('./en.json'));
