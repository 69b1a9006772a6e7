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

/** What the names of the options that were given say, each with the one value that they stand for. */
interface Meanings {
  readonly readOnly: true;
  readonly writeOnly: true;
  readonly required: false;
  readonly allowNull: true;
  readonly default: unknown;
}

/**
 * The options as types read them: those that were written out, or those that the names of the given ones stand for.
 * Fields with the same names have the same type, which the compiler works out once and not for each field.
 */
export type OptionsOf<Options, Names extends PropertyKey> = [Names] extends [never]
  ? Options
  : Pick<Meanings, Names & keyof Meanings>;

/** Options whose names say all that types depend on: none has another value than its name stands for. */
interface SaidByName<Value, Names extends PropertyKey> {
  readonly readOnly?: 'readOnly' extends Names ? true : false;
  readonly writeOnly?: 'writeOnly' extends Names ? true : false;
  readonly required?: 'required' extends Names ? false : true;
  readonly allowNull?: 'allowNull' extends Names ? true : false;
  readonly default?: 'default' extends Names ? ('allowNull' extends Names ? Value | null : Value) : undefined;
  readonly source?: undefined;
}

/**
 * Options of which the type of a field keeps the names alone, where `Value` is what validated data holds. All of the
 * names are there: what may be missing says nothing.
 */
export type NamedOptions<Options, Value, Names extends PropertyKey> = Options &
  SaidByName<Value, Names> & { readonly [Name in Names]: unknown };

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
