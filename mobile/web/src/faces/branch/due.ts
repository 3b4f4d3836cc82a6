import type { Due } from '../../core/types.ts';
import type { IconName } from '../../design/icon.ts';
import type { Tone } from '../../design/tone.ts';
import { tf } from './text.ts';

/** The words, drawing and colour of a due date; nothing where no date runs. */
export function dueChip({ state, days }: Due): { icon: IconName; tone: Tone; words: string } | undefined {
  switch (state) {
    case 'late':
      return { icon: 'warn', tone: 'bad', words: days < 0 ? tf('due.late', { count: -days }) : tf('due.late_today') };
    case 'today':
      return { icon: 'processing', tone: 'warn', words: tf('due.today') };
    case 'soon':
      return { icon: 'processing', tone: 'warn', words: tf('due.left', { count: days }) };
    case 'later':
      return { icon: 'processing', tone: 'plain', words: tf('due.left', { count: days }) };
    case 'paused':
      return { icon: 'stopped', tone: 'plain', words: tf('due.paused') };
    case 'none':
      return undefined;
  }
}
