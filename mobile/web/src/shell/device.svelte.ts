/** This device as every screen sees it: whose it is, whether its store is open, and how it stands with the Centre. */
import { call, faultOf, on } from '../core/client.ts';
import type { Face, Fault, Identity, Progress, StorageState, Summary, SyncState, TabState } from '../core/types.ts';
import { language } from '../text/text.svelte.ts';

type Device = {
  opening: boolean;
  identity?: Identity;
  fault?: Fault;
  sync: SyncState;
  store: StorageState;
  tab: TabState;
  progress?: Progress;
  summary?: Summary;
  online: boolean;
};

const state = $state<Device>({
  opening: true,
  sync: { state: 'idle' },
  store: { state: 'ok' },
  tab: { state: 'leader' },
  online: navigator.onLine,
});

export function device(): Readonly<Device> {
  return state;
}

async function count(): Promise<void> {
  try {
    state.summary = await call('summary');
  } catch {
    // The bar keeps its last figures; the screen that needs the store tells the fault.
  }
}

/** A sync takes up an invitation that waits, or drops one that the Centre refused. */
async function introduce(): Promise<void> {
  if (!state.identity?.invitation_waiting) return;
  try {
    state.identity = await call('identity');
  } catch {
    // The store is closed; the screen says so already.
  }
}

/** Opens the device of a face. The screen is there meanwhile; calls wait for their turn. */
export async function open(face: Face): Promise<void> {
  on('sync', (sync) => {
    state.sync = sync;
    if (sync.state !== 'running') {
      state.progress = undefined;
      void introduce();
    }
    void count();
  });
  on('store', (store) => (state.store = store));
  on('tab', (tab) => {
    state.tab = tab;
    // A tab that may not work is not opening either: its calls wait until it is taken over.
    if (tab.state === 'elsewhere') state.opening = false;
    else void count();
  });
  on('progress', (progress) => (state.progress = progress));
  on('changed', () => void count());
  addEventListener('online', () => (state.online = true));
  addEventListener('offline', () => (state.online = false));
  try {
    state.identity = await call('start', { face, server_url: location.origin, language: language() });
  } catch (thrown) {
    state.fault = faultOf(thrown);
  }
  state.opening = false;
  await count();
}

/** After an enrolment. */
export function identified(identity: Identity): void {
  state.identity = identity;
}

/** Sends and receives now; what comes of it is told by the sync bar. */
export async function syncNow(): Promise<void> {
  try {
    await call('sync_now');
  } catch (thrown) {
    state.sync = { state: 'offline', fault: faultOf(thrown) };
  }
}

/** Makes this tab the one that works. */
export async function takeOver(): Promise<void> {
  await call('take_over');
}

/** Asks the browser never to evict the store; a browser may refuse. Answers whether it agreed. */
export async function keepStore(): Promise<boolean> {
  const agreed = (await navigator.storage?.persist?.()) ?? false;
  state.store = { ...state.store, persisted: agreed };
  return agreed;
}
