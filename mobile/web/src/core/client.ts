/**
 * The page's side of the core: typed calls to the one worker that holds the device's store, and what it tells of itself.
 *
 * Calls may be made before the store is open: the worker answers them in order once it is. On a first visit the core is
 * fetched after the first screen is there, and until then the Centre answers what needs no device.
 */
import { coreIsHere, failedEarly, running } from './begin.ts';
import { askCentre, isQuestion, remember } from './questions.ts';
import type { BinaryOp, CoreEvents, Fault, Op, Ops } from './types.ts';

/** A refusal by the core or the Centre, with what a person should read. */
export class CoreFault extends Error {
  constructor(readonly fault: Fault) {
    super(`${fault.code}: ${fault.message.en}`);
    this.name = 'CoreFault';
  }
}

/** The fault in whatever was thrown; what is no fault of the core becomes one that says that nothing was lost. */
export function faultOf(thrown: unknown): Fault {
  if (thrown instanceof CoreFault) return thrown.fault;
  return {
    code: 'APP',
    message: {
      vi: 'Ứng dụng gặp trục trặc ở bước này. Những gì đã lưu vẫn an toàn; hãy thử lại.',
      en: 'The app stumbled at this step. What was saved is safe; try again.',
    },
    details: { reason: thrown instanceof Error ? thrown.message : String(thrown) },
    retry: 'later',
  };
}

type Waiting = { resolve: (value: never) => void; reject: (fault: CoreFault) => void };
type Answer = { id: number; ok?: unknown; fault?: Fault };
type Told = { event: keyof CoreEvents } & Record<string, unknown>;
type Listener<E extends keyof CoreEvents> = (told: CoreEvents[E]) => void;

const waiting = new Map<number, Waiting>();
const listeners = new Map<keyof CoreEvents, Set<Listener<never>>>();
let last = 0;

let begin: () => void;
/** The worker may be started; until then calls wait in the page. */
const begun = new Promise<void>((resolve) => (begin = resolve));
let opened: () => void;
/** The store is open, and answers. */
const isOpen = new Promise<void>((resolve) => (opened = resolve));
let open = false;
/** Questions that are on their way to the Centre. */
const asking = new Set<Promise<unknown>>();

void begun.then(() => {
  const worker = running();
  worker.onmessage = (event: MessageEvent<Answer | Told>) => receive(event.data);
  worker.onerror = (event) => broken(event.message);
  const failure = failedEarly();
  if (failure !== undefined) broken(failure);
});
if (coreIsHere) beginCore();

/** Starts the core: at once where it is on this device, and else when the first screen is there. */
export function beginCore(): void {
  begin();
}

/** Waits until the Centre has answered what was asked of it, and what is asked meanwhile, or was not reached. */
export async function questionsAnswered(): Promise<void> {
  while (asking.size > 0) await Promise.allSettled(asking);
}

function receive(message: Answer | Told): void {
  if ('event' in message) {
    if (message.event === 'store' && message.state === 'ok' && !open) {
      open = true;
      opened();
    }
    for (const listener of listeners.get(message.event) ?? []) listener(message as never);
    return;
  }
  const asked = waiting.get(message.id);
  if (!asked) return;
  waiting.delete(message.id);
  if (message.fault) asked.reject(new CoreFault(message.fault));
  else asked.resolve((message.ok ?? null) as never);
}

/** A worker that cannot run answers nothing: everybody who waits is told instead. */
function broken(reason: string): void {
  const fault: Fault = {
    code: 'CORE_BROKEN',
    message: {
      vi: 'Phần lõi của ứng dụng không chạy được trên trình duyệt này. Những gì đã lưu vẫn an toàn; hãy tải lại trang hoặc cập nhật trình duyệt.',
      en: 'The core of the app cannot run in this browser. What was saved is safe; reload the page or update the browser.',
    },
    details: { reason },
    retry: 'after_action',
  };
  for (const asked of waiting.values()) asked.reject(new CoreFault(fault));
  waiting.clear();
  for (const listener of listeners.get('store') ?? []) (listener as Listener<'store'>)({ state: 'unavailable' });
}

type ArgsOf<O extends Op> = Ops[O]['args'] extends void
  ? []
  : O extends BinaryOp
    ? [args: Ops[O]['args'], bytes: Uint8Array<ArrayBuffer>]
    : [args: Ops[O]['args']];

/** Asks the core. Bytes are handed over, not copied: do not use them afterwards. Throws {@link CoreFault}. */
export function call<O extends Op>(op: O, ...given: ArgsOf<O>): Promise<Ops[O]['result']> {
  const [args, bytes] = given as [unknown, Uint8Array<ArrayBuffer> | undefined];
  if (coreIsHere || open || !isQuestion(op)) return ask(op, args, bytes);
  return firstOf(op, args) as Promise<Ops[O]['result']>;
}

async function ask<O extends Op>(op: O, args: unknown, bytes?: Uint8Array<ArrayBuffer>): Promise<Ops[O]['result']> {
  const id = ++last;
  const answer = new Promise<Ops[O]['result']>((resolve, reject) => {
    waiting.set(id, { resolve: resolve as (value: never) => void, reject });
  });
  void begun.then(() => running().postMessage({ id, op, args: args ?? {}, bytes }, bytes ? [bytes.buffer] : []));
  const result = await answer;
  remember(op, result);
  return result;
}

/** The Centre's answer or the core's, whichever is there first; the core's, if the Centre is not reached. */
async function firstOf(op: Parameters<typeof askCentre>[0], args: unknown): Promise<unknown> {
  const core = isOpen.then(() => ask(op, args));
  core.catch(() => undefined);
  const centre = askCentre(op, args ?? {});
  asking.add(centre);
  void centre.finally(() => asking.delete(centre));
  const first = await Promise.race([centre, core.then((ok) => ({ ok }))]);
  if (!first) return core;
  if ('fault' in first) throw new CoreFault(first.fault);
  remember(op, first.ok);
  return first.ok;
}

/** Listens to the worker; answers how to stop. */
export function on<E extends keyof CoreEvents>(event: E, listener: Listener<E>): () => void {
  const all = listeners.get(event) ?? new Set();
  listeners.set(event, all);
  all.add(listener as Listener<never>);
  return () => void all.delete(listener as Listener<never>);
}
