/**
 * The page's side of the core: typed calls to the one worker that holds the device's store, and what it tells of itself.
 *
 * Calls may be made before the store is open: the worker answers them in order once it is.
 */
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
let worker: Worker | undefined;

function receive(message: Answer | Told): void {
  if ('event' in message) {
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

function running(): Worker {
  if (!worker) {
    worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = (event: MessageEvent<Answer | Told>) => receive(event.data);
    worker.onerror = (event) => broken(event.message);
  }
  return worker;
}

type ArgsOf<O extends Op> = Ops[O]['args'] extends void
  ? []
  : O extends BinaryOp
    ? [args: Ops[O]['args'], bytes: Uint8Array<ArrayBuffer>]
    : [args: Ops[O]['args']];

/** Asks the core. Bytes are handed over, not copied: do not use them afterwards. Throws {@link CoreFault}. */
export function call<O extends Op>(op: O, ...given: ArgsOf<O>): Promise<Ops[O]['result']> {
  const [args, bytes] = given as [unknown, Uint8Array<ArrayBuffer> | undefined];
  const id = ++last;
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve: resolve as (value: never) => void, reject });
    running().postMessage({ id, op, args: args ?? {}, bytes }, bytes ? [bytes.buffer] : []);
  });
}

/** Listens to the worker; answers how to stop. */
export function on<E extends keyof CoreEvents>(event: E, listener: Listener<E>): () => void {
  const all = listeners.get(event) ?? new Set();
  listeners.set(event, all);
  all.add(listener as Listener<never>);
  return () => void all.delete(listener as Listener<never>);
}
