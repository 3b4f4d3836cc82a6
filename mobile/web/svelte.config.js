import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

/** Styles are files of their own: the content security policy allows no inline ones. */
export default {
  preprocess: vitePreprocess(),
  compilerOptions: { css: 'external', runes: true },
};
