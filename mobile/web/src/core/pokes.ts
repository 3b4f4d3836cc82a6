/** The Centre's word that there is something new: a stream of server-sent events, as long as the network holds. */
import type { Core } from './pkg/tram_browser.js';

const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 120_000;

export class Pokes {
  #stop: AbortController | undefined;
  #pause = FIRST_PAUSE_MS;
  #wake: (() => void) | undefined;
  /** Whether a stream is open. What comes while none is may be missed: its end and its beginning both count as news. */
  #open = false;

  constructor(readonly poked: () => void) {}

  /** Listens, and goes on listening after every break, until stopped. Called again, it ends a pause: the network is back. */
  listen(core: Core): void {
    if (this.#stop) {
      this.#pause = FIRST_PAUSE_MS;
      return this.#wake?.();
    }
    this.#stop = new AbortController();
    void this.#listening(core, this.#stop.signal);
  }

  stop(): void {
    this.#stop?.abort();
    this.#stop = undefined;
  }

  async #listening(core: Core, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const token = core.token();
      try {
        if (token) await this.#once(token, signal);
      } catch {
        // A broken stream is how a network ends; the pause below is the answer.
      }
      if (this.#open && !signal.aborted) this.poked();
      this.#open = false;
      const pause = this.#pause * (0.5 + Math.random());
      this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE_MS);
      await new Promise<void>((resolve) => {
        const over = setTimeout(resolve, pause);
        this.#wake = () => {
          clearTimeout(over);
          resolve();
        };
      });
      this.#wake = undefined;
    }
  }

  async #once(token: string, signal: AbortSignal): Promise<void> {
    const response = await fetch('/v1/pokes', {
      headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream' },
      signal,
      cache: 'no-store',
      credentials: 'omit',
    });
    if (!response.ok || !response.body) return;
    this.#pause = FIRST_PAUSE_MS;
    this.#open = true;
    this.poked();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const lines = (rest + value).split('\n');
      rest = lines.pop() ?? '';
      if (lines.some((line) => line.startsWith('event: poke') || line.startsWith('event:poke'))) this.poked();
    }
  }
}
