import { describeError } from '@rf/views';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Names of query parameters whose values are credentials, or may be; authors and keywords are none. */
const SECRET_NAME =
  /assertion|auth(?!or(?!i))|bewit|code|cookie|credential|csrf|key(?!word)|jwt|mac|nonce|pass|secret|session|sig|state|ticket|token/i;

/**
 * `target` with the values of such parameters replaced, and the user name and password of a whole URL. Parameters that a client has
 * appended to a path without `?` count as well: what they carry is as good elsewhere.
 */
export function redactTarget(target: string): string {
  const at = target.indexOf('?');
  const path = (at === -1 ? target : target.slice(0, at)).replace(/^(\w+:\/\/)[^/]*@/, '$1[redacted]@');
  const [start = '', ...appended] = path.split('&');
  const shown = [start, ...appended.map(redactPair)].join('&');
  if (at === -1) return shown;
  return `${shown}?${target
    .slice(at + 1)
    .split('&')
    .map(redactPair)
    .join('&')}`;
}

function redactPair(pair: string): string {
  const end = pair.indexOf('=');
  return end !== -1 && isSecretName(pair.slice(0, end)) ? `${pair.slice(0, end)}=[redacted]` : pair;
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
