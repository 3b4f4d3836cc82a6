import { call } from '../../core/client.ts';
import type { ComponentView, EventView, FormView, Guide, GuideComponent, Shown } from '../../core/types.ts';
import type { IconName } from '../../design/icon.ts';
import { applicationOf, papersMissing } from '../../papers/listed.ts';
import { signerOf, type Signer } from '../../signature/signed.ts';

/** The parts of a visit, in the usual order; any order works. */
export const STEPS = ['form', 'count', 'papers', 'sign', 'hand'] as const;
export type Step = (typeof STEPS)[number];
/** `left`: how many things are open in it. Nothing may be asked for and yet nothing be done: then it is `untouched`. */
export type StepState = { done: boolean; left: number; untouched: boolean };

export const STEP_ICONS: Record<Step, IconName> = { form: 'pen', count: 'count', papers: 'camera', sign: 'sign', hand: 'sending' };

/** One stop: everything on it as the device holds it now. */
export type Visit = {
  dossier: string;
  form: FormView;
  shown: Shown;
  guide: Guide;
  applicant: string;
  signatures: Partial<Record<Signer, string>>;
  handed: EventView | undefined;
  steps: Record<Step, StepState>;
};

/** How a paper stands against the published list. */
export type Tally = {
  paper: GuideComponent;
  there: ComponentView | undefined;
  originals: number;
  copies: number;
  /** Somebody counted it, be it to none. */
  counted: boolean;
  /** Filled in on this device, so that there is nothing to hand over. */
  here: boolean;
  missing: { originals: number; copies: number };
  state: 'shown' | 'enough' | 'short' | 'open' | 'optional' | 'here';
};

/** What each attachment says of its signer never changes: read once. */
const signers = new Map<string, Signer>();

async function signaturesIn(there: ComponentView | undefined): Promise<Partial<Record<Signer, string>>> {
  const found: Partial<Record<Signer, string>> = {};
  for (const file of there?.files ?? []) {
    if (file.media !== 'image/png') continue;
    let signer = signers.get(file.blob);
    if (!signer) {
      try {
        signer = signerOf(await call('read_blob', { blob: file.blob }));
        signers.set(file.blob, signer);
      } catch {
        // Not on this device, so it was given on the applicant's own.
        signer = 'applicant';
      }
    }
    found[signer] ??= file.blob;
  }
  return found;
}

/** What the last request for a supplement asks for, while it stands. */
function askedFor(shown: Shown): Set<string> {
  if (shown.truth.stage !== 'supplement') return new Set();
  const asked = shown.events.findLast((event) => event.act?.kind === 'asked' && !event.ineffective)?.act?.items;
  return new Set(Array.isArray(asked) ? (asked as string[]) : []);
}

/** Every paper of the procedure with what was counted. What a supplement asks for is needed, even where the list says "if so". */
export function tallies(guide: Guide, shown: Shown): Tally[] {
  const application = applicationOf(guide)?.id;
  const asked = askedFor(shown);
  return guide.components.map((paper) => {
    const there = shown.components.find((one) => one.id === paper.id);
    const [originals, copies] = [there?.originals ?? 0, there?.copies ?? 0];
    const counted = typeof there?.originals === 'number' || typeof there?.copies === 'number';
    const here = paper.id === application;
    const missing = { originals: Math.max(0, paper.originals - originals), copies: Math.max(0, paper.copies - copies) };
    const enough = missing.originals + missing.copies === 0;
    const state = paper.presented
      ? 'shown'
      : here && !counted
        ? 'here'
        : counted
          ? enough
            ? 'enough'
            : 'short'
          : paper.required || asked.has(paper.id)
            ? 'open'
            : 'optional';
    return { paper, there, originals, copies, counted, here, missing, state };
  });
}

/** The papers as they were taken over, in the last hand-in that this device made or knows of. */
export function handedIn(shown: Shown): EventView | undefined {
  return shown.events.findLast((event) => event.act?.kind === 'collected' && !event.ineffective);
}

/** Whether the papers still have to be submitted, besides being taken over. */
export function toSubmit(shown: Shown): boolean {
  return shown.may.includes('submit') && (!shown.submitted_at || shown.truth.stage === 'supplement');
}

/** Whether the last hand-in answers the last request for a supplement, if there was one. */
function answered(shown: Shown, handed: EventView | undefined): boolean {
  if (!handed || toSubmit(shown)) return false;
  return shown.truth.stage !== 'supplement';
}

/** Reads a stop from the device; nothing of it lives anywhere else. */
export async function readVisit(dossier: string): Promise<Visit> {
  const [form, shown, card] = await Promise.all([call('form', { dossier }), call('show', { dossier }), call('card', { dossier })]);
  const guide = await call('guide', { procedure: form.procedure });
  const application = applicationOf(guide);
  const signatures = await signaturesIn(shown.components.find((one) => one.id === application?.id));
  const handed = handedIn(shown);
  const open = (left: number, untouched = false): StepState => ({ done: left === 0 && !untouched, left, untouched: left === 0 && untouched });
  const listed = tallies(guide, shown).filter((tally) => tally.state !== 'shown' && tally.state !== 'here');
  const photographed = shown.components.some((one) => one.files.some((file) => file.media !== 'image/png'));
  return {
    dossier,
    form,
    shown,
    guide,
    applicant: card?.applicant ?? '',
    signatures,
    handed,
    steps: {
      form: open(form.missing + form.errors),
      count: open(
        listed.filter((tally) => tally.state === 'open' || tally.state === 'short').length,
        listed.length > 0 && !listed.some((tally) => tally.counted),
      ),
      papers: open(papersMissing(guide, shown).length, listed.length > 0 && !photographed),
      sign: open(application ? (signatures.applicant ? 0 : 1) + (signatures.postal ? 0 : 1) : 0),
      hand: open(answered(shown, handed) ? 0 : 1),
    },
  };
}

/** Where a step is. */
export function stepLink(visit: { dossier: string; form: FormView }, step: Step): string {
  const at = `/v/${visit.dossier}`;
  if (step !== 'form') return `${at}/${step}`;
  const pages = visit.form.pages.filter((page) => page.visible);
  const page = pages.find((one) => one.missing + one.errors > 0) ?? pages[0];
  return `${at}/form/${page?.id ?? ''}`;
}

/** The next step with something open; handing in comes last and lists what was passed over. */
export function nextStep(visit: Visit, after?: Step): Step {
  const from = after ? STEPS.indexOf(after) + 1 : 0;
  return STEPS.slice(from).find((step) => step !== 'hand' && !visit.steps[step].done) ?? 'hand';
}

/** How a step stands, as a key of the sentences. */
export function standing(step: Step, state: StepState) {
  if (state.done) return `step.${step}_done` as const;
  if (state.untouched && (step === 'count' || step === 'papers')) return `step.${step}_untouched` as const;
  return `step.${step}_left` as const;
}
