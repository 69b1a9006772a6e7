import { decodeTextStrictly } from './charset.ts';
import { decodePercent } from './percent-encoding.ts';

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
 * @param form a text, or the bytes of a body
 * @param charset what bytes and escapes are encoded in; UTF-8 unless given. Escapes that it cannot read become U+FFFD; bytes that are
 *   no text in it are Latin-1, as careless clients send them
 * Throws a RangeError beyond `maxFields` pairs.
 */
export function parseUrlEncoded(
  form: string | Uint8Array,
  maxFields = Number.POSITIVE_INFINITY,
  charset: string | null = null,
): MultiValueDict<string> {
  const result = new MultiValueDict<string>();
  const text = typeof form === 'string' ? form : textOf(form, charset);
  if (text === '') return result;
  const pairs = text.split('&', maxFields === Number.POSITIVE_INFINITY ? undefined : maxFields + 1);
  if (pairs.length > maxFields) throw new RangeError('too many fields');
  const decode = (part: string): string => decodePercent(part.replaceAll('+', ' '), charset);
  for (const pair of pairs) {
    if (pair === '') continue;
    const at = pair.indexOf('=');
    if (at === -1) result.append(decode(pair), '');
    else result.append(decode(pair.slice(0, at)), decode(pair.slice(at + 1)));
  }
  return result;
}

/** Bytes that are no text in `charset` are Latin-1, as careless clients send them. */
function textOf(form: Uint8Array, charset: string | null): string {
  const bytes = Buffer.from(form.buffer, form.byteOffset, form.length);
  return decodeTextStrictly(bytes, charset) ?? bytes.toString('latin1');
}
