/**
 * Every sentence that people see, Vietnamese first. A key of `vi.json` is a type: a missing sentence does not compile.
 *
 * `{name}` in a sentence is replaced by the parameter. For a count of one, English may give `key_one` beside `key`.
 */
import type { Label, Language } from '../core/types.ts';
import vietnamese from './vi.json';

export type TextKey = Exclude<keyof typeof vietnamese, `${string}_one`>;
type Catalogue = Record<string, string>;

let catalogue = $state.raw<Catalogue>(vietnamese);
let spoken = $state<Language>('vi');

/** The language in use. */
export function language(): Language {
  return spoken;
}

/** Changes the language of the whole app, at once. */
export async function speak(wanted: Language): Promise<void> {
  catalogue = wanted === 'vi' ? vietnamese : (await import('./english.ts')).english;
  spoken = wanted;
  document.documentElement.lang = wanted;
}

/** The sentence of `key`, with its parameters filled in. */
export function t(key: TextKey, parameters?: Record<string, string | number>): string {
  const alone = parameters?.count === 1 ? catalogue[`${key}_one`] : undefined;
  const sentence = alone ?? catalogue[key] ?? key;
  if (!parameters) return sentence;
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = parameters[name];
    return value === undefined ? whole : typeof value === 'number' ? value.toLocaleString(locale()) : value;
  });
}

/** A label in the language in use; the other one where that is missing. */
export function say(label: Label | null | undefined): string {
  if (!label) return '';
  return (spoken === 'vi' ? label.vi || label.en : label.en || label.vi) ?? '';
}

/** For `Intl`: English with the day before the month, as everybody here writes it. */
export function locale(): string {
  return spoken === 'vi' ? 'vi-VN' : 'en-GB';
}
