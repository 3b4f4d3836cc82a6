// @ts-check
/**
 * An operator invites a postal worker by a link, sees their phone, and takes it out of use when it is lost: the phone is
 * told, and what is written on it stays.
 */
import { answer } from '../harness/form.js';
import { AN, BIRTH, POSTAL } from '../harness/people.js';
import { phone } from '../harness/phone.js';
import { Device } from '../harness/screen.js';
import { Centre } from '../harness/server.js';
import { story } from '../harness/story.js';

const OPERATOR = 'Đỗ Thị Vận Hành';
const COMMUNE = 'thu dau mot';

/** @param {Device} desk @returns {Promise<string>} the link that the postal worker is given */
async function invites(desk) {
  await desk.go('/invitations');
  await desk.page.locator('#invite-name').fill(POSTAL);
  await desk.page.locator('input[name="role"][value="postal"]').check();
  await desk.page.locator('#invite-unit').fill(COMMUNE);
  await desk.page.getByRole('option').first().click();
  await desk.press('invite.do');
  const sheet = desk.page.locator('article.sheet');
  await sheet.getByRole('img', { name: desk.words('sheet.qr', { name: POSTAL }) }).waitFor();
  await desk.shows('invitations', 'made');
  return (await sheet.locator('.link').innerText()).trim();
}

/** @param {Device} desk */
async function revokes(desk) {
  await desk.go('/');
  await desk.page.getByRole('link', { name: POSTAL }).waitFor();
  await desk.shows('devices', 'two');
  await desk.page.getByRole('link', { name: POSTAL }).click();
  await desk.page.locator('#reason').fill('Mất máy');
  await desk.page.getByText(desk.words('revoke.sure', { name: POSTAL })).click();
  await desk.shows('device', 'revoking');
  await desk.press('revoke.do');
  await desk.sees('revoke.is');
  await desk.shows('device', 'revoked');
}

for (const [language, theme] of /** @type {const} */ ([['vi', 'light'], ['en', 'sunlight']])) {
  story(`an operator invites and revokes, and nothing written is lost (${language}, ${theme})`, async () => {
    const centre = await Centre.open();
    const habits = { language, theme };
    const desk = await Device.at(centre, { width: 1280, height: 800 }, { ...habits, face: 'operator' });
    await desk.go(`/enrol/${await centre.invite('operator', OPERATOR)}`);
    await desk.reads(OPERATOR);
    const link = await invites(desk);

    const lost = await phone(centre, { ...habits, face: 'postal' });
    await lost.page.goto(link);
    await lost.reads(POSTAL);
    const dossier = '0197a2c4-9b1e-7d30-8f00-0123456789ab';
    await lost.go(`/take/${dossier}/${BIRTH.code}`);
    await lost.arrives(new RegExp(`^/v/${dossier}`));
    await lost.go(`/v/${dossier}/form/requester`);
    await answer(lost, 'applicant_name', AN.name);

    await revokes(desk);
    await desk.go('/status');
    await desk.shows('status', 'one revoked');

    await lost.go('/outbox');
    await lost.press('outbox.now');
    await lost.go('/');
    await lost.sees('standing:revoked.title');
    await lost.shows('today', 'revoked');
    await lost.go('/outbox');
    // What it still held was received and receipted, to be looked at.
    await lost.hasSentAll();
    await lost.shows('outbox', 'revoked');
  });
}
