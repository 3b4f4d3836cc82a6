/** Carrying what the core asks for to the Centre and back. The core decides what travels; here is only the road. */
import type { Core } from './pkg/tram_browser.js';
import type { Fault, Progress } from './types.ts';

/** An answer that stands still this long is given up: the road is dead, and what came is kept. */
const STALL_MS = 45_000;
/** More than any answer of the Centre may be. */
const ANSWER_BYTES_MAX = 96 * 1024 * 1024;

export type Errand = { kind: 'sync' } | { kind: 'upload' } | { kind: 'fetch'; dossier: string; blob: string };
/** What every report has in common. */
export type Report = { fault?: Fault | null; pending?: number };

/** Runs an errand to its end. Other calls to the core are answered while it waits for the network. */
export async function run(core: Core, errand: Errand, tell: (progress: Progress) => void): Promise<Report> {
  core.travel_begin(JSON.stringify(errand));
  for (;;) {
    const progress = core.travel_progress() as string | null;
    if (progress) tell(JSON.parse(progress) as Progress);
    const request = core.travel_next();
    if (!request) return (JSON.parse(core.travel_report()) ?? {}) as Report;
    const { method, path, headers } = request;
    const body = request.body as Uint8Array<ArrayBuffer>;
    request.free();
    const answer = await carry(method, path, JSON.parse(headers) as [string, string][], body);
    core.travel_take(answer.status, JSON.stringify(answer.headers), answer.body, answer.cut);
  }
}

type Answer = { status: number | undefined; headers: [string, string][]; body: Uint8Array; cut: boolean };

async function carry(
  method: string,
  path: string,
  headers: [string, string][],
  body: Uint8Array<ArrayBuffer>,
): Promise<Answer> {
  const stalled = new AbortController();
  let timer = setTimeout(() => stalled.abort(), STALL_MS);
  const moved = () => {
    clearTimeout(timer);
    timer = setTimeout(() => stalled.abort(), STALL_MS);
  };
  const parts: Uint8Array[] = [];
  let size = 0;
  let status: number | undefined;
  let told: [string, string][] = [];
  try {
    const bodiless = method === 'GET' || method === 'HEAD';
    const response = await fetch(path, {
      method,
      headers,
      body: bodiless ? undefined : body,
      signal: stalled.signal,
      cache: 'no-store',
      credentials: 'omit',
      redirect: 'error',
    });
    status = response.status;
    told = [...response.headers];
    const reader = response.body?.getReader();
    while (reader) {
      moved();
      const { done, value } = await reader.read();
      if (done) break;
      size += value.length;
      if (size > ANSWER_BYTES_MAX) throw new RangeError('the answer is too large');
      parts.push(value);
    }
    return { status, headers: told, body: joined(parts, size), cut: false };
  } catch {
    // Before the status nobody can say whether the request arrived; the core sends it again in either case.
    return { status, headers: told, body: joined(parts, size), cut: status !== undefined };
  } finally {
    clearTimeout(timer);
  }
}

function joined(parts: Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** A request for the operator's screens: JSON in, JSON out, under this device's token. */
export async function ask(core: Core, method: string, path: string, body: unknown): Promise<unknown> {
  const headers: [string, string][] = [['authorization', `Bearer ${core.token() ?? ''}`]];
  const bytes = new TextEncoder().encode(body === undefined ? '' : JSON.stringify(body));
  if (body !== undefined) headers.push(['content-type', 'application/json']);
  const answer = await carry(method, path, headers, bytes);
  const text = new TextDecoder().decode(answer.body);
  if (answer.status !== undefined && answer.status < 300 && !answer.cut) return text ? JSON.parse(text) : null;
  throw answer.status === undefined || answer.cut ? offline() : refused(text);
}

export function offline(): Fault {
  return {
    code: 'OFFLINE',
    message: {
      vi: 'Không có mạng, hoặc Trung tâm không trả lời. Dữ liệu trên máy vẫn an toàn; hãy thử lại khi có mạng.',
      en: 'No network, or the Centre does not answer. The data on this device is safe; try again when there is a network.',
    },
    details: {},
    retry: 'later',
  };
}

function refused(text: string): Fault {
  try {
    const told = JSON.parse(text) as Fault;
    if (told.code && told.message) return told;
  } catch {
    // Whatever answered was not the Centre.
  }
  return offline();
}
