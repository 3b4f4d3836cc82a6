/** Where the core begins: whether it is on this device already, and its one worker. */

/** The core was fetched on an earlier visit: nothing waits for the network. */
export const coreIsHere = Boolean(navigator.serviceWorker?.controller);

let worker: Worker | undefined;
let failure: string | undefined;

/** The worker, started when it is first asked for. */
export function running(): Worker {
  if (!worker) {
    worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: coreIsHere ? 'here' : 'coming' });
    worker.onerror = (event) => (failure = event.message);
  }
  return worker;
}

/** Why it could not start, if that was before anybody listened. */
export function failedEarly(): string | undefined {
  return failure;
}
