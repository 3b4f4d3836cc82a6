import type { Face, Language } from '../core/types.ts';
import { toast } from '../design/toasts.svelte.ts';
import { language, speak, t } from '../text/text.svelte.ts';
import { keepLanguage } from './readiness.svelte.ts';

export type Theme = 'auto' | 'light' | 'dark' | 'sunlight';
type Kept = { language: Language; theme: Theme; large: boolean };

const PLACE = 'tram.preferences';
const dark = matchMedia('(prefers-color-scheme: dark)');

function kept(): Kept {
  const usual: Kept = { language: 'vi', theme: 'auto', large: false };
  try {
    return { ...usual, ...(JSON.parse(localStorage.getItem(PLACE) ?? '{}') as Partial<Kept>) };
  } catch {
    // A browser that keeps nothing still works, with the usual settings.
    return usual;
  }
}

const chosen = $state<Kept>(kept());

export function preferences(): Readonly<Kept> {
  return chosen;
}

function show(): void {
  const root = document.documentElement;
  root.dataset.theme = chosen.theme === 'auto' ? (dark.matches ? 'dark' : 'light') : chosen.theme;
  root.dataset.type = chosen.large ? 'large' : 'usual';
}

/** Changes a setting, at once and for the next time. */
export function prefer(change: Partial<Kept>): void {
  Object.assign(chosen, change);
  try {
    localStorage.setItem(PLACE, JSON.stringify(chosen));
  } catch {
    // It holds for this visit; there is nothing that a person could do.
  }
  show();
  if (change.language) speak(change.language).then(keepLanguage, notHere);
}

/** Sentences that were never fetched cannot be spoken without a network. */
function notHere(): void {
  chosen.language = language();
  toast(t('settings.language_away'));
}

/** Puts the settings into force before anything is drawn. */
export async function dress(face: Face): Promise<void> {
  document.documentElement.dataset.face = face;
  dark.addEventListener('change', show);
  show();
  if (chosen.language !== 'vi') await speak(chosen.language).catch(notHere);
}
