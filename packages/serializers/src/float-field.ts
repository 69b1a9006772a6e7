import { type Comparable, limitChecks } from './comparison.ts';
import { type Check, Field, type Parser } from './field.ts';
import type { FieldOptions, NamedOptions } from './field-types.ts';
import { MAX_NUMBER_TEXT } from './integer-field.ts';
import { Failure } from './outcome.ts';
import { codePointLength, parseFloatText, pythonString } from './python-text.ts';

/** Options of FloatField. */
export interface FloatFieldOptions extends FieldOptions<number> {
  readonly maxValue?: number | Comparable;
  readonly minValue?: number | Comparable;
}

/** A floating-point number; NaN and infinities are refused (row FI12). */
export class FloatField<
  const Options extends FloatFieldOptions = {},
  Names extends keyof FloatFieldOptions = never,
> extends Field<number, number, number | string, Options, NamedOptions<FloatFieldOptions, number, Names>, Names> {
  static override defaultErrorMessages: Readonly<Record<string, string>> = {
    invalid: 'A valid number is required.',
    max_value: 'Ensure this value is less than or equal to {max_value}.',
    min_value: 'Ensure this value is greater than or equal to {min_value}.',
    max_string_length: 'String value too large.',
    overflow: 'Integer value too large to convert to float',
  };

  get maxValue(): number | Comparable | null {
    return this.options.maxValue ?? null;
  }

  get minValue(): number | Comparable | null {
    return this.options.minValue ?? null;
  }

  override parse(data: unknown, _scope: unknown): number | Failure {
    if (typeof data === 'string' && data.length > MAX_NUMBER_TEXT && codePointLength(data) > MAX_NUMBER_TEXT) {
      return this.failure('max_string_length');
    }
    const value = floatOf(data);
    if (value === null || Number.isNaN(value)) return this.failure('invalid');
    if (Number.isFinite(value)) return value;
    return this.failure(typeof data === 'bigint' ? 'overflow' : 'invalid');
  }

  override parser(): Parser {
    return (data, scope) => (typeof data === 'number' && Number.isFinite(data) ? data : this.parse(data, scope));
  }

  override checks(): readonly Check<never>[] {
    return limitChecks(this.maxValue, this.minValue, (code, params) => this.message(code, params));
  }

  override toRepresentation(value: unknown): number {
    const shown = floatOf(value);
    if (shown === null) throw new TypeError(`Cannot show ${pythonString(value)} as a number.`);
    return shown;
  }
}

/** What Python's `float` makes of a value, or null. */
function floatOf(value: unknown): number | null {
  switch (typeof value) {
    case 'number':
      return value;
    case 'bigint':
    case 'boolean':
      return Number(value);
    case 'string':
      return parseFloatText(value);
    default:
      return objectNumber(value);
  }
}

function objectNumber(value: unknown): number | null {
  if (value instanceof Uint8Array) return parseFloatText(Buffer.from(value).toString('latin1'));
  if (typeof value !== 'object' || value === null) return null;
  const { toNumber } = value as { toNumber?: unknown };
  return typeof toNumber === 'function' ? Number(toNumber.call(value)) : null;
}
