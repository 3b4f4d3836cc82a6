// @ts-check
/** A program started by a story, and ended by its own handle. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** How long a program may take to say its word; far above what it needs on a busy machine. */
const PATIENCE_MS = 30_000;
/** How much of what a program said is kept for the report of a failure. */
const KEPT_LINES = 60;

export class Child {
  #child;
  /** @type {string[]} */
  said = [];
  /** Settles when the program has ended. @type {Promise<void>} */
  ended;
  over = false;

  /**
   * @param {string} program
   * @param {string[]} args
   * @param {{ env?: NodeJS.ProcessEnv }} [options]
   */
  constructor(program, args, options = {}) {
    // A group of its own, so that what the program starts goes with it.
    this.#child = spawn(program, args, {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...options.env },
    });
    this.ended = new Promise((resolve) => {
      const over = () => {
        this.over = true;
        resolve();
      };
      this.#child.once('exit', over);
      this.#child.once('error', (error) => {
        this.said.push(String(error));
        over();
      });
    });
  }

  /**
   * Waits until it prints a line that matches.
   * @param {RegExp} wanted
   * @returns {Promise<RegExpExecArray>}
   */
  says(wanted) {
    return new Promise((resolve, reject) => {
      const fail = () => reject(new Error(`the program did not say ${wanted}:\n${this.said.join('\n')}`));
      const late = setTimeout(fail, PATIENCE_MS);
      for (const stream of [this.#child.stdout, this.#child.stderr]) {
        createInterface({ input: stream }).on('line', (line) => {
          this.said.push(line);
          if (this.said.length > KEPT_LINES) this.said.shift();
          const found = wanted.exec(line);
          if (!found) return;
          clearTimeout(late);
          resolve(found);
        });
      }
      void this.ended.then(() => {
        clearTimeout(late);
        fail();
      });
    });
  }

  /**
   * Ends it and everything it started, and waits until it is gone.
   * @param {NodeJS.Signals} signal
   */
  async end(signal) {
    if (!this.over && this.#child.pid) process.kill(-this.#child.pid, signal);
    await this.ended;
  }
}
