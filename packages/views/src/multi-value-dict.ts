/**
 * Names with any number of values, as a query string or a form has them (DRF's `QueryDict`, rows RQ01, RQ05).
 *
 * Reading one value gives the last one; the order of names is the order of first appearance.
 */
export class MultiValueDict<T> implements Iterable<[string, T[]]> {
  readonly #values = new Map<string, T[]>();

  constructor(pairs: Iterable<readonly [string, T]> = []) {
    for (const [name, value] of pairs) this.append(name, value);
  }

  /** The last value of `name`. */
  get(name: string): T | undefined {
    return this.#values.get(name)?.at(-1);
  }

  /** All values of `name` in order; empty when there is none. */
  getList(name: string): T[] {
    return this.#values.get(name) ?? [];
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** Adds one more value. */
  append(name: string, value: T): void {
    const list = this.#values.get(name);
    if (list === undefined) this.#values.set(name, [value]);
    else list.push(value);
  }

  /** Replaces all values of `name` by one. */
  set(name: string, value: T): void {
    this.#values.set(name, [value]);
  }

  delete(name: string): boolean {
    return this.#values.delete(name);
  }

  keys(): IterableIterator<string> {
    return this.#values.keys();
  }

  /** Name and last value of each entry. */
  *entries(): IterableIterator<[string, T]> {
    for (const [name, list] of this.#values) yield [name, list.at(-1) as T];
  }

  [Symbol.iterator](): IterableIterator<[string, T[]]> {
    return this.#values.entries();
  }

  get size(): number {
    return this.#values.size;
  }

  /** An object of lists. Safe for any name: it has no prototype. */
  toJSON(): Record<string, T[]> {
    const result: Record<string, T[]> = Object.create(null);
    for (const [name, list] of this.#values) result[name] = list;
    return result;
  }
}

/**
 * Reads `a=1&b=2` as form data: `+` is a space, broken percent escapes stay as they are, blank values are kept.
 *
 * Throws a RangeError beyond `maxFields` pairs.
 */
export function parseUrlEncoded(text: string, maxFields = Number.POSITIVE_INFINITY): MultiValueDict<string> {
  const result = new MultiValueDict<string>();
  if (text === '') return result;
  const pairs = text.split('&', maxFields === Number.POSITIVE_INFINITY ? undefined : maxFields + 1);
  if (pairs.length > maxFields) throw new RangeError('too many fields');
  for (const pair of pairs) {
    if (pair === '') continue;
    const at = pair.indexOf('=');
    if (at === -1) result.append(decodeFormText(pair), '');
    else result.append(decodeFormText(pair.slice(0, at)), decodeFormText(pair.slice(at + 1)));
  }
  return result;
}

function decodeFormText(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  if (!spaced.includes('%')) return spaced;
  // Byte-wise, since a broken escape must not spoil the good ones and broken UTF-8 becomes U+FFFD as in a browser's own decoder.
  return Buffer.from(unescapeBytes(spaced)).toString('utf8');
}

function unescapeBytes(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'utf8');
  let length = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] as number;
    const code = byte === 0x25 ? Number.parseInt(hexPair(bytes, at + 1), 16) : Number.NaN;
    if (Number.isNaN(code)) bytes[length] = byte;
    else {
      bytes[length] = code;
      at += 2;
    }
    length += 1;
  }
  return bytes.subarray(0, length);
}

function hexPair(bytes: Buffer, at: number): string {
  const pair = bytes.toString('latin1', at, at + 2);
  return /^[0-9a-f]{2}$/i.test(pair) ? pair : '';
}
