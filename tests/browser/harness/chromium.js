// @ts-check
/** One browser process on one profile: what a device is to the app. */
import { chromium as playwright } from 'playwright-core';
import { Child } from './child.js';
import { chromium } from './places.js';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  // A phone's scroll bars lie over the page.
  '--hide-scrollbars',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--remote-debugging-port=0',
];

export class Chromium {
  #child;

  /** @param {Child} child @param {import('playwright-core').Browser} browser */
  constructor(child, browser) {
    this.#child = child;
    this.browser = browser;
  }

  /** @param {string} profile @param {string[]} [flags] */
  static async open(profile, flags = []) {
    const child = new Child(chromium(), [...FLAGS, `--user-data-dir=${profile}`, ...flags, 'about:blank']);
    const [, address] = await child.says(/DevTools listening on (ws:\S+)/);
    return new Chromium(child, await playwright.connectOverCDP(address));
  }

  get context() {
    return this.browser.contexts()[0];
  }

  /** The battery falls out: nothing is asked, nothing is finished. */
  async kill() {
    await this.#child.end('SIGKILL');
  }

  /** Closes it as a person does. */
  async close() {
    if (this.#child.over) return;
    const session = await this.browser.newBrowserCDPSession();
    await session.send('Browser.close').catch(() => undefined);
    await this.#child.ended;
  }
}
