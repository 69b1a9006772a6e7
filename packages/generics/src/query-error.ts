import { ErrorDetail, ValidationError } from '@rf/exceptions';
import { QueryFailedError } from 'typeorm';

/** `invalid_regular_expression` (PostgreSQL manual, appendix A). */
const INVALID_REGULAR_EXPRESSION = '2201B';

/** An error of the database that a client's text caused, as the answer to it; any other as it is. */
export function translateQueryError(error: unknown): unknown {
  const cause: unknown = error instanceof QueryFailedError ? error.driverError : error;
  if (!(cause instanceof Error) || (cause as { code?: unknown }).code !== INVALID_REGULAR_EXPRESSION) return error;
  return new ValidationError([new ErrorDetail('Enter a valid regular expression.', 'invalid')]);
}
