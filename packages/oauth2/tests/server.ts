import { auth, authUrls, createUser, PBKDF2PasswordHasher } from '@rf/auth';
import { restFramework, restFrameworkServerOptions } from '@rf/fastify';
import {
  type ClientWithSecret,
  createClient,
  type NewClient,
  OAuth2Authentication,
  type OAuth2Options,
  oauth2,
  oauth2Provider,
  oauth2Urls,
} from '@rf/oauth2';
import { db } from '@rf/orm';
import { type App, defineProject, openProject, type ProjectSite } from '@rf/project';
import { openTestProject, type TestProject } from '@rf/testing';
import {
  APIView,
  authenticationClasses,
  IsAuthenticated,
  path,
  permissionClasses,
  type Request,
  type Settings,
  type UrlEntry,
} from '@rf/views';
import Fastify from 'fastify';

/** Where the client of most tests waits for answers. */
export const CALLBACK = 'https://client.example/cb';
export const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
export const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';

/** What a test may change of the project. */
export interface ServerOptions {
  readonly oauth2?: Partial<OAuth2Options>;
  readonly apps?: readonly App[];
  readonly urls?: readonly UrlEntry[];
  readonly settings?: Partial<Settings>;
  /** Default one that a test sets. */
  readonly clock?: () => number;
}

/** A project with a provider, served over loopback. */
export interface Server {
  readonly url: string;
  readonly site: ProjectSite;
  readonly tested: TestProject;
  /** Lines of the project's log and of the server's. */
  readonly log: string[];
  /** The project's clock, in milliseconds since 1970. */
  readonly clock: { now: number };
  client(wanted?: Partial<NewClient>): Promise<ClientWithSecret>;
  browser(): Browser;
  close(): Promise<void>;
}

/** Answers who the request is from, as `{ user, auth }`. */
@authenticationClasses(OAuth2Authentication)
@permissionClasses(IsAuthenticated)
export class WhoAmI extends APIView {
  override get(request: Request) {
    return { user: request.user.getUsername(), auth: String(request.auth) };
  }

  override post(request: Request) {
    return this.get(request);
  }
}

/** Starts a server with the users alice, bob and the inactive ivan, whose password is `pw`. */
export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const log: string[] = [];
  const write = (data: object, message: string): void => {
    log.push(
      `${message} ${JSON.stringify(data, (_key, value) => (value instanceof Error ? `${value.stack}` : value))}`,
    );
  };
  const clock = { now: 1_700_000_000_000 };
  const project = defineProject({
    apps: [
      auth({ passwordHashers: [new PBKDF2PasswordHasher(1)] }),
      oauth2({
        scopes: { read: 'Read your notes', write: 'Change your notes', 'notes:read': 'Read one' },
        ...options.oauth2,
      }),
      ...(options.apps ?? []),
    ],
    database: 'pglite://memory',
    urls: [authUrls('/'), oauth2Urls('/oauth2/'), path('/me/', WhoAmI), ...(options.urls ?? [])],
    secretKey: 'a secret key of the tests, long enough',
    ...(options.settings !== undefined && { settings: options.settings }),
  });
  const tested = await openTestProject(project, {
    clock: options.clock ?? (() => clock.now),
    logger: { debug: write, info: write, warn: write, error: write },
    server: { logger: { level: 'trace', stream: { write: (line: string) => void log.push(line) } } },
  });
  const { site } = tested;
  for (const username of ['alice', 'bob', 'ivan']) {
    await createUser(site, { username, password: 'pw', isActive: username !== 'ivan' });
  }
  const url = await tested.listen();
  return {
    url,
    site,
    tested,
    log,
    clock,
    client: (wanted) =>
      createClient(db(site), oauth2Provider(site), {
        name: 'Notes app',
        clientType: 'confidential',
        grants: ['authorization_code', 'refresh_token'],
        redirectUris: [CALLBACK],
        ...wanted,
      }),
    browser: () => new Browser(url),
    close: () => tested.close(),
  };
}

/** What a page answered. */
export interface Page {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
  /** Where it redirects to; null for nowhere. */
  readonly location: string | null;
}

/** Keeps cookies and fills in forms, follows no redirects. */
export class Browser {
  readonly #cookies = new Map<string, string>();

  constructor(readonly origin: string) {}

  get cookies(): ReadonlyMap<string, string> {
    return this.#cookies;
  }

  get(target: string): Promise<Page> {
    return this.#fetch(target, {});
  }

  post(target: string, form: Readonly<Record<string, string>> | readonly (readonly [string, string])[]): Promise<Page> {
    const body = new URLSearchParams(form as Record<string, string>);
    return this.#fetch(target, { method: 'POST', body, headers: { origin: this.origin } });
  }

  /** Sends the form on a page back, with some fields changed. */
  submit(target: string, page: Page, fields: Readonly<Record<string, string>>): Promise<Page> {
    const hidden = [...page.body.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)];
    const form = hidden.map(([, name, value]) => [unescape(name), unescape(value)] as const);
    return this.post(target, [...form.filter(([name]) => !(name in fields)), ...Object.entries(fields)]);
  }

  async login(username: string): Promise<void> {
    const { status } = await this.submit('/login/', await this.get('/login/'), { username, password: 'pw' });
    if (status !== 302) throw new Error(`login answered ${status}`);
  }

  async #fetch(target: string, init: RequestInit): Promise<Page> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(new URL(target, this.origin), {
      ...init,
      headers: { ...(init.headers as Record<string, string>), ...(cookie !== '' && { cookie }) },
      redirect: 'manual',
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
    return {
      status: response.status,
      headers: response.headers,
      body: await response.text(),
      location: response.headers.get('location'),
    };
  }
}

const unescape = (text = ''): string =>
  text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');

/** What an endpoint of the protocol answered. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: any;
}

/** Sends a form to an endpoint; `basic` is `id:secret`. */
export async function send(
  url: string,
  form: Readonly<Record<string, string>> | readonly (readonly [string, string])[],
  options: { basic?: string; headers?: Readonly<Record<string, string>> } = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    body: new URLSearchParams(form as Record<string, string>),
    headers: {
      ...options.headers,
      ...(options.basic !== undefined && { authorization: `Basic ${Buffer.from(options.basic).toString('base64')}` }),
    },
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) };
}

/** Asks `/me/` with a token. */
export async function whoAmI(server: Server, token: string | null, target = '/me/'): Promise<Answer> {
  const response = await fetch(server.url + target, {
    headers: token === null ? {} : { authorization: `Bearer ${token}` },
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

const browsers = new WeakMap<Server, Map<string, Browser>>();

/** A browser in which the user is logged in; the same each time, since logins are throttled. */
export async function browserOf(server: Server, username: string): Promise<Browser> {
  const known = browsers.get(server) ?? new Map<string, Browser>();
  browsers.set(server, known);
  let browser = known.get(username);
  if (browser === undefined) {
    browser = server.browser();
    await browser.login(username);
    known.set(username, browser);
  }
  return browser;
}

/** Takes a user through the consent page and returns the parameters of the answer. */
export async function authorize(
  server: Server,
  client: { readonly clientId: string },
  options: { username?: string; decision?: string; params?: Readonly<Record<string, string>>; browser?: Browser } = {},
): Promise<URLSearchParams> {
  const { username = 'alice', decision = 'allow' } = options;
  const browser = options.browser ?? (await browserOf(server, username));
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: client.clientId,
    redirect_uri: CALLBACK,
    scope: 'read write',
    state: 'st',
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
    ...options.params,
  });
  const target = `/oauth2/authorize/?${query}`;
  let page = await browser.get(target);
  if (page.location?.startsWith('/login/')) {
    // The session has ended meanwhile.
    await browser.login(username);
    page = await browser.get(target);
  }
  if (page.status === 200) page = await browser.submit(target, page, { decision });
  if (page.location === null) throw new Error(`authorize answered ${page.status}: ${page.body}`);
  return new URL(page.location).searchParams;
}

/** A first pair of tokens by the authorization code grant. */
export async function obtainTokens(
  server: Server,
  { client, secret }: ClientWithSecret,
  options: Parameters<typeof authorize>[2] = {},
): Promise<any> {
  const answer = await authorize(server, client, options);
  const { status, body } = await send(`${server.url}/oauth2/token/`, {
    grant_type: 'authorization_code',
    code: answer.get('code') ?? '',
    redirect_uri: CALLBACK,
    code_verifier: VERIFIER,
    client_id: client.clientId,
    ...(secret !== null && { client_secret: secret }),
  });
  if (status !== 200) throw new Error(`token answered ${status}: ${JSON.stringify(body)}`);
  return body;
}

/**
 * A second server on the database of the first, with a pool and a site of its own. The embedded database has one process and
 * one connection: there it is the first server again.
 */
export async function startTwin({ url, site }: Server): Promise<Pick<Server, 'url' | 'close'>> {
  if (site.project.database.startsWith('pglite:')) return { url, close: async () => {} };
  const twin = await openProject(site.project);
  const app = Fastify(restFrameworkServerOptions());
  app.addHook('onClose', () => twin.close());
  await app.register(restFramework, { project: twin });
  return { url: await app.listen({ port: 0, host: '127.0.0.1' }), close: () => app.close() };
}
