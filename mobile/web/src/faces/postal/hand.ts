import { call } from '../../core/client.ts';
import type { Channel, EventView } from '../../core/types.ts';
import { tallies, toSubmit, type Visit } from './visit.ts';

/** The channel by which papers go through the post. */
export const POSTAL: Channel = 3;
export type Counted = { component: string; originals: number; copies: number };

/** What was counted and is really in the hand. */
export function counted(visit: Visit): Counted[] {
  return tallies(visit.guide, visit.shown)
    .filter((tally) => tally.originals + tally.copies > 0)
    .map(({ paper, originals, copies }) => ({ component: paper.id, originals, copies }));
}

/** The papers of a hand-in, as the signed act names them. */
export function papersOf(handed: EventView | undefined): Counted[] {
  return Array.isArray(handed?.act?.papers) ? (handed.act.papers as Counted[]) : [];
}

/** Whether the count was changed after the papers were taken over. */
export function recount(visit: Visit): boolean {
  const line = (papers: Counted[]) =>
    papers
      .filter((one) => one.originals + one.copies > 0)
      .map((one) => `${one.component}/${one.originals}/${one.copies}`)
      .toSorted()
      .join(' ');
  return line(counted(visit)) !== line(papersOf(visit.handed));
}

/** Submits where that is still due, then signs for the papers. Cut off between the two, the rest is done the next time. */
export async function handIn(visit: Visit): Promise<void> {
  const { dossier } = visit;
  if (toSubmit(visit.shown)) await call('submit', { dossier, channel: POSTAL });
  await call('act', { dossier, act: { do: 'collected', papers: counted(visit) } });
}
