import { randomBytes } from 'node:crypto';

/** How JSON is written. */
export interface JsonOptions {
  /** Spaces per level; null writes one line. */
  readonly indent: number | null;
  /** One line without spaces; false writes `", "` and `": "` as Python does. */
  readonly compact: boolean;
  /** Characters beyond ASCII as they are. */
  readonly unicode: boolean;
  /** Refuse NaN and Infinity instead of writing null. */
  readonly strict: boolean;
}

/**
 * Writes any data an API answers as JSON (RN01, RN02).
 *
 * Moments become ISO 8601 with six digits of a second or none and `Z`; bigints become numbers; bytes become text; Maps become
 * objects, other iterables arrays; an object with `toJSON` is what that returns. U+2028 and U+2029 are escaped.
 *
 * Throws a TypeError for NaN, Infinity (when strict), functions, symbols and cycles, naming the place.
 */
export function encodeJson(data: unknown, options: JsonOptions): string {
  const plain = isPlain(data, 0) ? data : toPlain(data, options, '', []);
  let text: string;
  if (options.indent !== null) text = JSON.stringify(plain, null, options.indent);
  else if (options.compact) text = JSON.stringify(plain);
  else text = spaced(plain);
  if (plain !== data && text.includes(BIGINT_MARK)) text = text.replace(BIGINT, '$1');
  if (LINE_SEPARATORS.test(text)) text = text.replace(/\u2028/g, '\\u2028').replace(/\u2029/g, '\\u2029');
  return options.unicode ? text : escapeNonAscii(text);
}

const LINE_SEPARATORS = /[\u2028\u2029]/;

// A bigint cannot pass JSON.stringify; it travels as a marked text. The mark is secret, so no data can imitate it.
const BIGINT_MARK = `bigint:${randomBytes(12).toString('base64url')}:`;
const BIGINT = new RegExp(`"${BIGINT_MARK}(-?\\d+)"`, 'g');

/** Deeper data is left to the careful walk, which notices cycles. */
const MAX_FAST_DEPTH = 64;

/** True when JSON.stringify writes `value` just as we want it. */
function isPlain(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value);
    case 'undefined':
      return depth > 0;
    case 'object':
      break;
    default:
      return false;
  }
  if (value === null) return true;
  if (depth > MAX_FAST_DEPTH) return false;
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at += 1) if (!isPlain(value[at], depth + 1)) return false;
    return true;
  }
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  for (const key in value) {
    if (!isPlain((value as Record<string, unknown>)[key], depth + 1)) return false;
  }
  return true;
}

function toPlain(value: unknown, options: JsonOptions, at: string, above: object[]): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'undefined':
      return value;
    case 'number':
      if (Number.isFinite(value)) return value;
      if (options.strict)
        throw new TypeError(`Out of range float values are not JSON compliant: ${value} at ${at || '/'}`);
      return null;
    case 'bigint':
      return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : BIGINT_MARK + value;
    case 'object':
      break;
    default:
      throw new TypeError(`a ${typeof value} cannot be written as JSON, at ${at || '/'}`);
  }
  if (value === null) return null;
  if (value instanceof Date) return formatMoment(value);
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.length).toString('utf8');
  if (above.includes(value)) throw new TypeError(`the data contains itself, at ${at || '/'}`);
  const inside = [...above, value];
  if (typeof (value as { toJSON?: unknown }).toJSON === 'function') {
    return toPlain((value as { toJSON(): unknown }).toJSON(), options, at, inside);
  }
  if (value instanceof Map) return plainObject(value, options, at, inside);
  if (typeof (value as Iterable<unknown>)[Symbol.iterator] === 'function') {
    return Array.from(
      value as Iterable<unknown>,
      (item, index) => toPlain(item, options, `${at}/${index}`, inside) ?? null,
    );
  }
  return plainObject(Object.entries(value), options, at, inside);
}

function plainObject(entries: Iterable<[unknown, unknown]>, options: JsonOptions, at: string, above: object[]): object {
  const result: Record<string, unknown> = Object.create(null);
  for (const [key, value] of entries) {
    const plain = toPlain(value, options, `${at}/${String(key)}`, above);
    if (plain !== undefined) result[String(key)] = plain;
  }
  return result;
}

/** ISO 8601 in UTC: six digits of a second, or none when they are zero. */
function formatMoment(moment: Date): string {
  if (Number.isNaN(moment.getTime())) throw new TypeError('an invalid Date cannot be written as JSON');
  // A Date that knows more, such as its microseconds and zone, writes itself.
  if (moment.toJSON !== Date.prototype.toJSON) return moment.toJSON();
  const text = moment.toISOString();
  return text.endsWith('.000Z') ? `${text.slice(0, -5)}Z` : `${text.slice(0, -1)}000Z`;
}

function spaced(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`;
  const members = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}: ${spaced(member)}`);
  return `{${members.join(', ')}}`;
}

function escapeNonAscii(text: string): string {
  return text.replace(/[\u0080-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
