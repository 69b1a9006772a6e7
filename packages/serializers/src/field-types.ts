import type { Validator } from './validator.ts';

/** Keys under which a field carries its types; there are no such properties at run time. */
export declare const VALUE: unique symbol;
export declare const SHOWN: unique symbol;
export declare const INPUT: unique symbol;
export declare const OPTIONS: unique symbol;

/** The types that a field carries: each under a key of its own, so that one is worked out without the others. */
export interface FieldTypes<Value = unknown, Shown = unknown, Input = unknown, Options = unknown> {
  readonly [VALUE]: Value;
  readonly [SHOWN]: Shown;
  readonly [INPUT]: Input;
  readonly [OPTIONS]: Options;
}

/** Options of every field (row FI01). */
export interface FieldOptions<Value = never> {
  /** Shown, never read from input. */
  readonly readOnly?: boolean;
  /** Read from input, never shown. */
  readonly writeOnly?: boolean;
  /** Input has to have the field. Default: true unless there is a default or the field is read-only. */
  readonly required?: boolean;
  /**
   * The value when input has none: a value, a function, or an object with `getDefault`, such as CurrentUserDefault.
   * Taken as it is, without conversion or validation. Not applied in a partial update.
   */
  readonly default?: unknown;
  /** Whether null is a value. Default false. */
  readonly allowNull?: boolean;
  /** Attribute, dotted path, method without arguments, or `*` for the whole object. Default: the field's name. */
  readonly source?: string;
  /** Checks of the converted value, run in this order before the field's own. */
  readonly validators?: readonly Validator<Value>[];
  /** Error texts by code, with `{name}` places. */
  readonly errorMessages?: Readonly<Record<string, string>>;
  /** Human name. Default: made of the field's name. */
  readonly label?: string;
  readonly helpText?: string;
  /** What an empty form shows: a value, or a function. */
  readonly initial?: unknown;
  /** Hints for the browsable form, such as `{ inputType: 'password' }`. */
  readonly style?: Readonly<Record<string, unknown>>;
}
