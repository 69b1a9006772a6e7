import { limitChecks } from './comparison.ts';
import { type Check, Field, type Parser, type Presenter } from './field.ts';
import type { FieldOptions, NamedOptions } from './field-types.ts';
import { Failure } from './outcome.ts';
import { codePointLength, narrowed, parseInteger, pythonString, strip } from './python-text.ts';

/** Longer text is refused unread. */
export const MAX_NUMBER_TEXT = 1000;

/** Options of integer fields. */
export interface IntegerFieldOptions extends FieldOptions<number> {
  readonly maxValue?: number | bigint;
  readonly minValue?: number | bigint;
}

/** What IntegerField and BigIntegerField share. */
export abstract class WholeNumberField<
  Value extends number | bigint,
  Shown,
  const Options extends FieldOptions & { readonly maxValue?: number | bigint; readonly minValue?: number | bigint },
  Named = never,
  Names extends PropertyKey = never,
> extends Field<Value, Shown, number | string, Options, Named, Names> {
  get maxValue(): number | bigint | null {
    return this.options.maxValue ?? null;
  }

  get minValue(): number | bigint | null {
    return this.options.minValue ?? null;
  }

  override parse(data: unknown, _scope: unknown): Value | Failure {
    const value = wholeNumber(data);
    return value === null ? this.refused(data) : (value as Value);
  }

  override parser(): Parser {
    return (data) => {
      if (typeof data === 'number' && Number.isSafeInteger(data)) return data + 0;
      return wholeNumber(data) ?? this.refused(data);
    };
  }

  private refused(data: unknown): Failure {
    const isTooLong =
      typeof data === 'string' && data.length > MAX_NUMBER_TEXT && codePointLength(data) > MAX_NUMBER_TEXT;
    return this.failure(isTooLong ? 'max_string_length' : 'invalid');
  }

  override checks(): readonly Check<never>[] {
    return limitChecks(this.maxValue, this.minValue, (code, params) => this.message(code, params));
  }
}

/** An integer, or null for anything that is none; a fraction of zeros is none. */
function wholeNumber(data: unknown): number | bigint | null {
  if (typeof data === 'number') {
    if (Number.isSafeInteger(data)) return data + 0;
    // A larger one is a floating-point number: from 1e16 on its text has an exponent, and is no integer's.
    return Number.isInteger(data) && Math.abs(data) < 1e16 ? BigInt(data) : null;
  }
  if (typeof data === 'bigint') return narrowed(data);
  if (typeof data === 'string') {
    if (data.length > MAX_NUMBER_TEXT && codePointLength(data) > MAX_NUMBER_TEXT) return null;
    return parseInteger(withoutZeroFraction(data));
  }
  // A boolean is no number here, and no list is either; what prints as a number, such as a Decimal, is one.
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return null;
  const text = pythonString(data);
  return text.length > MAX_NUMBER_TEXT ? null : parseInteger(withoutZeroFraction(text));
}

/** `7.` and `7.00` are 7. */
function withoutZeroFraction(text: string): string {
  const point = text.lastIndexOf('.');
  return point !== -1 && /^0*$/.test(strip(`.${text.slice(point + 1)}`).slice(1)) ? text.slice(0, point) : text;
}

/** The integer of a stored value. Throws a TypeError for what has none. */
export function storedInteger(value: unknown): number | bigint {
  if (typeof value === 'number' && Number.isFinite(value)) {
    const whole = Math.trunc(value);
    return Number.isSafeInteger(whole) ? whole + 0 : BigInt(whole);
  }
  if (typeof value === 'bigint') return narrowed(value);
  if (typeof value === 'boolean') return Number(value);
  const parsed = parseInteger(typeof value === 'string' ? value : wholeText(value));
  if (parsed === null) throw new TypeError(`Cannot show ${pythonString(value)} as an integer.`);
  return parsed;
}

/** The digits before the point of an exact number; nothing for anything else. */
function wholeText(value: unknown): string {
  const toFixed: unknown =
    typeof value === 'object' && value !== null && 'toFixed' in value ? value.toFixed : undefined;
  return typeof toFixed === 'function' ? (String(toFixed.call(value)).split('.')[0] as string) : '';
}

/** A whole number, also as text (row FI10). Beyond 2^53 the value is a bigint: see BigIntegerField for those. */
export class IntegerField<
  const Options extends IntegerFieldOptions = {},
  Names extends keyof IntegerFieldOptions = never,
> extends WholeNumberField<number, number, Options, NamedOptions<IntegerFieldOptions, number, Names>, Names> {
  static override defaultErrorMessages: Readonly<Record<string, string>> = {
    invalid: 'A valid integer is required.',
    max_value: 'Ensure this value is less than or equal to {max_value}.',
    min_value: 'Ensure this value is greater than or equal to {min_value}.',
    max_string_length: 'String value too large.',
  };

  override toRepresentation(value: unknown): number {
    return storedInteger(value) as number;
  }

  override presenter(): Presenter {
    return (value) => (Number.isSafeInteger(value) ? value : storedInteger(value));
  }
}
