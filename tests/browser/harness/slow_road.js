// @ts-check
/** A slow network between a device and its Centre: every byte of pages, workers and wasm passes here and is counted. */
import { connect, createServer } from 'node:net';

/** @typedef {{ bits_per_s: number, round_trip_ms: number }} Speed */

/** One direction of a road that all connections share. */
class Lane {
  bytes = 0;
  /** How many bytes had entered by when, in Unix milliseconds. @type {[at_ms: number, bytes: number][]} */
  entered = [];
  #freeAt_ms = 0;

  /** @param {Speed} speed */
  constructor(speed) {
    this.speed = speed;
  }

  /** @param {import('node:net').Socket} from @param {import('node:net').Socket} to */
  carry(from, to) {
    from.on('data', (data) => {
      this.bytes += data.length;
      this.entered.push([Date.now(), this.bytes]);
      const now = performance.now();
      const takes_ms = (data.length * 8 * 1000) / this.speed.bits_per_s;
      this.#freeAt_ms = Math.max(this.#freeAt_ms, now) + takes_ms;
      const arrives_ms = this.#freeAt_ms + this.speed.round_trip_ms / 2 - now;
      // Nothing more is read before this is through, or a whole file would wait here.
      from.pause();
      setTimeout(() => from.resume(), this.#freeAt_ms - now);
      setTimeout(() => to.writable && to.write(data), arrives_ms);
    });
    const end = () => setTimeout(() => to.end(), Math.max(0, this.#freeAt_ms - performance.now()) + this.speed.round_trip_ms);
    from.on('end', end);
    from.on('error', () => to.destroy());
  }
}

export class SlowRoad {
  /** @type {Set<import('node:net').Socket>} */
  #sockets = new Set();

  /** @param {number} to the port of the Centre @param {Speed} speed */
  constructor(to, speed) {
    this.up = new Lane(speed);
    this.down = new Lane(speed);
    this.server = createServer((near) => {
      // Two round trips pass before a new connection carries its first byte.
      const far = connect(to, '127.0.0.1');
      near.pause();
      setTimeout(() => near.resume(), speed.round_trip_ms);
      for (const socket of [near, far]) {
        this.#sockets.add(socket);
        socket.setNoDelay(true);
        socket.on('close', () => this.#sockets.delete(socket));
      }
      this.up.carry(near, far);
      this.down.carry(far, near);
    });
  }

  /** @param {number} port */
  open(port) {
    return new Promise((resolve) => this.server.listen(port, '127.0.0.1', () => resolve(undefined)));
  }

  get bytes() {
    return this.up.bytes + this.down.bytes;
  }

  /** How many bytes had entered it by a moment. @param {number} at_ms Unix milliseconds */
  bytesBy(at_ms) {
    const by = (/** @type {Lane} */ lane) => lane.entered.findLast(([entered_ms]) => entered_ms <= at_ms)?.[1] ?? 0;
    return by(this.up) + by(this.down);
  }

  /** Cuts it: what is under way is lost. */
  close() {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => this.server.close(() => resolve(undefined)));
  }
}
