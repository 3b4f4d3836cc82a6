/** Makes a photo as small as its paper allows, away from the page so that nothing stutters. */
import type { PhotoRule } from '../core/types.ts';
import { hints, type Hint } from './quality.ts';

export type ShrinkAsked = { id: number; photo: Blob; rule: PhotoRule };
export type ShrinkAnswer =
  | { id: number; bytes: ArrayBuffer; width: number; height: number; hints: Hint[] }
  | { id: number; failed: string };

/** Enough to see blur and glare, small enough for any phone. */
const LOOK_PX = 600;

declare const self: DedicatedWorkerGlobalScope;

function fitted(width: number, height: number, longEdge: number): [number, number] {
  const scale = Math.min(1, longEdge / Math.max(width, height));
  return [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
}

function drawn(image: ImageBitmap, width: number, height: number): [OffscreenCanvas, OffscreenCanvasRenderingContext2D] {
  const canvas = new OffscreenCanvas(width, height);
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  if (!pen) throw new Error('no canvas');
  pen.imageSmoothingQuality = 'high';
  // A transparent picture would turn black as JPEG.
  pen.fillStyle = '#fff';
  pen.fillRect(0, 0, width, height);
  pen.drawImage(image, 0, 0, width, height);
  return [canvas, pen];
}

function look(image: ImageBitmap): Hint[] {
  const [width, height] = fitted(image.width, image.height, LOOK_PX);
  const { data } = drawn(image, width, height)[1].getImageData(0, 0, width, height);
  const pixels = new Uint8Array(width * height);
  for (let at = 0; at < pixels.length; at += 1) {
    const from = at * 4;
    pixels[at] = (299 * (data[from] ?? 0) + 587 * (data[from + 1] ?? 0) + 114 * (data[from + 2] ?? 0)) / 1000;
  }
  return hints({ pixels, width, height });
}

async function shrink({ id, photo, rule }: ShrinkAsked): Promise<ShrinkAnswer> {
  const image = await createImageBitmap(photo, { imageOrientation: 'from-image' });
  try {
    const [width, height] = fitted(image.width, image.height, rule.long_edge_px);
    const [canvas] = drawn(image, width, height);
    const small = await canvas.convertToBlob({ type: 'image/jpeg', quality: rule.quality / 100 });
    return { id, bytes: await small.arrayBuffer(), width, height, hints: look(image) };
  } finally {
    image.close();
  }
}

self.onmessage = async (event: MessageEvent<ShrinkAsked>) => {
  try {
    const answer = await shrink(event.data);
    self.postMessage(answer, 'bytes' in answer ? [answer.bytes] : []);
  } catch (thrown) {
    const failed: ShrinkAnswer = { id: event.data.id, failed: thrown instanceof Error ? thrown.message : String(thrown) };
    self.postMessage(failed);
  }
};
