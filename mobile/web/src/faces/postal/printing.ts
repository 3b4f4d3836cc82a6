/** What slips are printed on: a sheet, or the paper roll of a belt printer. */
export type SlipPaper = 'a5' | 'roll';

const MM_PER_PX = 25.4 / 96;
const ROLL_MARGIN_MM = 4;
/** Printers round lengths; a line too long must not cost a second cut. */
const ROLL_TAIL_MM = 8;

/** Prints a slip. A roll is cut where the slip ends, so its page is as long as the slip is at that width. */
export function printOn(paper: SlipPaper, slip: HTMLElement | undefined): void {
  const root = document.documentElement;
  root.dataset.paper = paper;
  const long = Math.ceil((slip?.offsetHeight ?? 0) * MM_PER_PX) + 2 * ROLL_MARGIN_MM + ROLL_TAIL_MM;
  const page = new CSSStyleSheet();
  page.replaceSync(
    paper === 'a5' ? '@page { size: A5; margin: 10mm }' : `@page { size: 80mm ${Math.max(long, 80)}mm; margin: ${ROLL_MARGIN_MM}mm }`,
  );
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, page];
  addEventListener(
    'afterprint',
    () => {
      document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one !== page);
      delete root.dataset.paper;
    },
    { once: true },
  );
  print();
}
