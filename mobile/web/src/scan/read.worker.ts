/** Reads codes out of the camera's pictures, away from the screen's own thread. A picture in, its text or nothing out. */
import { decodeQR } from 'qr/decode.js';

/** A code filling a third of the view still has several pixels a module at this size; more only costs the battery. */
const LONG_EDGE = 960;
let canvas: OffscreenCanvas | undefined;

function read(picture: ImageBitmap): string | undefined {
  const scale = Math.min(1, LONG_EDGE / Math.max(picture.width, picture.height));
  const [width, height] = [Math.round(picture.width * scale), Math.round(picture.height * scale)];
  if (!canvas || canvas.width !== width || canvas.height !== height) canvas = new OffscreenCanvas(width, height);
  const glass = canvas.getContext('2d', { willReadFrequently: true });
  if (!glass) return undefined;
  glass.drawImage(picture, 0, 0, width, height);
  try {
    return decodeQR(glass.getImageData(0, 0, width, height));
  } catch {
    // No code in this picture; the next one may have it.
    return undefined;
  }
}

onmessage = (event: MessageEvent<ImageBitmap>) => {
  const text = read(event.data);
  event.data.close();
  postMessage(text);
};
