import { SvelteMap } from 'svelte/reactivity';
import { call, faultOf } from '../core/client.ts';
import type { FieldView, FormView, PageView } from '../core/types.ts';
import { say } from '../text/text.svelte.ts';

/** What the mark beside a field says. */
type Mark = { kind: 'saving' } | { kind: 'saved' } | { kind: 'refused'; sentence: string };

const NEW_ROW = '/+/';

/** All fields of a page that are on screen, rows included. */
export function fieldsOf(page: PageView): FieldView[] {
  return page.groups.flatMap((group) => [
    ...(group.fields ?? []),
    ...(group.table?.rows.flatMap((row) => row.fields) ?? []),
  ]);
}

/** The id of a field's control on screen. */
export function controlId(path: string): string {
  return `f-${path.replaceAll('/', '.')}`;
}

/**
 * One dossier's form while somebody fills it in. There is no "save": a field is durable when it is left, when the page
 * is hidden, and when the next page is asked for. What the core refuses stays on screen as typed, with the reason.
 */
export class Filling {
  view = $state.raw<FormView>();
  readonly marks = new SvelteMap<string, Mark>();
  /** What is typed and not yet in the store. */
  readonly #typed = new SvelteMap<string, string>();
  /** New rows keep the key they were drawn with, so that the focus stays in them once they have an id. */
  readonly #rowKeys = new SvelteMap<string, string>();
  #blank = $state<Record<string, string>>({});
  #minted = 0;
  #line: Promise<void> = Promise.resolve();

  constructor(readonly dossier: string) {}

  /** The text in a control: as typed, else as stored. */
  text(field: FieldView, stored: string): string {
    return this.#typed.get(field.path) ?? stored;
  }

  /** Whether something typed is not yet durable. */
  get pending(): boolean {
    return this.#typed.size > 0;
  }

  type(path: string, text: string): void {
    this.#typed.set(path, text);
    this.marks.delete(path);
  }

  /** Makes durable what was typed into a field; nothing to do if it is as stored. */
  commit(path: string): Promise<void> {
    const text = this.#typed.get(path);
    if (text === undefined) return this.#line;
    return this.set(path, text);
  }

  /** Sets a field to a text at once. */
  set(path: string, text: string): Promise<void> {
    this.#typed.set(path, text);
    this.marks.set(path, { kind: 'saving' });
    // One after another: a second edit of a new row needs the id that the first one makes.
    this.#line = this.#line.then(() => this.#store(path, text));
    return this.#line;
  }

  /** Makes everything typed durable. */
  async flush(): Promise<void> {
    for (const path of [...this.#typed.keys()]) void this.commit(path);
    await this.#line;
  }

  async #store(asked: string, text: string): Promise<void> {
    const path = this.#home(asked);
    if (path.includes(NEW_ROW) && text.trim() === '') {
      this.#typed.delete(path);
      this.marks.delete(path);
      return;
    }
    try {
      const { form } = await call('set', { dossier: this.dossier, edits: [[path, text]] });
      if (!path.includes(NEW_ROW)) {
        // It is durable: that is said before the whole form is drawn anew, which takes a cheap phone longer than the disk.
        if (this.#typed.get(path) === text) this.marks.set(path, { kind: 'saved' });
        await new Promise((drawn) => setTimeout(drawn));
      }
      const settled = path.includes(NEW_ROW) ? this.#adopt(path, form) : path;
      this.view = form;
      if (this.#typed.get(settled) === text) this.#typed.delete(settled);
      else if (this.#typed.has(settled)) return;
      this.marks.set(settled, { kind: 'saved' });
    } catch (thrown) {
      this.marks.set(path, { kind: 'refused', sentence: say(faultOf(thrown).message) });
    }
  }

  /** Where a field of a row that had no id is now. */
  #home(path: string): string {
    const [group, column] = path.split(NEW_ROW);
    if (column === undefined || this.#blank[group ?? '']) return path;
    const row = this.#lastRow.get(group ?? '');
    return row ? `${group}/${row}/${column}` : path;
  }

  readonly #lastRow = new Map<string, string>();

  /** The row just made takes the place of the blank one. */
  #adopt(path: string, form: FormView): string {
    const [group = '', column = ''] = path.split(NEW_ROW);
    const rows = (view?: FormView) =>
      view?.pages.flatMap((page) => page.groups.flatMap((one) => (one.table?.group === group ? one.table.rows : []))) ?? [];
    const before = new Set(rows(this.view).map((row) => row.id));
    const made = rows(form).find((row) => !before.has(row.id));
    if (!made) return path;
    const key = this.#blank[group];
    if (key) this.#rowKeys.set(made.id, key);
    delete this.#blank[group];
    this.#lastRow.set(group, made.id);
    for (const [typed, text] of [...this.#typed]) {
      if (!typed.startsWith(`${group}${NEW_ROW}`)) continue;
      this.#typed.delete(typed);
      this.#typed.set(typed.replace(NEW_ROW, `/${made.id}/`), text);
    }
    return `${group}/${made.id}/${column}`;
  }

  /** The key to draw a row with. */
  rowKey(row: string): string {
    return this.#rowKeys.get(row) ?? row;
  }

  /** The key of the blank row of a table, if one is open. */
  blank(group: string): string | undefined {
    return this.#blank[group];
  }

  openBlank(group: string): void {
    this.#blank[group] = `new-${++this.#minted}`;
  }

  closeBlank(group: string): void {
    delete this.#blank[group];
    for (const path of [...this.#typed.keys()]) if (path.startsWith(`${group}${NEW_ROW}`)) this.#typed.delete(path);
  }

  /** Takes a row out; answers what was in it, to put it back. */
  async removeRow(group: string, row: { id: string; fields: FieldView[] }): Promise<[string, string][]> {
    await this.flush();
    this.view = await call('remove_row', { dossier: this.dossier, group, row: row.id });
    return row.fields
      .filter((field) => field.value !== null && field.value !== undefined)
      .map((field) => [field.path, String(field.value)]);
  }

  /** Puts back what was taken out. */
  async restore(edits: [string, string][]): Promise<void> {
    if (edits.length > 0) this.view = (await call('set', { dossier: this.dossier, edits })).form;
  }
}
