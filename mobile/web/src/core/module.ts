/** The core's code: compiled as it comes, and kept for starts without network. */
import { ASSETS } from '../offline/files.ts';
import wasm from './pkg/tram_browser_bg.wasm?url';

/** How many bytes the code has, put in by the build: what travels is compressed and says nothing of it. */
declare const __CORE_BYTES__: number;
const TELL_EVERY = 50_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
const TYPE = { 'content-type': 'application/wasm' };

/** Code that is on this device: the browser may also have kept what it compiled of it. */
function kept(): Promise<WebAssembly.Module> {
  return WebAssembly.compileStreaming(fetch(wasm));
}

/** Code that comes over the network for the first time, with what has come of it. It travels once. */
async function coming(tell: (done: number, total: number) => void): Promise<WebAssembly.Module> {
  // Whatever the person asks meanwhile goes first.
  const response = await fetch(wasm, { priority: 'low' });
  if (!response.ok || !response.body) throw new TypeError(`the core: ${response.status}`);
  let [done, told] = [0, 0];
  const counted = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(part, controller) {
      done += part.length;
      if (done - told >= TELL_EVERY) tell((told = done), __CORE_BYTES__);
      controller.enqueue(part);
    },
  });
  const [compiled, stored] = response.body.pipeThrough(counted).tee();
  const keeping = keep(new Response(stored, { headers: TYPE }));
  const module = await WebAssembly.compileStreaming(new Response(compiled, { headers: TYPE }));
  await keeping;
  return module;
}

async function keep(response: Response): Promise<void> {
  try {
    await (await caches.open(ASSETS)).put(wasm, response);
  } catch {
    // A browser that keeps nothing works as long as the page is open.
  }
}

/** The code, however long the network takes over it: a line that breaks on a first visit is tried again. */
export async function code(isHere: boolean, tell: (done: number, total: number) => void): Promise<WebAssembly.Module> {
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      return await (isHere ? kept() : coming(tell));
    } catch (thrown) {
      // Code that is no code stays so.
      if (isHere || thrown instanceof WebAssembly.CompileError) throw thrown;
    }
    await new Promise((over) => setTimeout(over, pause));
  }
}
