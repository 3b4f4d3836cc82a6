// @ts-check
/** A newer version arrives in the middle of a form: it waits for the person's word, and the draft goes on with it. */
import assert from 'node:assert/strict';
import { anotherBuild } from '../harness/build.js';
import { startsAForm } from '../harness/dossier.js';
import { answer, enter, held } from '../harness/form.js';
import { AN } from '../harness/people.js';
import { phone } from '../harness/phone.js';
import { Centre } from '../harness/server.js';
import { story } from '../harness/story.js';

const NEWER = '<meta name="tram-story" content="newer">';

/** The same app as a build that differs in one file: its page carries a mark, and the worker's list says that it changed. @param {string} built */
function newerBuild(built) {
  return anotherBuild(built, [
    [/^index\.html$/, (page) => page.replace('</head>', `${NEWER}</head>`)],
    [/^sw\.js$/, (worker) => worker.replace(/(version:`)[^`]+/, '$1newer')],
  ]);
}

story('an update taken in the middle of a form keeps the draft', async () => {
  const centre = await Centre.open();
  const an = await phone(centre);
  await an.go('/');
  await an.worksWithoutNetwork();
  await startsAForm(an);
  await answer(an, 'applicant_name', AN.name);
  const where = an.where;

  await centre.stop();
  centre.web = await newerBuild(centre.web);
  await centre.start();
  await answer(an, 'applicant_phone', AN.phone);
  await an.page.reload();
  await an.page.getByText(an.words('update.words')).waitFor();
  assert.equal(await an.page.locator('meta[name=tram-story]').count(), 0, 'the older version goes on until the person says so');
  await an.shows('form', 'update waits');
  await enter(an, 'applicant_address', AN.address);
  await Promise.all([an.page.waitForEvent('load'), an.press('update.apply')]);
  await an.page.locator('meta[name=tram-story]').waitFor({ state: 'attached' });
  assert.equal(an.where, where);
  await an.page.locator('.field').first().waitFor();
  assert.equal(await held(an, 'applicant_name'), AN.name);
  assert.equal(await held(an, 'applicant_phone'), AN.phone);
  assert.equal(await held(an, 'applicant_address'), AN.address);
});
