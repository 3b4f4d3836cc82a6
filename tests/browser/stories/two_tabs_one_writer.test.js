// @ts-check
/** Two tabs, one store: only one writes at a time, the other says so and can take over, and nothing is overwritten. */
import assert from 'node:assert/strict';
import { startsAForm } from '../harness/dossier.js';
import { answer, held } from '../harness/form.js';
import { AN } from '../harness/people.js';
import { phone } from '../harness/phone.js';
import { Centre } from '../harness/server.js';
import { story } from '../harness/story.js';

story('two tabs are one writer, and what either wrote stays', async () => {
  const centre = await Centre.open();
  const an = await phone(centre);
  await startsAForm(an);
  await answer(an, 'applicant_name', AN.name);
  const [first, where] = [an.page, an.page.url()];

  const second = await an.tab();
  await second.goto(where);
  an.page = second;
  await an.isOn('tab.title');
  await an.shows('another tab');
  await an.press('tab.take');
  await an.page.locator('.field').first().waitFor();
  assert.equal(await held(an, 'applicant_name'), AN.name);
  await answer(an, 'applicant_phone', AN.phone);

  an.page = first;
  await an.isOn('tab.title');
  await an.press('tab.take');
  await an.page.locator('.field').first().waitFor();
  assert.equal(await held(an, 'applicant_name'), AN.name);
  assert.equal(await held(an, 'applicant_phone'), AN.phone);
  await answer(an, 'applicant_address', AN.address);

  an.page = second;
  await an.isOn('tab.title');
  await first.close();
  await an.press('tab.take');
  await an.page.locator('.field').first().waitFor();
  assert.equal(await held(an, 'applicant_address'), AN.address);
});
