import { randomBytes } from 'node:crypto';
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyError, FastifyReply, FastifyRequest, FastifyServerOptions } from 'fastify';
import { logSerializers } from './log-serializers.ts';

/** Longest URL argument. Beyond it a URL is answered 414. */
const MAX_PARAM_LENGTH = 1024;

/**
 * Options for `Fastify(…)` that a server on the internet wants; those given to it count more.
 *
 * ```ts
 * const app = Fastify(restFrameworkServerOptions({ logger: true }));
 * ```
 *
 * Requests have 15 seconds for their headers and 120 for all of themselves; ids are taken from `X-Request-Id` or made; logs hold no
 * credentials; requests that are no HTTP, too large, too slow or have a broken URL are answered in the project's shape.
 */
export function restFrameworkServerOptions(options: FastifyServerOptions = {}): FastifyServerOptions {
  return {
    requestTimeout: 120_000,
    keepAliveTimeout: 65_000,
    genReqId: requestId,
    forceCloseConnections: 'idle',
    frameworkErrors: answerFrameworkError,
    clientErrorHandler: answerClientError,
    ...options,
    http: { headersTimeout: 15_000, ...(options as { http?: object }).http },
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH, ...options.routerOptions },
    logger: withSerializers(options.logger),
  } as FastifyServerOptions;
}

function withSerializers(logger: FastifyServerOptions['logger']): FastifyServerOptions['logger'] {
  if (!logger) return false;
  const own = logger === true ? {} : (logger as { serializers?: object });
  return { ...own, serializers: { ...logSerializers, ...own.serializers } } as FastifyServerOptions['logger'];
}

const PROCESS = randomBytes(6).toString('base64url');
let counted = 0;

/** What a proxy or client calls the request, if it is short and plain; else an id of our own. */
function requestId(request: { headers: IncomingMessage['headers'] }): string {
  const given = request.headers['x-request-id'];
  if (typeof given === 'string' && /^[\w.:/+=-]{1,128}$/.test(given)) return given;
  counted += 1;
  return `${PROCESS}-${counted.toString(36)}`;
}

/** For requests that reach no route because their URL cannot be read. */
function answerFrameworkError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const status = error.statusCode ?? 400;
  const detail = status === 400 ? 'The URL of the request cannot be read.' : (STATUS_CODES[status] ?? 'Bad Request');
  reply
    .code(status)
    .header('x-request-id', request.id)
    .header('content-type', 'application/json')
    .serializer((payload: unknown) => payload as string)
    .send(JSON.stringify({ detail }));
}

interface ClientError extends Error {
  readonly code?: string;
}

const CLIENT_ERRORS: Readonly<Record<string, readonly [status: number, detail: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'The header of the request is too large.'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'The request body is too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request took too long to arrive.'],
};

/** For what is no HTTP request: answered and closed without Fastify. */
function answerClientError(error: ClientError, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  // Node reports what follows on the same connection again.
  if (socket.writableEnded || !socket.writable) return;
  const [status, detail] = CLIENT_ERRORS[error.code ?? ''] ?? [400, 'The request is not valid HTTP.'];
  const body = JSON.stringify({ detail });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
  // Not destroyed at once: a client that is still sending would get a reset instead of its answer (RFC 9112, section 9.6).
  const timer = setTimeout(() => socket.destroy(), 1000);
  socket.once('close', () => clearTimeout(timer));
}
