// @ts-check
/**
 * The apps on a cheap phone with a poor network, measured against their goals: `node bench_phone.js [--json]`.
 *
 * The page's own thread is slowed four times by the browser; its workers run at this machine's speed. The network is a
 * road between browser and server that every byte passes.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { controlOf } from './harness/form.js';
import { startsAForm } from './harness/dossier.js';
import { dice } from './harness/pictures.js';
import { endAll, web } from './harness/places.js';
import { phone } from './harness/phone.js';
import { Centre } from './harness/server.js';
import { SlowRoad } from './harness/slow_road.js';

const SPEED = { bits_per_s: 400_000, round_trip_ms: 300 };
const SLOWDOWN = 4;
const DOSSIERS = 2_000;
const FIELDS_LEFT = 21;
const FIRST_VISIT_PATIENCE_MS = 240_000;
const ROAD_PORT = 8749;

/** What is measured, in which unit, and what it must stay under. */
const GOALS = {
  first_visit_ms: 12_000,
  first_useful_kb: 60,
  first_visit_kb: 700,
  ready_offline_ms: 30_000,
  repeat_visit_ms: 1_500,
  repeat_core_ms: 3_000,
  offline_start_ms: 1_500,
  offline_core_ms: 3_000,
  field_kept_ms: 50,
  longest_frame_ms: 50,
  search_ms: 80,
  memory_mb: 150,
};
/** @typedef {keyof typeof GOALS} Figure */

/** @typedef {import('./harness/screen.js').Device} Device */

/** @param {Device} device */
async function slow(device) {
  const session = await device.page.context().newCDPSession(device.page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWDOWN });
  return session;
}

/** Asks the search field and waits for the first answer. @param {Device} device */
async function searches(device) {
  await device.page.getByRole('searchbox').fill('khai sinh');
  await device.press('search.go');
  await device.page.locator('a[href^="#/guide/"]').first().waitFor();
}

/** When home could be used and when the core had answered, since the visit began, as the page itself sees both. @param {Device} device @param {() => Promise<unknown>} start */
async function started(device, start) {
  const said = device.words('sync.all_sent');
  await device.page.addInitScript((said) => {
    const seen = /** @type {{ usable_ms?: number, core_ms?: number }} */ (Object.assign(window, { seen: {} }).seen);
    new MutationObserver(() => {
      if (document.querySelector('a[href^="#/search?sector="]')) seen.usable_ms ??= performance.now();
      if (document.querySelector('aside')?.textContent?.includes(said)) seen.core_ms ??= performance.now();
    }).observe(document, { childList: true, subtree: true, characterData: true });
  }, said);
  await start();
  await device.page.locator('a[href^="#/search?sector="]').first().waitFor();
  await device.page.locator('aside').getByText(said).waitFor();
  return /** @type {Promise<{ usable_ms: number, core_ms: number }>} */ (device.page.evaluate(() => /** @type {any} */ (window).seen));
}

/** @param {Device} device @param {SlowRoad} road */
async function firstVisit(device, road) {
  device.page.setDefaultTimeout(FIRST_VISIT_PATIENCE_MS);
  await slow(device);
  const heading = device.words('home.heading');
  await device.page.addInitScript((heading) => {
    new MutationObserver((_, watch) => {
      if (document.querySelector('h1')?.textContent !== heading) return;
      watch.disconnect();
      Object.assign(window, { useful_ms: Date.now() });
    }).observe(document, { childList: true, subtree: true });
  }, heading);
  const began = performance.now();
  void device.page.goto(device.centre.url, { waitUntil: 'commit', timeout: FIRST_VISIT_PATIENCE_MS });
  await device.page.getByRole('heading', { level: 1, name: heading }).waitFor();
  await searches(device);
  const first_visit_ms = performance.now() - began;
  const useful_ms = await device.page.evaluate(() => /** @type {number} */ (/** @type {any} */ (window).useful_ms));
  const first_useful_kb = road.bytesBy(useful_ms) / 1000;
  await device.worksWithoutNetwork();
  const ready_offline_ms = performance.now() - began;
  return { first_visit_ms, first_useful_kb, first_visit_kb: road.bytes / 1000, ready_offline_ms };
}

/** From leaving a field to its mark, as the page itself sees both: the median of many. @param {Device} device */
async function fieldKept(device) {
  const times = [];
  for (let at = 0; at < FIELDS_LEFT; at += 1) {
    const path = ['applicant_name', 'applicant_address'][at % 2];
    const field = device.page.locator(`[id="${controlOf(path)}"]`);
    await field.fill(`Nguyễn Thị Ẫm ${at}`);
    times.push(
      await field.evaluate(
        (input) =>
          new Promise((/** @type {(ms: number) => void} */ resolve) => {
            const saved = /** @type {Element} */ (input.closest('.field')?.querySelector('.saved'));
            const left = performance.now();
            new MutationObserver((_, watch) => {
              if (!saved.textContent?.trim()) return;
              watch.disconnect();
              resolve(performance.now() - left);
            }).observe(saved, { childList: true, subtree: true, characterData: true });
            /** @type {HTMLElement} */ (input).blur();
          }),
      ),
    );
  }
  return times.sort((one, other) => one - other)[Math.floor(times.length / 2)];
}

/** Writes dossiers into the device's store by the app's own worker, from a page that does not hold the store. @param {Device} device */
async function fillsTheStore(device) {
  const worker = (await readdir(join(web(), 'assets'))).find((name) => /^worker-[^.]+\.js$/.test(name));
  const roll = dice(DOSSIERS);
  const family = ['Nguyễn', 'Trần', 'Lê', 'Phạm', 'Huỳnh', 'Võ', 'Đặng', 'Bùi'];
  const given = ['An', 'Bình', 'Hòa', 'Lan', 'Mai', 'Nam', 'Phúc', 'Quý', 'Thảo', 'Yến'];
  const pick = (/** @type {string[]} */ from) => from[Math.floor(roll() * from.length)];
  const names = Array.from({ length: DOSSIERS }, (_, at) => `${pick(family)} ${pick(given)} ${pick(given)} ${at}`);
  await device.page.goto(`${device.centre.url}/track`);
  await device.page.evaluate(
    async ([file, ...names]) => {
      const core = new Worker(`/assets/${file}`, { type: 'module' });
      let last = 0;
      const call = (/** @type {string} */ op, /** @type {object} */ args) => {
        const id = ++last;
        core.postMessage({ id, op, args });
        return new Promise((/** @type {(ok: any) => void} */ resolve, reject) => {
          const hear = (/** @type {MessageEvent} */ { data }) => {
            if (data.id !== id) return;
            core.removeEventListener('message', hear);
            if (data.fault) reject(new Error(JSON.stringify(data.fault)));
            else resolve(data.ok);
          };
          core.addEventListener('message', hear);
        });
      };
      await call('start', { face: 'citizen', server_url: location.origin, language: 'vi' });
      for (const name of names) {
        const { dossier } = await call('new', { procedure: '2.000635' });
        await call('set', { dossier, edits: [['applicant_name', name], ['person_name', `${name} Bé`], ['applicant_phone', '0912345678']] });
      }
      core.terminate();
    },
    [worker ?? '', ...names],
  );
}

/** The longest frame while the list is scrolled from top to bottom. @param {Device} device */
function longestFrame(device) {
  return device.page.evaluate(
    () =>
      new Promise((/** @type {(ms: number) => void} */ resolve) => {
        let [longest, before, turns] = [0, performance.now(), 0];
        const step = (/** @type {number} */ now) => {
          if (turns > 1) longest = Math.max(longest, now - before);
          before = now;
          turns += 1;
          scrollBy(0, 400);
          if (turns > 240 || scrollY + innerHeight >= document.documentElement.scrollHeight) resolve(longest);
          else requestAnimationFrame(step);
        };
        requestAnimationFrame(step);
      }),
  );
}

/** From a letter in the search field to the list that has its answer. @param {Device} device */
function searchTime(device) {
  return device.page.locator('#mine-search').evaluate(
    (input) =>
      new Promise((/** @type {(ms: number) => void} */ resolve) => {
        const field = /** @type {HTMLInputElement} */ (input);
        const began = performance.now();
        new MutationObserver((_, watch) => {
          if (!/1999/.test(document.querySelector('main')?.textContent ?? '') || document.querySelectorAll('main a.card').length > 20) return;
          watch.disconnect();
          resolve(performance.now() - began);
        }).observe(/** @type {Element} */ (document.querySelector('main')), { childList: true, subtree: true, characterData: true });
        field.value = '1999';
        field.dispatchEvent(new Event('input', { bubbles: true }));
      }),
  );
}

/** Heap and buffers, wasm memory among them, of the page and its workers. @param {Device} device */
async function memory(device) {
  const session = await device.page.context().newCDPSession(device.page);
  /** @type {string[]} */
  const workers = [];
  session.on('Target.attachedToTarget', ({ sessionId }) => workers.push(sessionId));
  await session.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
  const own = /** @type {any} */ (await session.send('Runtime.getHeapUsage'));
  let bytes = own.usedSize + (own.backingStorageSize ?? 0);
  for (const [at, sessionId] of workers.entries()) {
    const told = new Promise((/** @type {(usage: any) => void} */ resolve) => {
      session.on('Target.receivedMessageFromTarget', (heard) => {
        const answer = JSON.parse(heard.message);
        if (heard.sessionId === sessionId && answer.id === at + 1) resolve(answer.result);
      });
    });
    await session.send(/** @type {any} */ ('Target.sendMessageToTarget'), /** @type {any} */ ({
      sessionId,
      message: JSON.stringify({ id: at + 1, method: 'Runtime.getHeapUsage' }),
    }));
    const usage = await told;
    bytes += usage.usedSize + (usage.backingStorageSize ?? 0);
  }
  return bytes / 1_000_000;
}

/** @returns {Promise<Record<Figure, number>>} */
async function measure() {
  const centre = await Centre.open();
  const road = new SlowRoad(centre.port, SPEED);
  await road.open(ROAD_PORT);
  const far = Object.assign(Object.create(Object.getPrototypeOf(centre)), centre, { port: ROAD_PORT });
  const device = await phone(far);
  const first = await firstVisit(device, road);
  const repeat = await started(device, () => device.go('/settings').then(() => device.page.goto(`${far.url}/?again#/`)));
  await road.close();
  await device.close();
  await device.open();
  await slow(device);
  const offline = await started(device, () => device.go('/'));

  const full = await phone(centre);
  await fillsTheStore(full);
  await slow(full);
  await startsAForm(full);
  const field_kept_ms = await fieldKept(full);
  await full.go('/mine');
  await full.page.locator('#mine-search').waitFor({ timeout: FIRST_VISIT_PATIENCE_MS });
  const longest_frame_ms = await longestFrame(full);
  const memory_mb = await memory(full);
  const search_ms = await searchTime(full);
  const starts = {
    repeat_visit_ms: repeat.usable_ms,
    repeat_core_ms: repeat.core_ms,
    offline_start_ms: offline.usable_ms,
    offline_core_ms: offline.core_ms,
  };
  return { ...first, ...starts, field_kept_ms, longest_frame_ms, search_ms, memory_mb };
}

try {
  const figures = await measure();
  const rounded = Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, Math.round(value * 10) / 10]));
  if (process.argv.includes('--json')) console.log(JSON.stringify(rounded));
  else
    for (const [name, goal] of Object.entries(GOALS)) {
      const verdict = rounded[name] <= goal ? '' : '  above the goal';
      console.log(`${name.padEnd(20)} ${String(rounded[name]).padStart(10)}   goal ${goal}${verdict}`);
    }
} finally {
  await endAll();
}
