import { Readable } from 'node:stream';
import type { HttpRequest } from '@rf/views';

/** What a test request may say beside method, target and body. */
export interface IncomingOptions {
  /** Names in any case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly content?: Uint8Array;
  /** True for https; default false. */
  readonly secure?: boolean;
  /** Default `127.0.0.1`. */
  readonly remoteAddress?: string;
}

/** The host that test requests name unless they say another, as in Django. */
export const TEST_HOST = 'testserver';

/** A request as a server would hand it to a view. */
export function incomingRequest(method: string, target: string, options: IncomingOptions = {}): HttpRequest {
  const { content = new Uint8Array(), secure = false, remoteAddress = '127.0.0.1' } = options;
  const headers: Record<string, string> = { host: TEST_HOST };
  for (const [name, value] of Object.entries(options.headers ?? {})) headers[name.toLowerCase()] = value;
  if (content.length > 0) headers['content-length'] ??= String(content.length);
  return {
    method,
    target,
    headers,
    rawHeaders: Object.entries(headers).flat(),
    remoteAddress,
    scheme: secure ? 'https' : 'http',
    id: 'test',
    stream: Readable.from(content.length === 0 ? [] : [content], { objectMode: false }),
    raw: null,
  };
}
