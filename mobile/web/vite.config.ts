import { statSync } from 'node:fs';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { chunks, fetchedAtOnce } from './plugins/chunks.ts';
import { compressed } from './plugins/compressed.ts';
import { offline } from './plugins/offline.ts';
import manifest from './package.json' with { type: 'json' };

const core = new URL('src/core/pkg/tram_browser_bg.wasm', import.meta.url);

export default defineConfig({
  define: { __VERSION__: JSON.stringify(manifest.version), __CORE_BYTES__: String(statSync(core).size) },
  build: {
    target: 'es2022',
    // Inlined assets would need a laxer content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { preserveEntrySignatures: 'allow-extension', output: { codeSplitting: chunks } },
  },
  worker: { format: 'es' },
  plugins: [svelte(), fetchedAtOnce(), offline(), compressed()],
});
