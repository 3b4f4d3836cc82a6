// @ts-check
/** A device without a browser: the `tram` program on a home of its own. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { binaries, scratch } from './places.js';

const run = promisify(execFile);

export class Terminal {
  /** @param {string} home */
  constructor(home) {
    this.home = home;
  }

  /**
   * A device that is enrolled by an invitation; the Centre must be running.
   * @param {import('./server.js').Centre} centre
   * @param {string} invitation
   */
  static async enrolled(centre, invitation) {
    const device = new Terminal(await scratch('terminal'));
    await device.run('init', '--server', centre.url);
    await device.run('enrol', invitation);
    return device;
  }

  /**
   * Runs a command; answers what it printed for programs. Throws with its words if it is refused.
   * @param {...string} words
   */
  async run(...words) {
    const { stdout } = await run(join(binaries(), 'tram'), ['--home', this.home, '--json', ...words]);
    return stdout.trim() ? JSON.parse(stdout) : null;
  }
}
