import type { PhotoRule } from '../core/types.ts';
import type { Hint } from './quality.ts';
import type { ShrinkAnswer, ShrinkAsked } from './shrink.worker.ts';

/** A page ready to be attached. */
export type Prepared = { bytes: Uint8Array<ArrayBuffer>; media: string; before: number; hints: Hint[] };
/** Why a file cannot be taken; each has a sentence that tells what to do. */
export type Unusable = 'heic' | 'pdf_locked' | 'too_many_pixels' | 'too_large' | 'not_a_paper' | 'unreadable';

export class UnusableFile extends Error {
  constructor(readonly reason: Unusable) {
    super(reason);
  }
}

/** Beyond this a phone's browser runs out of memory while it unpacks the picture. */
const MOST_PIXELS = 120_000_000;
/** A scan larger than this would take a day to send from the field. */
const MOST_PDF_BYTES = 20_000_000;
/** Enough to hold the name of the format and, usually, the size of the picture. */
const HEAD_BYTES = 256 * 1024;

let worker: Worker | undefined;
let last = 0;
const waiting = new Map<number, (answer: ShrinkAnswer) => void>();

function shrink(photo: Blob, rule: PhotoRule): Promise<ShrinkAnswer> {
  if (!worker) {
    worker = new Worker(new URL('./shrink.worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = (event: MessageEvent<ShrinkAnswer>) => {
      waiting.get(event.data.id)?.(event.data);
      waiting.delete(event.data.id);
    };
  }
  const asked: ShrinkAsked = { id: ++last, photo, rule };
  return new Promise((resolve) => {
    waiting.set(asked.id, resolve);
    worker?.postMessage(asked);
  });
}

function ascii(bytes: Uint8Array, from: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(from, from + length));
}

/** Width times height as a JPEG's or PNG's own head tells, before anything is unpacked; 0 if it does not. */
function pixelsOf(head: Uint8Array): number {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (ascii(head, 1, 3) === 'PNG' && head.length > 24) return view.getUint32(16) * view.getUint32(20);
  if (head[0] !== 0xff || head[1] !== 0xd8) return 0;
  let at = 2;
  while (at + 9 < head.length && head[at] === 0xff) {
    const mark = head[at + 1] ?? 0;
    const isSize = mark >= 0xc0 && mark <= 0xcf && mark !== 0xc4 && mark !== 0xc8 && mark !== 0xcc;
    if (isSize) return view.getUint16(at + 5) * view.getUint16(at + 7);
    at += 2 + view.getUint16(at + 2);
  }
  return 0;
}

async function pdf(file: Blob): Promise<Prepared> {
  if (file.size > MOST_PDF_BYTES) throw new UnusableFile('too_large');
  const bytes = new Uint8Array(await file.arrayBuffer());
  const text = new TextDecoder('latin1').decode(bytes);
  if (/\/Encrypt\s+\d+\s+\d+\s+R/.test(text)) throw new UnusableFile('pdf_locked');
  return { bytes, media: 'application/pdf', before: file.size, hints: [] };
}

/** Makes a photo or scan ready: photos shrunk as the paper's rule says, scans as they are. Throws {@link UnusableFile}. */
export async function prepare(file: Blob, rule: PhotoRule): Promise<Prepared> {
  const head = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
  if (ascii(head, 0, 4) === '%PDF') return pdf(file);
  if (pixelsOf(head) > MOST_PIXELS) throw new UnusableFile('too_many_pixels');
  const answer = await shrink(file, rule);
  if ('failed' in answer) {
    const isHeic = ascii(head, 4, 4) === 'ftyp' && /hei[cfsx]|mif1|msf1/.test(ascii(head, 8, 16));
    if (isHeic) throw new UnusableFile('heic');
    throw new UnusableFile(file.type.startsWith('image/') ? 'unreadable' : 'not_a_paper');
  }
  return { bytes: new Uint8Array(answer.bytes), media: 'image/jpeg', before: file.size, hints: answer.hints };
}
