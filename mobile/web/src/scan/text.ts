import { volume } from '../text/text.svelte.ts';
import vi from './vi.json';

/** The sentences of the scanner. */
export const tscan = await volume(vi, () => import('./en.json'));
