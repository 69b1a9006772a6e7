import { randomBytes } from 'node:crypto';

/** Options of {@link readJSON}. */
export interface JSONReadOptions {
  /** Longest integer that is read, in characters; default any. What reading one costs grows faster than its length. */
  readonly maxIntegerLength?: number;
}

/** Closed or not: what is cut off is read to its end once. */
const STRING = /"[^"\\]*(?:\\.[^"\\]*)*"?/gs;
const STRING_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"?|-?\d[\d.eE+-]*/gs;

// Integers pass JSON.parse and JSON.stringify as marked strings. The mark is secret, so no data can imitate it.
const MARK = `integer:${randomBytes(12).toString('base64url')}:`;
const MARKED = new RegExp(`"${MARK}(-?\\d+)"`, 'g');

/**
 * Reads a JSON text as `JSON.parse` does, except that integers which a number cannot hold are bigints.
 *
 * @throws SyntaxError for what is no JSON, and for an integer longer than `maxIntegerLength`
 */
export function readJSON(text: string, options: JSONReadOptions = {}): unknown {
  // Keys and identifiers are often full of digits: only what stands outside of strings counts.
  if (!hasLongInteger(text) || !hasLongInteger(text.replace(STRING, '""'))) return JSON.parse(text);
  const { maxIntegerLength = Infinity } = options;
  const marked = text.replace(STRING_OR_NUMBER, (token) => {
    if (!/^-?[1-9]\d*$/.test(token) || Number.isSafeInteger(Number(token))) return token;
    if (token.length > maxIntegerLength) throw new SyntaxError(`an integer has more than ${maxIntegerLength} digits`);
    return `"${MARK}${token}"`;
  });
  return JSON.parse(marked, (_key, value: unknown) =>
    typeof value === 'string' && value.startsWith(MARK) ? BigInt(value.slice(MARK.length)) : value,
  );
}

/** Digits that a number may not hold. */
const LONG = 16;

/**
 * True where that many digits stand together. Such a run covers one of the places that are looked at; a regular expression, which
 * looks at all of them, takes longer than JSON.parse itself.
 */
function hasLongInteger(text: string): boolean {
  let at = LONG - 1;
  while (at < text.length) {
    if (!isDigit(text, at)) {
      at += LONG;
      continue;
    }
    let first = at;
    while (first > 0 && isDigit(text, first - 1)) first -= 1;
    let end = at + 1;
    while (end < text.length && isDigit(text, end)) end += 1;
    if (end - first >= LONG) return true;
    at = end + LONG;
  }
  return false;
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0x30 && code <= 0x39;
}

/**
 * Writes a JSON text as `JSON.stringify` does, except that bigints are integers.
 *
 * @throws TypeError for what contains itself
 */
export function writeJSON(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    const marked = JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? `${MARK}${item}` : item));
    if (!marked.includes(MARK)) throw error;
    return marked.replace(MARKED, '$1');
  }
}
