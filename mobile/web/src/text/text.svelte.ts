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

/** Sentences of one face, which travel with it. */
type Volume = { english: Catalogue | undefined; load: () => Promise<{ default: Catalogue }> };
const volumes: Volume[] = [];

/** Changes the language of the whole app, at once. */
export async function speak(wanted: Language): Promise<void> {
  if (wanted === 'en') await Promise.all(volumes.map(read));
  catalogue = wanted === 'vi' ? vietnamese : (await import('./english.ts')).english;
  spoken = wanted;
  document.documentElement.lang = wanted;
}

async function read(volume: Volume): Promise<void> {
  volume.english ??= (await volume.load()).default;
}

/**
 * The sentences of one face, apart from those of the whole app: `vi` comes with the face, English only for those who read
 * it. `english` must have every key of `vi`, or it does not compile. Answers a `t` for these keys.
 */
export async function volume<Sentences extends Catalogue>(
  vi: Sentences,
  load: () => Promise<{ default: Record<Exclude<keyof Sentences, `${string}_one`>, string> & Catalogue }>,
): Promise<(key: Exclude<keyof Sentences, `${string}_one`> & string, parameters?: Parameters) => string> {
  const added: Volume = { english: undefined, load };
  volumes.push(added);
  if (spoken === 'en') await read(added);
  return (key, parameters) => fill(spoken === 'en' ? (added.english ?? vi) : vi, key, parameters);
}

type Parameters = Record<string, string | number>;

/** The sentence of `key`, with its parameters filled in. */
export function t(key: TextKey, parameters?: Parameters): string {
  return fill(catalogue, key, parameters);
}

function fill(from: Catalogue, key: string, parameters?: Parameters): string {
  const alone = parameters?.count === 1 ? from[`${key}_one`] : undefined;
  const sentence = alone ?? from[key] ?? key;
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
