// @ts-check
/**
 * A long list: only what is on screen is drawn, every dossier is reached all the same, searching finds it while it is
 * typed, and whoever opens one comes back to where they were.
 */
import assert from 'node:assert/strict';
import { nothingInTheWay } from '../harness/axe.js';
import { cutsTheRoad, fillsTheStore, settles } from '../harness/full_store.js';
import { desk } from '../harness/desk.js';
import { OFFICER, POSTAL } from '../harness/people.js';
import { phone } from '../harness/phone.js';
import { Centre } from '../harness/server.js';
import { story } from '../harness/story.js';

const DOSSIERS = 120;
/** More rows than any screen here shows, with what is drawn beyond it. */
const DRAWN_MOST = 40;

/** @typedef {import('../harness/screen.js').Device} Device */

/** @param {Device} device @param {string} row */
async function places(device, row) {
  const told = await device.page.locator(row).evaluateAll((rows) => rows.map((one) => [one.getAttribute('aria-posinset'), one.getAttribute('aria-setsize')]));
  return told.map(([place, size]) => ({ place: Number(place), size: Number(size) }));
}

/** @param {Device} device @param {string} row */
async function drawsAFew(device, row) {
  const drawn = await places(device, row);
  assert.ok(drawn.length > 2 && drawn.length < DRAWN_MOST, `${drawn.length} rows are drawn`);
  assert.ok(drawn.every(({ size }) => size === DOSSIERS));
}

/** Scrolls with the page until the last row is there. @param {Device} device @param {string} row */
async function scrollsThrough(device, row) {
  for (let last = 1; last < DOSSIERS; ) {
    await device.page.locator(`${row}[aria-posinset="${last}"] a`).scrollIntoViewIfNeeded();
    await device.page.locator(`${row}[aria-posinset="${last + 1}"] a`).waitFor();
    last = Math.max(...(await places(device, row)).map(({ place }) => place));
  }
}

/** Waits until nothing moves the page any more. @param {Device} device */
async function stands(device) {
  await device.page.evaluate(async () => {
    for (let still = 0, last = -1; still < 10; still = scrollY === last ? still + 1 : 0) {
      last = scrollY;
      await new Promise(requestAnimationFrame);
    }
  });
}

/** Types letter by letter; the list is what the last letter asks for. @param {Device} device @param {string} field @param {string} link @param {string} text */
async function finds(device, field, link, text) {
  await device.page.locator(field).pressSequentially(text);
  await device.page.locator(link).filter({ hasText: text }).first().waitFor();
  await device.page.waitForFunction(
    ([link, text]) => [...document.querySelectorAll(link)].every((one) => one.textContent?.includes(text)),
    [link, text],
  );
}

story('a citizen scrolls, searches, opens a dossier and comes back to the place', async () => {
  const an = await phone(await Centre.open());
  await cutsTheRoad(an);
  await fillsTheStore(an, { dossiers: DOSSIERS });
  await settles(an);
  await an.go('/mine');
  const row = '[role=listitem]';
  await an.page.locator(`${row} a`).first().waitFor();
  await nothingInTheWay(an.page, 'citizen mine many');
  await drawsAFew(an, row);
  await scrollsThrough(an, row);
  await drawsAFew(an, row);

  await an.page.locator(`${row}[aria-posinset="${DOSSIERS - 3}"]`).scrollIntoViewIfNeeded();
  const chosen = an.page.locator(`${row}[aria-posinset="${DOSSIERS - 3}"] a`);
  await chosen.hover();
  await stands(an);
  const before = await an.page.evaluate(() => scrollY);
  const opened = await chosen.innerText();
  await chosen.click();
  await an.arrives(/^\/d\//);
  await an.page.goBack();
  await chosen.waitFor();
  await an.page.waitForFunction((before) => Math.abs(scrollY - before) < 40, before);
  assert.equal(await chosen.innerText(), opened);

  await an.page.evaluate(() => scrollTo(0, 0));
  await finds(an, '#mine-search', 'main a.card', 'N7');
  await an.page.locator('main a.card').first().click();
  await an.arrives(/^\/d\//);
  await an.page.goBack();
  await an.page.locator('#mine-search').waitFor();
  assert.equal(await an.page.locator('#mine-search').inputValue(), 'N7');
});

story('the focus stays on a dossier that is scrolled away', async () => {
  const an = await phone(await Centre.open());
  await cutsTheRoad(an);
  await fillsTheStore(an, { dossiers: DOSSIERS });
  await settles(an);
  await an.go('/mine');
  const link = an.page.locator('[role=listitem] a').nth(1);
  await link.focus();
  const name = await link.innerText();
  await an.page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight / 2));
  await an.page.locator('[role=listitem][aria-posinset="60"]').waitFor();
  assert.equal(await an.page.evaluate(() => /** @type {HTMLElement} */ (document.activeElement).innerText), name);
});

story('a postal worker scrolls through the stops and searches them', async () => {
  const centre = await Centre.open();
  const postal = await phone(centre, { face: 'postal' });
  await postal.go(`/enrol/${await centre.invite('postal', POSTAL)}`);
  await postal.reads(POSTAL);
  await cutsTheRoad(postal);
  await fillsTheStore(postal, { dossiers: DOSSIERS });
  await settles(postal);
  const row = '[role=listitem]';
  await postal.page.locator(`${row} a`).first().waitFor();
  await nothingInTheWay(postal.page, 'postal today many');
  await drawsAFew(postal, row);
  await scrollsThrough(postal, row);
  await postal.page.evaluate(() => scrollTo(0, 0));
  await finds(postal, '#today-search', 'main a[href^="#/v/"]', 'N7');
  await postal.page.locator('#today-search').fill('');
  await postal.page.locator(`${row}[aria-posinset="3"][aria-setsize="${DOSSIERS}"] a`).waitFor();
});

story('an officer goes through the queue by keys and comes back to the row', async () => {
  const centre = await Centre.open();
  const officer = await desk(centre);
  await officer.go(`/enrol/${await centre.invite('officer', OFFICER)}`);
  await officer.reads(OFFICER);
  await cutsTheRoad(officer);
  await fillsTheStore(officer, { dossiers: DOSSIERS, submitted: true });
  await settles(officer);
  const row = '[role=option]';
  const list = officer.page.getByRole('listbox');
  await officer.page.locator(row).first().waitFor();
  await officer.shows('queue', 'many');
  await drawsAFew(officer, row);
  await list.focus();
  const cursor = () => officer.page.evaluate(() => {
    const named = document.querySelector('[role=listbox]')?.getAttribute('aria-activedescendant');
    return Number(named && document.getElementById(named)?.getAttribute('aria-posinset'));
  });
  const isAt = (/** @type {number} */ place) =>
    officer.page.waitForFunction(
      (place) => {
        const named = document.querySelector('[role=listbox]')?.getAttribute('aria-activedescendant');
        const row = named && document.getElementById(named);
        return row && row.getAttribute('aria-posinset') === String(place) && row.textContent?.trim();
      },
      place,
    );
  await officer.page.keyboard.press('End');
  await isAt(DOSSIERS);
  await officer.page.keyboard.press('Home');
  await isAt(1);
  for (let times = 0; times < 12; times += 1) await officer.page.keyboard.press('j');
  await isAt(13);
  await officer.page.keyboard.press('Enter');
  await officer.arrives(/^\/d\//);
  await officer.page.locator('.dossier h1').waitFor();
  await officer.page.keyboard.press('Escape');
  await officer.arrives(/^\/$/);
  assert.equal(await cursor(), 13);
  await finds(officer, '#queue-search', row, 'N7');
});
