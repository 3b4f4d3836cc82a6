import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

/** What gains from compression; photographs and archives do not. */
const TEXTUAL = /\.(html|js|css|svg|json|wasm|webmanifest|txt)$/;

const TEXT = { [constants.BROTLI_PARAM_QUALITY]: 11 };
/** Distances written in a way that suits machine code: a quarter of a per cent less. */
const CODE = { ...TEXT, [constants.BROTLI_PARAM_NPOSTFIX]: 1, [constants.BROTLI_PARAM_NDIRECT]: 2 };

function filesUnder(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesUnder(path) : [path];
  });
}

/** Writes a `.br` and a `.gz` sibling of every textual file, so that the server only has to pick one. */
export function compressed(): Plugin {
  let folder = 'dist';
  return {
    name: 'compressed',
    apply: 'build',
    enforce: 'post',
    configResolved(config) {
      folder = config.build.outDir;
    },
    closeBundle: {
      order: 'post',
      sequential: true,
      handler() {
        for (const path of filesUnder(folder)) {
          if (!TEXTUAL.test(path)) continue;
          const bytes = readFileSync(path);
          writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
          writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params: path.endsWith('.wasm') ? CODE : TEXT }));
        }
      },
    },
  };
}
