/** An error as a log may show it. */
export interface ErrorDescription {
  readonly type: string;
  readonly message: string;
  readonly stack?: string;
  readonly code?: string;
  readonly cause?: unknown;
}

/** Causes of causes that are shown. */
const MAX_CAUSES = 5;

/**
 * An error for a log: type, message, code, stack and causes, and nothing else that hangs on it, since errors of a database carry the
 * values of the query, some in their message as well. What is no error is shown as text.
 */
export function describeError(error: unknown, depth = 0): ErrorDescription {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) };
  const { code, cause, stack } = error as Error & { code?: unknown };
  const message = isDataException(code) ? error.message.replace(/".*"/s, '"[redacted]"') : error.message;
  return {
    type: error.name,
    message,
    ...(stack === undefined ? {} : { stack: stack.replace(error.message, () => message) }),
    ...(typeof code === 'string' ? { code } : {}),
    ...(cause === undefined || depth === MAX_CAUSES ? {} : { cause: describeError(cause, depth + 1) }),
  };
}

/** PostgreSQL's class 22: the message quotes the value that does not fit. */
const isDataException = (code: unknown): boolean => typeof code === 'string' && /^22[0-9A-Z]{3}$/.test(code);
