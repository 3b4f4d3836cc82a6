import { faultOf, on } from './client.ts';
import type { Fault } from './types.ts';

/** Something read from the core and kept as it is now: read again when it changes there. */
export class Reading<T> {
  value = $state.raw<T>();
  fault = $state.raw<Fault>();
  loading = $state(true);
  #round = 0;
  #again = $state(0);

  /** Reads again now. */
  reload(): void {
    this.#again += 1;
  }

  /** Puts in what another call has just answered. */
  put(value: T): void {
    this.#round += 1;
    this.value = value;
    this.loading = false;
  }

  /** For {@link reading}: makes the read depend on `reload`. */
  follow(): void {
    void this.#again;
  }

  async run(load: () => Promise<T>): Promise<void> {
    const round = ++this.#round;
    try {
      const value = await load();
      if (round !== this.#round) return;
      this.value = value;
      this.fault = undefined;
    } catch (thrown) {
      if (round !== this.#round) return;
      this.fault = faultOf(thrown);
    }
    this.loading = false;
  }
}

/**
 * Reads with `load`, again whenever the reactive values it starts from change, and whenever the core says that
 * something changed: only for `dossier()`, if given. What was read `before` stands until then. To be called while a
 * component is set up.
 */
export function reading<T>(load: () => Promise<T>, dossier?: () => string | undefined, before?: T): Reading<T> {
  const read = new Reading<T>();
  if (before !== undefined) read.put(before);
  $effect(() => {
    read.follow();
    void read.run(load);
  });
  $effect(() =>
    on('changed', (changed) => {
      const own = dossier?.();
      if (!own || !changed.dossiers || changed.dossiers.includes(own)) read.reload();
    }),
  );
  return read;
}
