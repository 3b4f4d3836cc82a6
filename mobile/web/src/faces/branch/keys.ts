import type { ActName } from '../../core/types.ts';
import type { BranchKey } from './text.ts';

/** Every key of the desk, as the help shows them. */
export const KEYS: [keys: string[], words: BranchKey][] = [
  [['j', 'k'], 'key.move'],
  [['Enter'], 'key.open'],
  [['x'], 'key.tick'],
  [['a'], 'key.accept'],
  [['b'], 'key.ask'],
  [['r'], 'key.refuse'],
  [['c'], 'key.comment'],
  [['/'], 'key.search'],
  [['?'], 'key.help'],
  [['Esc'], 'key.back'],
];
/** Keys of the page viewer. */
export const VIEWER_KEYS: [keys: string[], words: BranchKey][] = [
  [['[', ']'], 'key.page'],
  [['+', '−', '0'], 'key.zoom'],
  [['o'], 'key.rotate'],
];
export const ACT_KEYS: Record<string, ActName> = { a: 'accept', b: 'ask', r: 'refuse', c: 'comment' };

/** Whether somebody is typing there, so that letters are letters. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName);
}
