import { volume } from '../../text/text.svelte.ts';
import vi from './vi.json';

/** Sentences of the operator's pages. */
export const to = await volume(vi, () => import('./en.json'));
