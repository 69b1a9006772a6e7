import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** The authority that made the certificate of {@link startDocumentHost}; it is trusted by nobody else. */
export const CA = `-----BEGIN CERTIFICATE-----
MIIBmDCCAT+gAwIBAgIUAfpm5ETk/nNw0MeRd2V8IByhTVQwCgYIKoZIzj0EAwIw
ITEfMB0GA1UEAwwWQXV0aG9yaXR5IG9mIHRoZSB0ZXN0czAgFw0yNjExMzAxNzM4
NTJaGA8yMTI2MTEwNjE3Mzg1MlowITEfMB0GA1UEAwwWQXV0aG9yaXR5IG9mIHRo
ZSB0ZXN0czBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABM58shvafYY4N/f5FQaf
6cHnJzX3rI7hjXYL41uHZGmGs1pGI7pi5UWn5fzOQxZwgs/xg7/v0VXqINeywOXh
fKSjUzBRMB0GA1UdDgQWBBRe9f1esY5GSfseC/CWyBJXytUDaDAfBgNVHSMEGDAW
gBRe9f1esY5GSfseC/CWyBJXytUDaDAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49
BAMCA0cAMEQCIFF+YAWAzkbi5AanEcFDyeHAjDurV0pa0BAZFQBCSxfyAiBVVtzg
9j/3c3qxNYIA0TkrSLkzl4Pb4maefTit+pvFNA==
-----END CERTIFICATE-----`;

/** For client.example, all below it, and 127.0.0.1, for a hundred years from 2026. */
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBwDCCAWWgAwIBAgIUUXJcHygh+GxVuWcFwW1AYl8Tg5wwCgYIKoZIzj0EAwIw
ITEfMB0GA1UEAwwWQXV0aG9yaXR5IG9mIHRoZSB0ZXN0czAgFw0yNjExMzAxNzM4
NTJaGA8yMTI2MTEwNjE3Mzg1MlowGTEXMBUGA1UEAwwOY2xpZW50LmV4YW1wbGUw
WTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASYHD8FDZygoBPwy9R19Fn4raov2m3v
MzhKBSnCBhknh2//beBhx42woiWlOtUUFdS09Df+mIWx35C3nU1dEbnHo4GAMH4w
MQYDVR0RBCowKIIOY2xpZW50LmV4YW1wbGWCECouY2xpZW50LmV4YW1wbGWHBH8A
AAEwCQYDVR0TBAIwADAdBgNVHQ4EFgQUo6Jxse1U1ezynj+6WwFIbHJJYNswHwYD
VR0jBBgwFoAUXvX9XrGORkn7HgvwlsgSV8rVA2gwCgYIKoZIzj0EAwIDSQAwRgIh
AOvVWcwQ/y7UJnQYd3ZKamcrB/2uTKj79MYQviM7hJjZAiEA7aP196dY6DkuY1Ny
lC8ARQQgBaIhhCHateW09OOxqSk=
-----END CERTIFICATE-----`;
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgjQB46Kau4NDi2NqJ
GNn879JBu/LKAP+9psHlvKy/qtyhRANCAASYHD8FDZygoBPwy9R19Fn4raov2m3v
MzhKBSnCBhknh2//beBhx42woiWlOtUUFdS09Df+mIWx35C3nU1dEbnH
-----END PRIVATE KEY-----`;

/** How a document is answered. */
export type Answerer = (request: IncomingMessage, response: ServerResponse) => void;

/** A host of documents over TLS, on 127.0.0.1. */
export interface DocumentHost {
  /** Such as `https://client.example:40443`; the port is the host's. */
  readonly origin: string;
  readonly port: number;
  /** Paths that were asked for, in order. */
  readonly asked: string[];
  /** Connections that were made. */
  readonly connections: () => number;
  /** What each path answers; 404 for others. */
  readonly pages: Map<string, Answerer>;
  close(): Promise<void>;
}

/** Starts a host whose name, client.example, a test has to resolve to 127.0.0.1. */
export async function startDocumentHost(): Promise<DocumentHost> {
  const asked: string[] = [];
  const pages = new Map<string, Answerer>();
  let connections = 0;
  const server = createServer({ cert: CERTIFICATE, key: KEY }, (request, response) => {
    asked.push(request.url ?? '');
    const answer = pages.get(request.url ?? '');
    if (answer === undefined) response.writeHead(404).end();
    else answer(request, response);
  });
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    origin: `https://client.example:${port}`,
    port,
    asked,
    connections: () => connections,
    pages,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Answers `document` as JSON. */
export const json =
  (document: unknown, headers: Readonly<Record<string, string>> = {}): Answerer =>
  (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', ...headers });
    response.end(typeof document === 'string' ? document : JSON.stringify(document));
  };
