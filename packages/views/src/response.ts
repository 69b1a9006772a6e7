import type { Readable } from 'node:stream';
import { type CookieOptions, serializeCookie } from './cookies.ts';
import type { BaseRenderer, RendererContext } from './renderers.ts';

/** Header fields of a response by lower-case name. */
export class ResponseHeaders implements Iterable<[string, string]> {
  readonly #fields = new Map<string, string>();

  constructor(init?: Readonly<Record<string, string | number>>) {
    if (init !== undefined) for (const name in init) this.set(name, String(init[name]));
  }

  get(name: string): string | undefined {
    return this.#fields.get(name.toLowerCase());
  }

  has(name: string): boolean {
    return this.#fields.has(name.toLowerCase());
  }

  set(name: string, value: string): void {
    this.#fields.set(name.toLowerCase(), value);
  }

  delete(name: string): boolean {
    return this.#fields.delete(name.toLowerCase());
  }

  /** Adds `name` to `Vary` unless it is there (RFC 9110, section 12.5.5). */
  vary(name: string): void {
    const present = this.#fields.get('vary');
    if (present === undefined) this.#fields.set('vary', name);
    else if (
      present !== '*' &&
      !present
        .toLowerCase()
        .split(/\s*,\s*/)
        .includes(name.toLowerCase())
    ) {
      this.#fields.set('vary', `${present}, ${name}`);
    }
  }

  [Symbol.iterator](): IterableIterator<[string, string]> {
    return this.#fields.entries();
  }
}

/** Options of {@link HttpResponse}. */
export interface HttpResponseOptions {
  /** Default 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | number>>;
  /** Replaces the media type that would be sent. */
  readonly contentType?: string;
}

/** What may be sent as it is. */
export type Content = string | Uint8Array | Readable | null;

/**
 * A finished answer that no renderer touches: a page, a file, a stream (RS06).
 */
export class HttpResponse {
  status: number;
  readonly headers: ResponseHeaders;
  /** The body; null or empty for none. A stream is piped. */
  content: Content;
  #cookies: Map<string, string> | undefined;

  constructor(content: Content = null, options: HttpResponseOptions = {}) {
    this.status = options.status ?? 200;
    this.headers = new ResponseHeaders(options.headers);
    this.content = content;
    if (options.contentType !== undefined) this.headers.set('content-type', options.contentType);
    else if (typeof content === 'string' && !this.headers.has('content-type')) {
      this.headers.set('content-type', 'text/html; charset=utf-8');
    }
  }

  /** Sets a cookie; a second one of the same name replaces the first. */
  setCookie(name: string, value: string, options: CookieOptions = {}): void {
    this.#cookies ??= new Map();
    this.#cookies.set(name, serializeCookie(name, value, options));
  }

  /** Makes the client forget a cookie; path and domain must be those it was set with. */
  deleteCookie(name: string, options: Pick<CookieOptions, 'path' | 'domain' | 'sameSite' | 'secure'> = {}): void {
    this.setCookie(name, '', { ...options, maxAge: 0, expires: new Date(0) });
  }

  /** The `Set-Cookie` values. */
  get cookies(): readonly string[] {
    return this.#cookies === undefined ? [] : [...this.#cookies.values()];
  }
}

/** 302, or another redirect, to `url`. */
export class HttpResponseRedirect extends HttpResponse {
  constructor(url: string, status: 301 | 302 | 303 | 307 | 308 = 302) {
    super(null, { status, headers: { location: url } });
  }
}

/** Options of {@link Response}. */
export interface ResponseOptions extends HttpResponseOptions {
  /** For TemplateHTMLRenderer. */
  readonly templateName?: string;
  /** True on the answer of an exception. */
  readonly exception?: boolean;
}

/**
 * Data that the negotiated renderer turns into an answer (RS01).
 *
 * No data, `new Response(undefined, { status: 204 })`, is an empty body without Content-Type.
 */
export class Response extends HttpResponse {
  /** The unrendered data. */
  data: unknown;
  readonly templateName: string | null;
  exception: boolean;
  /** Overrides the renderer's media type. */
  contentType: string | null;
  acceptedRenderer: BaseRenderer | null = null;
  acceptedMediaType: string | null = null;
  rendererContext: RendererContext | null = null;

  constructor(data?: unknown, options: ResponseOptions = {}) {
    super(null, options);
    this.data = data ?? null;
    this.contentType = options.contentType ?? null;
    this.templateName = options.templateName ?? null;
    this.exception = options.exception ?? false;
  }

  /** Fills `content` and Content-Type from data and renderer. The view's last step; a second call renders again. */
  render(): void {
    const renderer = this.acceptedRenderer;
    const context = this.rendererContext;
    if (renderer === null || context === null) {
      throw new Error('The response has no renderer yet: it is rendered after the view has finished it.');
    }
    const content = renderer.render(this.data, this.acceptedMediaType ?? renderer.mediaType, context);
    const { charset } = renderer;
    if (content.length === 0) {
      this.content = null;
      this.headers.delete('content-type');
      return;
    }
    this.content =
      typeof content === 'string' && charset !== null && !isUtf8(charset) ? encode(content, charset) : content;
    this.headers.set(
      'content-type',
      this.contentType ?? (charset === null ? renderer.mediaType : `${renderer.mediaType}; charset=${charset}`),
    );
  }
}

const isUtf8 = (charset: string): boolean => /^utf-?8$/i.test(charset);

function encode(text: string, charset: string): Uint8Array {
  if (/^(iso-8859-1|latin-?1)$/i.test(charset)) return Buffer.from(text, 'latin1');
  if (/^us-ascii$/i.test(charset)) return Buffer.from(text, 'ascii');
  if (/^utf-?16(le)?$/i.test(charset)) return Buffer.from(text, 'utf16le');
  throw new Error(
    `A renderer names the charset ${charset}, which cannot be encoded; return bytes from render() instead.`,
  );
}
