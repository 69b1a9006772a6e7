import { Field } from './field.ts';
import type { FieldOptions, NamedOptions } from './field-types.ts';
import { Failure } from './outcome.ts';
import { isTruthy } from './python-text.ts';

const TRUE = new Set(['t', 'y', 'yes', 'true', 'on', '1']);
const FALSE = new Set(['f', 'n', 'no', 'false', 'off', '0']);

/** True, false or null as a word or a number says it; undefined for anything else. */
function meaningOf(value: unknown): boolean | null | undefined {
  if (typeof value === 'boolean' || value === null) return value;
  if (typeof value === 'string') {
    const word = value.toLowerCase();
    if (TRUE.has(word)) return true;
    if (FALSE.has(word)) return false;
    return word === 'null' || word === '' ? null : undefined;
  }
  const number = numberOf(value);
  if (number === 1) return true;
  return number === 0 ? false : undefined;
}

/** Numbers of any kind compare with one and zero; nothing else does. */
function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return Number(value);
  if (typeof value !== 'object' || value === null) return undefined;
  const { toNumber } = value as { toNumber?: unknown };
  return typeof toNumber === 'function' ? Number(toNumber.call(value)) : undefined;
}

/** True or false, in many words (row FI04). */
export class BooleanField<
  const Options extends FieldOptions<boolean> = {},
  Names extends keyof FieldOptions = never,
> extends Field<
  boolean,
  boolean,
  boolean | string | number,
  Options,
  NamedOptions<FieldOptions<boolean>, boolean, Names>,
  Names
> {
  static override defaultErrorMessages: Readonly<Record<string, string>> = { invalid: 'Must be a valid boolean.' };

  /** A form leaves an unchecked box out. */
  protected override get emptyFormValue(): unknown {
    return this.allowNull ? null : false;
  }

  override getInitial(scope: never): unknown {
    return this.options.initial === undefined ? (this.allowNull ? null : false) : super.getInitial(scope);
  }

  override parse(data: unknown, _scope: unknown): boolean | Failure {
    const meaning = meaningOf(data);
    if (typeof meaning === 'boolean') return meaning;
    // Null only reaches the result where it is allowed, so the type of a field that may be null has it already.
    return meaning === null && this.allowNull ? (null as unknown as boolean) : this.failure('invalid');
  }

  override toRepresentation(value: unknown): boolean {
    const meaning = meaningOf(value);
    if (typeof meaning === 'boolean') return meaning;
    return meaning === null && this.allowNull ? (null as unknown as boolean) : isTruthy(value);
  }
}
