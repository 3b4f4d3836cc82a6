import type { ActRecord } from '../core/types.ts';
import { money } from '../text/format.ts';
import { t, type TextKey } from '../text/text.svelte.ts';

const KINDS = [
  'submitted',
  'collected',
  'accepted',
  'refused',
  'asked',
  'supplemented',
  'routed',
  'payment_asked',
  'paid',
  'decided',
  'returned',
  'withdrawal_asked',
  'withdrawal_answered',
  'stopped',
  'corrected',
  'adopted',
  'settled',
  'commented',
  'code_issued',
  'identity_vouched',
] as const;
type Kind = (typeof KINDS)[number];

/** What was done, as people say it. */
export function deedWords(kind: string | null | undefined): string {
  const known = KINDS.find((one): one is Kind => one === kind);
  const key: TextKey = known ? `event.${known}` : 'event.other';
  return t(key);
}

/** The words that belong to it: a reason, a result, an amount. */
export function deedDetail(act: ActRecord | null | undefined): string {
  if (!act) return '';
  const parts = ['reason', 'result', 'text', 'to', 'paper', 'reference']
    .map((name) => act[name])
    .filter((part): part is string => typeof part === 'string' && part !== '');
  if (typeof act.amount_dong === 'number') parts.unshift(money(act.amount_dong));
  return parts.join(' · ');
}
