/** The queue of the desk: which dossiers, in which order, where the cursor is, what is ticked. It outlives its page. */
import { SvelteSet } from 'svelte/reactivity';
import { call, faultOf, on } from '../../core/client.ts';
import type { Card, Channel, Fault } from '../../core/types.ts';
import { dueOfCard, dueState, hasEnded, type DueState } from './due.ts';
import { compareNames } from './names.ts';

export const VIEWS = ['all', 'new', 'supplement', 'working', 'late', 'conflict', 'amended', 'done'] as const;
export type ViewId = (typeof VIEWS)[number];
export const ORDERS = ['due', 'submitted', 'name', 'touched'] as const;
export type Order = (typeof ORDERS)[number];
export type Filters = { channel?: Channel; procedure?: string; status?: number; due?: DueState };

/** Whether a dossier belongs to a saved view. */
const BELONGS: Record<ViewId, (card: Card) => boolean> = {
  all: () => true,
  new: (card) => card.status === 1,
  supplement: (card) => card.status === 5,
  working: (card) => card.status === 2 || card.status === 4 || card.status === 6 || card.status === 7,
  late: (card) => dueState(dueOfCard(card)) === 'late',
  conflict: (card) => card.conflicts > 0 || card.disputed,
  amended: (card) => card.pending_amendment,
  done: (card) => hasEnded(card.status),
};
/** Changes that come close together are read once. */
const GATHER_MS = 150;
const FAR = '9999';

/** The person the matter is about, as the queue names it. */
export function nameOfCard(card: Card): string {
  return card.subject || card.applicant || '';
}

const ORDERED: Record<Order, (one: Card, other: Card) => number> = {
  due: (one, other) => {
    const [a, b] = [one.due_at ?? FAR, other.due_at ?? FAR];
    return a < b ? -1 : a > b ? 1 : (one.submitted_ms ?? 0) - (other.submitted_ms ?? 0);
  },
  submitted: (one, other) => (other.submitted_ms ?? 0) - (one.submitted_ms ?? 0),
  name: (one, other) => compareNames(nameOfCard(one), nameOfCard(other)),
  touched: (one, other) => other.touched_ms - one.touched_ms,
};

class Queue {
  cards = $state.raw<Card[]>();
  fault = $state.raw<Fault>();
  view = $state<ViewId>('all');
  order = $state<Order>('due');
  filters = $state.raw<Filters>({});
  query = $state('');
  /** The dossier under the cursor. */
  cursor = $state<string>();
  /** How far the list is scrolled, for coming back. */
  scrolled = 0;
  readonly ticked = new SvelteSet<string>();
  #hits = $state.raw<Map<string, number>>();
  #asked = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  readonly counts = $derived.by(() => {
    const counts = Object.fromEntries(VIEWS.map((view) => [view, 0])) as Record<ViewId, number>;
    for (const card of this.cards ?? []) for (const view of VIEWS) if (BELONGS[view](card)) counts[view] += 1;
    return counts;
  });

  readonly procedures = $derived.by(() => {
    const names = new Map((this.cards ?? []).map((card) => [card.procedure ?? '', card.procedure_name]));
    return [...names].filter(([code]) => code).sort((a, b) => compareNames(a[1], b[1]));
  });

  readonly rows = $derived.by<Card[]>(() => {
    const hits = this.#hits;
    const { channel, procedure, status, due } = this.filters;
    const found = (this.cards ?? []).filter(
      (card) =>
        BELONGS[this.view](card) &&
        (!hits || hits.has(card.dossier)) &&
        (!channel || card.channel === channel) &&
        (!procedure || card.procedure === procedure) &&
        (!status || card.status === status) &&
        (!due || dueState(dueOfCard(card)) === due),
    );
    // What is searched for is ordered as the search found it fit.
    return hits
      ? found.sort((one, other) => (hits.get(one.dossier) ?? 0) - (hits.get(other.dossier) ?? 0))
      : found.sort(ORDERED[this.order]);
  });

  readonly at = $derived(this.rows.findIndex((card) => card.dossier === this.cursor));
  readonly filtered = $derived(Object.values(this.filters).some(Boolean) || this.query.trim() !== '');

  /** Reads, and reads again whenever something changes; answers how to stop. */
  start(): () => void {
    void this.read();
    const stop = on('changed', () => {
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        void this.read();
      }, GATHER_MS);
    });
    return () => {
      stop();
      clearTimeout(this.#timer);
      this.#timer = undefined;
    };
  }

  async read(): Promise<void> {
    try {
      const cards = await call('list', {});
      // A draft that nobody submitted is not the desk's business yet.
      this.cards = cards.filter((card) => card.status != null);
      this.fault = undefined;
    } catch (thrown) {
      this.fault = faultOf(thrown);
    }
    if (this.query.trim()) await this.search(this.query);
  }

  /** Without diacritics and with short words, as the core finds it. */
  async search(text: string): Promise<void> {
    this.query = text;
    const turn = ++this.#asked;
    if (text.trim() === '') {
      this.#hits = undefined;
      return;
    }
    try {
      const found = await call('search', { text });
      if (turn === this.#asked) this.#hits = new Map(found.map((card, at) => [card.dossier, at]));
    } catch (thrown) {
      if (turn === this.#asked) this.fault = faultOf(thrown);
    }
  }

  clear(): void {
    this.filters = {};
    void this.search('');
  }

  /** Moves the cursor by so many rows; answers where it is now. */
  move(by: number): string | undefined {
    const rows = this.rows;
    if (rows.length === 0) return undefined;
    const from = this.at < 0 ? (by > 0 ? -1 : 0) : this.at;
    this.cursor = rows[Math.min(rows.length - 1, Math.max(0, from + by))]?.dossier;
    return this.cursor;
  }

  tick(dossier: string): void {
    if (!this.ticked.delete(dossier)) this.ticked.add(dossier);
  }
}

export const queue = new Queue();
