/** What a code that was scanned, pasted or typed asks for. */
export type Meaning =
  | { kind: 'take'; dossier: string; procedure: string }
  | { kind: 'code'; code: string }
  | { kind: 'invitation'; invitation: string }
  /** One of these apps, but at another Centre. */
  | { kind: 'elsewhere'; host: string }
  | { kind: 'foreign' };

const INVITATION = /^TRAM1-[A-Z2-7]+$/;
/** A dossier's official code, or a provisional one: `H29.16-261121-0042`, `T-A8P92X-261122-1-6`. */
const CODE = /^[A-Z]\d*[.\dA-Z]*(-[\dA-Z]+){2,5}$/;
const APPS = new Set(['', 'citizen', 'postal', 'branch', 'operator', 'track']);

function address(text: string): URL | undefined {
  try {
    const url = new URL(text);
    return url.protocol === 'https:' || url.protocol === 'http:' ? url : undefined;
  } catch {
    return undefined;
  }
}

function ofPath(app: string, path: string[]): Meaning {
  const [what = '', first = '', second = ''] = path;
  if (what === 'take' && first && second) return { kind: 'take', dossier: first, procedure: second };
  if (what === 'enrol' && first) return { kind: 'invitation', invitation: first };
  if (app === 'track' && what) return { kind: 'code', code: what };
  return { kind: 'foreign' };
}

/** Understands a text by its shape alone; `own` is the host of this app. */
export function meaningOf(text: string, own: string): Meaning {
  const given = text.trim();
  const bare = given.toUpperCase().replaceAll(/\s/g, '');
  if (INVITATION.test(bare)) return { kind: 'invitation', invitation: bare };
  if (CODE.test(bare)) return { kind: 'code', code: bare };
  const url = address(given);
  if (!url) return { kind: 'foreign' };
  const app = url.pathname.split('/')[1] ?? '';
  let path: string[];
  try {
    path = url.hash.replace(/^#\//, '').split('?')[0]!.split('/').map(decodeURIComponent);
  } catch {
    return { kind: 'foreign' };
  }
  const meant = APPS.has(app) ? ofPath(app, path) : { kind: 'foreign' as const };
  return meant.kind !== 'foreign' && url.host !== own ? { kind: 'elsewhere', host: url.host } : meant;
}
