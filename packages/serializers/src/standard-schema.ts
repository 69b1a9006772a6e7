import { type Detail, ErrorDetail, ValidationError } from '@rf/exceptions';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { andThen, type Awaitable, isPromiseLike } from './awaitable.ts';

/** The texts of an error with the path to each. */
function issuesOf(
  detail: Detail,
  nonFieldErrorsKey: string,
  path: readonly PropertyKey[] = [],
): StandardSchemaV1.Issue[] {
  if (detail instanceof ErrorDetail) return [{ message: detail.message, path }];
  if (Array.isArray(detail)) {
    return detail.flatMap((item, at) =>
      issuesOf(item, nonFieldErrorsKey, item instanceof ErrorDetail ? path : [...path, at]),
    );
  }
  return Object.entries(detail).flatMap(([key, item]) =>
    issuesOf(
      item,
      nonFieldErrorsKey,
      key === nonFieldErrorsKey ? path : [...path, /^\d+$/.test(key) ? Number(key) : key],
    ),
  );
}

/**
 * The Standard Schema interface of a validation (https://standardschema.dev, version 1).
 *
 * @param validate answers the validated value, or throws a ValidationError
 */
export function standardSchema<In, Out>(
  validate: (value: unknown) => Awaitable<unknown>,
  nonFieldErrorsKey: string,
): StandardSchemaV1.Props<In, Out> {
  const refused = (error: unknown): StandardSchemaV1.FailureResult => {
    if (!(error instanceof ValidationError)) throw error;
    return { issues: issuesOf(error.detail, nonFieldErrorsKey) };
  };
  return {
    version: 1,
    vendor: 'rf',
    validate: (value) => {
      try {
        const result = andThen(validate(value), (valid) => ({ value: valid as Out }));
        return isPromiseLike(result) ? Promise.resolve(result).catch(refused) : (result as { value: Out });
      } catch (error) {
        return refused(error);
      }
    },
  };
}
