import { Readable } from 'node:stream';
import {
  type HttpRequest,
  type HttpResponse,
  makeSettings,
  type MountedView,
  mount,
  path,
  type Request,
  type RequestUser,
  type ResourceKey,
  type Settings,
  type Site,
  type UrlEntry,
  UrlResolver,
  type ViewClass,
} from '@rf/views';

/** One line of the log. */
export interface LogLine {
  readonly level: string;
  readonly data: Record<string, unknown>;
  readonly message: string;
}

/** A project without server and database. */
export class TestSite implements Site {
  readonly settings: Settings;
  readonly urls: UrlResolver;
  readonly secretKey = 'a key for tests';
  readonly secretKeyFallbacks: readonly string[] = [];
  readonly log: LogLine[] = [];
  readonly resources = new Map<ResourceKey<unknown>, unknown>();
  readonly #views: readonly MountedView[];
  /** Milliseconds since 1970; tests move it. */
  now = Date.UTC(2026, 0, 1);
  translateError: (error: unknown) => unknown = (error) => error;

  constructor(urls: readonly UrlEntry[] | ViewClass, settings: Partial<Settings> = {}) {
    this.settings = makeSettings(settings);
    this.urls = new UrlResolver(typeof urls === 'function' ? [path('/', urls)] : urls);
    this.#views = this.urls.routes.map((route) => mount(route, this));
  }

  readonly clock = (): number => this.now;

  readonly logger = {
    debug: (data: object, message: string) => this.#write('debug', data, message),
    info: (data: object, message: string) => this.#write('info', data, message),
    warn: (data: object, message: string) => this.#write('warn', data, message),
    error: (data: object, message: string) => this.#write('error', data, message),
  };

  #write(level: string, data: object, message: string): void {
    this.log.push({ level, data: data as Record<string, unknown>, message });
  }

  hasResource(key: ResourceKey<unknown>): boolean {
    return this.resources.has(key);
  }

  resource<T>(key: ResourceKey<T>): T {
    const value = this.optionalResource(key);
    if (value === undefined) throw new Error(`nothing provides ${key.name}`);
    return value;
  }

  optionalResource<T>(key: ResourceKey<T>): T | undefined {
    return this.resources.get(key) as T | undefined;
  }

  /** The view behind a URL. */
  view(url = '/'): MountedView {
    const match = this.urls.resolve(url.split('?')[0] as string);
    if (match === null) throw new Error(`no URL matches ${url}`);
    return this.#views[this.urls.routes.indexOf(match.route)] as MountedView;
  }

  /** A request that has not been answered. */
  request(sent: Sent = {}): Request {
    const http = incoming(sent);
    const url = sent.path ?? '/';
    const params = this.urls.resolve(decodeURIComponent(url.split('?')[0] as string))?.params ?? {};
    return this.view(url).prepare(http, params).request;
  }

  /** Sends a request through the view behind its URL. */
  async send(sent: Sent = {}): Promise<Answer> {
    const url = sent.path ?? '/';
    const match = this.urls.resolve(decodeURIComponent(url.split('?')[0] as string));
    return new Answer(await this.view(url).handle(incoming(sent), match?.params ?? {}));
  }

  get(url = '/', headers: Record<string, string> = {}): Promise<Answer> {
    return this.send({ path: url, headers });
  }
}

/** What a test sends. */
export interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A text or bytes as they are, pieces for a chunked body, anything else as JSON. */
  readonly body?: unknown;
  readonly remoteAddress?: string;
}

/** What a view answered. */
export class Answer {
  constructor(readonly response: HttpResponse) {}

  get status(): number {
    return this.response.status;
  }

  header(name: string): string | undefined {
    return this.response.headers.get(name);
  }

  get text(): string {
    const { content } = this.response;
    if (content === null) return '';
    if (typeof content !== 'string' && !(content instanceof Uint8Array)) throw new Error('the answer is a stream');
    return typeof content === 'string' ? content : Buffer.from(content).toString('latin1');
  }

  // any: what a test expects
  get json(): any {
    return JSON.parse(this.text);
  }
}

/** A request as a server would hand it over. */
export function incoming(sent: Sent): HttpRequest {
  const headers: Record<string, string> = { host: 'testserver' };
  for (const [name, value] of Object.entries(sent.headers ?? {})) headers[name.toLowerCase()] = value;
  const chunks = bytesOf(sent.body, headers);
  return {
    method: sent.method ?? 'GET',
    target: sent.path ?? '/',
    headers,
    rawHeaders: Object.entries(headers).flat(),
    remoteAddress: sent.remoteAddress ?? '127.0.0.1',
    scheme: 'http',
    id: 'request-1',
    stream: Readable.from(chunks, { objectMode: false }),
    raw: null,
  };
}

function bytesOf(body: unknown, headers: Record<string, string>): Buffer[] {
  if (body === undefined) return [];
  if (Array.isArray(body) && body.every((piece) => Buffer.isBuffer(piece))) {
    headers['transfer-encoding'] = 'chunked';
    return body;
  }
  const isReady = typeof body === 'string' || body instanceof Uint8Array;
  const bytes = isReady ? Buffer.from(body) : Buffer.from(JSON.stringify(body));
  if (!isReady) headers['content-type'] ??= 'application/json';
  headers['content-length'] ??= String(bytes.length);
  return bytes.length === 0 ? [] : [bytes];
}

/** Somebody who is logged in. */
export function someUser(values: Partial<RequestUser> = {}): RequestUser {
  return {
    id: 1,
    isAuthenticated: true,
    isActive: true,
    isStaff: false,
    isSuperuser: false,
    getUsername: () => 'alice',
    ...values,
  };
}
