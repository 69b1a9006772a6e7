import type { Readable } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { HttpRequest } from '@rf/views';
import type { FastifyRequest } from 'fastify';

/** Fastify's request as the views expect it: nothing parsed, nothing decoded. */
export class FastifyHttpRequest implements HttpRequest {
  constructor(readonly raw: FastifyRequest) {}

  get method(): string {
    return this.raw.raw.method ?? 'GET';
  }

  /** Node's own target: Fastify's router decodes it, and a signature covers what was sent. */
  get target(): string {
    return this.raw.raw.url ?? '/';
  }

  get headers(): HttpRequest['headers'] {
    return this.raw.raw.headers;
  }

  get rawHeaders(): readonly string[] {
    return this.raw.raw.rawHeaders;
  }

  get remoteAddress(): string {
    return this.raw.raw.socket.remoteAddress ?? '';
  }

  get scheme(): 'http' | 'https' {
    return (this.raw.raw.socket as TLSSocket).encrypted ? 'https' : 'http';
  }

  get id(): string {
    return String(this.raw.id);
  }

  get stream(): Readable {
    return this.raw.raw;
  }
}
