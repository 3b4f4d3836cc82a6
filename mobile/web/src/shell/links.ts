/** Links that others open, from paper or from another device. Codes and ids only, never anything personal. */

/** Where anybody follows a dossier by its code. After the `#`, so that no server's log holds it. */
export function trackingLink(code: string): string {
  return `${location.origin}/track#/${encodeURIComponent(code)}`;
}

/** What a postal worker's device opens to go on with a citizen's dossier. */
export function handOverLink(dossier: string, procedure: string): string {
  return `${location.origin}/postal#/take/${encodeURIComponent(dossier)}/${encodeURIComponent(procedure)}`;
}
