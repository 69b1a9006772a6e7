/**
 * The reference's own text forms. They are part of the wire: error texts name types and show values the way Python
 * prints them, and text is trimmed and read as Python does.
 */

/** The name of a value's type in an error text: `str`, `int`, `float`, `bool`, `list`, `dict`, `NoneType`, else the class. */
export function typeName(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return 'str';
    case 'number':
      // JSON's larger integers are bigints.
      return Number.isSafeInteger(value) ? 'int' : 'float';
    case 'bigint':
      return 'int';
    case 'boolean':
      return 'bool';
    case 'function':
      return 'function';
    case 'undefined':
      return 'NoneType';
    default:
      return objectTypeName(value as object | null);
  }
}

function objectTypeName(value: object | null): string {
  if (value === null) return 'NoneType';
  if (Array.isArray(value)) return 'list';
  if (value instanceof Map) return 'dict';
  if (value instanceof Set) return 'set';
  if (value instanceof Uint8Array) return 'bytes';
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return 'dict';
  return value.constructor.name;
}

/** A number as Python prints it: integers in full, other floats in the shortest form that reads back. */
export function numberText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Number.isSafeInteger(value)) return Object.is(value, -0) ? '0' : String(value);
  const [mantissa = '', power = '0'] = value.toExponential().split('e');
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 16) {
    const sign = exponent < 0 ? '-' : '+';
    return `${mantissa}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  // Between JavaScript's own switch to exponents (1e-7) and Python's (1e-4) the digits have to be moved by hand.
  if (exponent < 0) {
    const negative = mantissa.startsWith('-');
    const digits = mantissa.replace(/[-.]/g, '');
    return `${negative ? '-' : ''}0.${'0'.repeat(-exponent - 1)}${digits}`;
  }
  return String(value);
}

/** `str(value)` in Python: what a message shows for a value that came in. */
export function pythonString(value: unknown): string {
  return typeof value === 'string' ? value : pythonRepr(value);
}

/** How deep a value is shown before it is cut: input may be nested deeper than the stack is. */
const MAX_SHOWN_DEPTH = 50;

/** `repr(value)` in Python. */
export function pythonRepr(value: unknown, depth = 0): string {
  switch (typeof value) {
    case 'string':
      return quoted(value);
    case 'number':
      return numberText(value);
    case 'bigint':
      return String(value);
    case 'boolean':
      return value ? 'True' : 'False';
    case 'object':
      return value === null ? 'None' : objectRepr(value, depth);
    default:
      return value === undefined ? 'None' : String(value);
  }
}

function objectRepr(value: object, depth: number): string {
  if (depth > MAX_SHOWN_DEPTH) return '...';
  if (Array.isArray(value)) return `[${value.map((item) => pythonRepr(item, depth + 1)).join(', ')}]`;
  if (value instanceof Set) {
    if (value.size === 0) return 'set()';
    return `{${Array.from(value, (item) => pythonRepr(item, depth + 1)).join(', ')}}`;
  }
  if (value instanceof Map || objectTypeName(value) === 'dict') {
    const entries = value instanceof Map ? [...value] : Object.entries(value);
    return `{${entries.map(([key, item]) => `${pythonRepr(key, depth + 1)}: ${pythonRepr(item, depth + 1)}`).join(', ')}}`;
  }
  if (value instanceof Uint8Array) return `b${quoted(Buffer.from(value).toString('latin1'))}`;
  return String(value);
}

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  let result = '';
  for (const character of text) {
    const code = character.codePointAt(0) as number;
    if (character === '\\' || character === quote) result += `\\${character}`;
    else if (character === '\n') result += '\\n';
    else if (character === '\r') result += '\\r';
    else if (character === '\t') result += '\\t';
    else if (code < 0x20 || (code >= 0x7f && code < 0xa1)) result += `\\x${code.toString(16).padStart(2, '0')}`;
    else if (code >= 0xd800 && code <= 0xdfff) result += `\\u${code.toString(16)}`;
    else result += character;
  }
  return quote + result + quote;
}

/** The text without white space at its ends, as Python's `text.strip()` has it. */
export function strip(text: string): string {
  const length = text.length;
  if (length === 0) return text;
  const first = text.charCodeAt(0);
  const last = text.charCodeAt(length - 1);
  // Most text has no space at its ends: two comparisons instead of a search.
  if (first > 0x20 && first < 0x85 && last > 0x20 && last < 0x85) return text;
  let start = 0;
  let end = length;
  while (start < end && isSpace(text.charCodeAt(start))) start += 1;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end -= 1;
  return start === 0 && end === length ? text : text.slice(start, end);
}

/** True for what Python counts as white space. */
export function isSpace(code: number): boolean {
  if (code < 0x80) return code === 0x20 || (code >= 0x09 && code <= 0x0d) || (code >= 0x1c && code <= 0x1f);
  return (
    code === 0x85 ||
    code === 0xa0 ||
    code === 0x1680 ||
    (code >= 0x2000 && code <= 0x200a) ||
    code === 0x2028 ||
    code === 0x2029 ||
    code === 0x202f ||
    code === 0x205f ||
    code === 0x3000
  );
}

/** Number of code points, which is what Python counts. */
export function codePointLength(text: string): number {
  let count = text.length;
  for (let at = 0; at < text.length - 1; at += 1) {
    const high = text.charCodeAt(at);
    if (high < 0xd800 || high > 0xdbff) continue;
    const low = text.charCodeAt(at + 1);
    if (low >= 0xdc00 && low <= 0xdfff) {
      count -= 1;
      at += 1;
    }
  }
  return count;
}

/** Decimal digits of any script, with single underscores between them, as Python's numbers may be written. */
const INTEGER = /^[+-]?\p{Nd}+(?:_\p{Nd}+)*$/u;

/** What Python takes away around a number: not the separators U+001C to U+001F, which `strip` counts as white space. */
export function stripNumber(text: string): string {
  const trimmed = strip(text);
  return trimmed.length === text.length || !/[\x1c-\x1f]/.test(text) ? trimmed : text;
}

/** Python reads no more digits, since that would take too long. */
const MAX_INTEGER_LENGTH = 4300;

/** `int(text)` in Python; null where Python refuses. */
export function parseInteger(text: string): number | bigint | null {
  const trimmed = stripNumber(text);
  if (trimmed.length <= 15 && /^-?[0-9]+$/.test(trimmed)) return Number(trimmed) + 0;
  if (!INTEGER.test(trimmed)) return null;
  const digits = asciiDigits(trimmed.replaceAll('_', ''));
  if (digits.length > MAX_INTEGER_LENGTH) return null;
  const negative = digits.startsWith('-');
  return narrowed(negative ? -BigInt(digits.slice(1)) : BigInt(digits.replace('+', '')));
}

/** A number where it is exact, else the bigint. */
export function narrowed(value: bigint): number | bigint {
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}

/** Replaces the decimal digits of other scripts by ASCII ones. */
export function asciiDigits(text: string): string {
  return isAscii.test(text) ? text : withAsciiDigits(text);
}

const isAscii = /^[\0-\x7f]*$/;

function withAsciiDigits(text: string): string {
  return text.replace(/[^\0-\x7f]/gu, (character) => {
    if (!/\p{Nd}/u.test(character)) return character;
    const code = character.codePointAt(0) as number;
    // The mathematical digits are five alphabets without a gap; every other script's ten stand alone.
    if (code >= 0x1d7ce && code <= 0x1d7ff) return String((code - 0x1d7ce) % 10);
    let zero = code;
    while (code - zero < 9 && /\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero -= 1;
    return String(code - zero);
  });
}

const FLOAT =
  /^[+-]?(?:\p{Nd}+(?:_\p{Nd}+)*(?:\.(?:\p{Nd}+(?:_\p{Nd}+)*)?)?|\.\p{Nd}+(?:_\p{Nd}+)*)(?:e[+-]?\p{Nd}+(?:_\p{Nd}+)*)?$/iu;

/** `float(text)` in Python without the names of NaN and infinity; null where Python refuses. */
export function parseFloatText(text: string): number | null {
  const trimmed = stripNumber(text);
  if (!FLOAT.test(trimmed)) return null;
  return Number(asciiDigits(trimmed.replaceAll('_', '')));
}

/** `bool(value)` in Python: empty text, lists, objects and sets are false, and so are all zeros. */
export function isTruthy(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return Boolean(value);
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof Map || value instanceof Set) return value.size > 0;
  if (value instanceof Uint8Array) return value.length > 0;
  if (objectTypeName(value) === 'dict') return Object.keys(value).length > 0;
  const zero = (value as { isZero?: unknown }).isZero;
  return typeof zero === 'function' ? !zero.call(value) : true;
}

/** Puts `params` into the `{name}` places of a message; `{{` and `}}` are braces. */
export function formatMessage(template: string, params: Readonly<Record<string, unknown>>): string {
  if (!template.includes('{') && !template.includes('}')) return template;
  return template.replace(/\{\{|\}\}|\{(\w+)\}/g, (place, name: string | undefined) => {
    if (name === undefined) return place.charAt(0);
    return Object.hasOwn(params, name) ? pythonString(params[name]) : place;
  });
}
