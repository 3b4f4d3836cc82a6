/**
 * The file that holds a face's device, and who may write it: one tab at a time.
 *
 * A lock of the browser's goes with the tab that holds it, also when that tab dies. A tab that wants to work asks the
 * holder to let go; the holder finishes the call it is in, closes the file and gives the lock up.
 */
import type { Face, StorageState } from './types.ts';

/** How long a holder may take to let go before the lock is taken from it: it is frozen then. */
const PATIENCE_MS = 3_000;
/** How often a file that is still being closed is tried again, and after how long. */
const OPEN_TRIES = 40;
const OPEN_PAUSE_MS = 100;

/** Why there is no store. */
export class NoStore extends Error {
  constructor(
    readonly state: 'unavailable' | 'full',
    reason: string,
  ) {
    super(reason);
  }
}

/** The open file; `release` closes it and gives the lock up. */
export type Held = { handle: FileSystemSyncAccessHandle; release: () => void };

export class Place {
  readonly #name: string;
  readonly #channel: BroadcastChannel;
  #letGo: (() => void) | undefined;

  /** `lost` is told when another tab wants to work, or took the lock. */
  constructor(face: Face, lost: () => void) {
    this.#name = `tram-${face}`;
    this.#channel = new BroadcastChannel(this.#name);
    this.#channel.onmessage = (event) => {
      if (event.data === 'let go' && this.#letGo) lost();
    };
    this.#lost = lost;
  }

  readonly #lost: () => void;

  /** Takes the place if nobody has it. */
  async tryTake(): Promise<Held | undefined> {
    return this.#take({ ifAvailable: true });
  }

  /** Asks whoever has the place to let go, and takes it. */
  async takeOver(): Promise<Held> {
    this.#channel.postMessage('let go');
    const patience = AbortSignal.timeout(PATIENCE_MS);
    try {
      const held = await this.#take({ signal: patience });
      if (held) return held;
    } catch (thrown) {
      if (!patience.aborted) throw thrown;
    }
    const held = await this.#take({ steal: true });
    if (!held) throw new NoStore('unavailable', 'lock');
    return held;
  }

  #take(options: LockOptions): Promise<Held | undefined> {
    return new Promise((resolve, reject) => {
      navigator.locks
        .request(this.#name, options, async (lock) => {
          if (!lock) return resolve(undefined);
          const done = new Promise<void>((release) => (this.#letGo = release));
          try {
            const handle = await openFile(`${this.#name}.store`);
            const release = () => {
              handle.close();
              this.#letGo?.();
              this.#letGo = undefined;
            };
            resolve({ handle, release });
          } catch (thrown) {
            this.#letGo = undefined;
            return reject(thrown);
          }
          await done;
        })
        // The lock was taken from this tab while it held it.
        .catch((thrown: unknown) => {
          reject(thrown);
          if (this.#letGo) this.#lost();
        });
    });
  }
}

async function openFile(name: string): Promise<FileSystemSyncAccessHandle> {
  let file: FileSystemFileHandle;
  try {
    const root = await navigator.storage.getDirectory();
    file = await root.getFileHandle(name, { create: true });
  } catch (thrown) {
    const full = thrown instanceof DOMException && thrown.name === 'QuotaExceededError';
    throw new NoStore(full ? 'full' : 'unavailable', String(thrown));
  }
  for (let tries = 1; ; tries++) {
    try {
      return await file.createSyncAccessHandle();
    } catch (thrown) {
      const busy = thrown instanceof DOMException && thrown.name === 'NoModificationAllowedError';
      if (!busy || tries === OPEN_TRIES) throw new NoStore('unavailable', String(thrown));
      await new Promise((resolve) => setTimeout(resolve, OPEN_PAUSE_MS));
    }
  }
}

/** How much room there is, as far as the browser tells. */
export async function room(): Promise<Pick<StorageState, 'usage' | 'quota' | 'persisted'>> {
  try {
    const [{ usage, quota }, persisted] = await Promise.all([navigator.storage.estimate(), navigator.storage.persisted()]);
    return { usage, quota, persisted };
  } catch {
    return {};
  }
}
