// @ts-check
/** What stands in the way of people who do not see, hear or point: axe must find nothing, on every screen. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * @param {import('playwright-core').Page} page
 * @param {string} name of the screen, for the report
 */
export async function nothingInTheWay(page, name) {
  await page.evaluate(source);
  const found = await page.evaluate(async () => {
    const axe = /** @type {typeof import('axe-core')} */ (/** @type {any} */ (globalThis).axe);
    const { violations } = await axe.run(document, { resultTypes: ['violations'] });
    return violations.flatMap((rule) =>
      rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 160)} (${node.failureSummary?.split('\n')[1]?.trim()})`),
    );
  });
  assert.deepEqual(found, [], `axe on the screen "${name}"`);
}
