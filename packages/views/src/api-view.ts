import {
  AuthenticationFailed,
  type DetailInput,
  MethodNotAllowed,
  NotAuthenticated,
  ParseError,
  PermissionDenied,
  Throttled,
} from '@rf/exceptions';
import { after, type Awaitable, isPromise } from './awaitable.ts';
import type { BaseAuthentication } from './authentication.ts';
import type { BaseContentNegotiation, Negotiated } from './negotiation.ts';
import type { BaseParser } from './parsers.ts';
import type { BasePermission } from './permissions.ts';
import type { ResolvedPolicies } from './resolved-policies.ts';
import { describeError } from './describe-error.ts';
import type { ExceptionHandler } from './exception-handler.ts';
import { isAllowedHost, isHost } from './allowed-host.ts';
import type { BaseRenderer } from './renderers.ts';
import type { Request, ResponseListener } from './request.ts';
import { isRepeated } from './repeated-header.ts';
import { HttpResponse, Response } from './response.ts';
import { isStream, startStream } from './streaming.ts';
import type { BaseThrottle } from './throttling.ts';
import type { ResolvedRoute } from './url-resolver.ts';
import { describeView, nameView } from './view-name.ts';
import { resourceKey, type Site } from './site.ts';

/** Arguments of a URL, decoded. */
export type Params = Readonly<Record<string, string>>;

/** What a handler may return: a response, or plain data meaning 200. */
export type Handled = Awaitable<unknown>;

/** Runs `handle` in a transaction of its own, rolled back when it throws; used when `atomicRequests` is on. */
export type RequestTransaction = (request: Request, handle: () => Handled) => Promise<unknown>;

/** Where the data layer puts its {@link RequestTransaction}. */
export const requestTransaction = resourceKey<RequestTransaction>('request transaction');

/** A method that answers requests. */
export type Handler = (request: Request, params: Params) => Handled;

/** The methods a view may have handlers for, in the order of `Allow`. */
export const HTTP_METHOD_NAMES = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options', 'trace'] as const;

/** A lower-case method name that a view may handle. */
export type HttpMethodName = (typeof HTTP_METHOD_NAMES)[number];

/**
 * A view: methods named after HTTP methods, guarded by policies (DRF feature rows VW01–VW11).
 *
 * ```ts
 * @authenticationClasses(TokenAuthentication)
 * @permissionClasses(IsAuthenticated)
 * class Profile extends APIView {
 *   get(request: Request) {
 *     return { username: request.user.getUsername() };
 *   }
 * }
 * ```
 *
 * A new object serves each request, so fields may hold what belongs to the request. Every step below may be overridden.
 */
export abstract class APIView {
  /** Methods that may be handled; narrow it to switch handlers off. */
  httpMethodNames: readonly string[] = HTTP_METHOD_NAMES;
  /** Name of the page; made from the class's name when null (VW10). */
  name: string | null = null;
  /** Added to the name that is made from the class, such as `List`. */
  suffix: string | null = null;
  /** Text about the view, Markdown; empty when null (VW10). */
  description: string | null = null;
  /** The scope that ScopedRateThrottle counts under, unless the policy of that name says another (TH05). */
  throttleScope: string | null = null;

  /** The request being answered. */
  request!: Request;
  /** The project that the view is mounted in. */
  site!: Site;
  /** Arguments of the URL. */
  params!: Params;
  /** The policies of this view for the request's method. */
  policies!: ResolvedPolicies;
  /** The URL that was asked for. */
  route!: ResolvedRoute;
  /** Upper-case methods that have a handler, in the order of `Allow`. */
  allowedMethods!: readonly string[];
  /** The value of `Allow`. */
  allowHeader!: string;

  /** Namespaces of the URL, from the outside in. */
  get namespaces(): readonly string[] {
    return this.route.namespaces;
  }

  get?(request: Request, params: Params): Handled;
  post?(request: Request, params: Params): Handled;
  put?(request: Request, params: Params): Handled;
  patch?(request: Request, params: Params): Handled;
  delete?(request: Request, params: Params): Handled;
  head?(request: Request, params: Params): Handled;
  trace?(request: Request, params: Params): Handled;

  /** Describes the view; what it says is decided by the policy `metadataClass` (VW03). */
  options(request: Request, _params: Params): Handled {
    const { metadata } = this.policies;
    if (metadata === null) return this.httpMethodNotAllowed(request);
    return metadata.determineMetadata(request, this);
  }

  /**
   * Called once, on an object without a request, when a URL is mounted. Override it to refuse a declaration that cannot work, by
   * throwing ImproperlyConfigured.
   */
  checkSetup(): void {}

  // ---- the life of a request ------------------------------------------------------------------------------------

  /**
   * Answers one request: negotiation, version, authentication, permissions, throttles, body, handler, answer (VW02).
   *
   * A view that does nothing asynchronous answers at once; each step that is a promise is waited for. Never throws, never rejects.
   */
  dispatch(request: Request): Awaitable<HttpResponse> {
    try {
      const handled = after(this.initial(request), () => this.#handle(request));
      const response = after(handled, (answer) => this.#finish(request, answer));
      return isPromise(response) ? response.then(undefined, (error) => this.#answerError(request, error)) : response;
    } catch (error) {
      return this.#answerError(request, error);
    }
  }

  /** The body, if the handler could want it, then the handler. */
  #handle(request: Request): Handled {
    const handler = this.getHandler(request);
    const wantsBody = request.hasBody && this.parsesBody && handler !== this.httpMethodNotAllowed;
    return after(wantsBody ? request.parse() : undefined, () =>
      this.isAtomic ? this.#handleAtomically(handler, request) : handler.call(this, request, request.params),
    );
  }

  #finish(request: Request, answer: unknown): Awaitable<HttpResponse> {
    if (answer instanceof HttpResponse && isStream(answer.content)) {
      return startStream(answer, request).then(() => this.finalizeResponse(request, answer));
    }
    return this.finalizeResponse(request, answer);
  }

  /** The answer to what went wrong; a last one without negotiation when that goes wrong as well. */
  async #answerError(request: Request, error: unknown): Promise<HttpResponse> {
    try {
      return await this.finalizeResponse(request, await this.handleException(error));
    } catch (another) {
      this.#logError(another, 'an error could not be answered as the view wanted');
      const headers = { allow: this.allowHeader };
      return new HttpResponse(LAST_RESORT, { status: 500, contentType: 'application/json', headers });
    }
  }

  /** One transaction for the handler; an exception, handled or not, rolls it back (VW06). */
  #handleAtomically(handler: Handler, request: Request): Promise<unknown> {
    const run = this.site.resource(requestTransaction);
    return run(request, () => handler.call(this, request, request.params));
  }

  /** True runs the handler in one transaction. Override it with false where a refusal must not undo what was written. */
  get isAtomic(): boolean {
    return this.site.settings.atomicRequests;
  }

  /** False lets the handler take `request.http.stream` itself; `request.data` is not there then. */
  get parsesBody(): boolean {
    return true;
  }

  /** Everything before the handler (VW05). A step that is not asynchronous costs no promise. */
  initial(request: Request): Awaitable<void> {
    this.checkHost(request);
    const { renderer, mediaType } = this.performContentNegotiation(request);
    request.acceptedRenderer = renderer;
    request.acceptedMediaType = mediaType;
    this.determineVersion(request);

    const authenticated = this.performAuthentication(request);
    if (isPromise(authenticated)) return authenticated.then(() => this.#admit(request));
    return this.#admit(request);
  }

  #admit(request: Request): Awaitable<void> {
    const permitted = this.checkPermissions(request);
    if (isPromise(permitted)) return permitted.then(() => this.checkThrottles(request));
    return this.checkThrottles(request);
  }

  /** Refuses requests for hosts that the project does not serve; null in `allowedHosts` serves any. Links repeat what the host is. */
  checkHost(request: Request): void {
    const { allowedHosts } = this.site.settings;
    const { host } = request;
    // Clients of HTTP/1.0 may name none.
    if (host !== '' && (!isHost(host) || isRepeated(request, 'host'))) {
      throw new ParseError('The request names no host that can be served.', 'disallowed_host');
    }
    if (allowedHosts === null || isAllowedHost(host, allowedHosts)) return;
    throw new ParseError('The request names a host that is not served here.', 'disallowed_host');
  }

  /** Chooses the renderer; with `force` the first one where none fits, so that the error has a body (VW08). */
  performContentNegotiation(request: Request, force = false): Negotiated {
    const renderers = this.getRenderers();
    try {
      return this.getContentNegotiator().selectRenderer(request, renderers, this.getFormatSuffix());
    } catch (error) {
      const first = renderers[0];
      if (!force || first === undefined) throw error;
      return { renderer: first, mediaType: first.mediaType };
    }
  }

  /** The format that the URL asks for, such as `json` in `/books.json`; null for none (FS01). */
  getFormatSuffix(): string | null {
    return this.params[this.site.settings.formatSuffixKwarg] ?? null;
  }

  /** Sets `request.version` (VE01). */
  determineVersion(request: Request): void {
    const { versioning } = this.policies;
    if (versioning === null) return;
    request.versioningScheme = versioning;
    request.version = versioning.determineVersion(request, this.params);
  }

  /** Finds out who the request is from. Override it to do nothing, and users are only known to who asks (AU09). */
  performAuthentication(request: Request): Awaitable<void> {
    return request.authenticate();
  }

  /** The authentication objects to ask, in order; the first decides between 401 and 403 (VW04). Called once for each request. */
  getAuthenticators(): readonly BaseAuthentication[] {
    return this.policies.authenticators;
  }

  /** False where the view chooses its authentication classes by the request. */
  get declaresAuthenticators(): boolean {
    return this.getAuthenticators === APIView.prototype.getAuthenticators;
  }

  /** What may read the body. Called once for each request. */
  getParsers(): readonly BaseParser[] {
    return this.policies.parsers;
  }

  /** What may make the answer. */
  getRenderers(): readonly BaseRenderer[] {
    return this.policies.renderers;
  }

  /** What chooses among parsers and renderers. */
  getContentNegotiator(): BaseContentNegotiation {
    return this.policies.negotiation;
  }

  /** The permissions to check; override it to choose by action (VS07). */
  getPermissions(): readonly BasePermission[] {
    return this.policies.permissions;
  }

  /** False where the view chooses its permissions by the request, so that nothing is known of them when its URL is mounted. */
  get declaresPermissions(): boolean {
    return this.getPermissions === APIView.prototype.getPermissions;
  }

  /** The throttles to ask. */
  getThrottles(): readonly BaseThrottle[] {
    return this.policies.throttles;
  }

  /** The scope that ScopedRateThrottle counts under; null for none (TH05). */
  getThrottleScope(): string | null {
    const { throttleScope } = this.policies;
    return throttleScope === undefined ? this.throttleScope : throttleScope;
  }

  /** Throws NotAuthenticated or PermissionDenied unless every permission agrees (PM01). */
  checkPermissions(request: Request): Awaitable<void> {
    return this.#checkEach(request, this.getPermissions(), 0, (permission) => permission.hasPermission(request, this));
  }

  /** The same for one object (PM10). Views that load objects without `getObject()` call it themselves. */
  checkObjectPermissions(request: Request, object: unknown): Awaitable<void> {
    return this.#checkEach(request, this.getPermissions(), 0, (permission) =>
      permission.hasObjectPermission(request, this, object),
    );
  }

  #checkEach(
    request: Request,
    permissions: readonly BasePermission[],
    from: number,
    ask: (permission: BasePermission) => Awaitable<boolean>,
  ): Awaitable<void> {
    for (let at = from; at < permissions.length; at += 1) {
      const permission = permissions[at] as BasePermission;
      const answer = ask(permission);
      if (isPromise(answer)) {
        return answer.then((yes) => {
          if (!yes) this.permissionDenied(request, permission.message, permission.code);
          return this.#checkEach(request, permissions, at + 1, ask);
        });
      }
      if (!answer) this.permissionDenied(request, permission.message, permission.code);
    }
  }

  /** Refuses: 401 or 403 for who is not known though they could be, else 403 with the permission's message (PM02, PM03). */
  permissionDenied(request: Request, message?: DetailInput, code?: string): never {
    if (request.authenticators.length > 0 && request.successfulAuthenticator === null) {
      throw new NotAuthenticated();
    }
    throw new PermissionDenied(message, code);
  }

  /** Asks every throttle, so that each counts, and throws Throttled with the longest wait (TH07). */
  checkThrottles(request: Request): Awaitable<void> {
    const throttles = this.getThrottles();
    if (throttles.length > 0) return this.#askThrottles(request, throttles);
  }

  async #askThrottles(request: Request, throttles: readonly BaseThrottle[]): Promise<void> {
    const waits: (number | null)[] = [];
    for (const throttle of throttles) {
      const allowed = throttle.allowRequest(request, this);
      if (!(isPromise(allowed) ? await allowed : allowed)) waits.push(throttle.wait(request, this));
    }
    if (waits.length === 0) return;
    const known = waits.filter((wait) => wait !== null);
    this.throttled(request, known.length === 0 ? null : Math.max(...known));
  }

  /** Refuses with 429. @param wait seconds; null when unknown */
  throttled(_request: Request, wait: number | null): never {
    throw new Throttled(wait);
  }

  /** The handler of the request's method; one that throws MethodNotAllowed where there is none (VW01). */
  getHandler(request: Request): Handler {
    const name = request.method.toLowerCase();
    if (!this.httpMethodNames.includes(name)) return this.httpMethodNotAllowed;
    const own = this[name as HttpMethodName] ?? (name === 'head' ? this.get : undefined);
    return own ?? this.httpMethodNotAllowed;
  }

  /** Refuses with 405. */
  httpMethodNotAllowed(request: Request): never {
    throw new MethodNotAllowed(request.method);
  }

  /**
   * Turns an exception into an answer (EX06). The first authentication class decides between 401 with a challenge and 403
   * (AU04). What nobody handles is logged with the request's id and answered 500 without a word of why.
   */
  async handleException(error: unknown): Promise<HttpResponse> {
    const { request, site } = this;
    const translated = site.translateError(error);
    if (translated instanceof NotAuthenticated || translated instanceof AuthenticationFailed) {
      translated.authenticateHeader = request.authenticateHeader;
      if (translated.authenticateHeader === null) translated.statusCode = 403;
    }
    const handle = this.getExceptionHandler();
    const answer = await handle(translated, { view: this, request, params: this.params });
    if (answer === null) return this.raiseUncaughtException(error);
    if (answer instanceof Response) answer.exception = true;
    if (answer.status >= 500) this.#logError(error, 'the view answered with a server error');
    return answer;
  }

  /** What turns exceptions into answers: the setting `exceptionHandler` (EX06). */
  getExceptionHandler(): ExceptionHandler {
    return this.site.settings.exceptionHandler;
  }

  /** Logs an error that nobody handled and answers 500 in the negotiated representation (VW11, W19). */
  raiseUncaughtException(error: unknown): HttpResponse {
    this.#logError(error, 'unhandled error in a view');
    const data: Record<string, unknown> = { detail: 'A server error occurred.' };
    if (this.site.settings.debug) data.debug = error instanceof Error ? error.stack?.split('\n') : String(error);
    return new Response(data, { status: 500, exception: true });
  }

  #logError(error: unknown, message: string): void {
    const { request, site } = this;
    site.logger.error(
      {
        err: describeError(error),
        reqId: request.http.id,
        view: this.constructor.name,
        method: request.method,
        path: this.route.pattern.hideSecrets(request.path) ?? this.route.pattern.text,
      },
      message,
    );
  }

  /** Makes a response of what the handler returned, with `Allow` and `Vary`, and renders it (RS03, RS04). */
  finalizeResponse(request: Request, answer: unknown): Awaitable<HttpResponse> {
    const response = answer instanceof HttpResponse ? answer : this.#responseOf(answer);
    const { headers } = response;
    headers.set('allow', this.allowHeader);
    if (this.policies.renderers.length > 1) headers.vary('Accept');

    if (response instanceof Response) {
      if (request.acceptedRenderer === null) {
        const { renderer, mediaType } = this.performContentNegotiation(request, true);
        request.acceptedRenderer = renderer;
        request.acceptedMediaType = mediaType;
      }
      response.acceptedRenderer = request.acceptedRenderer;
      response.acceptedMediaType = request.acceptedMediaType;
      response.rendererContext = { view: this, request, response, params: this.params };
    }
    const listeners = request.responseListeners;
    const rendered = request.renderedListeners;
    if (listeners !== undefined || rendered !== undefined) return this.#finishAfter(listeners, rendered, response);
    if (response instanceof Response) response.render();
    return response;
  }

  async #finishAfter(
    listeners: readonly ResponseListener[] = [],
    rendered: readonly ResponseListener[] = [],
    response: HttpResponse,
  ): Promise<HttpResponse> {
    for (const listener of listeners) {
      try {
        await listener(response);
      } catch (error) {
        // An answer that is an error already is not replaced by a second one.
        if (!(response instanceof Response && response.exception)) throw error;
        this.#logError(error, 'a response listener failed');
      }
    }
    if (response instanceof Response) response.render();
    for (const listener of rendered) await listener(response);
    return response;
  }

  #responseOf(data: unknown): Response {
    if (data === undefined) {
      throw new TypeError(
        `${this.constructor.name}.${this.request.method.toLowerCase()}() returned nothing. Return a Response, or data that is ` +
          'answered with 200; for an empty answer write `return new Response(undefined, { status: 204 })`.',
      );
    }
    return new Response(data);
  }

  // ---- names ----------------------------------------------------------------------------------------------------

  /** Name of the view, for people (VW10). */
  getViewName(): string {
    return this.site.settings.viewNameFunction?.(this) ?? nameView(this);
  }

  /** Description of the view, for people (VW10). */
  getViewDescription(): string {
    return this.site.settings.viewDescriptionFunction?.(this) ?? describeView(this);
  }
}

/** Sent when not even an error can be answered properly. */
const LAST_RESORT = '{"detail":"A server error occurred."}';

/** A concrete view class. */
export type ViewClass<View extends APIView = APIView> = new () => View;
