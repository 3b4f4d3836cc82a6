/**
 * The service worker: answers with what is kept here, so that the app starts and works with no network.
 *
 * It keeps the page when it is installed, and the files of a face when that face asks for it, after the first screen is
 * there. An update keeps everything of the faces that were kept before, and then waits for the person's word.
 */
import { ASSETS, FACES_KEPT, type Files, type Kept, type Wish } from './files.ts';
import type { Face } from '../core/types.ts';

/** Put in by the build. */
declare const __FILES__: Files;
const FILES = __FILES__;
const worker = self as unknown as ServiceWorkerGlobalScope;
const PAGE = `tram-page-${FILES.version}`;
const AT_ONCE = 4;

/** Brings what is missing of some files; assets come from the browser's own cache if they were fetched before. */
async function bring(files: string[], tell: (done: number, total: number) => void = () => undefined): Promise<void> {
  const assets = await caches.open(ASSETS);
  const here = new Set((await assets.keys()).map((request) => new URL(request.url).pathname));
  const missing = files.filter((file) => !here.has(file));
  let done = 0;
  const left = [...missing];
  const one = async () => {
    for (let file = left.shift(); file; file = left.shift()) {
      await assets.add(file);
      tell(++done, missing.length);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
}

async function facesKept(): Promise<Face[]> {
  const kept = await (await caches.open(FACES_KEPT)).keys();
  return kept.map((request) => new URL(request.url).pathname.slice(1) as Face).filter((face) => face in FILES.faces);
}

async function englishKept(): Promise<boolean> {
  return Boolean(await (await caches.open(FACES_KEPT)).match('/english'));
}

function filesOf(face: Face, english: boolean): string[] {
  return english ? [...FILES.faces[face], ...FILES.english[face]] : FILES.faces[face];
}

async function install(): Promise<void> {
  const page = await caches.open(PAGE);
  await page.addAll(FILES.page.map((file) => new Request(file, { cache: 'no-cache' })));
  const english = await englishKept();
  for (const face of await facesKept()) await bring(filesOf(face, english));
}

async function activate(): Promise<void> {
  for (const name of await caches.keys()) if (name.startsWith('tram-page-') && name !== PAGE) await caches.delete(name);
  const listed = new Set([FILES.faces, FILES.english].flatMap((all) => Object.values(all).flat()));
  const assets = await caches.open(ASSETS);
  for (const request of await assets.keys()) if (!listed.has(new URL(request.url).pathname)) await assets.delete(request);
  await worker.clients.claim();
}

async function keep(face: Face, english: boolean, tell: (told: Kept) => void): Promise<void> {
  try {
    const kept = await caches.open(FACES_KEPT);
    await bring(filesOf(face, english), (done, total) => tell({ done, total, kept: false }));
    await kept.put(`/${face}`, new Response());
    if (english) await kept.put('/english', new Response());
    tell({ done: 1, total: 1, kept: true });
  } catch {
    // The network went. What came stays, and the next visit brings the rest.
    tell({ done: 0, total: 0, kept: false });
  }
}

async function page(file: string, asked: Request): Promise<Response> {
  return (await (await caches.open(PAGE)).match(file)) ?? fetch(asked);
}

async function asset(asked: Request, event: FetchEvent): Promise<Response> {
  const assets = await caches.open(ASSETS);
  const kept = await assets.match(asked.url);
  if (kept) return kept;
  const fetched = await fetch(asked);
  // What another face fetches stays for it.
  if (fetched.ok) event.waitUntil(assets.put(asked.url, fetched.clone()).catch(() => undefined));
  return fetched;
}

worker.addEventListener('install', (event) => event.waitUntil(install()));
worker.addEventListener('activate', (event) => event.waitUntil(activate()));
worker.addEventListener('message', (event) => {
  const wish = event.data as Wish;
  if ('takeOver' in wish) void worker.skipWaiting();
  else event.waitUntil(keep(wish.keep, wish.english, (told) => event.ports[0]?.postMessage(told)));
});
worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== worker.location.origin || pathname.startsWith('/v1/')) return;
  if (request.mode === 'navigate') event.respondWith(page('/index.html', request));
  else if (pathname.startsWith('/assets/')) event.respondWith(asset(request, event));
});
