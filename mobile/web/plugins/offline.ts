import { createHash } from 'node:crypto';
import { build, type Plugin, type Rolldown } from 'vite';

const FACES = ['citizen', 'postal', 'branch', 'operator', 'track'];
const PAGE = ['/index.html'];
/** Public tracking keeps nothing, so it has no core; only staff read codes, and who scans an invitation has a network. */
const NOT_FOR: Record<string, RegExp> = {
  track: /^assets\/(tram_browser_bg|worker|scan|Scanner|read\.worker)-/,
  citizen: /^assets\/(scan|Scanner|read\.worker)-/,
};

type Bundle = Rolldown.OutputBundle;

const ENGLISH = /^\/assets\/(en|english)-/;

/** What the files of a face lead to: whatever a script or a sheet names, except through the page's own beginning. */
function ledTo(bundle: Bundle, from: string[], never: Set<string>): string[] {
  const names = Object.keys(bundle).filter((name) => name.startsWith('assets/'));
  const found = new Set<string>();
  const left = [...from];
  for (let name = left.pop(); name; name = left.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    const file = bundle[name];
    if (file?.type === 'chunk') left.push(...(file.viteMetadata?.importedCss ?? []));
    const text = !file ? '' : file.type === 'chunk' ? file.code : /\.(js|css)$/.test(name) ? String(file.source) : '';
    for (const other of names) if (!never.has(other) && text.includes(other.slice('assets/'.length))) left.push(other);
  }
  return [...found].sort();
}

/** The chunks that hold modules of a place in the sources, or stand for one. */
function chunksOf(bundle: Bundle, place: string): string[] {
  const own = Object.values(bundle).flatMap((file) => (file.type === 'chunk' ? [file] : []));
  const from = (file: Rolldown.OutputChunk) => [...file.moduleIds, file.facadeModuleId ?? ''];
  return own.filter((file) => from(file).some((id) => id.includes(place))).map((file) => file.fileName);
}

/** Writes `sw.js`: the service worker with the list of what each face needs to work with no network. */
export function offline(): Plugin {
  let root = '.';
  return {
    name: 'offline',
    apply: 'build',
    enforce: 'post',
    configResolved(config) {
      root = config.root;
    },
    generateBundle: {
      order: 'post',
      async handler(_, bundle) {
        const entries = Object.values(bundle).flatMap((file) => (file.type === 'chunk' && file.isEntry ? [file] : []));
        const boot = entries.flatMap((file) => [file.fileName, ...(file.viteMetadata?.importedCss ?? [])]);
        const faces: Record<string, string[]> = {};
        for (const face of FACES) {
          const others = FACES.filter((other) => other !== face).flatMap((other) => chunksOf(bundle, `/src/faces/${other}/`));
          const own = [...chunksOf(bundle, '/src/start.ts'), ...chunksOf(bundle, `/src/faces/${face}/`)];
          const files = [...boot, ...ledTo(bundle, own, new Set([...boot, ...others]))];
          faces[face] = files.filter((name) => !NOT_FOR[face]?.test(name)).map((name) => `/${name}`);
        }
        const page = bundle['index.html'];
        const version = createHash('sha256').update(JSON.stringify(faces));
        if (page?.type === 'asset') version.update(page.source);
        const only = (fits: (name: string) => boolean) =>
          Object.fromEntries(Object.entries(faces).map(([face, files]) => [face, files.filter(fits)]));
        const spoken = { faces: only((name) => !ENGLISH.test(name)), english: only((name) => ENGLISH.test(name)) };
        const list = { version: version.digest('hex').slice(0, 16), page: PAGE, ...spoken };
        const built = await build({
          root,
          configFile: false,
          logLevel: 'error',
          publicDir: false,
          define: { __FILES__: JSON.stringify(list) },
          build: {
            write: false,
            target: 'es2022',
            lib: { entry: 'src/offline/service.ts', formats: ['iife'], name: 'service', fileName: () => 'sw.js' },
          },
        });
        const [{ output }] = built as [Rolldown.RolldownOutput];
        this.emitFile({ type: 'asset', fileName: 'sw.js', source: output[0].code });
      },
    },
  };
}
