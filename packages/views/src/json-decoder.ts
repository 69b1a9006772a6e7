import { randomBytes } from 'node:crypto';
import { ParseError } from '@rf/exceptions';

/** How JSON is read. */
export interface JsonDecodeOptions {
  /** Refuse NaN and Infinity, which are not JSON but common. */
  readonly strict: boolean;
  /** Arrays and objects inside one another. */
  readonly maxDepth: number;
}

/** Longest integer that is read; what reading one costs grows faster than its length. */
const MAX_INTEGER_DIGITS = 4300;

/**
 * Reads a JSON text. Integers that a number cannot hold become bigints.
 *
 * Throws ParseError with DRF's prefix for what is no JSON, is nested too deeply, has numbers without end, or has keys that are there
 * to change the prototypes of objects (PA02).
 */
export function parseJson(text: string, { maxDepth, strict }: JsonDecodeOptions): unknown {
  // Counted before parsing, so that a body of brackets costs one pass and no memory.
  if (exceedsDepth(text, maxDepth)) throw malformed(`nested deeper than ${maxDepth} levels`);
  const value = needsCare(text) ? parseCarefully(text, strict) : parse(text);
  if (MAY_REACH_PROTOTYPES.test(text)) refusePrototypes(value);
  return value;
}

const malformed = (reason: string): ParseError => new ParseError(`JSON parse error - ${reason}`);

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw malformed((error as Error).message);
  }
}

function exceedsDepth(text: string, limit: number): boolean {
  if (text.length <= limit) return false;
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    if (quoted) {
      if (char === 0x5c) at += 1;
      else if (char === 0x22) quoted = false;
    } else if (char === 0x22) quoted = true;
    else if (char === 0x5b || char === 0x7b) {
      depth += 1;
      if (depth > limit) return true;
    } else if (char === 0x5d || char === 0x7d) depth -= 1;
  }
  return false;
}

// ---- numbers that JSON.parse reads wrongly --------------------------------------------------------------------------

/** Numbers that JSON.parse may read wrongly, and words that stand for numbers. */
const NEEDS_CARE = /\d{16}|[eE]\+?\d{3}|NaN|Infinity/;

/** Closed or not: what is cut off is read to its end once. */
const STRING = /"[^"\\]*(?:\\.[^"\\]*)*"?/gs;

/** Keys and identifiers are often full of digits: only what stands outside of strings counts. */
function needsCare(text: string): boolean {
  return NEEDS_CARE.test(text) && NEEDS_CARE.test(text.replace(STRING, '""'));
}

/** Strings, which are skipped, closed or not; and the numbers. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"?|-?(?:Infinity|\d[\d.eE+-]*)|NaN/gs;

// Numbers travel through JSON.parse as marked strings. The mark is secret, so no string of a client passes for one.
const MARK = `number:${randomBytes(12).toString('base64url')}:`;

function parseCarefully(text: string, strict: boolean): unknown {
  const marked = text.replace(TOKEN, (token) => markNumber(token, strict));
  try {
    return JSON.parse(marked, unmarkNumber);
  } catch {
    // The error's own text would show the mark.
    throw malformed('the text is not JSON');
  }
}

function markNumber(token: string, strict: boolean): string {
  if (token.startsWith('"')) return token;
  if (/^-?[1-9]\d*$/.test(token)) {
    if (token.length > MAX_INTEGER_DIGITS) throw malformed(`an integer has more than ${MAX_INTEGER_DIGITS} digits`);
    return Number.isSafeInteger(Number(token)) ? token : `"${MARK}${token}"`;
  }
  const number = Number(token);
  // What is no number at all is JSON.parse's to refuse.
  if (Number.isFinite(number) || (Number.isNaN(number) && token !== 'NaN')) return token;
  if (strict) throw malformed(`Out of range float values are not JSON compliant: '${token.slice(0, 32)}'`);
  return `"${MARK}${number}"`;
}

function unmarkNumber(_key: string, value: unknown): unknown {
  if (typeof value !== 'string' || !value.startsWith(MARK)) return value;
  const token = value.slice(MARK.length);
  return /^-?\d+$/.test(token) ? BigInt(token) : Number(token);
}

// ---- prototypes -----------------------------------------------------------------------------------------------------

const MAY_REACH_PROTOTYPES = /__proto__|prototype|\\u00/i;

/** Throws for a key `__proto__`, and for `constructor` with `prototype` in it: copied carelessly, they change what all objects are. */
function refusePrototypes(value: unknown): void {
  if (value === null || typeof value !== 'object') return;
  if (Object.hasOwn(value, '__proto__')) throw malformed('the key "__proto__" is not allowed');
  for (const [key, member] of Object.entries(value)) {
    if (key === 'constructor' && isObject(member) && Object.hasOwn(member, 'prototype')) {
      throw malformed('the key "constructor" may not hold "prototype"');
    }
    refusePrototypes(member);
  }
}

const isObject = (value: unknown): value is object => value !== null && typeof value === 'object';
