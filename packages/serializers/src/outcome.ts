import { type Detail, ErrorDetail, ValidationError } from '@rf/exceptions';

/** What `getValue` answers when the input has nothing for a field: not the same as `null` (DRF's `empty`). */
export const empty: unique symbol = Symbol('empty');

/** What a field answers when it is to be left out of the result. */
export const skip: unique symbol = Symbol('skip');

/**
 * Thrown by a default, a validator or `toInternalValue` to leave the field out of the result without an error.
 */
export class SkipField extends Error {
  override name = 'SkipField';
}

/**
 * The answer of a field's `parse` that refuses the value.
 *
 * Returned, not thrown: a list of ten thousand wrong items must not cost ten thousand stack traces.
 */
export class Failure {
  constructor(readonly detail: Detail) {}

  /** The same as an exception. */
  toError(): ValidationError {
    return new ValidationError(this.detail);
  }
}

/** A failure with one text. */
export function failure(message: string, code: string): Failure {
  return new Failure([new ErrorDetail(message, code)]);
}

/** Turns what a hook threw into an outcome; anything that is not about the value is thrown again. */
export function caught(error: unknown): Failure | typeof skip {
  if (error instanceof ValidationError) return new Failure(error.detail);
  if (error instanceof SkipField) return skip;
  throw error;
}
