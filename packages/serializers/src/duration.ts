import { asciiDigits } from './python-text.ts';

const SECOND = 1_000_000n;
const MINUTE = 60n * SECOND;
const HOUR = 60n * MINUTE;
const DAY = 24n * HOUR;

/** Most days a duration can have, either way. */
export const MAX_DAYS = 999_999_999;

// Django's three forms: its own, ISO 8601 without weeks, months and years, and PostgreSQL's; each with or without a line break.
const STANDARD =
  /^(?:(?<days>-?\d+) (?:days?, )?)?(?<sign>-?)(?:(?<hours>\d+):(?=\d+:\d+))?(?:(?<minutes>\d+):)?(?<seconds>\d+)(?:[.,](?<microseconds>\d{1,6})\d{0,6})?\n?$/;
const ISO =
  /^(?<sign>[-+]?)P(?:(?<days>\d+(?:[.,]\d+)?)D)?(?:T(?:(?<hours>\d+(?:[.,]\d+)?)H)?(?:(?<minutes>\d+(?:[.,]\d+)?)M)?(?:(?<seconds>\d+(?:[.,]\d+)?)S)?)?\n?$/;
const POSTGRES =
  /^(?:(?<days>-?\d+) (?:days? ?))?(?:(?<sign>[-+])?(?<hours>\d+):(?<minutes>\d\d):(?<seconds>\d\d)(?:\.(?<microseconds>\d{1,6}))?)?\n?$/;

/**
 * A length of time in whole microseconds. Immutable.
 *
 * As JSON it is the number of seconds as text, as the reference renders it.
 */
export class Duration {
  constructor(readonly microseconds: bigint) {}

  /** Adds up parts; a fraction of a microsecond is rounded. */
  static of(parts: {
    readonly days?: number;
    readonly hours?: number;
    readonly minutes?: number;
    readonly seconds?: number;
    readonly milliseconds?: number;
    readonly microseconds?: number;
  }): Duration {
    const { days = 0, hours = 0, minutes = 0, seconds = 0, milliseconds = 0, microseconds = 0 } = parts;
    return new Duration(
      scaled(days, DAY) +
        scaled(hours, HOUR) +
        scaled(minutes, MINUTE) +
        scaled(seconds, SECOND) +
        scaled(milliseconds, 1000n) +
        scaled(microseconds, 1n),
    );
  }

  /**
   * Reads `[DD] [HH:[MM:]]ss[.uuuuuu]`, ISO 8601 or PostgreSQL's form (row FI16); null for anything else.
   *
   * @throws RangeError beyond {@link MAX_DAYS} days
   */
  static parse(given: string): Duration | null {
    const text = asciiDigits(given);
    const iso = ISO.exec(text);
    const match = STANDARD.exec(text) ?? iso ?? POSTGRES.exec(text);
    if (match === null) return null;
    const { days = '0', sign, hours = '0', minutes = '0', seconds = '0', microseconds = '0' } = match.groups ?? {};
    const isNegative = sign === '-';
    const whole = summed([[days, DAY]]);
    const rest = summed([
      [hours, HOUR],
      [minutes, MINUTE],
      [seconds, SECOND],
      [microseconds.padEnd(6, '0'), 1n],
    ]);
    // The sign of an ISO duration is the whole's; otherwise the days have their own.
    return limited((match === iso && isNegative ? -whole : whole) + (isNegative ? -rest : rest));
  }

  isZero(): boolean {
    return this.microseconds === 0n;
  }

  /** Whole days, rounded down: -1 for minus one second. */
  get days(): number {
    return Number(floorDivide(this.microseconds, DAY));
  }

  totalSeconds(): number {
    return Number(this.microseconds) / 1e6;
  }

  negated(): Duration {
    return new Duration(-this.microseconds);
  }

  compareTo(other: Duration): number {
    return this.microseconds < other.microseconds ? -1 : Number(this.microseconds > other.microseconds);
  }

  equals(other: Duration): boolean {
    return this.microseconds === other.microseconds;
  }

  #clock(): { hours: number; minutes: number; seconds: number; fraction: number } {
    const rest = this.microseconds - floorDivide(this.microseconds, DAY) * DAY;
    return {
      hours: Number(rest / HOUR),
      minutes: Number((rest % HOUR) / MINUTE),
      seconds: Number((rest % MINUTE) / SECOND),
      fraction: Number(rest % SECOND),
    };
  }

  /** `4 01:00:05.000001`: days only when there are some. */
  toDjango(): string {
    const { hours, minutes, seconds, fraction } = this.#clock();
    const { days } = this;
    return `${days === 0 ? '' : `${days} `}${two(hours)}:${two(minutes)}:${two(seconds)}${micros(fraction)}`;
  }

  /** `P4DT01H00M05.000001S`. */
  toISO(): string {
    if (this.microseconds < 0n) return `-${this.negated().toISO()}`;
    const { hours, minutes, seconds, fraction } = this.#clock();
    return `P${this.days}DT${two(hours)}H${two(minutes)}M${two(seconds)}${micros(fraction)}S`;
  }

  /** `4 days, 1:00:05.000001`, as the reference prints it in messages. */
  toString(): string {
    const { hours, minutes, seconds, fraction } = this.#clock();
    const { days } = this;
    const start = days === 0 ? '' : `${days} day${Math.abs(days) === 1 ? '' : 's'}, `;
    return `${start}${hours}:${two(minutes)}:${two(seconds)}${micros(fraction)}`;
  }

  toJSON(): string {
    const seconds = this.totalSeconds();
    return Number.isInteger(seconds) ? `${seconds}.0` : String(seconds);
  }

  /** The text a PostgreSQL driver sends. */
  toPostgres(): string {
    return `${this.microseconds} microseconds`;
  }
}

function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by < 0n ? quotient - 1n : quotient;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

function micros(value: number): string {
  return value === 0 ? '' : `.${String(value).padStart(6, '0')}`;
}

function scaled(value: number, unit: bigint): bigint {
  const whole = Math.trunc(value);
  return BigInt(whole) * unit + BigInt(roundHalfEven((value - whole) * Number(unit)));
}

/** Python adds up the parts as floating-point numbers and rounds once at the end; so the last digit comes out the same. */
function summed(parts: readonly (readonly [text: string, unit: bigint])[]): bigint {
  let total = 0n;
  let rest = 0;
  for (const [text, unit] of parts) {
    const value = Number(text.replace(',', '.'));
    if (!Number.isFinite(value)) throw new RangeError('The duration has too many days.');
    const whole = Math.trunc(value);
    const fraction = (value - whole) * Number(unit);
    total += BigInt(whole) * unit + BigInt(Math.trunc(fraction));
    rest += fraction - Math.trunc(fraction);
  }
  const isOdd = Number(total % 2n !== 0n);
  const isHalf = Math.abs(Math.round(rest) - rest) === 0.5;
  return limited(total + BigInt(isHalf ? 2 * Math.round((rest + isOdd) * 0.5) - isOdd : Math.round(rest))).microseconds;
}

/** @throws RangeError beyond {@link MAX_DAYS} days */
function limited(microseconds: bigint): Duration {
  const result = new Duration(microseconds);
  if (result.days > MAX_DAYS || result.days < -MAX_DAYS) throw new RangeError('The duration has too many days.');
  return result;
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
