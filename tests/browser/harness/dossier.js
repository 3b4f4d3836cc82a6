// @ts-check
/** What people do with a dossier on their phone, whatever the story is. */
import { BIRTH } from './people.js';
import { file, paper } from './pictures.js';

/** @typedef {import('./screen.js').Device} Device */

/** Begins the form of a birth registration; answers which dossier it is. @param {Device} device */
export async function startsAForm(device) {
  await device.go(`/guide/${BIRTH.code}`);
  await device.page.locator('.button.primary').first().click();
  await device.arrives(/\/form\//);
  await device.page.locator('.field').first().waitFor();
  return device.where.split('/')[2];
}

/** Picks a file where a paper's pages are. @param {Device} device @param {ReturnType<typeof file>} given */
export async function picks(device, given) {
  await device.page.locator('input[type=file]').setInputFiles(given);
}

/** Keeps the page that is being looked at, whatever the hints say. @param {Device} device */
export async function usesIt(device) {
  const use = new RegExp(`^(${device.words('papers.use')}|${device.words('papers.use_anyway')})$`);
  await device.page.getByRole('button', { name: use }).click();
}

/** Adds a page to the paper on screen. @param {Device} device @param {number} seed no two look alike */
export async function photographs(device, seed) {
  const before = await device.page.locator('main ol img').count();
  await picks(device, file(`IMG_${seed}.png`, 'image/png', paper(seed)));
  await usesIt(device);
  await device.page.locator('main ol img').nth(before).waitFor();
}
