import type { FieldView, FormView, Guide } from '../core/types.ts';
import { say } from '../text/text.svelte.ts';

/** Every field of a form with its page, rows included. */
export function allFields(form: FormView): { page: string; field: FieldView; group: string }[] {
  return form.pages
    .filter((page) => page.visible)
    .flatMap((page) =>
      page.groups.flatMap((group) => [
        ...(group.fields ?? []).map((field) => ({ page: page.id, group: group.id, field })),
        ...(group.table?.rows ?? []).flatMap((row) => row.fields.map((field) => ({ page: page.id, group: group.id, field }))),
      ]),
    );
}

/** What people call a field or paper that the record names by its path. */
export function nameOf(path: string, form?: FormView, guide?: Guide): string {
  const field = form && allFields(form).find((one) => one.field.path === path || `answers/${one.field.path}` === path);
  if (field) return say(field.field.label);
  const id = path.replace(/^components\//, '').split('/')[0];
  const paper = guide?.components.find((component) => component.id === id);
  return paper ? say(paper.name) : path;
}
