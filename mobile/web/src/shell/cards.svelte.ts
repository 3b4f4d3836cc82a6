import { call, faultOf, on } from '../core/client.ts';
import type { Card, Fault, Listed, ListQuery } from '../core/types.ts';
import { Heights } from '../design/heights.svelte.ts';

export type CardsAsked = Omit<ListQuery, 'from' | 'count' | 'near'>;

/** So many are read before anybody knows which are on screen. */
const FIRST = 30;
/** So many are read on both sides of what is on screen. */
const AHEAD = 40;

/**
 * A list of dossiers of which only what is on screen is here, and what is to be said of the whole. There is one question
 * on its way at a time; what was asked meanwhile is asked next, and an answer to what nobody asks any more is not shown.
 */
export class Cards {
  /** How many there are; nothing until the first answer. */
  total = $state<number>();
  /** How many dossiers the board's views have. */
  counts = $state.raw<Record<string, number>>({});
  fault = $state.raw<Fault>();
  readonly heights = new Heights();
  /** A dossier whose place is told with every answer. */
  near: string | undefined;
  #part = $state.raw<{ from: number; cards: Card[] }>({ from: 0, cards: [] });
  #asked: CardsAsked | undefined;
  #key = '';
  #shown = { first: 0, end: FIRST };
  #due = false;
  #busy = false;

  constructor(readonly taken?: (listed: Listed, near: string | undefined) => void) {}

  readonly at = (index: number): Card | undefined => this.#part.cards[index - this.#part.from];

  /** The place of a dossier, if it is here. */
  placeOf(dossier: string | undefined): number | undefined {
    const nth = this.#part.cards.findIndex((card) => card.dossier === dossier);
    return nth < 0 ? undefined : this.#part.from + nth;
  }

  /** Asks for a list; for none, what was shown of the last one goes. What is asked again is read again. */
  ask(asked: CardsAsked | undefined): void {
    const key = asked ? JSON.stringify(asked) : '';
    if (key !== this.#key) {
      this.#key = key;
      this.#shown = { first: 0, end: FIRST };
    }
    this.#asked = asked;
    if (asked) return this.again();
    this.total = undefined;
    this.#part = { from: 0, cards: [] };
  }

  again(): void {
    this.#due = true;
    if (!this.#busy) void this.#read();
  }

  /** These rows are on screen or near it. */
  readonly show = (first: number, end: number): void => {
    if (this.total === undefined) return;
    this.#shown = { first, end };
    const { from, cards } = this.#part;
    const lacks = (index: number) => index >= 0 && index < (this.total ?? 0) && (index < from || index >= from + cards.length);
    if (lacks(Math.max(0, first - AHEAD / 2)) || lacks(Math.min(this.total, end + AHEAD / 2) - 1)) this.again();
  };

  async #read(): Promise<void> {
    this.#busy = true;
    while (this.#due && this.#asked) {
      this.#due = false;
      const [asked, key, near] = [this.#asked, this.#key, this.near];
      const from = Math.max(0, this.#shown.first - AHEAD);
      const count = Math.max(FIRST, this.#shown.end + AHEAD - from);
      try {
        const listed = await call('list', { ...asked, near, from, count });
        if (key === this.#key) this.#take(listed, near);
      } catch (thrown) {
        if (key === this.#key) this.fault = faultOf(thrown);
      }
    }
    this.#busy = false;
  }

  #take(listed: Listed, near: string | undefined): void {
    this.total = listed.total;
    this.counts = listed.counts;
    // A card that says what it said stays the one that is drawn.
    const known = new Map(this.#part.cards.map((card) => [card.dossier, card]));
    const same = (card: Card, was = known.get(card.dossier)) => (was && JSON.stringify(was) === JSON.stringify(card) ? was : card);
    this.#part = { from: listed.from, cards: listed.cards.map((card) => same(card)) };
    this.fault = undefined;
    this.taken?.(listed, near);
  }
}

/**
 * Reads a list while the component that sets this up is there, again when the reactive values of `asked` or something in
 * the core change. One that is `kept` between two visits of a page shows at once what it last showed.
 */
export function cards(asked: () => CardsAsked | undefined, kept = new Cards()): Cards {
  $effect(() => kept.ask(asked()));
  $effect(() => on('changed', () => kept.again()));
  return kept;
}
