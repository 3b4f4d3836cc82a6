// @ts-check
/** Bad input and bad luck: whatever comes, the app says what to do, and nothing that was kept is lost. */
import assert from 'node:assert/strict';
import { anotherBuild } from '../harness/build.js';
import { picks, startsAForm, usesIt } from '../harness/dossier.js';
import { answer, enter, held } from '../harness/form.js';
import { AN, BIRTH } from '../harness/people.js';
import { phone } from '../harness/phone.js';
import { enormous, file, heic, lockedPdf, paper, scan } from '../harness/pictures.js';
import { Centre } from '../harness/server.js';
import { Terminal } from '../harness/terminal.js';
import { story } from '../harness/story.js';

/** The app alone takes more, so that the store cannot grow by anything. */
const LESS_THAN_IS_USED = 1_000_000;
/** More than the store has in reserve. */
const SCAN_BYTES = 6_000_000;
const TEN_YEARS_MS = 10 * 365.25 * 86_400_000;

/** @typedef {import('../harness/screen.js').Device} Device */

/** @param {Device} device */
async function opensThePaper(device) {
  const dossier = await startsAForm(device);
  await device.go(`/d/${dossier}/papers/${BIRTH.paper}`);
  await device.sees('papers.take_first');
}

story('a picture of 40 megapixels is made small, and files that are no papers are refused in words', async () => {
  const centre = await Centre.open();
  const an = await phone(centre);
  await opensThePaper(an);
  for (const [given, key] of /** @type {const} */ ([
    [file('IMG_0002.HEIC', 'image/heic', heic()), 'unusable.heic'],
    [file('don.pdf', 'application/pdf', lockedPdf()), 'unusable.pdf_locked'],
    [file('ghi-chu.txt', 'text/plain', Buffer.from('ghi chú')), 'unusable.not_a_paper'],
    [file('hong.jpg', 'image/jpeg', Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3])), 'unusable.unreadable'],
  ])) {
    await picks(an, given);
    await an.sees(key);
    await an.shows('paper', key.replace('.', ' '));
  }
  await picks(an, file('IMG_0003.png', 'image/png', enormous()));
  await an.page.getByAltText(an.words('papers.preview')).waitFor();
  const size = await an.page.getByAltText(an.words('papers.preview')).evaluate((image) => {
    const picture = /** @type {HTMLImageElement} */ (image);
    return picture.decode().then(() => Math.max(picture.naturalWidth, picture.naturalHeight));
  });
  assert.ok(size <= 2000, `the long edge is ${size} pixels`);
  await usesIt(an);
  await an.sees('papers.count', { count: 1 });
});

story('a denied camera is said, and a file can be picked instead', async () => {
  const centre = await Centre.open();
  const an = await phone(centre, { flags: ['--use-fake-device-for-media-stream'] });
  await opensThePaper(an);
  const session = await an.chromium.browser.newBrowserCDPSession();
  await session.send('Browser.setPermission', { permission: { name: 'camera' }, setting: 'denied', origin: centre.url });
  await an.press('papers.take_first');
  await an.page.getByText(an.words('camera.denied'), { exact: true }).waitFor();
  await an.shows('camera', 'denied');
  await an.press('back');
  await picks(an, file('IMG_0004.png', 'image/png', paper(4)));
  await usesIt(an);
  await an.sees('papers.count', { count: 1 });
});

story('a clock that is ten years off is said, and the dossier still arrives at its true time', async () => {
  const centre = await Centre.open();
  await centre.stop();
  const clock = `{const Real=Date,off=${TEN_YEARS_MS};globalThis.Date=class extends Real{constructor(...given){given.length?super(...given):super(Real.now()+off)}static now(){return Real.now()+off}}}\n`;
  centre.web = await anotherBuild(centre.web, [[/^assets\/(worker|index)-[^/]+\.js$/, (text) => clock + text]]);
  await centre.start();
  const an = await phone(centre);
  const dossier = await startsAForm(an);
  await answer(an, 'applicant_name', AN.name);
  await answer(an, 'applicant_commune', AN.commune);
  await an.go(`/d/${dossier}/send`);
  await an.press('send.submit');
  await an.isOn('receipt.received');
  await an.hasSentAll();
  await an.page.getByText(/\d+ phút so với Trung tâm/).waitFor();
  await an.shows('receipt', 'clock off');
  const officer = await Terminal.enrolled(centre, await centre.invite('officer', 'Lê Thị Một Cửa'));
  await officer.run('sync');
  const { submitted_at } = await officer.run('show', dossier);
  const off = Math.abs(Date.parse(submitted_at.at) - Date.now());
  assert.ok(off < 3_600_000, `submitted at ${submitted_at.at}`);
});

story('a full device says so, marks nothing as kept, and goes on when there is room again', async () => {
  const centre = await Centre.open();
  const an = await phone(centre);
  await opensThePaper(an);
  const where = an.where;
  const session = await an.page.context().newCDPSession(an.page);
  await session.send('Storage.overrideQuotaForOrigin', { origin: centre.url, quotaSize: LESS_THAN_IS_USED });
  // The browser grants a file its room in advance; opened again, the store has to ask for it anew.
  await an.page.reload();
  await an.sees('papers.take_first');
  await picks(an, file('quet.pdf', 'application/pdf', scan(SCAN_BYTES)));
  await usesIt(an);
  await an.page.getByText(an.words('store.full')).waitFor();
  await an.shows('paper', 'device full');
  assert.equal(await an.page.getByText(an.words('papers.count', { count: 1 })).count(), 0);
  await session.send('Storage.overrideQuotaForOrigin', { origin: centre.url });
  await usesIt(an);
  await an.sees('papers.count', { count: 1 });
  await an.page.reload();
  assert.equal(an.where, where);
  await an.sees('papers.count', { count: 1 });
});

story('a private window works, and says that the browser may forget', async () => {
  const centre = await Centre.open();
  const an = await phone(centre);
  const window = await an.chromium.browser.newContext({ viewport: an.size });
  an.page = await window.newPage();
  await startsAForm(an);
  await answer(an, 'applicant_name', AN.name);
  await an.page.reload();
  await an.page.locator('.field').first().waitFor();
  assert.equal(await held(an, 'applicant_name'), AN.name);
  await an.go('/settings');
  await an.sees('settings.not_persisted');
  await an.shows('settings', 'private window');
  await window.close();
});

story('a wrong code, a link to nowhere and what is against the rule are answered in words', async () => {
  const centre = await Centre.open();
  const an = await phone(centre);
  await startsAForm(an);
  await enter(an, 'applicant_id', '07409000');
  await an.page.locator('.error').waitFor();
  await an.shows('form', 'wrong');
  await answer(an, 'applicant_id', AN.id);
  await an.go('/d/01a00000-0000-7000-8000-000000000000');
  await an.isOn('trouble');
  await an.shows('dossier', 'unknown');
  await an.go('/nowhere');
  await an.isOn('shell.no_page');
  await an.shows('no page');
  await an.page.goto(`${centre.url}/track`);
  await an.page.locator('#code').fill('T-AAAAAA-261122-1-0');
  await an.press('track.look');
  await an.sees('track.unknown');
  await an.shows('track', 'unknown');
  await centre.stop();
  await an.press('track.look');
  await an.sees('track.offline');
  await an.shows('track', 'offline');
});

story("another Centre's link and invitation are named as such, and a torn one as unreadable", async () => {
  const [here, there] = [await Centre.open(), await Centre.open()];
  const tuyen = await phone(here, { face: 'postal' });
  await tuyen.go(`/enrol/${await here.invite('postal', 'Phạm Văn Tuyến')}`);
  await tuyen.reads('Phạm Văn Tuyến');
  await tuyen.shows('enrol', 'done');
  const foreign = await there.invite('postal', 'Phạm Văn Tuyến');
  await tuyen.go(`/enrol/${foreign}`);
  await tuyen.press('standing:enrol.use');
  await tuyen.sees('standing:enrol.wrong_centre');
  await tuyen.shows('enrol', 'wrong centre');
  await tuyen.go(`/enrol/${foreign.slice(0, 40)}`);
  await tuyen.press('standing:enrol.use');
  await tuyen.sees('standing:enrol.unreadable');
  await tuyen.shows('enrol', 'torn');
});
