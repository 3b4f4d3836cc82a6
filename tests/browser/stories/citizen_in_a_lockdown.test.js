// @ts-check
/**
 * A citizen in a lockdown: everything from finding the procedure to signing and submitting happens with no network; the
 * dossier travels by itself when there is one, and what the officer does comes back the same way.
 */
import assert from 'node:assert/strict';
import { answer, isAsked } from '../harness/form.js';
import { AN, BIRTH, OFFICER } from '../harness/people.js';
import { phone } from '../harness/phone.js';
import { file, paper } from '../harness/pictures.js';
import { Centre } from '../harness/server.js';
import { Terminal } from '../harness/terminal.js';
import { story } from '../harness/story.js';

const WHY = 'Giấy chứng sinh chụp mờ, xin chụp lại; xin ghi số Giấy chứng sinh.';
const NUMBER = 'birth_certificate_number';

/** @typedef {import('../harness/screen.js').Device} Device */

/** @param {Device} an */
async function findsTheProcedure(an) {
  await an.isOn('home.heading');
  await an.shows('home');
  await an.page.getByRole('searchbox').fill('dang ky khai sinh');
  await an.press('search.go');
  await an.page.locator(`a[href="#/guide/${BIRTH.code}"]`).waitFor();
  await an.shows('search');
  await an.page.locator(`a[href="#/guide/${BIRTH.code}"]`).click();
  await an.sees('guide.needed');
  await an.shows('guide');
}

/** @param {Device} an */
async function fillsIn(an) {
  await an.page.locator('.actions .primary, .button.primary').first().click();
  await an.arrives(/\/form\//);
  const left = [...BIRTH.answers];
  while (/\/form\//.test(an.where)) {
    const page = an.where;
    await an.page.locator('.field').first().waitFor();
    while (left.length > 0 && (await isAsked(an, left[0][0]))) {
      const [path, value] = left.shift() ?? ['', ''];
      await answer(an, path, value);
    }
    await an.shows(`form ${page.split('/').at(-1)}`, 'filled');
    await an.press('step.next');
    await an.page.waitForURL((url) => !url.hash.includes(page));
  }
  assert.deepEqual(left, [], 'all answers were asked for');
}

/** @param {Device} an @param {number} seed */
async function takesAPicture(an, seed) {
  await an.page.locator('input[type=file]').setInputFiles(file('IMG_0001.png', 'image/png', paper(seed)));
  await an.page.getByText(an.words('papers.preview')).or(an.page.getByAltText(an.words('papers.preview'))).waitFor();
  await an.shows('paper', 'looked at');
  await an.page.getByRole('button', { name: new RegExp(`^(${an.words('papers.use')}|${an.words('papers.use_anyway')})$`) }).click();
}

/** @param {Device} an */
async function photographs(an) {
  await an.isOn('step.papers');
  await an.shows('papers', 'none');
  await an.page.locator(`a[href$="/papers/${BIRTH.paper}"]`).click();
  await an.sees('papers.take_first');
  await takesAPicture(an, 1);
  await an.sees('papers.count', { count: 1 });
  await an.shows('paper', 'kept');
  await an.press('papers.done');
  await an.isOn('step.papers');
  await an.press('step.next');
}

/** @param {Device} an */
async function signs(an) {
  await an.isOn('step.check');
  await an.shows('check');
  await an.press('check.right');
  await an.isOn('step.sign');
  await an.reads(AN.name);
  const glass = an.page.locator('canvas');
  const box = await glass.boundingBox();
  assert.ok(box);
  await an.page.mouse.move(box.x + 30, box.y + 60);
  await an.page.mouse.down();
  for (const [x, y] of [[70, 20], [110, 70], [150, 30], [220, 60]]) await an.page.mouse.move(box.x + x, box.y + y);
  await an.page.mouse.up();
  await an.shows('sign');
  await an.press('step.next');
}

/** @param {Device} an */
async function submits(an) {
  await an.isOn('step.send');
  await an.bar('sync.offline');
  await an.sees('send.offline');
  await an.shows('send', 'offline');
  await an.press('send.submit');
  await an.isOn('receipt.kept');
  await an.page.getByRole('img', { name: an.words('receipt.qr') }).waitFor();
  await an.shows('receipt', 'kept');
  const code = (await an.page.locator('.key.code').innerText()).trim();
  await an.reads(`/track#/${code}`);
  return code;
}

/** @param {Terminal} officer @param {string} code */
async function asks(officer, code) {
  await officer.run('sync');
  await officer.run('event', code, 'ask', '--reason', WHY, '--items', `${NUMBER},${BIRTH.paper}`);
  await officer.run('sync');
}

/** @param {Device} an */
async function answersOnlyThat(an) {
  await an.press('receipt.follow');
  await an.sees('notice.supplement_do');
  await an.shows('dossier', 'supplement asked');
  await an.press('notice.supplement_do');
  await an.isOn('supplement.title');
  await an.reads(WHY);
  assert.equal(await an.page.locator('.field').count(), 1, 'only what is missing is asked');
  await answer(an, NUMBER, '0123/CS');
  await takesAPicture(an, 2);
  await an.sees('papers.count', { count: 2 });
  await an.shows('supplement', 'answered');
  await an.press('supplement.send');
  await an.isOn('receipt.received');
}

for (const [language, theme] of /** @type {const} */ ([['vi', 'light'], ['en', 'sunlight']])) {
  story(`a citizen in a lockdown is served without going anywhere (${language}, ${theme})`, async () => {
    const centre = await Centre.open();
    const officer = await Terminal.enrolled(centre, await centre.invite('officer', OFFICER));
    const an = await phone(centre, { language, theme });
    await an.go('/');
    await an.worksWithoutNetwork();
    await centre.stop();
    await an.page.reload();

    await findsTheProcedure(an);
    await fillsIn(an);
    await photographs(an);
    await signs(an);
    const provisional = await submits(an);

    await centre.start();
    await an.hasSentAll();
    await an.isOn('receipt.received');
    await an.shows('receipt', 'received');

    await asks(officer, provisional);
    await answersOnlyThat(an);
    await an.hasSentAll();

    await officer.run('sync');
    const held = await officer.run('show', provisional);
    const files = held.components.flatMap((/** @type {{ files: unknown[] }} */ one) => one.files);
    assert.equal(files.length, 3, 'signature and both photos');
    await officer.run('event', provisional, 'accept');
    await officer.run('event', provisional, 'decide', '--result', 'Trích lục khai sinh số 15/2026');
    await officer.run('sync');
    await an.press('receipt.follow');
    await an.sees('notice.decided');
    await an.shows('dossier', 'decided');
    await officer.run('event', provisional, 'return', '--to', 'Gửi qua bưu điện');
    await officer.run('sync');
    await an.sees('truth.returned');
    await an.shows('dossier', 'returned');

    const { code, status } = await officer.run('show', provisional);
    await an.reads(language === 'vi' ? status.name : status.name_en);
    for (const asked of [provisional, code]) {
      assert.deepEqual((await centre.tracked(asked)).status, { ...status, business: status.business });
      await an.page.goto(`${centre.url}/track#/${encodeURIComponent(asked)}`);
      await an.reads(code);
      await an.reads(language === 'vi' ? status.name : status.name_en);
    }
    await an.shows('track', 'returned');
  });
}
