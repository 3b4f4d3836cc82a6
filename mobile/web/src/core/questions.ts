/**
 * Questions that need no device: what procedures there are, and what each asks. Until the core is here, on the first
 * visit, the Centre answers them with the same code. Once it is here, nothing waits for the Centre.
 */
import type { Fault, Ops } from './types.ts';

/** A Centre that says nothing for so long is not reached. */
const PATIENCE_MS = 15_000;

type Question = 'procedures' | 'sectors' | 'life_events' | 'guide';

const ADDRESS: { [Q in Question]: (args: Ops[Q]['args']) => string } = {
  procedures: (args) => {
    const given = Object.entries(args).filter((one): one is [string, string] => Boolean(one[1]));
    return given.length > 0 ? `procedures?${new URLSearchParams(given)}` : 'procedures';
  },
  sectors: () => 'sectors',
  life_events: () => 'life-events',
  guide: ({ procedure }) => `procedures/${encodeURIComponent(procedure)}`,
};

export function isQuestion(op: string): op is Question {
  return op in ADDRESS;
}

/** The Centre's answer or refusal; nothing if it was not reached. */
export async function askCentre(op: Question, args: unknown): Promise<{ ok: unknown } | { fault: Fault } | undefined> {
  try {
    const address = (ADDRESS[op] as (args: unknown) => string)(args);
    const answer = await fetch(`/v1/guide/${address}`, { credentials: 'omit', signal: AbortSignal.timeout(PATIENCE_MS) });
    const told: unknown = await answer.json();
    if (answer.ok) return { ok: told };
    const fault = told as Fault;
    // A Centre that is busy is no answer: the core will have one.
    return fault.retry === 'later' || !fault.code ? undefined : { fault };
  } catch {
    return undefined;
  }
}

// What home shows, as it was last time: it is public, and there before the core is.
type Remembered = 'sectors' | 'life_events';

function place(op: string): string {
  return `tram.known.${op}`;
}

/** What was answered last time; nothing on a first visit. */
export function remembered<Q extends Remembered>(op: Q): Ops[Q]['result'] | undefined {
  try {
    return (JSON.parse(localStorage.getItem(place(op)) ?? 'null') as Ops[Q]['result'] | null) ?? undefined;
  } catch {
    return undefined;
  }
}

export function remember(op: string, answer: unknown): void {
  if (op !== 'sectors' && op !== 'life_events') return;
  try {
    localStorage.setItem(place(op), JSON.stringify(answer));
  } catch {
    // Then the next start shows it a moment later.
  }
}
