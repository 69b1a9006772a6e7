import { decodeText, decodeTextStrictly } from './charset.ts';

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
  // From here on, each character is one byte.
  const text = typeof form === 'string' && isAscii(form) ? form : bytesOf(form).toString('latin1');
  if (text === '') return result;
  const isText = isAscii(text) || decodeTextStrictly(bytesOf(form), charset) !== null;
  const decode = isText ? decodeComponent : decodeEscapes;
  const pairs = text.split('&', maxFields === Number.POSITIVE_INFINITY ? undefined : maxFields + 1);
  if (pairs.length > maxFields) throw new RangeError('too many fields');
  for (const pair of pairs) {
    if (pair === '') continue;
    const at = pair.indexOf('=');
    if (at === -1) result.append(decode(pair, charset), '');
    else result.append(decode(pair.slice(0, at), charset), decode(pair.slice(at + 1), charset));
  }
  return result;
}

/** True when each character is one byte of UTF-8. */
const isAscii = (text: string): boolean => Buffer.byteLength(text) === text.length;

const bytesOf = (form: string | Uint8Array): Buffer =>
  typeof form === 'string' ? Buffer.from(form) : Buffer.from(form.buffer, form.byteOffset, form.length);

function decodeComponent(byteText: string, charset: string | null): string {
  const spaced = byteText.includes('+') ? byteText.replaceAll('+', ' ') : byteText;
  if (!spaced.includes('%')) return isAscii(spaced) ? spaced : decodeText(Buffer.from(spaced, 'latin1'), charset);
  return decodeText(unescapeBytes(Buffer.from(spaced, 'latin1')), charset);
}

/** The same where bytes that are not escaped are Latin-1. */
function decodeEscapes(byteText: string, charset: string | null): string {
  return byteText.replace(/[\x00-\x7f]+/g, (ascii) => decodeComponent(ascii, charset));
}

/** Replaces percent escapes by their bytes; byte-wise, since a broken escape must not spoil the good ones. */
function unescapeBytes(bytes: Buffer): Buffer {
  let length = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] as number;
    const code = byte === PERCENT ? hexPair(bytes[at + 1], bytes[at + 2]) : -1;
    if (code === -1) bytes[length] = byte;
    else {
      bytes[length] = code;
      at += 2;
    }
    length += 1;
  }
  return bytes.subarray(0, length);
}

const PERCENT = 0x25;

/** The byte that two hexadecimal digits stand for; -1 for anything else. */
function hexPair(high: number | undefined, low: number | undefined): number {
  const first = hexDigit(high);
  const second = hexDigit(low);
  return first === -1 || second === -1 ? -1 : first * 16 + second;
}

function hexDigit(code: number | undefined): number {
  if (code === undefined) return -1;
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
