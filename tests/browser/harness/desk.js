// @ts-check
/** A desk in a branch. */
import { Device } from './screen.js';

/** @param {import('./server.js').Centre} centre @param {import('./screen.js').Habits} [habits] */
export function desk(centre, habits = {}) {
  return Device.at(centre, { width: 1280, height: 800 }, { face: 'branch', ...habits });
}
