import type { Stage, Truth } from '../core/types.ts';
import type { IconName } from '../design/icon.ts';
import type { Tone } from '../design/tone.ts';
import { t } from '../text/text.svelte.ts';

/** How each stage is drawn: never by colour alone. */
export const STAGES: Record<Stage, [IconName, Tone]> = {
  draft: ['pen', 'plain'],
  kept: ['device', 'plain'],
  sending: ['sending', 'info'],
  received: ['received', 'good'],
  accepted: ['accepted', 'good'],
  refused: ['refused', 'bad'],
  processing: ['processing', 'info'],
  supplement: ['supplement', 'warn'],
  payment: ['payment', 'warn'],
  withdrawing: ['withdrawing', 'plain'],
  stopped: ['stopped', 'plain'],
  decided: ['decided', 'good'],
  returned: ['returned', 'good'],
};

/** The stage in words, with the pages that have arrived while they are on their way. */
export function stageWords(truth: Truth): string {
  return truth.stage === 'sending' && truth.pages ? t('truth.sending_pages', truth.pages) : t(`truth.${truth.stage}`);
}
