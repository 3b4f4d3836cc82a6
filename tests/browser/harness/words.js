// @ts-check
/** What stands on the app's buttons and headings, from its own message catalogues. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sources } from './places.js';

/** @typedef {'vi' | 'en'} Language */

/** @param {string} file @returns {Record<string, string>} */
function volume(file) {
  const path = join(sources, file);
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
}

/** Rooms of the app that carry their own words; a key says which before a colon: `scan:foreign`. */
const ROOMS = { scan: 'scan', standing: 'shell/standing' };
/** @type {Map<string, Record<string, string>>} */
const books = new Map();

/** What a room can say; an app of one face has the words of all, and its own. @param {Language} language @param {string} room */
function book(language, room) {
  const name = `${room}.${language}`;
  const place = ROOMS[/** @type {keyof typeof ROOMS} */ (room)];
  const found =
    books.get(name) ??
    (place ? volume(`${place}/${language}.json`) : { ...volume(`text/${language}.json`), ...volume(`faces/${room}/${language}.json`) });
  books.set(name, found);
  return found;
}

/**
 * The sentence of a key, with its gaps filled.
 * @param {Language} language
 * @param {string} face
 * @param {string} key
 * @param {Record<string, string | number>} [gaps]
 */
export function words(language, face, key, gaps = {}) {
  const [room, within] = key.includes(':') ? key.split(':') : [face, key];
  const all = book(language, room);
  const text = (gaps.count === 1 ? all[`${within}_one`] : undefined) ?? all[within];
  if (text === undefined) throw new Error(`the app has no words for ${key}`);
  return text.replaceAll(/\{(\w+)\}/g, (_, gap) => String(gaps[gap] ?? `{${gap}}`));
}
