// @ts-check
/** Pictures of the screens that the stories pass, and one page that shows them. */
import { existsSync } from 'node:fs';
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gallery } from './places.js';

const LIST = 'screens.jsonl';
const PAGE = 'gallery.html';

/** @typedef {{ name: string, face: string, state: string, language: string, theme: string, width: number, file: string }} Screen */

/**
 * Keeps a picture, if somebody wants a gallery.
 * @param {import('playwright-core').Page} page
 * @param {Omit<Screen, 'file'>} screen
 */
export async function keepScreen(page, screen) {
  const folder = gallery();
  if (!folder) return;
  await mkdir(folder, { recursive: true });
  const file = `${[screen.face, screen.name, screen.state, screen.language, screen.theme].filter(Boolean).join('.')}.jpg`;
  await page.screenshot({ path: join(folder, file), type: 'jpeg', quality: 82, fullPage: true, animations: 'disabled' });
  await appendFile(join(folder, LIST), `${JSON.stringify({ ...screen, file })}\n`);
}

/** @param {string} folder @returns {Promise<Screen[]>} */
async function kept(folder) {
  const list = join(folder, LIST);
  if (!existsSync(list)) return [];
  const lines = (await readFile(list, 'utf8')).split('\n').filter(Boolean);
  // A screen pictured twice is shown as it was last.
  const newest = new Map(lines.map((line) => [JSON.parse(line).file, JSON.parse(line)]));
  return [...newest.values()];
}

/** @param {string} text */
function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

/** @type {(keyof Screen)[]} */
const FILTERS = ['face', 'language', 'theme', 'width', 'state'];
const TITLES = { face: 'Face', language: 'Language', theme: 'Look', width: 'Width', state: 'State' };

/** @param {Screen[]} screens */
function filters(screens) {
  return FILTERS.map((filter) => {
    const values = [...new Set(screens.map((screen) => String(screen[filter])))].filter(Boolean).sort();
    const options = values.map((value) => `<option>${escaped(value)}</option>`).join('');
    const title = TITLES[/** @type {keyof TITLES} */ (filter)];
    return `<label>${title} <select data-filter="${filter}"><option value="">all</option>${options}</select></label>`;
  }).join('\n');
}

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;margin:1rem;background:#f2f4f4;color:#10201f}
form{display:flex;flex-wrap:wrap;gap:1rem;position:sticky;top:0;padding:.75rem 0;background:#f2f4f4}
select{font:inherit;margin-inline-start:.3rem}main{display:flex;flex-wrap:wrap;gap:1rem;align-items:flex-start}
figure{margin:0;padding:.5rem;background:#fff;border:1px solid #9aa8a6}figure[hidden]{display:none}
img{display:block;max-width:100%;height:auto}figcaption{padding-block-end:.4rem;font-size:.85rem}`;
const SCRIPT = `const form=document.querySelector('form');const shown=document.querySelector('output');
function show(){let count=0;for(const figure of document.querySelectorAll('figure')){
figure.hidden=[...form.querySelectorAll('select')].some((one)=>one.value&&figure.dataset[one.dataset.filter]!==one.value);
count+=figure.hidden?0:1}shown.textContent=count+' screens'}
form.addEventListener('change',show);show();`;

/** Writes one page, with nothing outside it, of all screens in a folder. @param {string} folder */
export async function writeGallery(folder) {
  await mkdir(folder, { recursive: true });
  const screens = (await kept(folder)).sort((one, other) => one.file.localeCompare(other.file));
  const figures = await Promise.all(
    screens.map(async (screen) => {
      const picture = (await readFile(join(folder, screen.file))).toString('base64');
      const data = FILTERS.map((filter) => `data-${filter}="${escaped(String(screen[filter]))}"`).join(' ');
      const words = escaped([screen.name, screen.state, screen.face, screen.language, screen.theme].filter(Boolean).join(' · '));
      return `<figure ${data}><figcaption>${words}</figcaption><img loading="lazy" width="${screen.width}" alt="${words}" src="data:image/jpeg;base64,${picture}"></figure>`;
    }),
  );
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Screens</title>
<style>${STYLE}</style><h1>Screens</h1><form>${filters(screens)}<output></output></form><main>${figures.join('\n')}</main><script>${SCRIPT}</script></html>`;
  await writeFile(join(folder, PAGE), html);
  return { page: join(folder, PAGE), screens: screens.length };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const folder = gallery();
  if (!folder) throw new Error('TRAM_GALLERY is not set');
  const { page, screens } = await writeGallery(folder);
  console.log(`${screens} screens: ${page}`);
}
