// @ts-check
/** A first visit on a slow line: one looks for a procedure and reads its guide while the core is still on its way. */
import assert from 'node:assert/strict';
import { BIRTH } from '../harness/people.js';
import { phone } from '../harness/phone.js';
import { Centre } from '../harness/server.js';
import { SlowRoad } from '../harness/slow_road.js';
import { story } from '../harness/story.js';

const SPEED = { bits_per_s: 1_600_000, round_trip_ms: 100 };
const ROAD_PORT = 8751;

/** Whether the whole core is on the device. @param {import('../harness/screen.js').Device} device */
function hasTheCore(device) {
  return device.page.evaluate(async () => {
    const kept = await (await caches.open('tram-assets')).keys();
    return kept.some((one) => one.url.endsWith('.wasm'));
  });
}

for (const language of /** @type {const} */ (['vi', 'en'])) {
  story(`the guide is there before the core, and then the form (${language})`, async () => {
    const centre = await Centre.open();
    const road = new SlowRoad(centre.port, SPEED);
    await road.open(ROAD_PORT);
    const far = Object.assign(Object.create(Object.getPrototypeOf(centre)), centre, { port: ROAD_PORT });
    const an = await phone(far, { language });
    const asked = new Set();
    an.page.on('request', (request) => asked.add(new URL(request.url()).pathname));
    an.page.on('console', (message) => /Content.Security.Policy/i.test(message.text()) && an.stumbles.push(message.text()));

    await an.go('/');
    await an.isOn('home.heading');
    await an.page.locator('a[href^="#/search?sector="]').first().waitFor();
    await an.page.getByRole('searchbox').fill('dang ky khai sinh');
    await an.press('search.go');
    await an.page.locator(`a[href="#/guide/${BIRTH.code}"]`).click();
    await an.sees('guide.needed');
    assert.equal(await hasTheCore(an), false, 'the guide did not wait for the core');
    assert.ok(asked.has(`/v1/guide/procedures/${BIRTH.code}`), 'the Centre was asked');
    await an.page.locator('aside').getByText(/%/).waitFor();
    await an.shows('guide', 'core on its way');

    await an.page.locator('.button.primary').first().click();
    await an.page.locator('main progress').waitFor();
    await an.shows('guide', 'form waits for the core');
    await an.arrives(/\/form\//);
    await an.page.locator('.field').first().waitFor();
    await an.worksWithoutNetwork();
    await road.close();

    asked.clear();
    await an.go('/search?q=khai%20sinh');
    await an.page.reload();
    await an.page.locator(`a[href="#/guide/${BIRTH.code}"]`).click();
    await an.sees('guide.needed');
    await an.press('guide.continue');
    await an.arrives(/^\/d\//);
    await an.page.locator('h1').waitFor();
    assert.deepEqual([...asked].filter((path) => path.startsWith('/v1/guide')), [], 'with the core here nobody asks the Centre');
    an.wasWell();
  });
}
