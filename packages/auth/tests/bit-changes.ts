/** The text with each of its bits changed, one at a time. */
export function bitChanges(text: string): string[] {
  return Array.from({ length: text.length * 8 }, (_none, bit) => {
    const changed = Buffer.from(text, 'latin1');
    changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
    return changed.toString('latin1');
  });
}

/** Those that a header can carry, and that do not only differ by white space around them. */
export function headerBitChanges(text: string): string[] {
  return bitChanges(text).filter((changed) => /^[\x20-\x7e\x80-\xff]+$/.test(changed) && changed.trim() === changed);
}

/** Those that a request line can carry. */
export function targetBitChanges(text: string): string[] {
  return bitChanges(text).filter((changed) => /^\/[\x21\x22\x24-\x7e\x80-\xff]*$/.test(changed));
}

/** What each is answered, a few at a time. */
export async function inTurn<T, R>(all: readonly T[], send: (one: T) => Promise<R>): Promise<(readonly [T, R])[]> {
  const found: (readonly [T, R])[] = [];
  for (let at = 0; at < all.length; at += 50) {
    const asked = all.slice(at, at + 50).map(async (one) => [one, await send(one)] as const);
    found.push(...(await Promise.all(asked)));
  }
  return found;
}
