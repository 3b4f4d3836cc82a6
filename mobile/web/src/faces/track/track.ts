import type { Fault, Label } from '../../core/types.ts';

/** What anybody may know by the code: how far it is. Nothing about the person. */
export type Tracked = {
  code: string;
  provisional_code?: string | null;
  procedure_name?: Label | null;
  status: { business?: number | null; name: string; name_en: string };
  unit_name?: string | null;
  submitted_at?: string | null;
  accepted_at?: string | null;
  finished_at?: string | null;
  due_at?: string | null;
  due_provisional?: boolean;
  steps?: { kind: string; at: string }[];
};

export type Found =
  | { kind: 'found'; tracked: Tracked; asOf: number }
  | { kind: 'unknown' }
  | { kind: 'offline' }
  | { kind: 'busy'; fault?: Fault };

/** Asks the Centre. What it answers is shown with the time of the answer, since it is true only then. */
export async function track(code: string): Promise<Found> {
  let answer: Response;
  try {
    answer = await fetch(`/v1/track/${encodeURIComponent(code)}`, { headers: { accept: 'application/json' }, cache: 'no-store' });
  } catch {
    return { kind: 'offline' };
  }
  if (answer.status === 404 || answer.status === 400) return { kind: 'unknown' };
  if (!answer.ok) return { kind: 'busy' };
  return { kind: 'found', tracked: (await answer.json()) as Tracked, asOf: Date.now() };
}
