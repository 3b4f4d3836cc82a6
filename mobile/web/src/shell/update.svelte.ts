import { registerSW } from 'virtual:pwa-register';

let waiting = $state(false);
let apply: ((reload?: boolean) => Promise<void>) | undefined;

/** Whether a newer version is here and waits for the person's word. */
export function updateWaiting(): boolean {
  return waiting;
}

/** Keeps the app for work without network, and watches for a newer version. */
export function installWorker(): void {
  apply = registerSW({ onNeedRefresh: () => (waiting = true) });
}

/** Changes to the newer version. Drafts are in the store already, so nothing typed is lost. */
export async function update(): Promise<void> {
  await apply?.(true);
}

export function later(): void {
  waiting = false;
}
