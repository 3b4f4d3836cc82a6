/** Acts of this desk: each is said at once, and can be taken back until it leaves the device. */
import { call, faultOf, on } from '../../core/client.ts';
import type { Act, Fault } from '../../core/types.ts';
import { dismiss, toast } from '../../design/toasts.svelte.ts';
import { say } from '../../text/text.svelte.ts';
import { tf } from './text.ts';

/** Words that stood shorter than this are said again, without the way back. */
const READ_MS = 2_500;
type Standing = { toast: number; words: string; at: number };
let standing: Standing | undefined;

// What is on its way cannot be taken back: the offer goes when the errand begins.
on('sync', ({ state }) => {
  if (state !== 'running' || !standing) return;
  dismiss(standing.toast);
  if (Date.now() - standing.at < READ_MS) toast(standing.words);
  standing = undefined;
});

function done(words: string, events: string[]): void {
  const id = toast(words, async () => {
    standing = undefined;
    try {
      await call('undo', { events });
      toast(tf('undo.done'));
    } catch (thrown) {
      const fault = faultOf(thrown);
      toast(fault.code === 'STEP_REFUSED' ? tf('undo.left') : say(fault.message));
    }
  });
  standing = { toast: id, words, at: Date.now() };
}

/** Does one act. Throws what the core refuses. */
export async function perform(dossier: string, act: Act, words: string): Promise<void> {
  const made = await call('act', { dossier, act });
  done(words, [made.event]);
}

export type Outcome = { done: number; refused: { dossier: string; fault: Fault }[] };

/** Does the same act on several dossiers; what is not allowed on one is left out and named. One undo for all. */
export async function performAll(dossiers: string[], act: Act, words: (count: number) => string): Promise<Outcome> {
  const events: string[] = [];
  const refused: Outcome['refused'] = [];
  for (const dossier of dossiers) {
    try {
      events.push((await call('act', { dossier, act })).event);
    } catch (thrown) {
      refused.push({ dossier, fault: faultOf(thrown) });
    }
  }
  if (events.length > 0) done(words(events.length), events);
  return { done: events.length, refused };
}
