import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { createPrivateKey, createSecretKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { type AbstractUser, auth, createUser, users } from '@rf/auth';
import { restFramework, restFrameworkServerOptions } from '@rf/fastify';
import {
  CavageSignatureAuthentication,
  contentDigest,
  createSignatureKey,
  HttpSignatureAuthentication,
  type HttpSignatureSettings,
  httpSignature,
  type SignatureAlgorithm,
  type SignatureKey,
  type SignatureParameters,
  signMessage,
} from '@rf/http-signature';
import { defineProject, migrateDatabase, MigrationGraph, openProject, type ProjectSite } from '@rf/project';
import { createTestDatabase, type TestDatabase } from '@rf/testing/database';
import {
  APIView,
  authenticationClasses,
  IsAuthenticated,
  type Logger,
  path,
  permissionClasses,
  type Request,
} from '@rf/views';
import Fastify from 'fastify';
import { bitChanges } from '../../auth/tests/bit-changes.ts';

/** Seconds since 1970 at which the clock of the tests stands. */
export const NOW = 1_700_000_000;

@authenticationClasses(HttpSignatureAuthentication, CavageSignatureAuthentication)
@permissionClasses(IsAuthenticated)
class Notes extends APIView {
  override get(request: Request): unknown {
    return { user: request.user.getUsername(), key: String(request.auth) };
  }

  override post(request: Request): unknown {
    if (request.queryParams.has('fail')) throw new Error('after authentication');
    return { ...(this.get(request) as object), data: request.data };
  }
}

@authenticationClasses(CavageSignatureAuthentication)
@permissionClasses(IsAuthenticated)
class Legacy extends Notes {}

@authenticationClasses(CavageSignatureAuthentication, HttpSignatureAuthentication)
@permissionClasses(IsAuthenticated)
class OlderFirst extends Notes {}

export interface Sent {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body?: string | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly rawHeaders: readonly string[];
  readonly text: string;
}

/** A key of a user, and what signs for it. */
export interface Signer {
  readonly row: SignatureKey;
  readonly key: KeyObject;
}

/** What may be unusual about a signed request. */
export interface Unusual {
  readonly method?: string;
  readonly target?: string;
  readonly body?: string;
  readonly components?: readonly string[];
  readonly parameters?: SignatureParameters;
  readonly label?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The same with one field changed. */
export const withHeader = ({ headers, ...sent }: Sent, name: string, value: string): Sent => ({
  ...sent,
  headers: { ...headers, [name]: value },
});

/** The same with each bit of one field's name changed that makes it another name. */
export function nameBitChanges({ headers, ...sent }: Sent, name: string): Sent[] {
  const { [name]: value = '', ...others } = headers;
  const names = bitChanges(name).filter(
    (changed) => /^[\w!#$%&'*+.^`|~-]+$/.test(changed) && changed.toLowerCase() !== name.toLowerCase(),
  );
  return names.map((changed) => ({ ...sent, headers: { ...others, [changed]: value } }));
}

/** A project with the users alice and bob on a real socket. */
export class TestServer {
  private constructor(
    readonly site: ProjectSite,
    readonly database: TestDatabase,
    readonly port: number,
    readonly clock: { ms: number },
    /** Everything that was logged, as text. */
    readonly log: string[],
    /** Lines of the server's own log, of every level. */
    readonly serverLog: string[],
    private readonly app: { close(): Promise<unknown> },
  ) {}

  static async start(settings: HttpSignatureSettings = {}): Promise<TestServer> {
    const database = await createTestDatabase();
    const clock = { ms: NOW * 1000 };
    const log: string[] = [];
    const write = (data: object, message: string) => log.push(`${message} ${JSON.stringify(data)}`);
    const logger: Logger = { debug: write, info: write, warn: write, error: write };
    const project = defineProject({
      apps: [auth(), httpSignature(settings)],
      database: database.url,
      urls: [path('/notes/:name/', Notes), path('/legacy/', Legacy), path('/older-first/', OlderFirst)],
      settings: { atomicRequests: true },
      secretKey: 'the secret key of the test project, long enough',
      clock: () => clock.ms,
      logger,
    });
    const site = await openProject(project);
    await migrateDatabase(site.dataSource, project, await MigrationGraph.load(project));
    for (const username of ['alice', 'bob']) await createUser(site, { username });
    const serverLog: string[] = [];
    const stream = { write: (line: string): void => void serverLog.push(line) };
    const app = Fastify(restFrameworkServerOptions({ logger: { level: 'trace', stream } }));
    await app.register(restFramework, { project: site });
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as { port: number };
    return new TestServer(site, database, port, clock, log, serverLog, app);
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.site.close();
    await this.database.remove();
  }

  user(username = 'alice'): Promise<AbstractUser> {
    return users(this.site).findOneByOrFail({ username });
  }

  /** A new key, of alice unless another is named. */
  async signer(algorithm: SignatureAlgorithm = 'ed25519', username = 'alice'): Promise<Signer> {
    const user = await this.user(username);
    if (algorithm.startsWith('rsa')) {
      // Shorter than those that we make: there are many signatures to check.
      const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const { key } = await createSignatureKey(this.site, user, { algorithm, publicKey: pair.publicKey });
      return { row: key, key: pair.privateKey };
    }
    const made = await createSignatureKey(this.site, user, { algorithm });
    const { secret, privateKey } = made;
    const key = secret === undefined ? createPrivateKey(privateKey as string) : createSecretKey(secret, 'base64');
    return { row: made.key, key };
  }

  get host(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** A signed request; everything is covered and the nonce is new, unless said otherwise. */
  sign({ row, key }: Signer, unusual: Unusual = {}): Sent {
    const { method = 'POST', target = '/notes/a/?page=2', label = 'sig1' } = unusual;
    const body = unusual.body ?? (method === 'POST' ? '{"hello": "world"}' : undefined);
    const headers: Record<string, string> = { Host: this.host, ...unusual.headers };
    if (body !== undefined) {
      headers['Content-Type'] = 'application/json';
      headers['Content-Digest'] ??= contentDigest(body);
    }
    const all = ['@method', '@authority', '@path', '@query', ...(body === undefined ? [] : ['content-digest'])];
    const { signatureInput, signature } = signMessage(
      { method, target, scheme: 'http', authority: this.host, fields: Object.entries(headers).flat() },
      {
        algorithm: row.algorithm,
        key,
        label,
        components: unusual.components ?? all,
        parameters: { created: NOW, keyid: row.keyId, ...unusual.parameters },
      },
    );
    return { method, target, body, headers: { ...headers, 'Signature-Input': signatureInput, Signature: signature } };
  }

  send({ method, target, headers, body }: Sent): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const isChunked = headers['Transfer-Encoding'] !== undefined;
      const length = body === undefined || isChunked ? {} : { 'Content-Length': Buffer.byteLength(body, 'latin1') };
      const outgoing = httpRequest(
        {
          host: '127.0.0.1',
          port: this.port,
          method,
          path: target,
          // A connection each: a malformed request ends its own.
          agent: false,
          headers: { ...headers, ...length },
        },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
          incoming.on('end', () => {
            const text = Buffer.concat(chunks).toString();
            resolve({
              status: incoming.statusCode ?? 0,
              headers: incoming.headers,
              rawHeaders: incoming.rawHeaders,
              text,
            });
          });
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body, 'latin1');
    });
  }

  /** The status of a request whose method and lines go out as they are, which no client of HTTP would do. */
  sendLines({ method, target, body = '' }: Sent, lines: readonly (readonly [string, string])[]): Promise<number> {
    const fields = [...lines, ['Content-Length', String(Buffer.byteLength(body, 'latin1'))], ['Connection', 'close']];
    const head = [`${method} ${target} HTTP/1.1`, ...fields.map((line) => line.join(': '))].join('\r\n');
    return new Promise((resolve, reject) => {
      const socket = connect(this.port, '127.0.0.1', () => socket.write(`${head}\r\n\r\n${body}`, 'latin1'));
      let text = '';
      socket.setEncoding('latin1').on('data', (chunk: string) => {
        text += chunk;
      });
      socket.on('error', reject);
      socket.on('close', () => resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1])));
    });
  }

  /** Everything that was logged, the project's lines and the server's. */
  get allLogs(): string {
    return [...this.log, ...this.serverLog].join('\n');
  }

  async status(sent: Sent): Promise<number> {
    return (await this.send(sent)).status;
  }
}
