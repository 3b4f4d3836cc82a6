import type { ActName, Shown } from '../../core/types.ts';
import type { IconName } from '../../design/icon.ts';
import type { BranchKey } from './text.ts';

/** What the desk offers to do. The core says which of them it allows. */
export type DeskAct = Exclude<ActName, 'submit' | 'collected' | 'adopt' | 'settle'>;
type Offer = { icon: IconName; words: BranchKey; prints?: BranchKey; tells: BranchKey; key?: string };

export const OFFERS: Record<DeskAct, Offer> = {
  accept: { icon: 'accepted', words: 'act.accept', prints: 'prints.accept', tells: 'tells.accept', key: 'a' },
  ask: { icon: 'supplement', words: 'act.ask', prints: 'prints.ask', tells: 'tells.ask', key: 'b' },
  refuse: { icon: 'refused', words: 'act.refuse', prints: 'prints.refuse', tells: 'tells.refuse', key: 'r' },
  supplement: { icon: 'plus', words: 'act.supplement', tells: 'tells.supplement' },
  route: { icon: 'forward', words: 'act.route', prints: 'prints.route', tells: 'tells.route' },
  decide: { icon: 'decided', words: 'act.decide', tells: 'tells.decide' },
  return: { icon: 'returned', words: 'act.return', tells: 'tells.return' },
  request_payment: { icon: 'payment', words: 'act.request_payment', tells: 'tells.request_payment' },
  paid: { icon: 'payment', words: 'act.paid', tells: 'tells.paid' },
  answer_withdrawal: { icon: 'withdrawing', words: 'act.answer_withdrawal', tells: 'tells.answer_withdrawal' },
  stop: { icon: 'stopped', words: 'act.stop', prints: 'prints.stop', tells: 'tells.stop' },
  correct: { icon: 'undo', words: 'act.correct', tells: 'tells.correct' },
  withdraw: { icon: 'withdrawing', words: 'act.withdraw', tells: 'tells.withdraw' },
  vouch: { icon: 'person', words: 'act.vouch', tells: 'tells.vouch' },
  comment: { icon: 'pen', words: 'act.comment', tells: 'tells.comment', key: 'c' },
};

/** The likely next steps at each national status; the others are one press further. */
const LIKELY: Record<number, DeskAct[]> = {
  1: ['accept', 'ask', 'refuse'],
  2: ['route', 'decide', 'ask'],
  4: ['decide', 'ask', 'request_payment'],
  5: ['supplement'],
  6: ['paid'],
  7: ['answer_withdrawal'],
  9: ['return'],
};

/** What is allowed now: the likely steps first and apart. */
export function offered(shown: Shown): { likely: DeskAct[]; others: DeskAct[] } {
  const allowed = (Object.keys(OFFERS) as DeskAct[]).filter((act) => shown.may.includes(act));
  const first = [...(LIKELY[shown.status.business ?? 0] ?? []), 'comment'];
  return {
    likely: allowed.filter((act) => first.includes(act)),
    others: allowed.filter((act) => !first.includes(act)),
  };
}
