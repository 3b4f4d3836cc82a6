/** The queue of the desk: which dossiers, in which order, where the cursor is, what is ticked. It outlives its page. */
import { SvelteSet } from 'svelte/reactivity';
import type { Card, Channel, DueState, ListOrder } from '../../core/types.ts';
import { Cards } from '../../shell/cards.svelte.ts';

export const VIEWS = ['all', 'new', 'supplement', 'working', 'late', 'conflict', 'amended', 'done'] as const;
export type ViewId = (typeof VIEWS)[number];
export const ORDERS = ['due', 'submitted', 'name', 'touched'] as const satisfies ListOrder[];
export type Filters = { channel?: Channel; procedure?: string; status?: number; due?: DueState };

/** The person the matter is about, as the queue names it. */
export function nameOfCard(card: Card): string {
  return card.subject || card.applicant || '';
}

class Queue {
  view = $state<ViewId>('all');
  order = $state<ListOrder>('due');
  filters = $state.raw<Filters>({});
  query = $state('');
  /** The dossier under the cursor; for a moment nothing, where the cursor went to a row that is not read yet. */
  cursor = $state<string>();
  /** The row under the cursor; -1 without one. */
  at = $state(-1);
  /** How far the list is scrolled, for coming back. */
  scrolled = 0;
  readonly ticked = new SvelteSet<string>();

  readonly rows = new Cards((listed, near) => {
    if (this.cursor === undefined) {
      this.at = Math.min(this.at, listed.total - 1);
      this.#point(this.rows.at(this.at)?.dossier);
    } else if (near === this.cursor) this.at = listed.at ?? -1;
    else this.at = this.rows.placeOf(this.cursor) ?? this.at;
  });

  readonly filtered = $derived(Object.values(this.filters).some(Boolean) || this.query.trim() !== '');

  /** What the core is asked for. */
  asked() {
    const { channel, procedure, status, due } = this.filters;
    const text = this.query.trim() || undefined;
    return { board: 'queue' as const, view: this.view, channel, procedure, status, due, text, order: this.order };
  }

  clear(): void {
    this.filters = {};
    this.query = '';
  }

  #point(dossier: string | undefined): void {
    this.cursor = dossier;
    this.rows.near = dossier;
  }

  /** Puts the cursor on a dossier, wherever it is. */
  point(dossier: string): void {
    if (dossier === this.cursor) return;
    this.#point(dossier);
    const place = this.rows.placeOf(dossier);
    this.at = place ?? -1;
    if (place === undefined) this.rows.again();
  }

  /** Moves the cursor by so many rows; answers the row. */
  move(by: number): number {
    const total = this.rows.total ?? 0;
    if (total === 0) return -1;
    const from = this.at < 0 ? (by > 0 ? -1 : 0) : this.at;
    this.at = Math.min(total - 1, Math.max(0, from + by));
    this.#point(this.rows.at(this.at)?.dossier);
    return this.at;
  }

  tick(dossier: string): void {
    if (!this.ticked.delete(dossier)) this.ticked.add(dossier);
  }
}

export const queue = new Queue();
