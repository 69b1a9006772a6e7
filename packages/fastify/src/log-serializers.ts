import { describeError } from '@rf/views';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Names of query parameters whose values are credentials, or may be; authors and keywords are none. */
const SECRET_NAME =
  /assertion|auth(?!or(?!i))|bewit|code|cookie|credential|csrf|key(?!word)|jwt|mac|nonce|pass|secret|session|sig|state|ticket|token/i;

/** `target` with the values of such parameters replaced. */
export function redactTarget(target: string): string {
  const at = target.indexOf('?');
  if (at === -1) return target;
  const query = target
    .slice(at + 1)
    .split('&')
    .map((pair) => {
      const end = pair.indexOf('=');
      return end !== -1 && isSecretName(pair.slice(0, end)) ? `${pair.slice(0, end)}=[redacted]` : pair;
    });
  return `${target.slice(0, at)}?${query.join('&')}`;
}

/** Views see the name decoded; one that cannot be decoded might be anything. */
function isSecretName(sent: string): boolean {
  try {
    return SECRET_NAME.test(decodeURIComponent(sent));
  } catch {
    return true;
  }
}

/**
 * How Fastify's logger shows requests, answers and errors: no header at all, no credentials in query strings, and of errors only
 * type, message, code and stack, since database errors carry the values of the query.
 */
export const logSerializers = {
  req: (request: FastifyRequest) => ({
    method: request.method,
    url: redactTarget(request.raw.url ?? ''),
    remoteAddress: request.raw.socket?.remoteAddress,
  }),
  res: (reply: FastifyReply) => ({ statusCode: reply.statusCode }),
  err: (error: unknown) => (error instanceof Error ? describeError(error) : error),
};
