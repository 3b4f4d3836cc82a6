// @ts-check
/** A story is one test: three minutes at most, never tried twice; where it broke off, every device's screen is kept. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { writeGallery } from './gallery.js';
import { endAll, gallery } from './places.js';
import { devices } from './screen.js';

const LIMIT_MS = 180_000;
const SHOWN_OF_A_SCREEN = 1_500;

after(async () => {
  await endAll();
  const folder = gallery();
  if (folder) await writeGallery(folder);
});

/** @param {string} name */
async function keepScreens(name) {
  const folder = gallery();
  if (!folder) return;
  await mkdir(join(folder, 'broken'), { recursive: true });
  for (const [at, device] of [...devices].entries()) {
    const file = join(folder, 'broken', `${name.replaceAll(/[^a-z0-9]+/gi, '_').slice(0, 60)}.${device.face}${at}`);
    // A device that is switched off has no screen; that is no reason to hide why the story broke off.
    await device.page.screenshot({ path: `${file}.png` }).catch(() => undefined);
    const read = await device.page.locator('body').innerText().catch(() => '');
    const told = [device.page.url(), ...device.stumbles, read].join('\n');
    await writeFile(`${file}.txt`, told);
    // Whoever has only the log of a run sees the screens too.
    process.stderr.write(`--- ${device.face} ${at}: ${told.replaceAll(/\s*\n\s*/g, ' | ').slice(0, SHOWN_OF_A_SCREEN)}\n`);
  }
}

/** @param {string} name the promise @param {() => Promise<void>} tell */
export function story(name, tell) {
  test(name, { timeout: LIMIT_MS }, async () => {
    devices.clear();
    try {
      await tell();
      for (const device of devices) device.wasWell();
    } catch (broken) {
      await keepScreens(name);
      throw broken;
    } finally {
      for (const device of devices) await device.kill();
    }
  });
}
