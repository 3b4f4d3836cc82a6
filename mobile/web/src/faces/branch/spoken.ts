/** A value of the record as a person reads it, where the form has worded only the value in use. */
import { call } from '../../core/client.ts';
import type { FieldView, PlainVoice, Scalar } from '../../core/types.ts';
import { money } from '../../text/format.ts';
import { say, t } from '../../text/text.svelte.ts';
import { tf } from './text.ts';

export async function spoken(value: Scalar | null | undefined, field: FieldView | undefined): Promise<string> {
  if (value === null || value === undefined || value === '') return tf('value.none');
  if (typeof value === 'boolean') return t(value ? 'yes' : 'no');
  if (field && field.value === value) return say(field.shown) || String(value);
  const voice = field?.conflict?.find((one) => one.value === value);
  if (voice) return say(voice.shown) || String(value);
  const choice = field?.choices.find((one) => one.value === value);
  if (choice) return say(choice.label);
  const text = String(value);
  switch (field?.kind) {
    case 'date':
    case 'year_or_date':
      return text.split('-').reverse().join('/');
    case 'money':
      return money(Number(value));
    case 'phone':
      return text.replace(/^\+84(\d{2,3})(\d{3})(\d{3})$/, '0$1 $2 $3');
    case 'unit':
      return (await call('unit', { id: text }).catch(() => null))?.full_name ?? text;
    default:
      return text;
  }
}

/** All values that people gave, the one in use first. */
export async function spokenVoices(voices: PlainVoice[], field: FieldView | undefined): Promise<string[]> {
  if (voices.length === 0) return [tf('value.none')];
  return Promise.all(voices.map((voice) => spoken(voice.value, field)));
}
