import { request as httpRequest } from 'node:http';

/** A request of which nothing is rewritten on its way: target, host and header lines go out as they stand here. */
export interface ExactRequest {
  readonly method?: string;
  readonly target: string;
  /** A name with a list is sent in as many lines. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  /** Each character is one byte. */
  readonly body?: string;
  /** The body goes out in chunks, without its length. */
  readonly isChunked?: boolean;
}

export interface ExactAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** Sends it on a connection of its own, which a malformed request may end. */
export function sendExactly(origin: string, request: ExactRequest): Promise<ExactAnswer> {
  const { hostname, port } = new URL(origin);
  const { method = 'GET', target, headers, body, isChunked = false } = request;
  const length = body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body, 'latin1') };
  const framing = isChunked ? { 'Transfer-Encoding': 'chunked' } : length;
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      { hostname, port, method, path: target, headers: { ...headers, ...framing }, agent: false },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('end', () => {
          const { statusCode = 0, headers: answered } = incoming;
          resolve({ status: statusCode, headers: answered, text: Buffer.concat(chunks).toString() });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body, 'latin1');
  });
}
