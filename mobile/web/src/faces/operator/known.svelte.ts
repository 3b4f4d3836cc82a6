/** Figures that need the network: shown as last known, with their time, while there is none. */
import { call, faultOf, on } from '../../core/client.ts';
import type { Fault } from '../../core/types.ts';
import { catalogueTag, type DeviceLine, type Figures, type OpenInvitation } from './centre.ts';

type Kept<T> = { value: T; at: number };

class Known<T> {
  value = $state.raw<T>();
  /** When the Centre said so. */
  at = $state<number>();
  fault = $state.raw<Fault>();
  loading = $state(false);
  readonly #place: string;

  /** `remembered` leaves out what must not lie on this device's disk; nothing is remembered if it is absent. */
  constructor(
    name: string,
    readonly ask: () => Promise<T>,
    readonly remembered?: (value: T) => T,
  ) {
    this.#place = `tram.operator.${name}`;
    if (!remembered) return;
    try {
      const kept = JSON.parse(localStorage.getItem(this.#place) ?? 'null') as Kept<T> | null;
      if (kept) [this.value, this.at] = [kept.value, kept.at];
    } catch {
      // Nothing readable is kept: the page starts empty, as on the first visit.
    }
  }

  async load(): Promise<void> {
    this.loading = true;
    try {
      this.value = await this.ask();
      this.at = Date.now();
      this.fault = undefined;
      this.#keep();
    } catch (thrown) {
      this.fault = faultOf(thrown);
    }
    this.loading = false;
  }

  #keep(): void {
    if (!this.remembered || this.value === undefined) return;
    try {
      localStorage.setItem(this.#place, JSON.stringify({ value: this.remembered(this.value), at: this.at }));
    } catch {
      // Without room the figures are known for this visit only.
    }
  }

  /** Asks now, and again whenever this device met the Centre; answers how to stop. */
  start(): () => void {
    void this.load();
    return on('sync', ({ state }) => {
      if (state === 'idle') void this.load();
    });
  }
}

function get<T>(path: string): () => Promise<T> {
  return async () => (await call('centre', { method: 'GET', path })) as T;
}

export const devices = new Known('devices', get<DeviceLine[]>('/v1/admin/devices'), (lines) =>
  lines.map((line) => ({ ...line, name: '' })),
);
export const invitations = new Known('invitations', get<OpenInvitation[]>('/v1/admin/invitations'));
export const figures = new Known('status', get<Figures>('/v1/admin/status'), (value) => value);
export const catalogue = new Known('catalogue', catalogueTag, (value) => value);

const DAY_MS = 86_400_000;
/** A device that was not heard of for so many days is silent. */
export const SILENT_DAYS = 3;

export function daysSince(time: number): number {
  return Math.max(0, Math.floor((Date.now() - time) / DAY_MS));
}

export function isSilent(line: DeviceLine): boolean {
  return !line.revoked_ms && daysSince(line.last_contact_ms) >= SILENT_DAYS;
}

/** Letters without marks, for finding names typed without them. */
export function plain(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').replace(/[đĐ]/g, 'd').toLowerCase();
}
