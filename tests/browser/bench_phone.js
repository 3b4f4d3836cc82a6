// @ts-check
/**
 * The apps on a cheap phone with a poor network, measured against their goals: `node bench_phone.js [visits|lists] [--json]`.
 *
 * The page's own thread is slowed four times by the browser; its workers run at this machine's speed. The network is a
 * road between browser and server that every byte passes.
 */
import { desk } from './harness/desk.js';
import { controlOf } from './harness/form.js';
import { startsAForm } from './harness/dossier.js';
import { cutsTheRoad, fillsTheStore, settles } from './harness/full_store.js';
import { OFFICER, POSTAL } from './harness/people.js';
import { endAll } from './harness/places.js';
import { phone } from './harness/phone.js';
import { Centre } from './harness/server.js';
import { SlowRoad } from './harness/slow_road.js';

const SPEED = { bits_per_s: 400_000, round_trip_ms: 300 };
const SLOWDOWN = 4;
const DOSSIERS = 2_000;
const FIELDS_LEFT = 21;
const FIRST_VISIT_PATIENCE_MS = 240_000;
const ROAD_PORT = 8749;
/** No fling on Android is faster than 8,000 px a second, and none is as fast for longer. */
const PX_PER_MS = 8;
const FLING_MS = 1_000;

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
  undrawn_percent: 10,
  search_ms: 80,
  memory_mb: 150,
  postal_frame_ms: 50,
  postal_undrawn_percent: 10,
  postal_search_ms: 80,
  queue_frame_ms: 50,
  queue_undrawn_percent: 10,
  queue_search_ms: 80,
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

/** A member of staff on a device with a full store. @param {Device} device @param {string} invitation @param {string} name @param {boolean} submitted */
async function joins(device, invitation, name, submitted) {
  await device.go(`/enrol/${invitation}`);
  await device.reads(name);
  await cutsTheRoad(device);
  await fillsTheStore(device, { dossiers: DOSSIERS, submitted });
  device.page.setDefaultTimeout(FIRST_VISIT_PATIENCE_MS);
  await settles(device);
}

/**
 * The longest frame while a list is scrolled, by itself or with the page, three times as fast as a finger can; and how much
 * of the screen, in per cent, held no row in the middle of a fling as fast as a finger can. Measured when what opening the
 * page draws is drawn.
 * @param {Device} device @param {string} [box]
 */
async function scrolling(device, box = 'html') {
  await device.page.evaluate(async () => {
    for (let still = 0, last = 0; still < 10; ) {
      await new Promise(requestAnimationFrame);
      const rows = document.querySelectorAll('[data-at]').length;
      still = rows === last ? still + 1 : 0;
      last = rows;
    }
  });
  const frame_ms = await device.page.evaluate(
    (box) =>
      new Promise((/** @type {(ms: number) => void} */ resolve) => {
        const scrolled = /** @type {Element} */ (document.querySelector(box));
        let [longest, before, turns] = [0, performance.now(), 0];
        const step = (/** @type {number} */ now) => {
          if (turns > 1) longest = Math.max(longest, now - before);
          before = now;
          turns += 1;
          scrolled.scrollBy(0, 400);
          if (turns > 240 || scrolled.scrollTop + scrolled.clientHeight >= scrolled.scrollHeight) resolve(longest);
          else requestAnimationFrame(step);
        };
        requestAnimationFrame(step);
      }),
    box,
  );
  const undrawn = await device.page.evaluate(
    ({ box, PX_PER_MS, FLING_MS }) =>
      new Promise((/** @type {(percent: number) => void} */ resolve) => {
        const scrolled = /** @type {Element} */ (document.querySelector(box));
        const list = /** @type {Element} */ (document.querySelector('.long'));
        let [before, drawn, screens] = [performance.now(), 0, 0];
        const until = before + FLING_MS;
        const step = (/** @type {number} */ now) => {
          const seen = scrolled === document.documentElement ? { top: 0, bottom: innerHeight } : scrolled.getBoundingClientRect();
          const within = (/** @type {Element} */ one) => {
            const { top, bottom } = one.getBoundingClientRect();
            return Math.max(0, Math.min(bottom, seen.bottom) - Math.max(top, seen.top));
          };
          drawn += [...list.querySelectorAll('[data-at]:not(:has(.coming))')].reduce((sum, row) => sum + within(row), 0);
          screens += within(list);
          scrolled.scrollBy(0, -PX_PER_MS * (now - before));
          before = now;
          if (now < until) requestAnimationFrame(step);
          else resolve(100 * (1 - drawn / screens));
        };
        requestAnimationFrame(step);
      }),
    { box, PX_PER_MS, FLING_MS },
  );
  return { frame_ms, undrawn };
}

/** From a letter in the search field to the list that has its answer: the median of several. @param {Device} device @param {string} field @param {string} row */
async function searchTime(device, field, row) {
  const times = [];
  for (const wanted of ['N1999', 'N1234', 'N777', 'N1001', 'N42']) {
    await device.page.locator(field).fill('');
    // More than what the last search found: the whole list is back.
    await device.page.locator(row).nth(1).waitFor();
    times.push(
      await device.page.locator(field).evaluate(
        (input, { wanted, row }) =>
          new Promise((/** @type {(ms: number) => void} */ resolve) => {
            const field = /** @type {HTMLInputElement} */ (input);
            const began = performance.now();
            const answered = () => {
              const rows = [...document.querySelectorAll(row)];
              return rows.length > 0 && rows.every((one) => one.textContent?.includes(wanted));
            };
            new MutationObserver((_, watch) => {
              if (!answered()) return;
              watch.disconnect();
              resolve(performance.now() - began);
            }).observe(/** @type {Element} */ (document.querySelector('main')), { childList: true, subtree: true, characterData: true });
            field.value = wanted;
            field.dispatchEvent(new Event('input', { bubbles: true }));
          }),
        { wanted, row },
      ),
    );
  }
  return times.sort((one, other) => one - other)[Math.floor(times.length / 2)];
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

/** @typedef {Partial<Record<Figure, number>>} Figures */

/** From nothing to an app that starts by itself. @returns {Promise<Figures>} */
async function visits() {
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
  await device.close();
  const starts = {
    repeat_visit_ms: repeat.usable_ms,
    repeat_core_ms: repeat.core_ms,
    offline_start_ms: offline.usable_ms,
    offline_core_ms: offline.core_ms,
  };
  return { ...first, ...starts };
}

/** Each face with as many dossiers as a busy branch has. @returns {Promise<Figures>} */
async function lists() {
  const centre = await Centre.open();
  const full = await phone(centre);
  await cutsTheRoad(full);
  await fillsTheStore(full, { dossiers: DOSSIERS });
  full.page.setDefaultTimeout(FIRST_VISIT_PATIENCE_MS);
  await settles(full);
  await slow(full);
  await startsAForm(full);
  const field_kept_ms = await fieldKept(full);
  await full.go('/mine');
  await full.page.locator('#mine-search').waitFor();
  const mine = await scrolling(full);
  const memory_mb = await memory(full);
  const search_ms = await searchTime(full, '#mine-search', 'main a.card');
  await full.close();

  const postal = await phone(centre, { face: 'postal' });
  await joins(postal, await centre.invite('postal', POSTAL), POSTAL, false);
  await postal.page.locator('a[href^="#/v/"]').first().waitFor();
  await slow(postal);
  const today = await scrolling(postal);
  const postal_search_ms = await searchTime(postal, '#today-search', 'main a[href^="#/v/"]');
  await postal.close();

  const branch = await desk(centre);
  await joins(branch, await centre.invite('officer', OFFICER), OFFICER, true);
  await branch.page.locator('[role=option]').first().waitFor();
  await slow(branch);
  const queue = await scrolling(branch, '[role=listbox]');
  const queue_search_ms = await searchTime(branch, '#queue-search', '[role=option]');
  await branch.close();
  const scrolled = {
    longest_frame_ms: mine.frame_ms,
    undrawn_percent: mine.undrawn,
    postal_frame_ms: today.frame_ms,
    postal_undrawn_percent: today.undrawn,
    queue_frame_ms: queue.frame_ms,
    queue_undrawn_percent: queue.undrawn,
  };
  return { field_kept_ms, ...scrolled, search_ms, memory_mb, postal_search_ms, queue_search_ms };
}

/** @type {Record<string, () => Promise<Figures>>} */
const PARTS = { visits, lists };

try {
  const wanted = Object.keys(PARTS).filter((part) => process.argv.includes(part));
  /** @type {Figures} */
  const figures = {};
  for (const part of wanted.length > 0 ? wanted : Object.keys(PARTS)) Object.assign(figures, await PARTS[part]());
  const rounded = Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, Math.round(value * 10) / 10]));
  if (process.argv.includes('--json')) console.log(JSON.stringify(rounded));
  else
    for (const [name, goal] of Object.entries(GOALS)) {
      if (!(name in rounded)) continue;
      const verdict = rounded[name] <= goal ? '' : '  above the goal';
      console.log(`${name.padEnd(22)} ${String(rounded[name]).padStart(10)}   goal ${goal}${verdict}`);
    }
} finally {
  await endAll();
}
