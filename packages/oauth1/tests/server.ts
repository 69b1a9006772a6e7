import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { auth, authUrls, createUser, PBKDF2PasswordHasher, TokenHasReadWriteScope } from '@rf/auth';
import { restFramework, restFrameworkServerOptions } from '@rf/fastify';
import {
  type ConsumerWithSecret,
  createConsumer,
  type NewConsumer,
  OAuthAuthentication,
  type OAuth1Options,
  oauth1,
  oauth1Urls,
  percentEncode,
  type SignatureMethod,
  signatureBaseString,
  signWithKey,
  signWithSecrets,
} from '@rf/oauth1';
import { defineProject, migrateDatabase, MigrationGraph, openProject, type ProjectSite } from '@rf/project';
import { createTestDatabase, type TestDatabase } from '@rf/testing';
import {
  APIView,
  authenticationClasses,
  FormParser,
  IsAuthenticated,
  JSONParser,
  parserClasses,
  path,
  permissionClasses,
  type Request,
  type Settings,
  type UrlEntry,
} from '@rf/views';
import Fastify from 'fastify';
import { Browser } from '../../oauth2/tests/server.ts';

/** Where the consumer of most tests waits for users; it has a query already. */
export const CALLBACK = 'https://client.example/cb?from=notes';

/** What a test may change of the project. */
export interface ServerOptions {
  readonly oauth1?: OAuth1Options;
  readonly urls?: readonly UrlEntry[];
  readonly settings?: Partial<Settings>;
  /** One that another server has made; it is not removed then. */
  readonly database?: TestDatabase;
  /** Default one that a test sets. */
  readonly clock?: () => number;
}

/** A project with a provider, served over loopback. */
export interface Server {
  readonly url: string;
  readonly site: ProjectSite;
  readonly database: TestDatabase;
  readonly options: ServerOptions;
  /** Lines of the project's log and of the server's. */
  readonly log: string[];
  /** The project's clock, in milliseconds since 1970. */
  readonly clock: { now: number };
  consumer(wanted?: Partial<NewConsumer>): Promise<ConsumerWithSecret>;
  browser(): Browser;
  close(): Promise<void>;
}

/** Answers who the request is from. */
@authenticationClasses(OAuthAuthentication)
@permissionClasses(IsAuthenticated)
@parserClasses(FormParser, JSONParser)
export class WhoAmI extends APIView {
  override get(request: Request) {
    return { user: request.user.getUsername(), auth: request.auth?.constructor.name };
  }

  override post(request: Request) {
    return this.get(request);
  }
}

/** Something to read and to write with a token. */
@permissionClasses(TokenHasReadWriteScope)
export class Notes extends WhoAmI {}

/** Starts a server with the users alice, bob and the inactive ivan, whose password is `pw`. */
export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const database = options.database ?? (await createTestDatabase());
  const log: string[] = [];
  const write = (data: object, message: string): void => {
    log.push(
      `${message} ${JSON.stringify(data, (_key, value) => (value instanceof Error ? `${value.stack}` : value))}`,
    );
  };
  const clock = { now: 1_700_000_000_000 };
  const project = defineProject({
    apps: [auth({ passwordHashers: [new PBKDF2PasswordHasher(1)], loginThrottle: null }), oauth1(options.oauth1)],
    database: database.url,
    urls: [
      authUrls('/'),
      oauth1Urls('/oauth1/'),
      path('/me/', WhoAmI),
      path('/notes/', Notes),
      ...(options.urls ?? []),
    ],
    secretKey: 'a secret key of the tests, long enough',
    ...(options.settings !== undefined && { settings: options.settings }),
    clock: options.clock ?? (() => clock.now),
    logger: { debug: write, info: write, warn: write, error: write },
  });
  const site = await openProject(project);
  if (options.database === undefined) {
    await migrateDatabase(site.dataSource, project, await MigrationGraph.load(project));
    for (const username of ['alice', 'bob', 'ivan']) {
      await createUser(site, { username, password: 'pw', isActive: username !== 'ivan' });
    }
  }
  const logger = { level: 'trace', stream: { write: (line: string) => void log.push(line) } };
  const app = Fastify(restFrameworkServerOptions({ logger }));
  await app.register(restFramework, { project: site });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  return {
    url,
    site,
    database,
    options,
    log,
    clock,
    consumer: (wanted) => createConsumer(site, { name: 'Notes app', callbacks: [CALLBACK], ...wanted }),
    browser: () => new Browser(url),
    async close() {
      await app.close();
      await site.close();
      if (options.database === undefined) await database.remove();
    },
  };
}

/**
 * A second server on the database of the first, with a pool and a site of its own. The embedded database has one process and
 * one connection: there it is the first server again.
 */
export async function startTwin(server: Server): Promise<Pick<Server, 'url' | 'close'>> {
  if (server.database.kind === 'pglite') return { url: server.url, close: async () => {} };
  const twin = await startServer({ ...server.options, database: server.database });
  twin.clock.now = server.clock.now;
  return twin;
}

/** Token and secret of a client. */
export interface Credentials {
  readonly token: string;
  readonly secret: string;
}

/** A request to sign. */
export interface ToSign {
  readonly url: string;
  readonly method?: string;
  readonly form?: Readonly<Record<string, string>>;
  readonly consumer: { readonly key: string };
  readonly secret?: string | null;
  readonly token?: Credentials;
  readonly privateKey?: string;
  readonly signatureMethod?: SignatureMethod;
  /** Seconds since 1970. */
  readonly timestamp?: number | string;
  readonly nonce?: string;
  /** More parameters of the protocol; undefined leaves one out. */
  readonly more?: Readonly<Record<string, string | undefined>>;
  /** Scheme and host as the client sees them, behind a proxy. */
  readonly origin?: string;
}

/** The parameters of a signed request, signature included. */
export function signedParameters(asked: ToSign): readonly (readonly [string, string])[] {
  const { method = 'GET', form = {}, consumer, secret, token, signatureMethod = 'HMAC-SHA256' } = asked;
  const target = new URL(asked.url);
  const own = {
    oauth_consumer_key: consumer.key,
    oauth_token: token?.token,
    oauth_signature_method: signatureMethod,
    oauth_timestamp: String(asked.timestamp ?? 1_700_000_000),
    oauth_nonce: asked.nonce ?? randomBytes(9).toString('base64url'),
    oauth_version: '1.0',
    ...asked.more,
  };
  const sent = Object.entries(own).filter((pair): pair is [string, string] => pair[1] !== undefined);
  const { protocol, host } = new URL(asked.origin ?? asked.url);
  const baseString = signatureBaseString(
    method,
    { scheme: protocol.slice(0, -1), host, path: target.pathname },
    [...target.searchParams, ...Object.entries(form), ...sent].map(
      ([name, value]) => [percentEncode(name), percentEncode(value)] as const,
    ),
  );
  const secrets = { consumerSecret: secret ?? '', tokenSecret: token?.secret ?? '' };
  const signature = signatureMethod.startsWith('RSA-')
    ? signWithKey(signatureMethod as 'RSA-SHA256', baseString, asked.privateKey ?? '')
    : signWithSecrets(signatureMethod as 'HMAC-SHA256', baseString, secrets);
  return [...sent, ['oauth_signature', signature]];
}

/** `OAuth …` of parameters. */
export const headerOf = (parameters: readonly (readonly [string, string])[]): string =>
  `OAuth ${parameters.map(([name, value]) => `${percentEncode(name)}="${percentEncode(value)}"`).join(', ')}`;

/** What was answered. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // any: JSON or a form of any shape
  readonly body: any;
}

/** Sends a request with these headers. */
export async function send(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, { redirect: 'manual', ...init });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  const body = isJson ? JSON.parse(text) : Object.fromEntries(new URLSearchParams(text));
  return { status: response.status, headers: response.headers, text, body };
}

/** Signs a request in its header and sends it. */
export function sendSigned(asked: ToSign, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const { method = 'GET', form } = asked;
  return send(asked.url, {
    method,
    headers: { authorization: headerOf(signedParameters(asked)), ...headers },
    ...(form !== undefined && { body: new URLSearchParams(form) }),
  });
}

/** Temporary credentials of a consumer. */
export async function initiate(
  server: Pick<Server, 'url'>,
  { consumer, secret }: ConsumerWithSecret,
  options: Partial<ToSign> & { readonly callback?: string } = {},
): Promise<Credentials> {
  const { status, text, body } = await sendSigned({
    url: `${server.url}/oauth1/initiate/`,
    method: 'POST',
    consumer,
    secret,
    more: { oauth_callback: options.callback ?? CALLBACK },
    ...options,
  });
  if (status !== 200) throw new Error(`initiate answered ${status}: ${text}`);
  return { token: body.oauth_token, secret: body.oauth_token_secret };
}

/** Takes a user through the consent page and returns the parameters of the answer. */
export async function authorize(
  server: Pick<Server, 'browser'>,
  temporary: Credentials,
  { username = 'alice', decision = 'allow' }: { username?: string; decision?: string } = {},
): Promise<URLSearchParams> {
  const browser = server.browser();
  await browser.login(username);
  const target = `/oauth1/authorize/?oauth_token=${temporary.token}`;
  const page = await browser.submit('/oauth1/authorize/', await browser.get(target), { decision });
  if (page.location === null) throw new Error(`authorize answered ${page.status}: ${page.body}`);
  return new URL(page.location).searchParams;
}

/** Asks for an access token. */
export function exchange(
  server: Pick<Server, 'url'>,
  { consumer, secret }: Pick<ConsumerWithSecret, 'consumer' | 'secret'>,
  temporary: Credentials,
  verifier: string | undefined,
  options: Partial<ToSign> = {},
): Promise<Answer> {
  return sendSigned({
    url: `${server.url}/oauth1/token/`,
    method: 'POST',
    consumer,
    secret,
    token: temporary,
    more: { oauth_verifier: verifier },
    ...options,
  });
}

/** The whole dance. */
export async function obtainToken(
  server: Server,
  made: ConsumerWithSecret,
  options: { username?: string; initiate?: Partial<ToSign> } = {},
): Promise<Credentials> {
  const temporary = await initiate(server, made, options.initiate);
  const answer = await authorize(server, temporary, options);
  const { status, text, body } = await exchange(server, made, temporary, answer.get('oauth_verifier') ?? '');
  if (status !== 200) throw new Error(`token answered ${status}: ${text}`);
  return { token: body.oauth_token, secret: body.oauth_token_secret };
}
