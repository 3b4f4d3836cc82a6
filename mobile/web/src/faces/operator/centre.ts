/** What the Centre tells operators. */
import { call } from '../../core/client.ts';
import type { Role } from '../../core/types.ts';

export type DeviceLine = {
  device: string;
  short: string;
  /** Empty where the list is from an earlier visit: names are not kept on this device. */
  name: string;
  role: Role;
  unit: string;
  last_contact_ms: number;
  waiting_items: number;
  waiting_files: number;
  oldest_waiting_ms?: number | null;
  revoked_ms?: number | null;
  certificate_until_ms: number;
};
export type OpenInvitation = { role: Role; unit: string; name: string; expires_ms: number; used_by?: string | null };
export type Figures = Record<
  'dossiers' | 'changes' | 'events' | 'blobs' | 'devices' | 'receipts' | 'awaiting' | 'quarantined' | 'revoked',
  number
> & { centre: string; storage: string };

export const ROLES: Exclude<Role, 'citizen'>[] = ['postal', 'officer', 'head', 'operator'];
const FACES = { citizen: 'citizen', postal: 'postal', officer: 'branch', head: 'branch', operator: 'operator' } as const;

/** Where somebody takes an invitation up. After the `#`, so that no server's log holds it. */
export function enrolmentLink(role: Role, invitation: string): string {
  return `${location.origin}/${FACES[role]}#/enrol/${encodeURIComponent(invitation)}`;
}

export async function invite(role: Role, unit: string, name: string): Promise<{ invitation: string; expires_ms: number }> {
  const made = await call('centre', { method: 'POST', path: '/v1/admin/invitations', body: { role, unit, name } });
  return made as { invitation: string; expires_ms: number };
}

export async function revoke(device: string, reason: string): Promise<void> {
  await call('centre', { method: 'POST', path: `/v1/admin/devices/${device}/revoke`, body: { reason } });
}

/** The tag of the catalogue in force at the Centre: its version, and a hash. */
export async function catalogueTag(): Promise<string> {
  const answer = await fetch('/v1/catalogue', { method: 'HEAD', cache: 'no-store', credentials: 'omit' });
  return (answer.headers.get('etag') ?? '').replaceAll('"', '').replace(/^W\//, '');
}
