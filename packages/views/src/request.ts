import { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { ParseError, PayloadTooLarge, UnsupportedMediaType } from '@rf/exceptions';
import type { Authenticated, BaseAuthentication } from './authentication.ts';
import { after, type Awaitable, isPromise } from './awaitable.ts';
import { parseCookies } from './cookies.ts';
import type { HttpRequest } from './http-request.ts';
import { isFormMediaType } from './media-type.ts';
import { MultiValueDict, parseUrlEncoded } from './multi-value-dict.ts';
import type { BaseParser, ParsedBody } from './parsers.ts';
import type { ResolvedPolicies } from './resolved-policies.ts';
import type { BaseRenderer } from './renderers.ts';
import type { RequestUser } from './request-user.ts';
import type { HttpResponse } from './response.ts';
import type { Site } from './site.ts';
import type { UploadedFile } from './uploaded-file.ts';
import type { BaseVersioning } from './versioning.ts';
import type { APIView } from './api-view.ts';

/** Runs when the answer is made, before it is rendered; may add headers and cookies. */
export type ResponseListener = (response: HttpResponse) => Awaitable<void>;

/**
 * The request as views and policies see it (DRF feature rows RQ01–RQ09).
 */
export class Request {
  /** Upper-case method. */
  readonly method: string;
  /** The request target as sent, undecoded. */
  readonly target: string;
  /** Header values by lower-case name, Latin-1 text. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Arguments of the URL, decoded. */
  readonly params: Readonly<Record<string, string>>;

  /** The renderer that was negotiated; null before that. */
  acceptedRenderer: BaseRenderer | null = null;
  /** The media type that was negotiated, with the client's parameters (CN02). */
  acceptedMediaType: string | null = null;
  /** The version that was determined; null without versioning. */
  version: string | null = null;
  versioningScheme: BaseVersioning | null = null;
  /** The authentication object that recognised the user; null for nobody. */
  successfulAuthenticator: BaseAuthentication | null = null;

  #user: RequestUser | null | undefined;
  #auth: unknown;
  #isIdentified = false;
  #authenticating: Promise<void> | undefined;
  #authenticators: readonly BaseAuthentication[] | undefined;
  #parsers: readonly BaseParser[] | undefined;
  #query: MultiValueDict<string> | undefined;
  #cookies: Readonly<Record<string, string>> | undefined;
  #state: Map<unknown, unknown> | undefined;
  #rawBody: Awaitable<Buffer> | undefined;
  #parser: BaseParser | null = null;
  #parsed: ParsedBody | undefined;
  #parseError: unknown;
  #merged: MultiValueDict<unknown> | undefined;
  #listeners: ResponseListener[] | undefined;
  #renderedListeners: ResponseListener[] | undefined;

  constructor(
    /** What the server handed over. */
    readonly http: HttpRequest,
    readonly site: Site,
    params: Readonly<Record<string, string>>,
    /** What the view decided for this method. */
    readonly policies: ResolvedPolicies,
    /** The view that answers. */
    readonly view: APIView,
  ) {
    this.method = http.method;
    this.target = http.target;
    this.headers = http.headers as Readonly<Record<string, string | undefined>>;
    this.params = params;
  }

  /** The path as sent, undecoded and without the query. */
  get path(): string {
    const at = this.target.indexOf('?');
    return at === -1 ? this.target : this.target.slice(0, at);
  }

  /** The query as sent, without `?`. */
  get queryString(): string {
    const at = this.target.indexOf('?');
    return at === -1 ? '' : this.target.slice(at + 1);
  }

  /** The query's parameters (RQ05). */
  get queryParams(): MultiValueDict<string> {
    // What is not escaped comes as Latin-1 text of the bytes sent.
    this.#query ??= parseUrlEncoded(Buffer.from(this.queryString, 'latin1'));
    return this.#query;
  }

  /** Cookies by name; of repeated names the last. */
  get cookies(): Readonly<Record<string, string>> {
    this.#cookies ??= parseCookies(this.headers.cookie);
    return this.#cookies;
  }

  /** The `Content-Type` header as sent; empty when absent. */
  get contentType(): string {
    return this.headers['content-type'] ?? '';
  }

  /** What the server framework itself calls the request. */
  get raw(): unknown {
    return this.http.raw;
  }

  /** The unread body, for views whose `parsesBody` is false. */
  get stream(): Readable {
    return this.http.stream;
  }

  /** Who may recognise the user, as the view says. */
  get authenticators(): readonly BaseAuthentication[] {
    this.#authenticators ??= this.view.getAuthenticators();
    return this.#authenticators;
  }

  /** What may read the body, as the view says. */
  get parsers(): readonly BaseParser[] {
    this.#parsers ??= this.view.getParsers();
    return this.#parsers;
  }

  /** Anything that belongs to this request alone, such as the state of a challenge. */
  get state(): Map<unknown, unknown> {
    this.#state ??= new Map();
    return this.#state;
  }

  /** Calls `listener` with the finished answer, errors included, before it is rendered. */
  onResponse(listener: ResponseListener): void {
    this.#listeners ??= [];
    this.#listeners.push(listener);
  }

  /** Calls `listener` with the rendered answer, its bytes in `content`: for what signs it. */
  onRendered(listener: ResponseListener): void {
    this.#renderedListeners ??= [];
    this.#renderedListeners.push(listener);
  }

  /** @internal */
  get renderedListeners(): readonly ResponseListener[] | undefined {
    return this.#renderedListeners;
  }

  /** @internal */
  get responseListeners(): readonly ResponseListener[] | undefined {
    return this.#listeners;
  }

  // ---- who it is from -------------------------------------------------------------------------------------------

  /**
   * Who the request is from; what `unauthenticatedUser` makes for nobody, and before it is known (AU03).
   *
   * Assigning it settles the question: no class is asked any more (AU10).
   */
  get user(): RequestUser {
    if (this.#user === undefined) this.#user = this.site.settings.unauthenticatedUser?.() ?? null;
    // Null only in a project that set `unauthenticatedUser` to null, and so has no use for it.
    return this.#user as RequestUser;
  }

  set user(user: RequestUser) {
    this.#user = user;
    this.#isIdentified = true;
  }

  /** With what the user showed who they are, such as a token; what `unauthenticatedToken` makes for nobody (AU03). */
  // any: what it is depends on the scheme that the view chose
  get auth(): any {
    if (this.#auth === undefined) this.#auth = this.site.settings.unauthenticatedToken?.() ?? null;
    return this.#auth;
  }

  set auth(auth: unknown) {
    this.#auth = auth;
  }

  /**
   * Asks the view's authentication classes in order; a second call changes nothing.
   *
   * Views do this before permissions. Call it yourself where a view overrides `performAuthentication` to be lazy (AU09).
   * Throws AuthenticationFailed when a class refuses.
   */
  authenticate(): Awaitable<void> {
    if (this.#isIdentified) return;
    if (this.#authenticating !== undefined) return this.#authenticating;
    const pending = this.#askFrom(0);
    if (isPromise(pending)) {
      this.#authenticating = Promise.resolve(pending);
      return this.#authenticating;
    }
  }

  #askFrom(index: number): Awaitable<void> {
    const { authenticators } = this;
    try {
      for (let at = index; at < authenticators.length; at += 1) {
        const authenticator = authenticators[at] as BaseAuthentication;
        const found = authenticator.authenticate(this);
        if (isPromise(found)) {
          return found.then(
            (result) => (result === null ? this.#askFrom(at + 1) : this.#accept(authenticator, result)),
            (error) => this.#refuse(error),
          );
        }
        if (found !== null) return this.#accept(authenticator, found);
      }
    } catch (error) {
      this.#refuse(error);
    }
    this.#isIdentified = true;
  }

  #accept(authenticator: BaseAuthentication, found: Authenticated): void {
    if (found === undefined) throw new TypeError(noAnswer(authenticator));
    this.#user = found.user;
    this.#auth = found.auth ?? null;
    this.#isIdentified = true;
    this.successfulAuthenticator = authenticator;
  }

  #refuse(error: unknown): never {
    // The error page may read the user without asking the classes again (AU11).
    this.#user = undefined;
    this.#auth = undefined;
    this.#isIdentified = true;
    throw error;
  }

  // ---- where it came to -----------------------------------------------------------------------------------------

  /** `http` or `https`, as the client sees it: trusted proxies are believed. */
  get scheme(): 'http' | 'https' {
    const forwarded = this.#forwarded('x-forwarded-proto')?.toLowerCase();
    return forwarded === 'https' || forwarded === 'http' ? forwarded : this.http.scheme;
  }

  /** True when the client came by HTTPS. */
  get isSecure(): boolean {
    return this.scheme === 'https';
  }

  /** Host and, if any, port that the client named, as sent: trusted proxies are believed. */
  get host(): string {
    return this.#forwarded('x-forwarded-host') ?? this.headers.host ?? '';
  }

  /** Address of the client: of the peer, or of what trusted proxies forwarded for. */
  get remoteAddress(): string {
    return this.#forwarded('x-forwarded-for') ?? this.http.remoteAddress;
  }

  #forwarded(name: string): string | undefined {
    const hops = this.site.settings.trustedProxies;
    if (hops === 0) return undefined;
    const values = this.headers[name]?.split(',').map((value) => value.trim()) ?? [];
    // Each proxy appends what it saw; the last `hops` entries were written by proxies that are trusted.
    return values.at(-Math.min(hops, values.length)) || undefined;
  }

  /** `location` as an absolute URL of this request's scheme and host; without it, this request's own URL (RV01). */
  buildAbsoluteUri(location = this.target): string {
    if (/^[a-z][a-z0-9+.-]*:\/\//i.test(location)) return location;
    // HTTP/1.0 clients may name no host.
    const origin = `${this.scheme}://${this.host || 'localhost'}`;
    if (location.startsWith('/')) return origin + location;
    return new URL(location, origin + this.path).href;
  }

  // ---- what it brought ------------------------------------------------------------------------------------------

  /** True when there is a body, or its length is unknown. */
  get hasBody(): boolean {
    return this.headers['transfer-encoding'] !== undefined || Number(this.headers['content-length'] ?? 0) > 0;
  }

  /**
   * The body as bytes, read once. Later parsing uses the same bytes, so a scheme may sign what a view then reads.
   *
   * Throws PayloadTooLarge beyond the project's limits.
   */
  async rawBody(): Promise<Buffer> {
    return this.#bytes();
  }

  #bytes(): Awaitable<Buffer> {
    if (this.#rawBody === undefined) {
      const { dataUploadMaxMemorySize, fileUploadMaxSize } = this.site.settings;
      const isUpload = this.#findParser()?.isUpload === true;
      this.#rawBody = readBody(this.http, isUpload ? fileUploadMaxSize : dataUploadMaxMemorySize);
    }
    return this.#rawBody;
  }

  /**
   * Reads and parses the body, once; at once where all of it has come, so `await` it. What goes wrong is kept and thrown by `data`, so
   * that a handler which never looks at the body answers normally (RQ03).
   */
  parse(): Awaitable<void> {
    if (this.#parsed !== undefined || this.#parseError !== undefined) return;
    const keep = (parsed: ParsedBody): void => {
      this.#parsed = parsed;
    };
    const fail = (error: unknown): void => {
      this.#parseError = error;
    };
    try {
      const parsing = this.#parseBody();
      if (isPromise(parsing)) return parsing.then(keep, fail);
      keep(parsing);
    } catch (error) {
      fail(error);
    }
  }

  #parseBody(): Awaitable<ParsedBody> {
    if (!this.hasBody) return this.#emptyBody();
    // Refused before it is read. A chunked body may turn out empty, which no parser needs to accept.
    if (this.headers['content-length'] !== undefined) this.#selectParser();
    return after(this.#bytes(), (body) => {
      if (body.length === 0) return this.#emptyBody();
      const context = { request: this, view: this.view, params: this.params };
      return this.#selectParser().parse(body, this.contentType, context);
    });
  }

  #emptyBody(): ParsedBody {
    return isFormMediaType(this.contentType) ? { data: new MultiValueDict<string>(), isForm: true } : { data: {} };
  }

  #findParser(): BaseParser | null {
    this.#parser ??= this.view.getContentNegotiator().selectParser(this, this.parsers);
    return this.#parser;
  }

  #selectParser(): BaseParser {
    const parser = this.#findParser();
    if (parser === null) throw new UnsupportedMediaType(this.contentType);
    return parser;
  }

  get #body(): ParsedBody {
    if (this.#parseError !== undefined) {
      const error = this.#parseError;
      // Thrown once; whoever renders the error page sees an empty body.
      this.#parsed = this.#emptyBody();
      this.#parseError = undefined;
      throw error;
    }
    if (this.#parsed === undefined) {
      if (this.hasBody) {
        throw new Error(
          'request.data was read before the body was parsed. The view parses it before its handler; elsewhere, ' +
            'write `await request.parse()` first.',
        );
      }
      this.#parsed = this.#emptyBody();
    }
    return this.#parsed;
  }

  /**
   * The parsed body: an object, array or other JSON value, or a {@link MultiValueDict} for forms, files included (RQ01).
   *
   * Throws what went wrong while parsing: ParseError, UnsupportedMediaType, PayloadTooLarge.
   */
  // any: input of any shape; a serializer gives it types
  get data(): any {
    const { data, files } = this.#body;
    if (files === undefined || files.size === 0 || !(data instanceof MultiValueDict)) return data;
    this.#merged ??= mergeDicts(data, files);
    return this.#merged;
  }

  /** Files of a multipart body or a file upload. */
  get files(): MultiValueDict<UploadedFile> {
    return this.#body.files ?? new MultiValueDict();
  }

  /** The fields of a form; empty for any other body (RQ06). */
  get post(): MultiValueDict<string> {
    const { data, isForm } = this.#body;
    return isForm ? (data as MultiValueDict<string>) : new MultiValueDict();
  }

  /** The challenge of the first authentication class; null when it has none or there is no class (AU04). */
  get authenticateHeader(): string | null {
    return this.authenticators[0]?.authenticateHeader(this) || null;
  }
}

function mergeDicts(...dicts: readonly MultiValueDict<unknown>[]): MultiValueDict<unknown> {
  const all = new MultiValueDict<unknown>();
  for (const dict of dicts) for (const [name, values] of dict) for (const value of values) all.append(name, value);
  return all;
}

function noAnswer(authenticator: BaseAuthentication): string {
  return (
    `${authenticator.constructor.name}.authenticate() returned nothing. Return null when the scheme was not attempted, ` +
    '{ user, auth } when it succeeded; throw AuthenticationFailed when it is refused.'
  );
}

function readBody(http: HttpRequest, limit: number): Awaitable<Buffer> {
  return arrivedBody(http, limit) ?? bodyToCome(http, limit);
}

/** A small body comes with the header, or while its sender is looked up: then nobody has to wait for it. Null for any other. */
function arrivedBody({ stream, headers }: HttpRequest, limit: number): Buffer | null {
  if (!(stream instanceof IncomingMessage) || !stream.complete || stream.readableFlowing !== null) return null;
  const length = Number(headers['content-length']);
  return length <= limit && stream.readableLength === length ? (stream.read() as Buffer | null) : null;
}

function bodyToCome({ stream, headers }: HttpRequest, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    if (Number(headers['content-length'] ?? 0) > limit) throw new PayloadTooLarge();
    if (stream.readableEnded) throw new Error('The request body was read already, before the view asked for it.');
    if (stream.destroyed) throw endedEarly();
    const chunks: Buffer[] = [];
    let length = 0;
    const settle = (finish: () => void) => () => {
      stream.off('data', onData).off('end', onEnd).off('error', onCut).off('close', onCut);
      finish();
    };
    const onEnd = settle(() => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, length)));
    const onCut = settle(() => reject(endedEarly()));
    const onExcess = settle(() => {
      // Not destroyed: the answer still has to go out on this connection.
      stream.pause();
      reject(new PayloadTooLarge());
    });
    const onData = (chunk: Buffer) => {
      length += chunk.length;
      if (length > limit) onExcess();
      else chunks.push(chunk);
    };
    stream.on('data', onData).on('end', onEnd).on('error', onCut).on('close', onCut);
  });
}

const endedEarly = (): ParseError => new ParseError('The request body ended too early.');
