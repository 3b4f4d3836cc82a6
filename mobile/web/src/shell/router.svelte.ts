import type { Component } from 'svelte';

/** What a page is given: what stands in the place of `:name` in its pattern, and what follows `?`. */
export type PageProps = { params: Record<string, string>; query: URLSearchParams };
export type Page = Component<PageProps>;
/** A page of a face: `/d/:dossier/form/:page`. Its code is fetched when it is first needed. */
export type Route = {
  pattern: string;
  page: () => Promise<{ default: Page }>;
  /** Addresses with the same word are one page, which stays as it is when one goes between them. */
  stays?: string;
};
/** A page that comes with its face. */
export function withFace(page: Page): Route['page'] {
  return () => Promise.resolve({ default: page });
}

/** Pages that come together, by name: one file for a slow line, fetched when the first of them is needed. */
export function together<Names extends string>(fetched: () => Promise<Record<Names, Page>>): (name: Names) => Route['page'] {
  return (name) => async () => ({ default: (await fetched())[name] });
}

export type Found = { route: Route; params: Record<string, string>; query: URLSearchParams };

/** How far each step of the history was scrolled when it was left. */
const places = new Map<string, number>();
/** How long what a page shows may take to reach down to the place where it was left. */
const COMES_WITHIN_MS = 3_000;
let hash = $state(location.hash);
let turned = false;
let coming = 0;
/** The step whose place was taken. */
let taken = '';

history.scrollRestoration = 'manual';
let step = stepHere();

addEventListener('hashchange', () => {
  places.set(step, scrollY);
  step = stepHere();
  hash = location.hash;
  turned = true;
});
for (const hand of ['wheel', 'pointerdown', 'keydown'])
  addEventListener(hand, () => cancelAnimationFrame(coming), { passive: true });

/** The name of this step of the history; one that has none was just made. */
function stepHere(): string {
  if (!keptHere('step')) keep('step', String(performance.timeOrigin + performance.now()));
  return keptHere('step') ?? '';
}

/** Scrolls to where this step was left, or to the top; whoever calls has drawn its page. */
export function takePlace(): void {
  if (taken === step) return;
  taken = step;
  cancelAnimationFrame(coming);
  const place = places.get(step) ?? 0;
  const until = performance.now() + COMES_WITHIN_MS;
  const bring = () => {
    scrollTo(0, place);
    if (Math.abs(scrollY - place) > 1 && performance.now() < until) coming = requestAnimationFrame(bring);
  };
  bring();
}

/** What a page kept in this step of the history, for whoever comes back to it. */
export function keptHere(name: string): string | undefined {
  return (history.state as Record<string, string> | null)?.[name];
}

/** Keeps a word in this step of the history. */
export function keep(name: string, value: string): void {
  if ((keptHere(name) ?? '') !== value) history.replaceState({ ...history.state, [name]: value }, '');
}

/** Where one is: `/d/0190…/form/2`. */
export function here(): string {
  return (hash.slice(1) || '/').split('?')[0] ?? '/';
}

/** Whether one came here from another page of the app; then the heading takes the focus, so that it is read out. */
export function cameFromAnother(): boolean {
  return turned;
}

/** Goes to a page; `replace` leaves no step to come back to. */
export function go(to: string, replace = false): void {
  if (replace) location.replace(`#${to}`);
  else location.hash = to;
}

export function back(otherwise: string): void {
  if (history.length > 1) history.back();
  else go(otherwise, true);
}

function match(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split('/').filter(Boolean);
  const given = path.split('/').filter(Boolean);
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [at, part] of wanted.entries()) {
    const text = given[at] ?? '';
    if (part.startsWith(':')) params[part.slice(1)] = decodeURIComponent(text);
    else if (part !== text) return undefined;
  }
  return params;
}

/** The page for where one is; nothing if no page has that address. */
export function find(routes: Route[]): Found | undefined {
  const path = here();
  const query = new URLSearchParams(hash.split('?')[1] ?? '');
  for (const route of routes) {
    const params = match(route.pattern, path);
    if (params) return { route, params, query };
  }
  return undefined;
}
