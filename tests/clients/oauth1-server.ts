import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { OAuthAuthentication, TokenHasReadWriteScope } from '@rf/oauth1';
import { APIView, authenticationClasses, path, permissionClasses, type Request } from '@rf/views';
import { CALLBACK, startServer } from '../../packages/oauth1/tests/server.ts';
import type { ServedProject } from './foreign-client.ts';

/** Tells what was understood of a signed request. */
@authenticationClasses(OAuthAuthentication)
@permissionClasses(TokenHasReadWriteScope)
class Echo extends APIView {
  override get(request: Request) {
    return { user: request.user.getUsername(), query: request.queryParams };
  }

  override post(request: Request) {
    return { ...this.get(request), data: request.data };
  }
}

/**
 * A provider with one consumer of each kind, in clear and over TLS. The users are alice and bob, with the password `pw`.
 *
 * @param callback of the consumers whose users type no code
 */
export async function serveOAuth1(callback = CALLBACK): Promise<ServedProject> {
  const server = await startServer({
    clock: Date.now,
    oauth1: { signatureMethods: ['HMAC-SHA1', 'HMAC-SHA256', 'HMAC-SHA512', 'RSA-SHA256', 'PLAINTEXT'] },
    settings: { trustedProxies: 1 },
    urls: [path('/echo/', Echo)],
  });
  const proxy = await startTlsProxy(Number(new URL(server.url).port));
  const web = await server.consumer({ name: 'Web shop', callbacks: [callback] });
  const typed = await server.consumer({ name: 'Printer', callbacks: [] });
  const reader = await server.consumer({ readonly: true, callbacks: [callback] });
  const plain = await server.consumer({ allowedMethods: ['PLAINTEXT'], callbacks: [callback] });
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const rsa = await server.consumer({ rsaPublicKey: publicKey, callbacks: [callback] });
  return {
    url: server.url,
    values: {
      CALLBACK: callback,
      WEB_KEY: web.consumer.key,
      WEB_SECRET: web.secret ?? '',
      TYPED_KEY: typed.consumer.key,
      TYPED_SECRET: typed.secret ?? '',
      READER_KEY: reader.consumer.key,
      READER_SECRET: reader.secret ?? '',
      PLAIN_KEY: plain.consumer.key,
      PLAIN_SECRET: plain.secret ?? '',
      RSA_KEY: rsa.consumer.key,
      RSA_PRIVATE_KEY: privateKey,
      TLS_URL: proxy.url,
      TLS_CERTIFICATE: proxy.certificate,
      PERSON: join(import.meta.dirname, 'oauth_person.py'),
    },
    async close() {
      await proxy.close();
      await server.close();
    },
  };
}

/** What ends TLS in front of a server, with a certificate that it signed itself. */
interface TlsProxy {
  readonly url: string;
  /** A file in PEM. */
  readonly certificate: string;
  close(): Promise<void>;
}

async function startTlsProxy(port: number): Promise<TlsProxy> {
  const folder = await mkdtemp(join(tmpdir(), 'rf-tls-'));
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const words = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'];
  const names = ['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  await promisify(execFile)('openssl', [...words, ...names, '-keyout', key, '-out', certificate]);
  const proxy = createServer({ key: await readFile(key), cert: await readFile(certificate) }, (incoming, outgoing) => {
    const { method, url, headers } = incoming;
    const forwarded = { ...headers, 'x-forwarded-proto': 'https', 'x-forwarded-host': headers.host };
    const onward = request({ host: '127.0.0.1', port, method, path: url, headers: forwarded }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return {
    url: `https://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    certificate,
    async close() {
      proxy.closeAllConnections();
      await new Promise((resolve) => proxy.close(resolve));
      await rm(folder, { recursive: true });
    },
  };
}
