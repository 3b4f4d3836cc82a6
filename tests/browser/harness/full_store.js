// @ts-check
/** A device whose store holds many dossiers. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { dice } from './pictures.js';
import { web } from './places.js';

const FAMILY = ['Nguyễn', 'Trần', 'Lê', 'Phạm', 'Huỳnh', 'Võ', 'Đặng', 'Bùi'];
const GIVEN = ['An', 'Bình', 'Hòa', 'Lan', 'Mai', 'Nam', 'Phúc', 'Quý', 'Thảo', 'Yến'];

/** There is no road to the Centre from now on: what the store holds stays there. @param {import('./screen.js').Device} device */
export async function cutsTheRoad(device) {
  await device.page.route(/\/v1\//, (request) => request.abort());
}

/** Opens the app on its store; what was typed is sealed for its journey by the first try to send it. @param {import('./screen.js').Device} device */
export async function settles(device) {
  await device.go('/');
  await device.bar('sync.offline');
}

/**
 * Writes dossiers into the device's store by the app's own worker, from a page that does not hold the store. The person
 * that each is about ends in `N` and its number.
 * @param {import('./screen.js').Device} device
 * @param {{ dossiers: number, submitted?: boolean }} wanted
 */
export async function fillsTheStore(device, { dossiers, submitted = false }) {
  const file = (await readdir(join(web(), 'assets'))).find((name) => /^worker-[^.]+\.js$/.test(name));
  const roll = dice(dossiers);
  const pick = (/** @type {string[]} */ from) => from[Math.floor(roll() * from.length)];
  const names = Array.from({ length: dossiers }, (_, at) => `${pick(FAMILY)} ${pick(GIVEN)} ${pick(GIVEN)} N${at}`);
  await device.page.goto(`${device.centre.url}/track`);
  await device.page.evaluate(
    async ({ file, names, face, submitted }) => {
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
      await call('start', { face, server_url: location.origin, language: 'vi' });
      for (const name of names) {
        const { dossier } = await call('new', { procedure: '2.000635' });
        await call('set', { dossier, edits: [['applicant_name', name], ['person_name', name], ['applicant_phone', '0912345678']] });
        if (submitted) await call('submit', { dossier, channel: 1 });
      }
      core.terminate();
    },
    { file: file ?? '', names, face: device.face, submitted },
  );
}
