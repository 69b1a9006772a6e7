import type { Awaitable } from './awaitable.ts';
import type { Field } from './field.ts';
import type { Scope } from './scope.ts';

/**
 * Checks a value that was already converted: throws a ValidationError, or returns (rows VA05).
 *
 * `scope` leads to the serializer, its instance and context; `field` is the field, or null for a serializer's validators.
 */
export type ValidatorFunction<Value> = (value: Value, scope: Scope, field: Field | null) => Awaitable<unknown>;

/** A validator with settings of its own. */
export interface ValidatorObject<Value> {
  validate(value: Value, scope: Scope, field: Field | null): Awaitable<unknown>;
  /** As in DRF: says that the validator reads its serializer. Every validator is handed the scope, flagged or not. */
  readonly requiresContext?: boolean;
}

export type Validator<Value> = ValidatorFunction<Value> | ValidatorObject<Value>;

/** Calls either form. */
export function runValidator(
  validator: Validator<never>,
  value: unknown,
  scope: Scope,
  field: Field | null,
): Awaitable<unknown> {
  return typeof validator === 'function'
    ? validator(value as never, scope, field)
    : validator.validate(value as never, scope, field);
}
