// @ts-check
/** Another build of the app: the one under test, with files of it changed. */
import { cp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { scratch } from './places.js';

/**
 * Copies a build and changes the files whose path matches; answers the new folder.
 * @param {string} built
 * @param {[wanted: RegExp, change: (text: string) => string][]} changes
 */
export async function anotherBuild(built, changes) {
  const folder = await scratch('build');
  await cp(built, folder, { recursive: true });
  const names = await readdir(folder, { recursive: true });
  for (const [wanted, change] of changes) {
    const found = names.filter((name) => wanted.test(name));
    if (found.length === 0) throw new Error(`the build has no file like ${wanted}`);
    for (const name of found) {
      const before = await readFile(join(folder, name), 'utf8');
      const after = change(before);
      if (after === before) throw new Error(`${name} was not changed`);
      await writeFile(join(folder, name), after);
      // Compressed twins would still be the other build.
      for (const twin of names) if (twin.startsWith(`${name}.`)) await rm(join(folder, twin));
    }
  }
  return folder;
}
