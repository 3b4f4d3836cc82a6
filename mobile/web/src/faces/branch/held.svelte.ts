/** The dossier on the desk: everything read of it, read again when it changes, and what follows from it for the screen. */
import { call, faultOf, on } from '../../core/client.ts';
import type { Card, EventView, Fault, FieldView, FileView, FormView, Guide, HistoryEntry, Scalar, Shown } from '../../core/types.ts';
import { allFields } from '../../form/labels.ts';
import { say } from '../../text/text.svelte.ts';
import { nameOfCard } from './queue.svelte.ts';

export type Read = { card: Card | null; form?: FormView; shown: Shown; history: HistoryEntry[]; guide?: Guide };
/** One time that somebody gave a field a value. */
export type Told = { by: string; at: string; value?: Scalar | null; after: 'draft' | 'submitted' | 'accepted' };
export type Page = { file: FileView; component: string; number: number; of: number };

export class Held {
  read = $state.raw<Read>();
  fault = $state.raw<Fault>();
  #turn = 0;

  constructor(readonly dossier: string) {}

  /** Whom it is about, as the queue names it; what it is about, where nobody is named. */
  readonly title = $derived.by(() => {
    const card = this.read?.card;
    return (card && nameOfCard(card)) || say(this.read?.shown.procedure_name);
  });

  /** Every page of every paper, in the order of the list. */
  readonly pages = $derived.by<Page[]>(() =>
    (this.read?.shown.components ?? []).flatMap(({ id, files }) =>
      files.map((file, at) => ({ file, component: id, number: at + 1, of: files.length })),
    ),
  );

  /** By field: who gave it which value, oldest first; only fields that were changed after they had a value. */
  readonly changed = $derived.by<Map<string, Told[]>>(() => {
    const told = new Map<string, Told[]>();
    let after: Told['after'] = 'draft';
    for (const entry of this.read?.history ?? []) {
      if (entry.what === 'event') {
        if (entry.ineffective) continue;
        const kind = entry.act?.kind ?? entry.kind;
        if (kind === 'submitted' && after === 'draft') after = 'submitted';
        if (kind === 'accepted') after = 'accepted';
        continue;
      }
      for (const { field, value } of entry.set) {
        const before = told.get(field) ?? [];
        // Two people who say the same have changed nothing.
        if (before.length === 0 || before.at(-1)?.value !== value) told.set(field, [...before, { by: entry.by, at: entry.at, value, after }]);
      }
    }
    return new Map([...told].filter(([, times]) => times.length > 1 || times[0]?.after !== 'draft'));
  });

  readonly comments = $derived((this.read?.shown.events ?? []).filter((event) => event.act?.kind === 'commented'));

  start(): () => void {
    void this.load();
    return on('changed', ({ dossiers }) => {
      if (!dossiers || dossiers.includes(this.dossier)) void this.load();
    });
  }

  async load(): Promise<void> {
    const turn = ++this.#turn;
    const dossier = this.dossier;
    try {
      const [card, shown, history] = await Promise.all([call('card', { dossier }), call('show', { dossier }), call('history', { dossier })]);
      const form = await call('form', { dossier }).catch(unknown);
      const guide = shown.procedure ? await call('guide', { procedure: shown.procedure }).catch(unknown) : undefined;
      if (turn !== this.#turn) return;
      this.read = { card, shown, history, form, guide };
      this.fault = undefined;
    } catch (thrown) {
      if (turn === this.#turn) this.fault = faultOf(thrown);
    }
  }
}

/** A procedure that this catalogue does not know yet has no form here; what was done with it can be seen all the same. */
function unknown(thrown: unknown): undefined {
  if (faultOf(thrown).code !== 'UNKNOWN_PROCEDURE') throw thrown;
}

/** The field of a path, as the form words it. */
export function fieldOf(form: FormView | undefined, path: string): FieldView | undefined {
  return form && allFields(form).find(({ field }) => field.path === path)?.field;
}

/** The last act of a kind that took effect. */
export function lastDeed(shown: Shown, kind: string): EventView | undefined {
  return shown.events.findLast((event) => event.act?.kind === kind && !event.ineffective);
}
