import type { UrlPattern } from '@rf/views';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { redactTarget } from './log-serializers.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Patterns of the route's URLs that have credentials in them. */
    rfSecretPatterns?: readonly UrlPattern[];
  }
}

/**
 * Keeps credentials out of the server's log, whichever way it was made: `Fastify({ logger: true })` shows URLs as they were sent, and at
 * level trace the bytes of requests that cannot be read. Errors that were described already are shown as they are.
 *
 * It changes what pino's serializers say. A logger of another kind is its owner's affair.
 */
export function guardServerLog(app: FastifyInstance): void {
  const serializers = (app.log as { [PINO_SERIALIZERS]?: Serializers })[PINO_SERIALIZERS];
  if (serializers === undefined) return;
  const { req, err } = serializers;
  if (req !== undefined) serializers.req = (request) => withoutSecrets(req(request), request);
  if (err !== undefined) serializers.err = (error) => (error instanceof Error ? withoutPacket(err(error)) : error);
}

/** What is no HTTP is logged with all its bytes, headers included, where the server's owner wants to see everything. */
function withoutPacket(shown: unknown): unknown {
  if (typeof shown !== 'object' || shown === null || !('rawPacket' in shown)) return shown;
  const { rawPacket: _bytes, ...others } = shown;
  return others;
}

/** `pino.symbols.serializersSym`, by which loggers of requests inherit them. */
const PINO_SERIALIZERS = Symbol.for('pino.serializers');

interface Serializers {
  req?: (request: FastifyRequest) => unknown;
  err?: (error: unknown) => unknown;
}

function withoutSecrets(shown: unknown, request: FastifyRequest): unknown {
  if (typeof shown !== 'object' || shown === null || !('url' in shown) || typeof shown.url !== 'string') return shown;
  return { ...shown, url: redactTarget(hidePathSecrets(shown.url, request)) };
}

function hidePathSecrets(target: string, request: FastifyRequest): string {
  const patterns = request.routeOptions?.config?.rfSecretPatterns;
  if (patterns === undefined) return target;
  const at = target.indexOf('?');
  const path = at === -1 ? target : target.slice(0, at);
  const hidden = patterns.map((pattern) => pattern.hideSecrets(path)).find((found) => found !== null);
  return `${hidden ?? path}${at === -1 ? '' : target.slice(at)}`;
}
