/**
 * The order of Vietnamese names: by the given name, which stands last, then by the family name and what is between.
 * An organisation is ordered as it is written.
 */
const ORGANISATION = /^(công ty|doanh nghiệp|hợp tác xã|hộ kinh doanh|chi nhánh|trường|ngân hàng|ủy ban|uỷ ban)\s/i;
const collator = new Intl.Collator('vi', { sensitivity: 'variant', numeric: true });
const keys = new Map<string, [given: string, rest: string]>();

function keyOf(name: string): [string, string] {
  let key = keys.get(name);
  if (!key) {
    const words = name.normalize('NFC').trim().split(/\s+/);
    key = ORGANISATION.test(name) ? [words.join(' '), ''] : [words.at(-1) ?? '', words.slice(0, -1).join(' ')];
    keys.set(name, key);
  }
  return key;
}

/** For `sort`: names as a Vietnamese register lists them; those without a name come last. */
export function compareNames(one: string | null | undefined, other: string | null | undefined): number {
  if (!one || !other) return Number(!one) - Number(!other);
  const [a, b] = [keyOf(one), keyOf(other)];
  return collator.compare(a[0], b[0]) || collator.compare(a[1], b[1]);
}
