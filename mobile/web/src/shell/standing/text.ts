import { volume } from '../../text/text.svelte.ts';
import vi from './vi.json';

/** The sentences about how this device stands with the Centre. */
export const ts = await volume(vi, () => import('./en.json'));
