// @ts-check
/** What a person sees and touches of one device: pages of the app, in their language. */
import assert from 'node:assert/strict';
import { nothingInTheWay } from './axe.js';
import { Chromium } from './chromium.js';
import { keepScreen } from './gallery.js';
import { atEnd, scratch } from './places.js';
import { words } from './words.js';

/** How long a person waits for a screen before they say that it hangs. */
const PATIENCE_MS = 30_000;
/** How long what waits for the Centre may take once it is there again: the pause before the next try grows up to this. */
const TRAVEL_MS = 60_000;

/**
 * @typedef {import('./words.js').Language} Language
 * @typedef {'light' | 'sunlight' | 'dark'} Theme
 * @typedef {{ face?: string, language?: Language, theme?: Theme, flags?: string[] }} Habits
 */

/** The devices of the story that is being told. @type {Set<Device>} */
export const devices = new Set();

export class Device {
  /** @type {Chromium} */
  chromium = /** @type {any} */ (undefined);
  /** @type {import('playwright-core').Page} */
  page = /** @type {any} */ (undefined);
  /** What went wrong in the page unseen. @type {string[]} */
  stumbles = [];
  /** @type {string[]} */
  flags;

  /**
   * @param {import('./server.js').Centre} centre
   * @param {string} profile
   * @param {{ width: number, height: number }} size
   * @param {Habits} habits
   */
  constructor(centre, profile, size, habits) {
    this.centre = centre;
    this.profile = profile;
    this.size = size;
    this.face = habits.face ?? 'citizen';
    this.language = habits.language ?? 'vi';
    this.theme = habits.theme ?? 'light';
    this.flags = habits.flags ?? [];
  }

  /**
   * @param {import('./server.js').Centre} centre
   * @param {{ width: number, height: number }} size
   * @param {Habits} habits
   */
  static async at(centre, size, habits) {
    const device = new Device(centre, await scratch('profile'), size, habits);
    atEnd(() => device.kill());
    devices.add(device);
    await device.open();
    return device;
  }

  /** Switches the device on, with whatever its profile holds. */
  async open() {
    this.chromium = await Chromium.open(this.profile, this.flags);
    this.page = await this.tab();
  }

  /** A new tab of the same browser. */
  async tab() {
    const [blank] = this.chromium.context.pages().filter((page) => page.url() === 'about:blank');
    const page = blank ?? (await this.chromium.context.newPage());
    page.setDefaultTimeout(PATIENCE_MS);
    await page.setViewportSize(this.size);
    await page.addInitScript(
      ([language, theme]) => {
        if (!localStorage.getItem('tram.preferences'))
          localStorage.setItem('tram.preferences', JSON.stringify({ language, theme, large: false }));
      },
      [this.language, this.theme],
    );
    page.on('pageerror', (error) => this.stumbles.push(String(error)));
    return page;
  }

  /** The battery falls out. */
  async kill() {
    await this.chromium.kill();
  }

  async close() {
    await this.chromium.close();
  }

  /** The battery falls out, and later the device is switched on again where it was. */
  async diesAndReturns() {
    const where = this.page.url();
    await this.kill();
    await this.open();
    await this.page.goto(where);
  }

  /** @param {string} key @param {Record<string, string | number>} [gaps] */
  words(key, gaps) {
    return words(this.language, this.face, key, gaps);
  }

  /** Waits until the app is kept for work without network: the bar says how far that is, until it is. */
  async worksWithoutNetwork() {
    await this.bar('sync.online');
  }

  /** Goes to a page of the face by its address, as a link would. @param {string} path */
  async go(path) {
    const face = this.face === 'citizen' ? '' : this.face;
    await this.page.goto(`${this.centre.url}/${face}#${path}`);
  }

  /** The address within the face. */
  get where() {
    return new URL(this.page.url()).hash.slice(1).split('?')[0] || '/';
  }

  /** Waits until the address is so. @param {RegExp} path */
  async arrives(path) {
    await this.page.waitForURL((url) => path.test(url.hash.slice(1) || '/'));
  }

  /** Waits until the app shows the words of a key. @param {string} key @param {Record<string, string | number>} [gaps] */
  async sees(key, gaps) {
    await this.reads(this.words(key, gaps));
  }

  /** Waits until a text is on the page. @param {string | RegExp} text */
  async reads(text) {
    await this.page.locator('main').getByText(text).filter({ visible: true }).first().waitFor();
  }

  /** Waits until a heading of the first order says so. @param {string} key @param {Record<string, string | number>} [gaps] */
  async isOn(key, gaps) {
    await this.page.getByRole('heading', { level: 1, name: this.words(key, gaps) }).waitFor();
  }

  /** Waits until everything has travelled, by itself, and the bar says so. */
  async hasSentAll() {
    await this.page.locator('aside').getByText(this.words('sync.all_sent')).waitFor({ timeout: TRAVEL_MS });
  }

  /** Presses what bears the words of a key, button or link. @param {string} key @param {Record<string, string | number>} [gaps] */
  async press(key, gaps) {
    await this.touch(this.words(key, gaps));
  }

  /** @param {string | RegExp} name */
  async touch(name) {
    const wanted = { name, exact: typeof name === 'string' };
    await this.page.getByRole('button', wanted).or(this.page.getByRole('link', wanted)).first().click();
  }

  /** Waits until the bar of network and unsent work says so. @param {string} key @param {Record<string, string | number>} [gaps] */
  async bar(key, gaps) {
    await this.page.locator('aside').getByText(this.words(key, gaps)).waitFor();
  }

  /** A screen worth judging: nothing stands in anybody's way, and its picture is kept. @param {string} name @param {string} [state] */
  async shows(name, state = '') {
    await this.page.locator('h1').first().waitFor();
    await this.page.evaluate(() => Promise.all(document.getAnimations().map((one) => one.finished.catch(() => undefined))));
    await nothingInTheWay(this.page, `${this.face} ${name} ${state}`);
    const { face, language, theme, size } = this;
    await keepScreen(this.page, { name, face, state, language, theme, width: size.width });
  }

  /** Nothing failed unseen. */
  wasWell() {
    assert.deepEqual(this.stumbles, []);
  }
}
