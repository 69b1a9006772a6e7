import { fromIsoWeek, isDate, isWallClock, midnight, type WallClock } from './calendar.ts';
import { asciiDigits } from './python-text.ts';

/*
 * What the reference takes for ISO 8601: Python's `fromisoformat`, and where that refuses, Django's own patterns, which
 * allow one-digit months and hours.
 */

const DATE = /^(\d{4})-(\d\d)-(\d\d)$|^(\d{4})(\d\d)(\d\d)$/;
const WEEK = /^(\d{4})-W(\d\d)(?:-(\d))?$|^(\d{4})W(\d\d)(\d)?$/;
const DJANGO_DATE = /^(\d{4})-(\d{1,2})-(\d{1,2})\n?$/;
const DJANGO_TIME = /^(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.,](\d{1,6})\d{0,6})?)?\n?$/;
const DJANGO_DATETIME =
  /^(\d{4})-(\d{1,2})-(\d{1,2})[T ](\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.,](\d{1,6})\d{0,6})?)?\s*(?:(Z)|([+-])(\d\d)(?::?(\d\d))?)?\n?$/;

/** Reads a date; null for anything else. */
export function parseIsoDate(text: string): WallClock | null {
  return isoDate(text) ?? djangoDate(asciiDigits(text));
}

/** Reads a time of day, whatever its offset; null for anything else. */
export function parseIsoTime(text: string): WallClock | null {
  const clock = isoTime(text.startsWith('T') ? text.slice(1) : text, midnight(1900, 1, 1));
  return clock ?? djangoTime(asciiDigits(text));
}

/** Reads a date and time, or a date for its midnight; null for anything else. */
export function parseIsoDateTime(text: string): WallClock | null {
  return isoDateTime(text) ?? djangoDateTime(asciiDigits(text));
}

function isoDate(text: string): WallClock | null {
  if (text.length === 10 && text.charCodeAt(4) === 0x2d && text.charCodeAt(7) === 0x2d) return dashedDate(text);
  const plain = DATE.exec(text);
  if (plain !== null) {
    const [year, month, day] = numbers(plain);
    return dateOf(year, month, day);
  }
  const week = WEEK.exec(text);
  if (week === null) return null;
  const [year = 0, number = 0, day = 1] = numbers(week);
  return fromIsoWeek(year, number, day);
}

/** `YYYY-MM-DD`. */
function dashedDate(text: string): WallClock | null {
  const year = digitsAt(text, 0, 4);
  const month = digitsAt(text, 5, 7);
  const day = digitsAt(text, 8, 10);
  return year >= 0 && month >= 0 && day >= 0 ? dateOf(year, month, day) : null;
}

/** The number between two places, or -1 where there are other characters. */
function digitsAt(text: string, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at += 1) {
    if (!isDigit(text, at)) return -1;
    value = value * 10 + text.charCodeAt(at) - 0x30;
  }
  return value;
}

function isoDateTime(text: string): WallClock | null {
  if (text.length < 7) return null;
  const at = separator(text);
  const date = at === null ? null : isoDate(text.slice(0, at));
  if (date === null || at === null) return null;
  return text.length <= at ? date : isoTime(text.slice(at + 1), date);
}

/** Where the date ends: the mark between date and time may be any one character. */
function separator(text: string): number | null {
  if (text.length === 7) return 7;
  if (text.charAt(4) === '-') {
    if (text.charAt(5) !== 'W') return 10;
    if (text.length <= 8 || text.charAt(8) !== '-') return 8;
    if (text.length === 9) return null;
    return text.length > 10 && isDigit(text, 10) ? 8 : 10;
  }
  if (text.charAt(4) !== 'W') return 8;
  let digits = 7;
  while (digits < text.length && isDigit(text, digits)) digits += 1;
  if (digits < 9) return digits;
  return digits % 2 === 0 ? 7 : 8;
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0x30 && code <= 0x39;
}

function isoTime(text: string, date: WallClock): WallClock | null {
  const at = text.search(/[-+Z]/);
  const read = at === -1 ? clockOf(text) : clockOf(text.slice(0, at));
  // Python overlooks what stands between the time and an offset.
  if (read === null || (at === -1 && read.hasRest)) return null;
  const offset = at === -1 ? null : offsetOf(text, at);
  if (at !== -1 && offset === null) return null;
  const result: WallClock = { ...date, ...read.clock, offset };
  return isWallClock(result) ? result : null;
}

function offsetOf(text: string, at: number): number | null {
  const rest = text.slice(at + 1);
  if (text.charAt(at) === 'Z') return rest === '' ? 0 : null;
  const read = clockOf(rest);
  if (read === null || read.hasRest) return null;
  const seconds = read.clock.hour * 3600 + read.clock.minute * 60 + read.clock.second;
  return text.charAt(at) === '-' ? -seconds : seconds;
}

type Clock = Pick<WallClock, 'hour' | 'minute' | 'second' | 'microsecond'>;

/**
 * Reads `HH[:MM[:SS]]` with or without colons and a fraction after any part, as Python's reader does: one character that
 * it stops before is left over, and a third colon may stand for the point.
 */
function clockOf(text: string): { readonly clock: Clock; readonly hasRest: boolean } | null {
  const parts = [0, 0, 0];
  const done = (microsecond: number, hasRest: boolean): { clock: Clock; hasRest: boolean } => {
    const [hour = 0, minute = 0, second = 0] = parts;
    return { clock: { hour, minute, second, microsecond }, hasRest };
  };
  let at = 0;
  let hasColons = false;
  for (let part = 0; part < 3; part += 1) {
    if (!isDigit(text, at) || !isDigit(text, at + 1)) return null;
    parts[part] = Number(text.slice(at, at + 2));
    at += 2;
    const next = text.charAt(at);
    if (part === 0) hasColons = next === ':';
    at += 1;
    if (at >= text.length) return done(0, next !== '');
    if (hasColons && next === ':') continue;
    if (next === '.' || next === ',') break;
    if (hasColons) return null;
    at -= 1;
  }
  const fraction = text.slice(at, at + 6);
  if (!/^\d+$/.test(fraction)) return null;
  return done(Number(fraction.padEnd(6, '0')), !/^\d*$/.test(text.slice(at + 6)));
}

function djangoDate(text: string): WallClock | null {
  const match = DJANGO_DATE.exec(text);
  if (match === null) return null;
  const [year, month, day] = numbers(match);
  return dateOf(year, month, day);
}

function djangoTime(text: string): WallClock | null {
  const match = DJANGO_TIME.exec(text);
  if (match === null) return null;
  const [, hour, minute, second, fraction] = match;
  const clock = { ...midnight(1900, 1, 1), ...djangoClock(hour, minute, second, fraction) };
  return isWallClock(clock) ? clock : null;
}

function djangoDateTime(text: string): WallClock | null {
  const match = DJANGO_DATETIME.exec(text);
  if (match === null) return null;
  const [, year, month, day, hour, minute, second, fraction, utc, sign, offsetHours, offsetMinutes] = match;
  let offset = utc === undefined ? null : 0;
  if (sign !== undefined) {
    const size = Number(offsetHours) * 3600 + Number(offsetMinutes ?? 0) * 60;
    offset = sign === '-' ? -size : size;
  }
  const clock: WallClock = {
    ...midnight(Number(year), Number(month), Number(day)),
    ...djangoClock(hour, minute, second, fraction),
    offset,
  };
  return isWallClock(clock) ? clock : null;
}

function djangoClock(hour = '0', minute = '0', second = '0', fraction = ''): Clock {
  return {
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second),
    microsecond: Number(fraction.padEnd(6, '0')),
  };
}

function dateOf(year = 0, month = 0, day = 0): WallClock | null {
  return isDate(year, month, day) ? midnight(year, month, day) : null;
}

/** The groups that matched, as numbers. */
function numbers(match: RegExpExecArray): number[] {
  return match
    .slice(1)
    .filter((group) => group !== undefined)
    .map(Number);
}
