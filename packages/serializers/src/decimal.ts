import { asciiDigits, strip } from './python-text.ts';

/** How a digit that is cut off changes the last one kept; names as in Python's `decimal`. */
export type Rounding =
  | 'ROUND_UP'
  | 'ROUND_DOWN'
  | 'ROUND_CEILING'
  | 'ROUND_FLOOR'
  | 'ROUND_HALF_UP'
  | 'ROUND_HALF_DOWN'
  | 'ROUND_HALF_EVEN'
  | 'ROUND_05UP';

/** All of {@link Rounding}. */
export const roundings: readonly Rounding[] = [
  'ROUND_UP',
  'ROUND_DOWN',
  'ROUND_CEILING',
  'ROUND_FLOOR',
  'ROUND_HALF_UP',
  'ROUND_HALF_DOWN',
  'ROUND_HALF_EVEN',
  'ROUND_05UP',
];

const SYNTAX = /^([+-]?)(?:([0-9]+)(?:\.([0-9]*))?|\.([0-9]+))(?:e([+-]?[0-9]+))?$/i;

/** Python knows no larger exponents: its limit is one less, which is the same number here. */
const MAX_EXPONENT = 1e18;

/** Numbers that differ by more places than this are not brought together: it would cost gigabytes. */
const MAX_PLACES = 100_000;

/** @throws RangeError beyond {@link MAX_PLACES} */
function powerOfTen(places: number): bigint {
  if (places > MAX_PLACES) throw new RangeError(`A decimal number cannot be written with ${places} more digits.`);
  return 10n ** BigInt(places);
}

/**
 * An exact decimal number that keeps its places: `1.50` is not shown as `1.5`.
 *
 * Immutable. As JSON it is a number, as the reference renders it; `toString()` has all the digits.
 */
export class Decimal {
  /** True below zero, and for a negative zero. */
  readonly isNegative: boolean;
  /** The digits as a whole number, without sign. */
  readonly coefficient: bigint;
  /** The power of ten of the last digit: -2 for `1.50`. */
  readonly exponent: number;

  constructor(isNegative: boolean, coefficient: bigint, exponent: number) {
    this.isNegative = isNegative;
    this.coefficient = coefficient;
    this.exponent = exponent;
  }

  /** Reads a number as Python's `Decimal` does; null for anything else, NaN and infinities included. */
  static parse(text: string): Decimal | null {
    const match = SYNTAX.exec(text) ?? SYNTAX.exec(asciiDigits(strip(text)).replaceAll('_', ''));
    if (match === null) return null;
    const [, sign, whole = '', fraction = '', bare = '', power = '0'] = match;
    const decimals = fraction + bare;
    const exponent = Number(power) - decimals.length;
    if (Math.abs(exponent) > MAX_EXPONENT) return null;
    return new Decimal(sign === '-', BigInt(whole + decimals), exponent);
  }

  /**
   * The decimal of a number as it is written: `Decimal.of(0.1)` is 0.1.
   *
   * @throws TypeError for what is no number
   */
  static of(value: Decimal | number | bigint | string): Decimal {
    if (value instanceof Decimal) return value;
    const parsed = Decimal.parse(String(value));
    if (parsed === null) throw new TypeError(`${String(value)} is not a decimal number.`);
    return parsed;
  }

  isZero(): boolean {
    return this.coefficient === 0n;
  }

  /** Number of digits; 1 for zero. */
  get digitCount(): number {
    return String(this.coefficient).length;
  }

  /** The same number with exactly `places` digits after the point. */
  quantize(places: number, rounding: Rounding = 'ROUND_HALF_EVEN'): Decimal {
    const shift = this.exponent + places;
    if (shift >= 0) return new Decimal(this.isNegative, this.coefficient * powerOfTen(shift), -places);
    // More digits are cut off than there are: only zero, or one unit, can be left.
    if (-shift > this.digitCount + 1) {
      const roundsUp = this.coefficient !== 0n && isRoundedUp(rounding, this.isNegative, 0n, 1n, 3n);
      return new Decimal(this.isNegative, roundsUp ? 1n : 0n, -places);
    }
    const unit = powerOfTen(-shift);
    const kept = this.coefficient / unit;
    const rest = this.coefficient % unit;
    const roundsUp = rest !== 0n && isRoundedUp(rounding, this.isNegative, kept, rest, unit);
    return new Decimal(this.isNegative, roundsUp ? kept + 1n : kept, -places);
  }

  /** The same number without zeros at its end. */
  normalize(): Decimal {
    if (this.coefficient === 0n) return new Decimal(this.isNegative, 0n, 0);
    let { coefficient, exponent } = this;
    while (coefficient % 10n === 0n) {
      coefficient /= 10n;
      exponent += 1;
    }
    return new Decimal(this.isNegative, coefficient, exponent);
  }

  plus(other: Decimal | number | bigint | string): Decimal {
    const right = Decimal.of(other);
    const exponent = Math.min(this.exponent, right.exponent);
    const sum = this.#scaledTo(exponent) + right.#scaledTo(exponent);
    return new Decimal(sum < 0n, sum < 0n ? -sum : sum, exponent);
  }

  minus(other: Decimal | number | bigint | string): Decimal {
    return this.plus(Decimal.of(other).negated());
  }

  times(other: Decimal | number | bigint | string): Decimal {
    const right = Decimal.of(other);
    return new Decimal(
      this.isNegative !== right.isNegative,
      this.coefficient * right.coefficient,
      this.exponent + right.exponent,
    );
  }

  negated(): Decimal {
    return new Decimal(!this.isNegative, this.coefficient, this.exponent);
  }

  #scaledTo(exponent: number): bigint {
    const scaled = this.coefficient * powerOfTen(this.exponent - exponent);
    return this.isNegative ? -scaled : scaled;
  }

  /** Negative, zero or positive; `1.5` and `1.50` compare equal. */
  compareTo(other: Decimal | number | bigint | string): number {
    const right = Decimal.of(other);
    const sign = this.#sign();
    if (sign !== right.#sign()) return sign - right.#sign();
    if (sign === 0) return 0;
    const size = this.exponent + this.digitCount - (right.exponent + right.digitCount);
    if (size !== 0) return size * sign;
    const exponent = Math.min(this.exponent, right.exponent);
    const left = this.#scaledTo(exponent);
    const scaledRight = right.#scaledTo(exponent);
    return left < scaledRight ? -1 : Number(left > scaledRight);
  }

  #sign(): number {
    if (this.coefficient === 0n) return 0;
    return this.isNegative ? -1 : 1;
  }

  /** True for the same number with the same places. */
  equals(other: Decimal): boolean {
    return (
      this.coefficient === other.coefficient && this.exponent === other.exponent && this.isNegative === other.isNegative
    );
  }

  toNumber(): number {
    return Number(this.toString());
  }

  /** All digits without an exponent. */
  toFixed(): string {
    const digits = String(this.coefficient);
    const sign = this.isNegative ? '-' : '';
    if (Math.abs(this.exponent) > MAX_PLACES) powerOfTen(Math.abs(this.exponent));
    if (this.exponent >= 0) return sign + (digits === '0' ? digits : digits + '0'.repeat(this.exponent));
    const padded = digits.padStart(1 - this.exponent, '0');
    const point = padded.length + this.exponent;
    return `${sign}${padded.slice(0, point)}.${padded.slice(point)}`;
  }

  /** The number as Python prints it: with an exponent only where it is needed to keep the places. */
  toString(): string {
    const digits = String(this.coefficient);
    const size = this.exponent + digits.length;
    if (this.exponent <= 0 && size > -6) return this.toFixed();
    const power = size - 1;
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
    return `${this.isNegative ? '-' : ''}${digits.charAt(0)}${fraction}E${power < 0 ? '-' : '+'}${Math.abs(power)}`;
  }

  toJSON(): number {
    return this.toNumber();
  }

  /** The text a PostgreSQL driver sends. */
  toPostgres(): string {
    return this.toFixed();
  }
}

function isRoundedUp(rounding: Rounding, isNegative: boolean, kept: bigint, rest: bigint, unit: bigint): boolean {
  const twice = rest * 2n;
  switch (rounding) {
    case 'ROUND_UP':
      return true;
    case 'ROUND_DOWN':
      return false;
    case 'ROUND_CEILING':
      return !isNegative;
    case 'ROUND_FLOOR':
      return isNegative;
    case 'ROUND_HALF_UP':
      return twice >= unit;
    case 'ROUND_HALF_DOWN':
      return twice > unit;
    case 'ROUND_HALF_EVEN':
      return twice > unit || (twice === unit && kept % 2n === 1n);
    case 'ROUND_05UP':
      return kept % 5n === 0n;
  }
}
