// @ts-check
/** Where the programs under test are, as whoever runs the stories says. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** @param {string} name */
function needed(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run the stories with \`cargo xtask test\``);
  return value;
}

/** The folder with `tram-server` and `tram`. */
export const binaries = () => needed('TRAM_BINARIES');
/** The folder of the built app. */
export const web = () => needed('TRAM_WEB');
export const chromium = () => process.env.TRAM_CHROMIUM ?? '/usr/bin/chromium';
/** Where pictures of screens go; without it none are kept. */
export const gallery = () => process.env.TRAM_GALLERY;
/** The sources of the app, whose message catalogues say what stands on its buttons. */
export const sources = fileURLToPath(new URL('../../../mobile/web/src/', import.meta.url));

/** @type {(() => Promise<void>)[]} */
const endings = [];

/** Ends everything now, newest first: what is no test has no end of its own. */
export async function endAll() {
  for (const end of endings.splice(0).reverse()) await end();
}

/**
 * Has something ended when the stories of a file, or a measurement, end.
 * @param {() => Promise<void>} end
 */
export function atEnd(end) {
  endings.push(end);
}

/** @param {string} name */
export async function scratch(name) {
  const folder = await mkdtemp(join(tmpdir(), `tram-story-${name}-`));
  atEnd(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}
