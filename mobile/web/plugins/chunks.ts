import type { Plugin, Rolldown } from 'vite';

type Group = { name: string; test: (id: string) => boolean; priority: number };

/** English, which only its readers fetch, and the language packs of faces. */
const english = (id: string) => /\/en\.json$|\/english\.ts$/.test(id);

/** Modules under `src/` that travel together; the first group that takes one has it. */
const TOGETHER: [string, RegExp][] = [
  // What fetches the rest.
  ['begin', /vite\/preload-helper|src\/core\/begin/],
  // What every screen needs.
  [
    'app',
    new RegExp(
      [
        'node_modules/(svelte|esm-env|clsx)/',
        'src/(start\\.ts|text/|core/(?!begin|worker|store|travel|pokes|pkg|module))',
        'src/design/(?!Dialog|Sheet|Tabs|QrCode|Progress|ErrorSummary|FieldShell)',
        'src/shell/(?!pages|Outbox|Settings|Timeline|eventWords|links|standing)',
      ].join('|'),
    ),
  ],
  // A dossier's form and papers, for citizens and postal workers, and the pages that every face has.
  ['dossier', /src\/(form|papers|signature)\/(?!shrink\.worker)|src\/(design|shell)\/|node_modules\/qr\//],
  ['scan', /src\/scan\/(?!read\.worker)/],
  ['citizen', /src\/faces\/citizen\/(face|Home|Search|Guide|Procedure|DossierCard)/],
  ['citizen-dossier', /src\/faces\/citizen\//],
  ['postal', /src\/faces\/postal\/(face|Today|Counter|text|today)/],
  ['postal-visit', /src\/faces\/postal\//],
  ['branch', /src\/faces\/branch\//],
  ['operator', /src\/faces\/operator\//],
  ['track', /src\/faces\/track\//],
];

/** A hundred files of a kilobyte each would cost a slow line a hundred requests. */
export const chunks: Rolldown.CodeSplittingOptions = {
  groups: TOGETHER.map(
    ([name, modules], at): Group => ({ name, priority: TOGETHER.length - at, test: (id) => modules.test(id) && !english(id) }),
  ),
};

/** Has the page fetch the shell beside its beginning, which would ask for it a round trip later. */
export function fetchedAtOnce(): Plugin {
  return {
    name: 'fetched-at-once',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(_, { bundle }) {
        const shell = Object.values(bundle ?? {}).flatMap((file) => (file.type === 'chunk' && file.name === 'app' ? [file] : []));
        const sheets = shell.flatMap((file) => [...(file.viteMetadata?.importedCss ?? [])]);
        const styled = sheets.map((sheet) => ({ tag: 'link', attrs: { rel: 'stylesheet', crossorigin: true, href: `/${sheet}` }, injectTo: 'head' as const }));
        const coded = shell.map((file) => ({
          tag: 'link',
          attrs: { rel: 'modulepreload', crossorigin: true, href: `/${file.fileName}` },
          injectTo: 'head' as const,
        }));
        return [...coded, ...styled];
      },
    },
  };
}
