// @ts-check
/** A cheap phone held upright. */
import { Device } from './screen.js';

/** @param {import('./server.js').Centre} centre @param {import('./screen.js').Habits} [habits] */
export function phone(centre, habits = {}) {
  return Device.at(centre, { width: 360, height: 740 }, habits);
}
