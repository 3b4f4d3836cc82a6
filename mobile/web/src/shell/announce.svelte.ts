import { untrack } from 'svelte';

/** What is read out to those who do not see the screen change. */
let words = $state('');

export function announced(): string {
  return words;
}

/** Reads out; the same words twice are read twice. */
export function announce(text: string): void {
  // Whoever announces does not listen: an effect that announces must not run again for it.
  words = untrack(() => words) === text ? `${text} ` : text;
}
