import { locale, t } from './text.svelte.ts';

/** Office time, whatever the device's own zone. */
const ZONE = 'Asia/Ho_Chi_Minh';
const DAY_MS = 86_400_000;
type Time = number | string | Date;

/** Making a format costs far more than using it, and lists use it for every row. */
const formats = new Map<string, Intl.DateTimeFormat>();

function format(name: string, language: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${name} ${language}`;
  let made = formats.get(key);
  if (!made) {
    made = new Intl.DateTimeFormat(language, { timeZone: ZONE, ...options });
    formats.set(key, made);
  }
  return made;
}

/** dd/mm/yyyy. */
export function date(time: Time): string {
  return format('date', locale(), { day: '2-digit', month: '2-digit', year: 'numeric' }).format(new Date(time));
}

/** hh:mm. */
export function clock(time: Time): string {
  return format('clock', locale(), { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(new Date(time));
}

/** "14:05, 22/11/2026". */
export function moment(time: Time): string {
  return `${clock(time)}, ${date(time)}`;
}

/** The day's number since 1970 in office time. */
function dayNumber(time: Time): number {
  const [year, month, day] = format('day', 'en-CA', {}).format(new Date(time)).split('-').map(Number);
  return Date.UTC(year ?? 0, (month ?? 1) - 1, day ?? 1) / DAY_MS;
}

/** Calendar days from today until then; negative once past. */
export function daysUntil(time: Time): number {
  return dayNumber(time) - dayNumber(Date.now());
}

/** "vừa xong", "12 phút trước", "14:05", "14:05, 22/11/2026": as people say it. */
export function ago(time: Time, now: number = Date.now()): string {
  const minutes = Math.floor((now - new Date(time).getTime()) / 60_000);
  if (minutes < 1) return t('time.now');
  if (minutes < 60) return t('time.minutes', { count: minutes });
  return dayNumber(time) === dayNumber(now) ? clock(time) : moment(time);
}

/** 1.200.000 đ. */
export function money(dong: number): string {
  return `${dong.toLocaleString('vi-VN')} đ`;
}

/** 12 kB, 3,4 MB. */
export function size(bytes: number): string {
  const [value, unit] = bytes < 1_000_000 ? [Math.max(1, Math.round(bytes / 1000)), 'kB'] : bytes < 1e9 ? [bytes / 1e6, 'MB'] : [bytes / 1e9, 'GB'];
  return `${(value as number).toLocaleString(locale(), { maximumFractionDigits: 1 })} ${unit}`;
}
