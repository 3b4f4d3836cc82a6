import { volume } from '../../text/text.svelte.ts';
import vi from './vi.json';

/** Sentences of the branch's desk. */
export const tf = await volume(vi, () => import('./en.json'));
export type BranchKey = Parameters<typeof tf>[0];
