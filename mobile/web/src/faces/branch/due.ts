import type { Card } from '../../core/types.ts';
import type { IconName } from '../../design/icon.ts';
import type { Tone } from '../../design/tone.ts';
import { daysUntil } from '../../text/format.ts';
import { tf } from './text.ts';

/** How a dossier stands to its due date. */
export type DueState = 'late' | 'today' | 'soon' | 'later' | 'paused' | 'none';
type Dated = { status?: number | null; due_at?: string | null; accepted: boolean };

/** From this many days on, a dossier is not pressing yet. */
const SOON_DAYS = 3;
/** National status codes: the clock stands during 5, 6 and 7, and has ended at 3, 8, 9 and 10. */
const PAUSED = new Set([5, 6, 7]);
const ENDED = new Set([3, 8, 9, 10]);

export function hasEnded(status: number | null | undefined): boolean {
  return status != null && ENDED.has(status);
}

export function dueOfCard(card: Card): Dated {
  return { status: card.status, due_at: card.due_at, accepted: card.accepted_ms != null };
}

export function dueState({ status, due_at, accepted }: Dated): DueState {
  if (hasEnded(status)) return 'none';
  if (accepted && status != null && PAUSED.has(status)) return 'paused';
  if (!due_at) return 'none';
  if (new Date(due_at).getTime() < Date.now()) return 'late';
  const days = daysUntil(due_at);
  return days <= 0 ? 'today' : days < SOON_DAYS ? 'soon' : 'later';
}

/** The words, drawing and colour of a due date; nothing where no date runs. */
export function dueChip(dated: Dated): { icon: IconName; tone: Tone; words: string } | undefined {
  const state = dueState(dated);
  const days = dated.due_at ? daysUntil(dated.due_at) : 0;
  switch (state) {
    case 'late':
      return { icon: 'warn', tone: 'bad', words: days < 0 ? tf('due.late', { count: -days }) : tf('due.late_today') };
    case 'today':
      return { icon: 'processing', tone: 'warn', words: tf('due.today') };
    case 'soon':
      return { icon: 'processing', tone: 'warn', words: tf('due.left', { count: days }) };
    case 'later':
      return { icon: 'processing', tone: 'plain', words: tf('due.left', { count: days }) };
    case 'paused':
      return { icon: 'stopped', tone: 'plain', words: tf('due.paused') };
    case 'none':
      return undefined;
  }
}
