/**
 * The one worker of a page: it holds the device's store, answers the page's calls in their order, and travels to the
 * Centre meanwhile. A call never waits for the network, but for those that are about it.
 */
import init, { Core } from './pkg/tram_browser.js';
import { code } from './module.ts';
import { Pokes } from './pokes.ts';
import { NoStore, Place, room, type Held } from './store.ts';
import { ask, offline, run, type Errand, type Report } from './travel.ts';
import type { CoreEvents, Face, Fault } from './types.ts';

type Asked = { id: number; op: string; args: Record<string, unknown>; bytes?: Uint8Array<ArrayBuffer> };

/** Work that should reach the Centre soon, as against what may wait for the next occasion. */
const SENDS = new Set(['submit', 'act', 'undo', 'enrol', 'attach', 'detach', 'arrange']);
const CHANGES = new Set([...SENDS, 'new', 'set', 'remove_row', 'count', 'rebuild']);
/** Acts made one after the other travel together; an undo has this long before they leave. */
const GATHER_MS = 6_000;
const FIRST_RETRY_MS = 4_000;
const LONGEST_RETRY_MS = 120_000;

/** The code is on its way before anybody asks. */
const module = code(self.name === 'here', (done, total) => tell('coming', { done, total }));
// Who opens the store hears of a failure; nobody may be there yet.
module.catch(() => undefined);

let core: Core | undefined;
let held: Held | undefined;
let place: Place | undefined;
let started: { face: Face; server_url: string } | undefined;
/** Calls that came before the store was open, or while another tab works. */
let queue: Asked[] = [];

function tell<E extends keyof CoreEvents>(event: E, told: CoreEvents[E]): void {
  postMessage({ event, ...told });
}

// Opening and giving up ------------------------------------------------------------------------------------------

async function open(take: (place: Place) => Promise<Held | undefined>): Promise<void> {
  if (!started || core) return;
  try {
    place ??= new Place(started.face, letGo);
    const [taken] = await Promise.all([take(place), module.then((code) => init({ module_or_path: code }))]);
    if (!taken) return tell('tab', { state: 'elsewhere' });
    held = taken;
    core = Core.open(taken.handle, started.server_url);
  } catch (thrown) {
    held?.release();
    held = undefined;
    const fault = faultOf(thrown);
    const state = thrown instanceof NoStore ? thrown.state : fault.code === 'DISK_FULL' ? 'full' : 'unreadable';
    tell('store', { state, ...(await room()) });
    for (const asked of queue.splice(0)) postMessage({ id: asked.id, fault });
    return;
  }
  tell('tab', { state: 'leader' });
  tell('store', { state: 'ok', ...(await room()) });
  for (const asked of queue.splice(0)) answer(asked);
  tell('changed', {});
  void sync();
}

function letGo(): void {
  pokes.stop();
  clearTimeout(timer);
  core?.free();
  core = undefined;
  held?.release();
  held = undefined;
  tell('tab', { state: 'elsewhere' });
}

// Travelling -----------------------------------------------------------------------------------------------------

const pokes = new Pokes(() => soon(200 + Math.random() * 800));
let timer: ReturnType<typeof setTimeout> | undefined;
let retry = FIRST_RETRY_MS;
let syncing: Promise<void> | undefined;
let again = false;
/** Errands run one after the other. */
let road: Promise<unknown> = Promise.resolve();

function travel(errand: Errand): Promise<Report> {
  const going = road.then(() => {
    if (!core) throw offline();
    return run(core, errand, (progress) => tell('progress', progress));
  });
  road = going.catch(() => undefined);
  return going;
}

function soon(after: number): void {
  clearTimeout(timer);
  timer = setTimeout(() => void sync(), after);
}

/** Sends and receives everything, then brings attachments. One at a time; what comes meanwhile goes right after. */
function sync(): Promise<void> {
  if (syncing) {
    again = true;
    return syncing;
  }
  clearTimeout(timer);
  syncing = syncOnce().finally(() => {
    syncing = undefined;
    if (again) {
      again = false;
      void sync();
    }
  });
  return syncing;
}

async function syncOnce(): Promise<void> {
  if (!core) return;
  tell('sync', { state: 'running' });
  let fault: Fault | undefined;
  try {
    const report = await travel({ kind: 'sync' });
    tell('changed', {});
    fault = report.fault ?? undefined;
    if (!fault) {
      const brought = await travel({ kind: 'upload' });
      fault = brought.fault ?? undefined;
      tell('changed', {});
    }
  } catch (thrown) {
    fault = faultOf(thrown);
  }
  if (!core) return;
  if (!fault) {
    retry = FIRST_RETRY_MS;
    pokes.listen(core);
    return tell('sync', { state: 'idle', at: Date.now() });
  }
  const away = fault.code === 'OFFLINE' || fault.code === 'CUT_OFF';
  tell('sync', { state: away ? 'offline' : 'waiting', fault });
  if (fault.retry === 'later') {
    soon(retry * (0.5 + Math.random()));
    retry = Math.min(retry * 2, LONGEST_RETRY_MS);
  }
}

addEventListener('online', () => {
  retry = FIRST_RETRY_MS;
  void sync();
});

// Answering ------------------------------------------------------------------------------------------------------

function faultOf(thrown: unknown): Fault {
  if (thrown instanceof WebAssembly.RuntimeError) {
    // The module stopped in the middle of something. The file is whole; this worker is not.
    setTimeout(() => {
      throw thrown;
    });
  }
  if (typeof thrown === 'object' && thrown !== null && 'code' in thrown && 'retry' in thrown) return thrown as Fault;
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  try {
    const told = JSON.parse(text) as Fault;
    if (told.code && told.message) return told;
  } catch {
    // Not a fault of the core's.
  }
  return {
    code: 'INTERNAL',
    message: {
      vi: 'Ứng dụng gặp trục trặc ở bước này. Những gì đã lưu vẫn an toàn; hãy thử lại.',
      en: 'The app stumbled at this step. What was saved is safe; try again.',
    },
    details: { reason: text.slice(0, 200) },
    retry: 'later',
  };
}

async function readBlob(device: Core, blob: string, dossier: string | undefined): Promise<Uint8Array> {
  try {
    return device.read_blob(blob);
  } catch (thrown) {
    if (!dossier || faultOf(thrown).code !== 'NOT_FOUND') throw thrown;
  }
  const report = await travel({ kind: 'fetch', dossier, blob });
  if (report.fault) throw report.fault;
  return device.read_blob(blob);
}

function work(device: Core, { op, args, bytes }: Asked): unknown {
  switch (op) {
    case 'attach':
      return JSON.parse(device.attach(JSON.stringify(args), bytes ?? new Uint8Array()));
    case 'read_blob':
      return readBlob(device, String(args.blob), args.dossier as string | undefined);
    case 'centre':
      return ask(device, String(args.method), String(args.path), args.body);
    case 'storage':
      return room().then((told) => ({ state: 'ok', ...told }));
    case 'sync_now':
      retry = FIRST_RETRY_MS;
      return sync().then(() => null);
    default:
      return JSON.parse(device.call(op, JSON.stringify(args)));
  }
}

async function answer(asked: Asked): Promise<void> {
  const { id, op, args } = asked;
  if (!core) {
    queue.push(asked);
    return;
  }
  try {
    const result = work(core, asked);
    const ok = result instanceof Promise ? await result : result;
    const handed = ok instanceof Uint8Array ? [ok.buffer as ArrayBuffer] : [];
    postMessage({ id, ok }, { transfer: handed });
  } catch (thrown) {
    const fault = faultOf(thrown);
    if (fault.code === 'DISK_FULL') tell('store', { state: 'full', ...(await room()) });
    postMessage({ id, fault });
    return;
  }
  if (CHANGES.has(op)) tell('changed', { dossiers: typeof args.dossier === 'string' ? [args.dossier] : undefined });
  if (op === 'enrol' || op === 'submit') {
    // Somebody waits for this one: pauses that grew before it do not count.
    retry = FIRST_RETRY_MS;
    void sync();
  } else if (SENDS.has(op)) soon(GATHER_MS);
}

onmessage = (event: MessageEvent<Asked>) => {
  const asked = event.data;
  if (asked.op === 'start') {
    started = asked.args as unknown as { face: Face; server_url: string };
    queue.push({ id: asked.id, op: 'identity', args: {} });
    void open((at) => at.tryTake());
  } else if (asked.op === 'take_over') {
    void open((at) => at.takeOver()).then(() => postMessage({ id: asked.id, ok: null }));
  } else {
    void answer(asked);
  }
};

