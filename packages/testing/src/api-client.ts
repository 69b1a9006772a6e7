import { type AbstractUser, authenticate, type Credentials, login, logout } from '@rf/auth';
import type { APIResponse, Redirect } from './api-response.ts';
import { CookieJar } from './cookie-jar.ts';
import { exchange, type SentRequest } from './in-process-exchange.ts';
import { type ClientTarget, type InProcessServer, readyServer } from './in-process-server.ts';
import { TEST_HOST } from './incoming-request.ts';
import { type BodyOptions, encodeBody } from './request-body.ts';
import { type Query, targetOf } from './request-target.ts';
import { runWork } from './site-work.ts';
import type { ForcedUser } from './test-call.ts';

/** What a client does unless a request says otherwise. */
export interface APIClientOptions {
  /** Sent with every request, beside those of `credentials()`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Format of bodies; default the setting `testRequestDefaultFormat`. */
  readonly format?: string;
  /** Asks for CSRF tokens as of a browser; default false. */
  readonly enforceCsrfChecks?: boolean;
  /** Throws what a view threw and nobody handled; default true. False gives back the answer 500. */
  readonly raiseRequestException?: boolean;
  /** What the client calls the server; default `testserver`. */
  readonly host?: string;
  /** True for https; default false. */
  readonly secure?: boolean;
  /** Where the client comes from; default `127.0.0.1`. */
  readonly remoteAddress?: string;
}

/** What one request may say. */
export interface RequestOptions extends BodyOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Added to the query of the path. */
  readonly query?: Query;
  /** Follows redirects; 307 and 308 send method and body again. Default false. */
  readonly follow?: boolean;
  /** True for https. */
  readonly secure?: boolean;
  readonly remoteAddress?: string;
}

/** Redirects that are followed at most. */
const MAX_REDIRECTS = 20;

const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

/**
 * A client for tests: requests go through the Fastify server without a network, cookies are kept (TE03).
 *
 * ```ts
 * const client = new APIClient(app, { format: 'json' });
 * await client.login({ username: 'alice', password: 'secret' });
 * const response = await client.post('/notes/', { title: 'Milk' });
 * expect(response.status).toBe(201);
 * ```
 *
 * It asks for no CSRF tokens, and throws what a view threw and nobody handled, unless its options say otherwise.
 */
export class APIClient {
  /** The cookies that answers have set. */
  readonly cookies: CookieJar;
  /** Asks for CSRF tokens as of a browser. */
  enforceCsrfChecks: boolean;
  /** Throws what a view threw and nobody handled. */
  raiseRequestException: boolean;

  readonly #target: ClientTarget;
  readonly #options: APIClientOptions;
  #credentials: Readonly<Record<string, string>> = {};
  #forced: ForcedUser | null = null;

  /** @param target a Fastify server with `restFramework`, or what has one as `app`; it need not listen */
  constructor(target: ClientTarget, options: APIClientOptions = {}) {
    this.#target = target;
    this.#options = options;
    this.enforceCsrfChecks = options.enforceCsrfChecks ?? false;
    this.raiseRequestException = options.raiseRequestException ?? true;
    this.cookies = new CookieJar(() => this.#clock());
  }

  // ---- who it is ------------------------------------------------------------------------------------------------

  /** Headers of every further request, in place of the former ones; none takes them back. */
  credentials(headers: Readonly<Record<string, string>> = {}): void {
    this.#credentials = headers;
  }

  /**
   * Makes every further request one of this user, without the view's authentication classes being asked (TE02). Without a user and
   * a token it takes that back and forgets the session.
   */
  forceAuthenticate(forced: ForcedUser = {}): void {
    const isSomebody = (forced.user ?? forced.token ?? null) !== null;
    this.#forced = isSomebody ? forced : null;
    if (!isSomebody) this.cookies.clear();
  }

  /** Logs in by the project's backends and keeps the session; false when the credentials belong to nobody. */
  async login(credentials: Credentials): Promise<boolean> {
    let isLoggedIn = false;
    await this.#work(async (request) => {
      const user = await authenticate(request, credentials);
      if (user === null) return;
      await login(request, user);
      isLoggedIn = true;
    });
    return isLoggedIn;
  }

  /** Logs a user in without a password, and keeps the session. */
  async forceLogin(user: AbstractUser): Promise<void> {
    await this.#work((request) => login(request, user));
  }

  /** Ends the session and forgets cookies, credentials and a forced user. */
  async logout(): Promise<void> {
    if (this.cookies.names().length > 0) await this.#work(logout);
    this.cookies.clear();
    this.#credentials = {};
    this.#forced = null;
  }

  // ---- requests -------------------------------------------------------------------------------------------------

  /** @param query added to the query of the path */
  // any: a test knows what it asked for, or names the type
  get<Data = any>(path: string, query?: Query | null, options: RequestOptions = {}): Promise<APIResponse<Data>> {
    return this.generic('GET', targetOf(path, query), undefined, options);
  }

  /** @param query added to the query of the path */
  head(path: string, query?: Query | null, options: RequestOptions = {}): Promise<APIResponse<null>> {
    return this.generic('HEAD', targetOf(path, query), undefined, options);
  }

  post<Data = any>(path: string, data?: unknown, options: RequestOptions = {}): Promise<APIResponse<Data>> {
    return this.generic('POST', path, data, options);
  }

  put<Data = any>(path: string, data?: unknown, options: RequestOptions = {}): Promise<APIResponse<Data>> {
    return this.generic('PUT', path, data, options);
  }

  patch<Data = any>(path: string, data?: unknown, options: RequestOptions = {}): Promise<APIResponse<Data>> {
    return this.generic('PATCH', path, data, options);
  }

  delete<Data = any>(path: string, data?: unknown, options: RequestOptions = {}): Promise<APIResponse<Data>> {
    return this.generic('DELETE', path, data, options);
  }

  options<Data = any>(path: string, data?: unknown, options: RequestOptions = {}): Promise<APIResponse<Data>> {
    return this.generic('OPTIONS', path, data, options);
  }

  /**
   * Any method.
   *
   * Throws what a view threw and nobody handled, a TypeError for data that the format cannot hold, and an Error for redirects that
   * do not end.
   *
   * @param path path and query, or a full URL, which then also names host and scheme
   */
  async generic<Data = any>(
    method: string,
    path: string,
    data?: unknown,
    options: RequestOptions = {},
  ): Promise<APIResponse<Data>> {
    const server = await readyServer(this.#target);
    const { format } = this.#options;
    const body = await encodeBody(server.rf, data, {
      ...(format !== undefined && options.contentType === undefined && { format }),
      ...options,
    });
    const address = new Address(
      `${(options.secure ?? this.#options.secure) ? 'https' : 'http'}://${this.#options.host ?? TEST_HOST}`,
    ).to(targetOf(path, options.query));
    const request = {
      method: method.toUpperCase(),
      headers: this.#headers(options.headers, body.contentType),
      content: body.content,
    };
    const remoteAddress = options.remoteAddress ?? this.#options.remoteAddress ?? '127.0.0.1';
    return this.#send(server, { ...request, address, remoteAddress, follow: options.follow ?? false });
  }

  #headers(own: Readonly<Record<string, string>> = {}, contentType: string | null): Record<string, string> {
    const headers: Record<string, string> = {};
    if (contentType !== null) headers['content-type'] = contentType;
    for (const group of [this.#options.headers ?? {}, this.#credentials, own]) {
      for (const [name, value] of Object.entries(group)) headers[name.toLowerCase()] = value;
    }
    return headers;
  }

  async #send(server: InProcessServer, outgoing: Outgoing): Promise<APIResponse> {
    const chain: Redirect[] = [];
    for (let next = outgoing; ; ) {
      const response = await this.#exchange(server, next);
      const location = response.headers.get('location');
      if (!next.follow || location === null || !REDIRECTS.includes(response.status)) {
        return chain.length === 0 ? response : response.after(chain);
      }
      next = redirected(next, response.status, next.address.to(location));
      chain.push({ url: location, status: response.status });
      if (chain.length > MAX_REDIRECTS) {
        throw new Error(`Too many redirects: ${chain.map(({ url }) => url).join(' → ')}`);
      }
    }
  }

  async #exchange(server: InProcessServer, { method, headers, content, address, remoteAddress }: Outgoing) {
    const cookie = this.cookies.header(address.path, address.isSecure);
    const sent: SentRequest = {
      method,
      target: address.target,
      headers: { host: address.host, ...headers, ...(cookie !== null && { cookie: joined(cookie, headers.cookie) }) },
      content,
      secure: address.isSecure,
      remoteAddress,
    };
    const response = await exchange(server, sent, {
      forced: this.#forced,
      enforceCsrfChecks: this.enforceCsrfChecks,
      raiseRequestException: this.raiseRequestException,
    });
    for (const value of response.cookies) this.cookies.store(value);
    return response;
  }

  /** Runs `work` with a request that has the client's cookies, and keeps those that it sets. */
  async #work(work: Parameters<typeof runWork>[2]): Promise<void> {
    const server = await readyServer(this.#target);
    const secure = this.#options.secure ?? false;
    const cookie = this.cookies.header('/', secure);
    const headers = { host: this.#options.host ?? TEST_HOST, ...(cookie !== null && { cookie }) };
    const response = await runWork(server.rf, { headers, secure }, work);
    for (const value of response.cookies) this.cookies.store(value);
  }

  #clock(): number {
    const server = 'app' in this.#target ? this.#target.app : this.#target;
    return server.rf?.clock() ?? Date.now();
  }
}

/** A request on its way, perhaps the second of a redirect. */
interface Outgoing {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly content: Buffer;
  readonly address: Address;
  readonly remoteAddress: string;
  readonly follow: boolean;
}

/** 307 and 308 are the same request elsewhere; any other redirect is a GET, of HEAD a HEAD (RFC 9110, section 15.4). */
function redirected(request: Outgoing, status: number, address: Address): Outgoing {
  if (status === 307 || status === 308) return { ...request, address };
  const { 'content-type': _type, ...headers } = request.headers;
  const method = request.method === 'HEAD' ? 'HEAD' : 'GET';
  return { ...request, method, headers, content: Buffer.alloc(0), address };
}

const joined = (jar: string, own: string | undefined): string => (own === undefined ? jar : `${jar}; ${own}`);

/** Where a request goes. Paths stay as they were written: a URL object would repair them. */
class Address {
  constructor(
    private readonly origin: string,
    /** Path and query. */
    readonly target = '/',
  ) {}

  get isSecure(): boolean {
    return this.origin.startsWith('https:');
  }

  get host(): string {
    return this.origin.slice(this.origin.indexOf('://') + 3);
  }

  get path(): string {
    return this.target.split('?', 1)[0] as string;
  }

  /** The address of a location seen from here. */
  to(location: string): Address {
    const absolute = /^(https?:\/\/[^/?#]+)([^#]*)/i.exec(location);
    if (absolute !== null) {
      const [, origin = '', target = ''] = absolute;
      return new Address(origin, target.startsWith('/') ? target : `/${target}`);
    }
    if (location.startsWith('/')) return new Address(this.origin, location);
    const { pathname, search } = new URL(location, `${this.origin}${this.target}`);
    return new Address(this.origin, pathname + search);
  }
}
