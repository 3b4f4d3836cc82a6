import type { FormView } from '../../core/types.ts';
import { say, t } from '../../text/text.svelte.ts';

/** A stop on the way from the first question to the receipt. */
export type Step = { to: string; title: string };

/** The way of a dossier: the form's pages that are asked, then papers, check, signature, sending. */
export function stepsOf(form: FormView): Step[] {
  const at = `/d/${form.dossier}`;
  return [
    ...form.pages.filter((page) => page.visible).map((page) => ({ to: `${at}/form/${page.id}`, title: say(page.title) })),
    { to: `${at}/papers`, title: t('step.papers') },
    { to: `${at}/check`, title: t('step.check') },
    { to: `${at}/sign`, title: t('step.sign') },
    { to: `${at}/send`, title: t('step.send') },
  ];
}
