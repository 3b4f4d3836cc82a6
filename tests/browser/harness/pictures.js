// @ts-check
/** Pictures of papers, and files that only look like papers. */
import { crc32, deflateSync } from 'node:zlib';

/** @param {string} kind @param {Buffer} data */
function chunk(kind, data) {
  const body = Buffer.concat([Buffer.from(kind, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/**
 * A grey PNG.
 * @param {number} width @param {number} height @param {(x: number, y: number) => number} grey
 */
export function png(width, height, grey) {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head[8] = 8;
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y += 1) for (let x = 0; x < width; x += 1) rows[y * (width + 1) + 1 + x] = grey(x, y);
  const parts = [chunk('IHDR', head), chunk('IDAT', deflateSync(rows, { level: 1 })), chunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), ...parts]);
}

/** Numbers that are the same for the same seed. @param {number} seed */
export function dice(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A written paper on a table: dark strokes in lines, a margin all around. No two seeds look alike. @param {number} seed */
export function paper(seed) {
  const [width, height, line] = [900, 1200, 40];
  const roll = dice(seed);
  const strokes = Array.from({ length: height / line }, () => Array.from({ length: width / 6 }, () => roll() < 0.45));
  return png(width, height, (x, y) => {
    const isMargin = x < 90 || x > width - 90 || y < 90 || y > height - 90;
    const isWritten = y % line > 12 && y % line < 30 && strokes[Math.floor(y / line)][Math.floor(x / 6)];
    return !isMargin && isWritten ? 40 : 225;
  });
}

/** What a playing phone hands over: a file for the file chooser. @param {string} name @param {string} mimeType @param {Buffer} buffer */
export function file(name, mimeType, buffer) {
  return { name, mimeType, buffer };
}

/** 40 megapixels, as a new phone takes them. */
export function enormous() {
  return png(8000, 5000, (x, y) => ((x >> 5) ^ (y >> 5)) & 0xff);
}

/** The beginning of a picture in a format that this browser does not open. */
export function heic() {
  const head = Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1');
  return Buffer.concat([head, Buffer.alloc(4000, 7)]);
}

/** A PDF that nobody opens without its password. */
export function lockedPdf() {
  const lines = ['%PDF-1.7', '1 0 obj', '<< /Type /Catalog >>', 'endobj', 'trailer', '<< /Root 1 0 R /Encrypt 5 0 R >>', '%%EOF'];
  return Buffer.from(lines.join('\n'), 'latin1');
}

/** A scan that nothing makes smaller. @param {number} bytes */
export function scan(bytes) {
  const roll = dice(bytes);
  const noise = Buffer.from(Array.from({ length: bytes }, () => roll() * 256));
  return Buffer.concat([Buffer.from('%PDF-1.7\n', 'latin1'), noise]);
}
