import type { Guide, GuideComponent, Shown } from '../core/types.ts';

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
