// @ts-check
/**
 * The store on the browser's own file system keeps what every store must: the whole suite, and a reload between any two
 * of its steps. The suite is a module of the core's; without it there is nothing to run, and the name says so.
 */
import assert from 'node:assert/strict';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { phone } from '../harness/phone.js';
import { scratch } from '../harness/places.js';
import { Centre } from '../harness/server.js';
import { story } from '../harness/story.js';

const MODULE = process.env.TRAM_STORE_MODULE;
/** Commits in a row, each followed by a reload. */
const STEPS = 25;

/** Opens the file, does one thing, closes it, and says how that went. */
const WORKER = `import init, * as store from './store_test.js';
onmessage = async ({ data: [what, n, name] }) => {
  try {
    await init({ module_or_path: new URL('./store_test_bg.wasm', import.meta.url) });
    const root = await navigator.storage.getDirectory();
    const file = await root.getFileHandle(name, { create: true });
    const handle = await file.createSyncAccessHandle();
    try { store[what](handle, n); } finally { handle.close(); }
    postMessage({});
  } catch (thrown) {
    postMessage({ thrown: String(thrown && thrown.stack || thrown) });
  }
};`;
const PAGE = '<!doctype html><html lang="vi"><meta charset="utf-8"><title>Store</title><main>Store</main></html>';

/** A build of nothing but the module, served like the app. @param {string} module */
async function served(module) {
  const folder = await scratch('store');
  await mkdir(join(folder, 'assets'));
  await cp(module, join(folder, 'assets'), { recursive: true });
  await writeFile(join(folder, 'assets', 'store_worker.js'), WORKER);
  await writeFile(join(folder, 'index.html'), PAGE);
  return folder;
}

/**
 * Has a new worker do one thing with the store's file.
 * @param {import('playwright-core').Page} page @param {'suite' | 'step' | 'check'} what @param {number} n @param {string} name
 */
async function done(page, what, n, name) {
  const { thrown } = await page.evaluate(
    (asked) =>
      new Promise((/** @type {(answer: { thrown?: string }) => void} */ resolve) => {
        const worker = new Worker('/assets/store_worker.js', { type: 'module' });
        worker.onmessage = ({ data }) => {
          worker.terminate();
          resolve(data);
        };
        worker.onerror = (event) => resolve({ thrown: event.message });
        worker.postMessage(asked);
      }),
    [what, n, name],
  );
  assert.equal(thrown, undefined, `${what} ${n}`);
}

if (MODULE) {
  story('the store on the browser passes the suite of every store', async () => {
    const centre = await Centre.open(await served(MODULE));
    const device = await phone(centre);
    await device.page.goto(centre.url);
    await done(device.page, 'suite', 0, 'suite.store');
  });

  story('the store on the browser keeps every step when the page is reloaded after it', async () => {
    const centre = await Centre.open(await served(MODULE));
    const device = await phone(centre);
    await device.page.goto(centre.url);
    await done(device.page, 'check', 0, 'steps.store');
    for (let step = 1; step <= STEPS; step += 1) {
      await done(device.page, 'step', step, 'steps.store');
      await device.page.reload();
      await done(device.page, 'check', step, 'steps.store');
    }
  });
} else {
  test('the store on the browser: not run, TRAM_STORE_MODULE names no module', () => {});
}
