/** Longest text of an IPv6 address that is accepted. */
const MAX_IPV6_LENGTH = 39;

/** True for four decimal numbers of at most 255 without leading zeros. */
export function isIPv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^(?:0|[1-9][0-9]{0,2})$/.test(part) && Number(part) <= 255);
}

/** The eight groups of an IPv6 address, or null. */
function groupsOf(text: string): number[] | null {
  const [address = '', scope, ...more] = text.split('%');
  if (more.length > 0 || scope === '') return null;
  const halves = address.split('::');
  if (halves.length > 2) return null;
  const [left, right] = halves.map((half) => (half === '' ? [] : half.split(':')));
  if (left === undefined || (halves.length === 1 && left.length === 0)) return null;
  const head = numbersOf(left, right === undefined);
  const tail = right === undefined ? [] : numbersOf(right, true);
  if (head === null || tail === null) return null;
  const missing = 8 - head.length - tail.length;
  if (right === undefined) return missing === 0 ? head : null;
  return missing < 1 ? null : [...head, ...Array.from({ length: missing }, () => 0), ...tail];
}

function numbersOf(groups: readonly string[], mayEndInIPv4: boolean): number[] | null {
  const result: number[] = [];
  for (const [at, group] of groups.entries()) {
    if (mayEndInIPv4 && at === groups.length - 1 && group.includes('.')) {
      if (!isIPv4(group)) return null;
      const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
      result.push(a * 256 + b, c * 256 + d);
    } else if (/^[0-9a-f]{1,4}$/i.test(group)) {
      result.push(Number.parseInt(group, 16));
    } else {
      return null;
    }
  }
  return result;
}

/** The IPv4 address inside `::ffff:a.b.c.d`, or null. */
function mappedIPv4(groups: readonly number[]): string | null {
  if (!groups.slice(0, 5).every((group) => group === 0) || groups[5] !== 0xffff) return null;
  const [high = 0, low = 0] = groups.slice(6);
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}

/**
 * An IPv6 address in its shortest form, null for anything else.
 *
 * @param unpack whether `::ffff:10.0.0.1` becomes `10.0.0.1`
 */
export function ipv6Text(text: string, unpack = false): string | null {
  if (text.length > MAX_IPV6_LENGTH) return null;
  const groups = groupsOf(text);
  if (groups === null) return null;
  const mapped = mappedIPv4(groups);
  if (mapped !== null) return unpack ? mapped : `::ffff:${mapped}`;
  return compressed(groups);
}

/** The longest run of at least two zero groups becomes `::`; the first of equally long ones. */
function compressed(groups: readonly number[]): string {
  let start = -1;
  let length = 1;
  for (let at = 0; at < groups.length; at += 1) {
    let end = at;
    while (groups[end] === 0) end += 1;
    if (end - at > length) {
      start = at;
      length = end - at;
    }
  }
  const hex = groups.map((group) => group.toString(16));
  if (start === -1) return hex.join(':');
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`;
}
