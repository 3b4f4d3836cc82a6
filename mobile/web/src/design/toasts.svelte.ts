/** Short words that pass by at the bottom, with a way to take back what was done. */
export type Toast = { id: number; words: string; undo?: () => void | Promise<void> };

const STAYS_MS = 8_000;
const shown = $state<Toast[]>([]);
let last = 0;

export function toasts(): readonly Toast[] {
  return shown;
}

export function dismiss(id: number): void {
  const at = shown.findIndex((toast) => toast.id === id);
  if (at >= 0) shown.splice(at, 1);
}

/** Says that something is done; `undo` offers to take it back while the words stand. Answers the id, to dismiss it sooner. */
export function toast(words: string, undo?: Toast['undo']): number {
  const id = ++last;
  shown.push({ id, words, undo });
  setTimeout(() => dismiss(id), STAYS_MS);
  return id;
}
