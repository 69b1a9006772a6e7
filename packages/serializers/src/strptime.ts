import {
  dayOfYear,
  fromDayOfYear,
  fromUncheckedWeek,
  isoWeek,
  isWallClock,
  midnight,
  offsetText,
  toEpoch,
  twoDigits,
  type WallClock,
  weekday,
} from './calendar.ts';
import { asciiDigits } from './python-text.ts';

/** English names, as in the reference's locale. */
const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const short = (name: string): string => name.slice(0, 3);

/** Pattern of each directive; what it reads is found under the directive's letter. `\d` is a digit of any script. */
const PATTERNS: Readonly<Record<string, string>> = {
  d: '3[0-1]|[1-2]\\d|0[1-9]|[1-9]| [1-9]',
  f: '[0-9]{1,6}',
  H: '2[0-3]|[0-1]\\d|\\d',
  I: '1[0-2]|0[1-9]|[1-9]',
  G: '\\d{4}',
  j: '36[0-6]|3[0-5]\\d|[1-2]\\d\\d|0[1-9]\\d|00[1-9]|[1-9]\\d|0[1-9]|[1-9]',
  m: '1[0-2]|0[1-9]|[1-9]',
  M: '[0-5]\\d|\\d',
  S: '6[0-1]|[0-5]\\d|\\d',
  U: '5[0-3]|[0-4]\\d|\\d',
  W: '5[0-3]|[0-4]\\d|\\d',
  V: '5[0-3]|0[1-9]|[1-4]\\d|\\d',
  w: '[0-6]',
  u: '[1-7]',
  y: '\\d\\d',
  Y: '\\d{4}',
  z: '[+-]\\d\\d:?[0-5]\\d(?::?[0-5]\\d(?:\\.\\d{1,6})?)?|Z',
  Z: 'utc|gmt',
  p: 'am|pm',
  A: WEEKDAYS.join('|'),
  a: WEEKDAYS.map(short).join('|'),
  B: MONTHS.join('|'),
  b: MONTHS.map(short).join('|'),
};

/** Directives that stand for several. */
const COMPOSED: Readonly<Record<string, string>> = { c: '%a %b %d %H:%M:%S %Y', x: '%m/%d/%y', X: '%H:%M:%S' };

/**
 * A reader for one strptime format: the date and time it finds, or null.
 *
 * @throws RangeError for a directive that does not exist
 */
export function strptime(format: string): (text: string) => WallClock | null {
  const letters: string[] = [];
  const pattern = new RegExp(`^${patternOf(format, letters)}$`, 'iu');
  return (text) => {
    const match = pattern.exec(text);
    if (match === null) return null;
    const found = new Map<string, string>();
    letters.forEach((letter, at) => found.set(letter, match[at + 1] as string));
    // Names are read in any letter case, the Z of an offset is not.
    if (found.get('z') === 'z') return null;
    return assembled(found);
  };
}

function patternOf(given: string, letters: string[]): string {
  const format = given.replace(/%([cxX])/g, (_directive, letter: string) => COMPOSED[letter] as string);
  let pattern = '';
  for (let at = 0; at < format.length; at += 1) {
    const character = format.charAt(at);
    if (character !== '%') {
      pattern += character.replace(/[\\.^$*+?{}[\]|()]/, '\\$&');
      continue;
    }
    at += 1;
    const letter = format.charAt(at);
    if (letter === '%') {
      pattern += '%';
      continue;
    }
    const part = PATTERNS[letter];
    if (part === undefined) throw new RangeError(`'${letter}' is a bad directive in format '${given}'`);
    if (letters.includes(letter)) throw new RangeError(`'%${letter}' stands twice in format '${given}'`);
    letters.push(letter);
    pattern += `(${part.replaceAll('\\d', '\\p{Nd}')})`;
  }
  // Any white space fits any other.
  return pattern.replace(/\s+/g, '\\s+').replaceAll('|\\s+', '| ');
}

function assembled(found: ReadonlyMap<string, string>): WallClock | null {
  const number = (letter: string): number | undefined => {
    const text = found.get(letter);
    return text === undefined ? undefined : Number(asciiDigits(text));
  };
  const date = dateOf(found, number);
  if (date === null) return null;
  const clock: WallClock = {
    ...date,
    hour: hourOf(found, number),
    minute: number('M') ?? 0,
    second: number('S') ?? 0,
    microsecond: Number((found.get('f') ?? '0').padEnd(6, '0')),
    offset: offsetOf(found.get('z')),
  };
  return isWallClock(clock) ? clock : null;
}

type NumberOf = (letter: string) => number | undefined;

function hourOf(found: ReadonlyMap<string, string>, number: NumberOf): number {
  const twelve = number('I');
  if (twelve === undefined) return number('H') ?? 0;
  const isAfternoon = found.get('p')?.toLowerCase() === 'pm';
  return (twelve % 12) + (isAfternoon ? 12 : 0);
}

function dateOf(found: ReadonlyMap<string, string>, number: NumberOf): WallClock | null {
  const short = number('y');
  const year = number('Y') ?? (short === undefined ? undefined : short + (short <= 68 ? 2000 : 1900));
  const isoYear = number('G');
  const day = weekdayOf(found, number);
  const isoNumber = number('V');
  if (isoYear !== undefined || isoNumber !== undefined) {
    return isoYear === undefined || isoNumber === undefined || day === undefined
      ? null
      : fromUncheckedWeek(isoYear, isoNumber, day === 0 ? 7 : day);
  }
  const ofYear = number('j');
  const month = number('m') ?? monthOf(found);
  if (month === undefined && number('d') === undefined) {
    if (ofYear !== undefined) return fromDayOfYear(year ?? 1900, ofYear);
    const week = number('U') ?? number('W');
    if (year !== undefined && week !== undefined && day !== undefined) {
      return fromWeek(year, week, day, number('W') !== undefined);
    }
  }
  return midnight(year ?? 1900, month ?? 1, number('d') ?? 1);
}

function weekdayOf(found: ReadonlyMap<string, string>, number: NumberOf): number | undefined {
  const name = (found.get('A') ?? found.get('a'))?.slice(0, 3).toLowerCase();
  if (name !== undefined) return WEEKDAYS.findIndex((day) => short(day).toLowerCase() === name);
  const iso = number('u');
  return iso === undefined ? number('w') : iso % 7;
}

function monthOf(found: ReadonlyMap<string, string>): number | undefined {
  const name = (found.get('B') ?? found.get('b'))?.slice(0, 3).toLowerCase();
  return name === undefined ? undefined : MONTHS.findIndex((month) => short(month).toLowerCase() === name) + 1;
}

/** The day of a week that is counted from the year's first Sunday, or Monday. */
function fromWeek(year: number, week: number, day: number, startsMonday: boolean): WallClock | null {
  const first = weekday(midnight(year, 1, 1));
  const firstIndex = startsMonday ? (first + 6) % 7 : first;
  const dayIndex = startsMonday ? (day + 6) % 7 : day;
  const untilWeekOne = (7 - firstIndex) % 7;
  const ofYear = 1 + (week === 0 ? dayIndex - firstIndex : untilWeekOne + 7 * (week - 1) + dayIndex);
  return fromDayOfYear(year, ofYear);
}

function offsetOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (text === 'Z') return 0;
  const digits = asciiDigits(text.slice(1)).replaceAll(':', '');
  const seconds =
    Number(digits.slice(0, 2)) * 3600 + Number(digits.slice(2, 4)) * 60 + Math.floor(Number(digits.slice(4) || 0));
  return text.startsWith('-') ? -seconds : seconds;
}

/**
 * Shows a date and time in a strftime format, with the flags and widths of the C library. Unknown directives stay as they
 * are.
 */
export function strftime(clock: WallClock, format: string): string {
  return format.replace(
    /%([-_0^#]*)(\d*)[EO]?([a-zA-Z%])/g,
    (directive, flags: string, width: string, letter: string) => {
      const shown = shownPart(clock, letter);
      if (shown === null) return directive;
      return flags === '' && width === '' ? shown : flagged(shown, flags, Number(width));
    },
  );
}

/** Longer parts would be of no use but to fill the memory. */
const MAX_WIDTH = 1000;

function flagged(shown: string, flags: string, given: number): string {
  const width = Math.min(given, MAX_WIDTH);
  if (!/^ ?\d+$/.test(shown)) {
    const text = flags.includes('^') || flags.includes('#') ? shown.toUpperCase() : shown;
    return text.padStart(width, flags.includes('0') ? '0' : ' ');
  }
  const digits = shown.replace(/^[0 ]+(?=\d)/, '');
  if (flags.includes('-')) return digits;
  const isSpaced = flags.includes('_') || (shown.startsWith(' ') && !flags.includes('0'));
  return digits.padStart(Math.max(width, shown.length), isSpaced ? ' ' : '0');
}

function shownPart(clock: WallClock, letter: string): string | null {
  const { year, month, day, hour } = clock;
  const half = hour % 12 === 0 ? 12 : hour % 12;
  const dayName = WEEKDAYS[weekday(clock)] as string;
  const monthName = MONTHS[month - 1] as string;
  switch (letter) {
    case 'a':
      return short(dayName);
    case 'A':
      return dayName;
    case 'b':
    case 'h':
      return short(monthName);
    case 'B':
      return monthName;
    case 'c':
      return strftime(clock, '%a %b %e %H:%M:%S %Y');
    case 'C':
      return twoDigits(Math.floor(year / 100));
    case 'd':
      return twoDigits(day);
    case 'D':
    case 'x':
      return strftime(clock, '%m/%d/%y');
    case 'e':
      return String(day).padStart(2, ' ');
    case 'f':
      return String(clock.microsecond).padStart(6, '0');
    case 'F':
      return strftime(clock, '%Y-%m-%d');
    case 'g':
      return twoDigits(isoWeek(clock).year % 100);
    case 'G':
      return String(isoWeek(clock).year);
    case 'H':
      return twoDigits(hour);
    case 'I':
      return twoDigits(half);
    case 'j':
      return String(dayOfYear(clock)).padStart(3, '0');
    case 'k':
      return String(hour).padStart(2, ' ');
    case 'l':
      return String(half).padStart(2, ' ');
    case 'm':
      return twoDigits(month);
    case 'M':
      return twoDigits(clock.minute);
    case 'n':
      return '\n';
    case 'p':
      return hour < 12 ? 'AM' : 'PM';
    case 'P':
      return hour < 12 ? 'am' : 'pm';
    case 'r':
      return strftime(clock, '%I:%M:%S %p');
    case 'R':
      return strftime(clock, '%H:%M');
    case 's':
      return String(Math.floor(toEpoch(clock) / 1000) - (clock.offset ?? 0));
    case 'S':
      return twoDigits(clock.second);
    case 't':
      return '\t';
    case 'T':
    case 'X':
      return strftime(clock, '%H:%M:%S');
    case 'u':
      return String(weekday(clock) || 7);
    case 'U':
      return twoDigits(Math.floor((dayOfYear(clock) + 6 - weekday(clock)) / 7));
    case 'V':
      return twoDigits(isoWeek(clock).week);
    case 'w':
      return String(weekday(clock));
    case 'W':
      return twoDigits(Math.floor((dayOfYear(clock) + 6 - ((weekday(clock) + 6) % 7)) / 7));
    case 'y':
      return twoDigits(year % 100);
    case 'Y':
      return String(year);
    case 'z':
      return clock.offset === null ? '' : offsetText(clock.offset).replaceAll(':', '');
    case 'Z':
      return clock.zoneName ?? '';
    case '%':
      return '%';
    default:
      return null;
  }
}

const HUMAN: readonly (readonly [string, string])[] = [
  ['%Y', 'YYYY'],
  ['%y', 'YY'],
  ['%m', 'MM'],
  ['%b', '[Jan-Dec]'],
  ['%B', '[January-December]'],
  ['%d', 'DD'],
  ['%H', 'hh'],
  ['%I', 'hh'],
  ['%M', 'mm'],
  ['%S', 'ss'],
  ['%f', 'uuuuuu'],
  ['%a', '[Mon-Sun]'],
  ['%A', '[Monday-Sunday]'],
  ['%p', '[AM|PM]'],
  ['%z', '[+HHMM|-HHMM]'],
];

/** A list of formats as an error text shows it. */
export function humanized(formats: readonly string[], iso: string): string {
  let text = formats.join(', ').replaceAll('iso-8601', iso);
  for (const [directive, words] of HUMAN) text = text.replaceAll(directive, words);
  return text;
}
