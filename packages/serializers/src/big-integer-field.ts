import type { Presenter } from './field.ts';
import type { FieldOptions } from './field-types.ts';
import { storedInteger, WholeNumberField } from './integer-field.ts';
import type { Scope } from './scope.ts';
import type { SerializerSettings } from './settings.ts';

/** Options of BigIntegerField. */
export interface BigIntegerFieldOptions extends FieldOptions<number | bigint> {
  readonly maxValue?: number | bigint;
  readonly minValue?: number | bigint;
  /** Whether it is shown as text, which every client reads exactly. Default: the setting `coerceBigintToString`. */
  readonly coerceToString?: boolean;
}

type Shown<Options> = Options extends { readonly coerceToString: true } ? string : number | bigint;

/** A whole number of any size: a number where that is exact, else a bigint (row FI11). */
export class BigIntegerField<const Options extends BigIntegerFieldOptions = {}> extends WholeNumberField<
  number | bigint,
  Shown<Options>,
  Options
> {
  static override defaultErrorMessages: Readonly<Record<string, string>> = {
    invalid: 'A valid biginteger is required.',
    max_value: 'Ensure this value is less than or equal to {max_value}.',
    min_value: 'Ensure this value is greater than or equal to {min_value}.',
    max_string_length: 'String value too large.',
  };

  override toRepresentation(value: unknown, scope: Scope): Shown<Options> {
    return this.presenter(scope.settings)(value, scope) as Shown<Options>;
  }

  override presenter(settings: SerializerSettings): Presenter {
    const isText = this.options.coerceToString ?? settings.coerceBigintToString;
    return isText ? (value) => String(storedInteger(value)) : storedInteger;
  }
}
