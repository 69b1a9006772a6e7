import http from 'node:http';
import type { Answer, StepRequest } from './scenario.ts';

const DEFAULT_HOST = 'bookshop.test';
// Some recordings repeat the boundary in what they expect.
const BOUNDARY = 'bookshop-boundary-7d1f';

/** Sends one step's request on a connection of its own. */
export function send(base: string, request: StepRequest): Promise<Answer> {
  const { body, type } = encode(request);
  const headers: Record<string, string | number> = { ...request.headers };
  const has = (name: string): boolean => Object.keys(headers).some((header) => header.toLowerCase() === name);
  let path = request.path;
  const absolute = /^https?:\/\/([^/?#]*)([^#]*)/.exec(path);
  if (absolute !== null) {
    if (!has('host')) headers.Host = absolute[1] as string;
    path = (absolute[2] as string).replace(/^(?!\/)/, '/');
  }
  if (!has('host')) headers.Host = DEFAULT_HOST;
  if (type !== null && !has('content-type')) headers['Content-Type'] = type;
  if (body !== null) headers['Content-Length'] = body.length;
  else if (['POST', 'PUT', 'PATCH'].includes(request.method)) headers['Content-Length'] = 0;

  const { hostname, port } = new URL(base);
  return new Promise((resolve, reject) => {
    const options = { host: hostname, port, method: request.method, path, headers, agent: false, setHost: false };
    const outgoing = http.request({ ...options, timeout: 30_000 }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: Buffer.concat(chunks) });
      });
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer within 30 seconds')));
    outgoing.on('error', reject);
    outgoing.end(body ?? undefined);
  });
}

function encode(request: StepRequest): { body: Buffer | null; type: string | null } {
  if (request.body !== undefined) return { body: Buffer.from(JSON.stringify(request.body)), type: 'application/json' };
  if (request.form !== undefined) {
    const pairs = request.form.map(([name, value]) => `${encodeForm(name)}=${encodeForm(value)}`);
    return { body: Buffer.from(pairs.join('&')), type: 'application/x-www-form-urlencoded' };
  }
  if (request.multipart !== undefined) {
    return { body: encodeMultipart(request.multipart), type: `multipart/form-data; boundary=${BOUNDARY}` };
  }
  if (request.rawBody !== undefined) return { body: Buffer.from(request.rawBody), type: null };
  if (request.rawBodyBase64 !== undefined) return { body: Buffer.from(request.rawBodyBase64, 'base64'), type: null };
  return { body: null, type: null };
}

function encodeForm(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}

function encodeMultipart(parts: NonNullable<StepRequest['multipart']>): Buffer {
  const lines = parts.flatMap((part) => {
    const file =
      part.filename === undefined ? '' : `; filename="${part.filename}"\r\nContent-Type: ${part.contentType}`;
    const content = part.contentBase64 === undefined ? (part.content ?? part.value ?? '') : null;
    return [
      Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: form-data; name="${part.name}"${file}\r\n\r\n`),
      content === null ? Buffer.from(part.contentBase64 as string, 'base64') : Buffer.from(content),
      Buffer.from('\r\n'),
    ];
  });
  return Buffer.concat([...lines, Buffer.from(`--${BOUNDARY}--\r\n`)]);
}
