/** How ready this app is for work without network, and whether a newer version waits. */
import { coreIsHere } from '../core/begin.ts';
import { on } from '../core/client.ts';
import type { Face } from '../core/types.ts';
import type { Kept, Wish } from '../offline/files.ts';
import { language } from '../text/text.svelte.ts';

/** Of all that is fetched on a first visit, the core is so much. */
const CORE_SHARE = 0.9;
/** What the network broke off is tried so often, after so long. */
const TRIES = 20;
const PAUSE_MS = 10_000;

let core = $state(coreIsHere ? 1 : 0);
let files = $state(0);
/** Whether something is being fetched; a browser that keeps nothing is never ready, and says so by no sign. */
let getting = $state(!coreIsHere && import.meta.env.PROD);
let waiting = $state.raw<ServiceWorker>();
let taking = false;
/** Keeps again what the face needs: in another language it is more. */
let again: (() => Promise<void>) | undefined;

on('coming', ({ done, total }) => (core = done / total));
on('store', ({ state }) => {
  if (state === 'ok') core = 1;
});

/** How much of what work without network takes is here, in whole per cent; nothing if it is all here. */
export function readiness(): number | undefined {
  if (!getting) return undefined;
  return Math.min(99, Math.floor(100 * (core * CORE_SHARE + files * (1 - CORE_SHARE))));
}

/** Whether the core itself is still on its way. */
export function coreIsComing(): boolean {
  return getting && core < 1;
}

/** Whether a newer version is here and waits for the person's word. */
export function updateWaiting(): boolean {
  return waiting !== undefined;
}

/** Keeps everything that the face needs in this browser, and watches for a newer version. */
export async function makeReady(face: Face): Promise<void> {
  const workers = navigator.serviceWorker;
  try {
    const registration = await workers.register('/sw.js');
    watch(registration);
    workers.addEventListener('controllerchange', () => taking && location.reload());
    const { active } = await workers.ready;
    again = async () => {
      for (let tries = 1; active && !(await keep(active, face)) && tries < TRIES; tries++)
        await new Promise((over) => setTimeout(over, PAUSE_MS));
      getting = false;
    };
    await again();
  } catch {
    // No service worker in this browser, or no network any more: it works as long as it is open.
  }
  getting = false;
}

/** After a change of language. */
export function keepLanguage(): void {
  void again?.();
}

/** Answers whether everything is in. */
function keep(worker: ServiceWorker, face: Face): Promise<boolean> {
  const { port1, port2 } = new MessageChannel();
  const wish: Wish = { keep: face, english: language() === 'en' };
  return new Promise((resolve) => {
    port1.onmessage = ({ data }: MessageEvent<Kept>) => {
      files = data.total > 0 ? data.done / data.total : files;
      if (data.kept || data.total === 0) resolve(data.kept);
      else getting = true;
    };
    worker.postMessage(wish, [port2]);
  });
}

function watch(registration: ServiceWorkerRegistration): void {
  const look = () => {
    if (registration.waiting && registration.active) waiting = registration.waiting;
  };
  look();
  registration.addEventListener('updatefound', () => registration.installing?.addEventListener('statechange', look));
}

/** Changes to the newer version. Drafts are in the store already, so nothing typed is lost. */
export function update(): void {
  taking = true;
  const wish: Wish = { takeOver: true };
  waiting?.postMessage(wish);
}

export function later(): void {
  waiting = undefined;
}
