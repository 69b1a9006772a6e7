import { QueryFailedError } from 'typeorm';

/** No connection became free in time. */
export class ConnectionWaitError extends Error {
  override name = 'ConnectionWaitError';

  constructor(connections: number, waitedMs: number) {
    const what = connections === 1 ? 'The only database connection' : `None of the ${connections} database connections`;
    super(
      `${what} became free within ${waitedMs / 1000} seconds. A block of atomic() that waits for work on another connection ` +
        'waits for itself when there is no other: inside it use the manager that it hands over, or db(request).',
    );
  }
}

/** Classes 08 and 57P of SQLSTATE, and too many connections (PostgreSQL manual, appendix A). */
const UNAVAILABLE_STATES = /^(08...|57P0[1-5]|53300)$/;

const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
]);

/** pg gives these no code. */
const CONNECTION_MESSAGES = [
  'Connection terminated',
  'Client has encountered a connection error',
  'Client was closed and is not queryable',
  'Query read timeout',
  'timeout expired',
];

/**
 * True when the database could not be reached, or went away, rather than refused what it was asked: the server answers
 * 503 then, and later requests find it again by themselves.
 */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof QueryFailedError) return isDatabaseUnavailable(error.driverError);
  if (error instanceof ConnectionWaitError) return true;
  if (error instanceof AggregateError) return error.errors.some(isDatabaseUnavailable);
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (typeof code === 'string') {
    if (NETWORK_CODES.has(code) || UNAVAILABLE_STATES.test(code)) return true;
    // A server's Unix socket that is not there.
    if (code === 'ENOENT' && syscall === 'connect') return true;
  }
  return CONNECTION_MESSAGES.some((text) => error.message.startsWith(text));
}
