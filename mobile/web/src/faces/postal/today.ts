import { call } from '../../core/client.ts';
import type { Card } from '../../core/types.ts';
import { daysUntil } from '../../text/format.ts';
import { handedIn } from './visit.ts';

export const GROUPS = ['todo', 'unsent', 'done'] as const;
export type Group = (typeof GROUPS)[number];
export type Today = { groups: Record<Group, Card[]>; stops: number };

const POSTAL = 3;
/** A hand-in that is seen once stays: no need to look again on every change. */
const handed = new Set<string>();

function isToday(ms: number | null | undefined): boolean {
  return typeof ms === 'number' && daysUntil(ms) === 0;
}

/** The battery may die between the submission and the taking over of papers; then there is still something to do. */
async function handInOpen(card: Card): Promise<boolean> {
  if (card.channel !== POSTAL || !isToday(card.submitted_ms) || handed.has(card.dossier)) return false;
  if (handedIn(await call('show', { dossier: card.dossier }))) handed.add(card.dossier);
  return !handed.has(card.dossier);
}

function isOpen(card: Card): boolean {
  const { stage, flags } = card.truth;
  return stage === 'draft' || stage === 'supplement' || flags.includes('conflict') || flags.includes('held');
}

function isUnsent(card: Card): boolean {
  const { stage, flags } = card.truth;
  return stage === 'kept' || stage === 'sending' || flags.includes('unsent');
}

/** The stops of today and whatever is still open from other days, newest first. */
export async function readToday(): Promise<Today> {
  const cards = (await call('list', {})).toSorted((one, other) => other.touched_ms - one.touched_ms);
  const groups: Today['groups'] = { todo: [], unsent: [], done: [] };
  for (const card of cards) {
    if (isOpen(card) || (await handInOpen(card))) groups.todo.push(card);
    else if (isUnsent(card)) groups.unsent.push(card);
    else if (isToday(card.submitted_ms) || isToday(card.touched_ms)) groups.done.push(card);
  }
  const stops = cards.filter((card) => isToday(card.submitted_ms) || isToday(card.touched_ms)).length;
  return { groups, stops };
}
