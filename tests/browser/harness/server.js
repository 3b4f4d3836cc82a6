// @ts-check
/** A Centre: the real server on a directory of its own, stopped and started again at one address. */
import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Child } from './child.js';
import { atEnd, binaries, scratch, web } from './places.js';

const run = promisify(execFile);
/** The unit in which the stories play: phường Thủ Dầu Một. */
export const UNIT = '25747';
const FIRST_PORT = 8730;
const PORTS = 20;
/** Stories that run side by side keep out of each other's ports: a Centre that was stopped comes back at its own. */
const RANGES = 60;

/** @param {number} port @returns {Promise<boolean>} */
function free(port) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}

async function freePort() {
  const first = FIRST_PORT + PORTS * (process.pid % RANGES);
  for (let port = first; port < first + PORTS; port += 1) if (await free(port)) return port;
  throw new Error('no port is free for a server');
}

/** @typedef {'citizen' | 'postal' | 'officer' | 'head' | 'operator'} Role */

export class Centre {
  /** @type {Child | undefined} */
  #running;

  /** @param {string} data @param {number} port */
  constructor(data, port) {
    this.data = data;
    this.port = port;
    this.web = '';
  }

  /** A running Centre with nobody in it. @param {string} [pages] another build than the one under test */
  static async open(pages = web()) {
    const centre = new Centre(await scratch('centre'), await freePort());
    centre.web = pages;
    atEnd(() => centre.cut());
    await centre.start();
    return centre;
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts it (again) at its address, and waits until it answers. */
  async start() {
    const place = ['--data', this.data, '--web', this.web, '--listen', `127.0.0.1:${this.port}`];
    this.#running = new Child(join(binaries(), 'tram-server'), ['serve', ...place]);
    await this.#running.says(/http:\/\//);
  }

  /** Stops it as its operator would; what it is doing it may finish. */
  async stop() {
    await this.#running?.end('SIGTERM');
    this.#running = undefined;
  }

  /** Kills it in the middle of whatever it does. */
  async cut() {
    await this.#running?.end('SIGKILL');
    this.#running = undefined;
  }

  /**
   * An invitation, `TRAM1-…`.
   * @param {Role} role
   * @param {string} name
   * @param {string} [unit]
   */
  async invite(role, name, unit = UNIT) {
    const asked = ['--data', this.data, '--role', role, '--unit', unit, '--name', name];
    const { stdout } = await run(join(binaries(), 'tram-server'), ['admin', 'invite', ...asked]);
    const invitation = /TRAM1-\S+/.exec(stdout)?.[0];
    if (!invitation) throw new Error(`no invitation in: ${stdout}`);
    return invitation;
  }

  /**
   * What the public sees of a dossier.
   * @param {string} code
   */
  async tracked(code) {
    const answer = await fetch(`${this.url}/v1/track/${encodeURIComponent(code)}`);
    return /** @type {{ code: string, status: { name: string, name_en: string } }} */ (await answer.json());
  }
}
