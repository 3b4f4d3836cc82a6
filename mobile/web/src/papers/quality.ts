/** What a person should look at again in a photo of a paper. Hints only: nothing is refused for them. */
export type Hint = 'blurred' | 'glare' | 'dark' | 'cut_edge';

/** A small grey copy: one byte a pixel, row by row. */
export type Luma = { pixels: Uint8Array; width: number; height: number };

/** Below this variance of the Laplacian, letters run together (long edge about 600 pixels). */
const SHARP_VARIANCE = 90;
/** A pixel this bright shows nothing. */
const BURNT = 250;
/** A cell of the grid is burnt out if so much of it is, while the paper around is not. */
const BURNT_SHARE = 0.6;
const DARK_MEAN = 60;
const GRID = 8;
/** Contrast along the rim above which writing or the paper itself runs out of the picture. */
const RIM_CONTRAST = 55;

function sharpness({ pixels, width, height }: Luma): number {
  let sum = 0;
  let squares = 0;
  let count = 0;
  for (let y = 1; y < height - 1; y += 1) {
    for (let x = 1; x < width - 1; x += 1) {
      const at = y * width + x;
      const bend =
        4 * (pixels[at] ?? 0) -
        (pixels[at - 1] ?? 0) -
        (pixels[at + 1] ?? 0) -
        (pixels[at - width] ?? 0) -
        (pixels[at + width] ?? 0);
      sum += bend;
      squares += bend * bend;
      count += 1;
    }
  }
  return count === 0 ? 0 : squares / count - (sum / count) ** 2;
}

/** Shares of burnt pixels in the cells of a grid. */
function burntCells({ pixels, width, height }: Luma): number[] {
  const burnt = new Array<number>(GRID * GRID).fill(0);
  const all = new Array<number>(GRID * GRID).fill(0);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const cell = Math.floor((y * GRID) / height) * GRID + Math.floor((x * GRID) / width);
      all[cell] = (all[cell] ?? 0) + 1;
      if ((pixels[y * width + x] ?? 0) >= BURNT) burnt[cell] = (burnt[cell] ?? 0) + 1;
    }
  }
  return burnt.map((count, cell) => count / Math.max(all[cell] ?? 0, 1));
}

/** A lamp burns out a few cells; a white scan is bright everywhere and is no glare. */
function hasGlare(luma: Luma): boolean {
  const cells = burntCells(luma).filter((share) => share >= BURNT_SHARE).length;
  return cells > 0 && cells <= GRID * GRID * 0.25;
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(values.length, 1);
}

/** How much one side of the rim varies. */
function spread(values: number[]): number {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
}

function runsOut({ pixels, width, height }: Luma): boolean {
  const row = (y: number) => Array.from({ length: width }, (_, x) => pixels[y * width + x] ?? 0);
  const column = (x: number) => Array.from({ length: height }, (_, y) => pixels[y * width + x] ?? 0);
  return [row(1), row(height - 2), column(1), column(width - 2)].some((side) => spread(side) > RIM_CONTRAST);
}

/** Looks at a small grey copy of a photo. */
export function hints(luma: Luma): Hint[] {
  const found: Hint[] = [];
  if (sharpness(luma) < SHARP_VARIANCE) found.push('blurred');
  if (hasGlare(luma)) found.push('glare');
  if (mean(Array.from(luma.pixels)) < DARK_MEAN) found.push('dark');
  if (runsOut(luma)) found.push('cut_edge');
  return found;
}
