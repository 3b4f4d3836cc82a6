// @ts-check
/**
 * What the app called kept is kept: at fifty moments the phone dies in the middle of further work, and everything that
 * stood beside "Đã lưu" is there when it is switched on again. A page reloaded between any two steps loses nothing
 * either.
 */
import assert from 'node:assert/strict';
import { startsAForm } from '../harness/dossier.js';
import { answer, enter, held, isAsked } from '../harness/form.js';
import { BIRTH } from '../harness/people.js';
import { phone } from '../harness/phone.js';
import { dice } from '../harness/pictures.js';
import { Centre } from '../harness/server.js';
import { story } from '../harness/story.js';

const MOMENTS = 50;
/** So many in one test that it ends within a minute on a slow machine. */
const A_TEST = 10;
const SEED = 25_747;
/** How long after the field is kept the battery may fall out. */
const LATEST_MS = 250;
const FIELDS = ['applicant_name', 'applicant_address'];
const FURTHER = ['applicant_phone', 'applicant_id'];

/** @typedef {import('../harness/screen.js').Device} Device */

/** @param {Device} device */
async function installsAndStarts(device) {
  await device.go('/');
  await device.worksWithoutNetwork();
  // It was installed some day before.
  await device.close();
  await device.open();
  await startsAForm(device);
}

/**
 * Goes on working until the browser is gone: fields are typed into and left, and nobody looks whether they are kept.
 * @param {Device} device @param {() => number} roll @param {Map<string, string[]>} tried
 */
async function worksOn(device, roll, tried) {
  for (let round = 0; ; round += 1) {
    for (const path of FURTHER) {
      const digits = String(Math.floor(roll() * 1e8)).padStart(8, '0');
      const value = path === 'applicant_id' ? `0740${digits}` : `09${digits}`;
      tried.set(path, [...(tried.get(path) ?? []), value]);
      await enter(device, path, value);
    }
  }
}

/** A moment is random by its nature; nothing is waited for here. @param {number} after_ms */
function moment(after_ms) {
  return new Promise((resolve) => setTimeout(resolve, after_ms));
}

/** Every field as a device that was just switched on has it. @param {Device} device @param {Map<string, string[]>} allowed */
async function nothingIsLost(device, allowed) {
  await device.page.locator('.field').first().waitFor();
  for (const [path, values] of allowed) {
    const now = (await held(device, path)).replaceAll(' ', '');
    const may = values.map((value) => value.replaceAll(' ', ''));
    assert.ok(may.includes(now), `${path} is "${now}", but was kept as one of ${JSON.stringify(may)}`);
  }
}

for (let first = 1; first <= MOMENTS; first += A_TEST) {
  story(`a phone killed at moments ${first} to ${first + A_TEST - 1} of ${MOMENTS} loses no kept field`, async () => {
    const centre = await Centre.open();
    const device = await phone(centre);
    await installsAndStarts(device);
    await centre.stop();
    const roll = dice(SEED + first);
    /** What each field may hold: as kept, or as typed later. @type {Map<string, string[]>} */
    const allowed = new Map();
    for (let turn = first; turn < first + A_TEST; turn += 1) {
      const path = FIELDS[Math.floor(roll() * FIELDS.length)];
      const value = `Nguyễn Thị Ẫm ${turn}`;
      await answer(device, path, value);
      allowed.set(path, [value]);
      /** @type {Map<string, string[]>} */
      const tried = new Map();
      const work = worksOn(device, roll, tried).catch(() => undefined);
      await moment(roll() * LATEST_MS);
      await device.diesAndReturns();
      await work;
      for (const [later, values] of tried) allowed.set(later, [...(allowed.get(later) ?? ['']), ...values]);
      await nothingIsLost(device, allowed);
      for (const later of tried.keys()) allowed.set(later, [await held(device, later)]);
    }
  });
}

story('a page reloaded between any two steps loses nothing', async () => {
  const centre = await Centre.open();
  const device = await phone(centre);
  await installsAndStarts(device);
  await centre.stop();
  const left = [...BIRTH.answers];
  /** @type {Map<string, string[]>} */
  let page = new Map();
  while (/\/form\//.test(device.where)) {
    const where = device.where;
    await device.page.locator('.field').first().waitFor();
    while (left.length > 0 && (await isAsked(device, left[0][0]))) {
      const [path, value] = left.shift() ?? ['', ''];
      await answer(device, path, value);
      const box = device.page.locator(`[id="f-${path}"]:not([type=radio])`);
      if ((await box.count()) > 0) page.set(path, [await held(device, path)]);
      await device.page.reload();
      await nothingIsLost(device, page);
    }
    page = new Map();
    await device.press('step.next');
    await device.page.waitForURL((url) => !url.hash.includes(where));
    await device.page.reload();
  }
  assert.deepEqual(left, [], 'all answers were asked for');
  for (const [title, next] of [['step.papers', 'step.next'], ['step.check', 'check.right'], ['step.sign', 'sign.skip'], ['step.send', 'send.submit']]) {
    await device.isOn(title);
    await device.page.reload();
    await device.isOn(title);
    await device.press(next);
  }
  await device.isOn('receipt.kept');
  await device.page.reload();
  await device.isOn('receipt.kept');
  await centre.start();
  await device.hasSentAll();
  await device.page.reload();
  await device.isOn('receipt.received');
});
