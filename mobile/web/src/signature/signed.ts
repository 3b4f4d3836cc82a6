/**
 * A signature as it is kept: what was drawn on the glass, and under the line, in the picture itself, who signed, for
 * what and when. Files keep no name in a dossier, so the picture also carries the signer in a text chunk of its own.
 */
export type Signer = 'applicant' | 'postal';

const KEYWORD = 'Signer';
const WIDTH = 1200;
const LINE = 44;
const MARGIN = 24;
const SIGNATURE_BYTES = 8;
/** The end of every PNG: an empty chunk of length, name and sum. */
const END_BYTES = 12;

/** Draws the caption under the signature and marks the picture with its signer. */
export async function signed(glass: Blob, signer: Signer, caption: string[]): Promise<Uint8Array<ArrayBuffer>> {
  const drawn = await createImageBitmap(glass);
  const height = Math.round((drawn.height / drawn.width) * WIDTH);
  const canvas = new OffscreenCanvas(WIDTH, height + caption.length * LINE + MARGIN);
  const paper = canvas.getContext('2d');
  if (!paper) throw new Error('no canvas');
  paper.fillStyle = '#fff';
  paper.fillRect(0, 0, canvas.width, canvas.height);
  paper.drawImage(drawn, 0, 0, WIDTH, height);
  drawn.close();
  paper.fillStyle = '#13262b';
  paper.fillRect(MARGIN, height, WIDTH - 2 * MARGIN, 2);
  caption.forEach((line, at) => {
    paper.font = `${at === 0 ? 'bold ' : ''}32px ${getComputedStyle(document.body).fontFamily}`;
    paper.fillText(line, MARGIN, height + (at + 1) * LINE, WIDTH - 2 * MARGIN);
  });
  const png = await canvas.convertToBlob({ type: 'image/png' });
  return marked(new Uint8Array(await png.arrayBuffer()), signer);
}

/** Whose signature it is; one without a mark was given on the citizen's own device. */
export function signerOf(png: Uint8Array): Signer {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  for (let at = SIGNATURE_BYTES; at + END_BYTES <= png.length; ) {
    const length = view.getUint32(at);
    const name = latin(png.subarray(at + 4, at + 8));
    if (name === 'tEXt' && latin(png.subarray(at + 8, at + 8 + length)) === `${KEYWORD}\0postal`) return 'postal';
    at += length + END_BYTES;
  }
  return 'applicant';
}

function latin(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.subarray(0, 64));
}

function marked(png: Uint8Array, signer: Signer): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(`tEXt${KEYWORD}\0${signer}`);
  const chunk = new Uint8Array(text.length + 8);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, text.length - 4);
  chunk.set(text, 4);
  view.setUint32(text.length + 4, crc(text));
  const end = png.length - END_BYTES;
  const whole = new Uint8Array(png.length + chunk.length);
  whole.set(png.subarray(0, end));
  whole.set(chunk, end);
  whole.set(png.subarray(end), end + chunk.length);
  return whole;
}

/** The sum that PNG asks for each chunk (CRC-32). */
function crc(bytes: Uint8Array): number {
  let sum = ~0;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}
