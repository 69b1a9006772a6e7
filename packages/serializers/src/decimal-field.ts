import { ImproperlyConfigured } from '@rf/exceptions';
import { limitChecks } from './comparison.ts';
import { Decimal, type Rounding, roundings } from './decimal.ts';
import { type Check, Field, pass, type Presenter } from './field.ts';
import type { FieldOptions, NamedOptions } from './field-types.ts';
import { MAX_NUMBER_TEXT } from './integer-field.ts';
import { Failure } from './outcome.ts';
import { codePointLength, pythonString, strip } from './python-text.ts';
import type { Scope } from './scope.ts';
import type { SerializerSettings } from './settings.ts';

/** Options of DecimalField. */
export interface DecimalFieldOptions extends FieldOptions<Decimal> {
  /** Most digits in all; null for any number. */
  readonly maxDigits: number | null;
  /** Digits after the point, filled up with zeros; null to keep what comes in. */
  readonly decimalPlaces: number | null;
  /** Whether it is shown as text. Default: the setting `coerceDecimalToString`, which is true. */
  readonly coerceToString?: boolean;
  readonly maxValue?: number | bigint | Decimal;
  readonly minValue?: number | bigint | Decimal;
  /** How stored values with more places are shown. Default `ROUND_HALF_EVEN`. */
  readonly rounding?: Rounding;
  /** Whether zeros at the end are left out. Default false. */
  readonly normalizeOutput?: boolean;
  /** Whether a decimal comma is read, and text is shown. Default false. */
  readonly localize?: boolean;
}

type Shown<Options> = Options extends { readonly coerceToString: false } ? Decimal : string;

/** An exact decimal number; validated data has a {@link Decimal} (row FI13). */
export class DecimalField<
  const Options extends DecimalFieldOptions = DecimalFieldOptions,
  Names extends keyof DecimalFieldOptions = never,
> extends Field<Decimal, Shown<Options>, string | number, Options, never, Names> {
  static override defaultErrorMessages: Readonly<Record<string, string>> = {
    invalid: 'A valid number is required.',
    max_value: 'Ensure this value is less than or equal to {max_value}.',
    min_value: 'Ensure this value is greater than or equal to {min_value}.',
    max_digits: 'Ensure that there are no more than {max_digits} digits in total.',
    max_decimal_places: 'Ensure that there are no more than {max_decimal_places} decimal places.',
    max_whole_digits: 'Ensure that there are no more than {max_whole_digits} digits before the decimal point.',
    max_string_length: 'String value too large.',
  };

  constructor(options: NamedOptions<DecimalFieldOptions & { readonly coerceToString?: true }, Decimal, Names>);
  constructor(options: Options);
  constructor(options: Options) {
    super(options);
  }

  get maxDigits(): number | null {
    return this.options.maxDigits ?? null;
  }

  get decimalPlaces(): number | null {
    return this.options.decimalPlaces ?? null;
  }

  get maxValue(): number | bigint | Decimal | null {
    return this.options.maxValue ?? null;
  }

  get minValue(): number | bigint | Decimal | null {
    return this.options.minValue ?? null;
  }

  protected override checkOptions(name: string, owner: string): void {
    super.checkOptions(name, owner);
    const { rounding } = this.options;
    if (rounding === undefined || roundings.includes(rounding)) return;
    throw new ImproperlyConfigured(
      `${owner}.${name} (DecimalField): invalid rounding option ${String(rounding)}. Valid values are ${roundings.join(', ')}.`,
    );
  }

  /** Blank text is null where null is a value. */
  override intercept(data: unknown): unknown {
    return this.allowNull && typeof data === 'string' && strip(data) === '' ? null : pass;
  }

  override parse(data: unknown, _scope: unknown): Decimal | Failure {
    let text = strip(data instanceof Uint8Array ? Buffer.from(data).toString('utf8') : pythonString(data));
    if (this.options.localize === true) text = withPoint(text);
    if (text.length > MAX_NUMBER_TEXT && codePointLength(text) > MAX_NUMBER_TEXT)
      return this.failure('max_string_length');
    const value = Decimal.parse(text);
    if (value === null) return this.failure('invalid');
    const refused = this.checkPrecision(value);
    if (refused !== null) return refused;
    const { decimalPlaces } = this;
    return decimalPlaces === null ? value : value.quantize(decimalPlaces, this.options.rounding);
  }

  /** Counts digits; null when there are not too many. Override it to count otherwise. */
  protected checkPrecision(value: Decimal): Failure | null {
    const { maxDigits, decimalPlaces } = this;
    const { exponent, digitCount } = value;
    const places = Math.max(0, -exponent);
    const total = exponent >= 0 ? digitCount + exponent : Math.max(digitCount, places);
    const whole = total - places;
    if (maxDigits !== null && total > maxDigits) return this.failure('max_digits', { max_digits: maxDigits });
    if (decimalPlaces !== null && places > decimalPlaces) {
      return this.failure('max_decimal_places', { max_decimal_places: decimalPlaces });
    }
    if (maxDigits !== null && decimalPlaces !== null && whole > maxDigits - decimalPlaces) {
      return this.failure('max_whole_digits', { max_whole_digits: maxDigits - decimalPlaces });
    }
    // `1E+999999` is short to send and a megabyte to show.
    return total > MAX_NUMBER_TEXT ? this.failure('max_string_length') : null;
  }

  override checks(): readonly Check<never>[] {
    return limitChecks(this.maxValue, this.minValue, (code, params) => this.message(code, params));
  }

  override toRepresentation(value: unknown, scope: Scope): Shown<Options> {
    return this.presenter(scope.settings)(value, scope) as Shown<Options>;
  }

  override presenter(settings: SerializerSettings): Presenter {
    const { decimalPlaces } = this;
    const { rounding, normalizeOutput = false, localize = false } = this.options;
    const isText = localize || (this.options.coerceToString ?? settings.coerceDecimalToString);
    const convert = (value: unknown): Decimal => {
      const decimal = value instanceof Decimal ? value : Decimal.of(strip(pythonString(value)));
      const quantized = decimalPlaces === null ? decimal : decimal.quantize(decimalPlaces, rounding);
      return normalizeOutput ? quantized.normalize() : quantized;
    };
    if (!isText) return (value) => (value === null ? null : convert(value));
    // What a database gives usually has its places already.
    const ready = decimalPlaces === null || decimalPlaces === 0 || normalizeOutput ? null : exactPlaces(decimalPlaces);
    return (value) => {
      if (value === null) return '';
      if (ready !== null && typeof value === 'string' && ready.test(value)) return value;
      return convert(value).toFixed();
    };
  }
}

function exactPlaces(places: number): RegExp {
  return new RegExp(`^-?(?:0|[1-9][0-9]*)\\.[0-9]{${places}}$`);
}

/** A comma as the decimal point, and no marks between thousands. */
function withPoint(text: string): string {
  if (!text.includes(',')) return text;
  return text.lastIndexOf(',') > text.lastIndexOf('.')
    ? text.replaceAll('.', '').replace(',', '.')
    : text.replaceAll(',', '');
}
