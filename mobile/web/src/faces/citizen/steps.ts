import type { FormView, Guide, GuideComponent, Shown } from '../../core/types.ts';
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

/** The application itself among the papers: it is filled in here, so it needs a signature and no photo. */
export function applicationOf(guide: Guide): GuideComponent | undefined {
  const form = guide.form_title.vi.toLocaleLowerCase('vi');
  return guide.components.find((paper) => {
    const name = paper.name.vi.toLocaleLowerCase('vi');
    return !paper.presented && (form.includes(name) || name.includes(form));
  });
}

/** The signature that was given, if any: photos are JPEG, so a PNG of the application is its signature. */
export function signatureIn(shown: Shown, paper: GuideComponent | undefined) {
  return shown.components.find((one) => one.id === paper?.id)?.files.find((file) => file.media === 'image/png');
}

/** Papers that still have to be photographed. */
export function papersMissing(guide: Guide, shown: Shown): GuideComponent[] {
  const application = applicationOf(guide)?.id;
  return guide.components.filter((paper) => {
    if (!paper.required || paper.presented || paper.id === application) return false;
    const there = shown.components.find((one) => one.id === paper.id);
    return !there || there.files.length === 0;
  });
}
