import { STATUS_CODES } from 'node:http';
import type { Readable } from 'node:stream';
import { type CookieOptions, serializeCookie } from './cookies.ts';
import type { BaseRenderer, RendererContext } from './renderers.ts';

/** Header fields of a response by lower-case name. */
export class ResponseHeaders implements Iterable<[string, string]> {
  // Name, value, name, value …: a response has few fields, and a short list is faster than a Map. There is room for four.
  readonly #fields = ['', '', '', '', '', '', '', ''];
  #length = 0;

  constructor(init?: Readonly<Record<string, string | number>>) {
    if (init !== undefined) for (const name of Object.keys(init)) this.set(name, String(init[name]));
  }

  /** Position of a field; -1 when it is not there. */
  #find(name: string): number {
    const key = name.toLowerCase();
    for (let at = 0; at < this.#length; at += 2) if (this.#fields[at] === key) return at;
    return -1;
  }

  get(name: string): string | undefined {
    const at = this.#find(name);
    return at === -1 ? undefined : this.#fields[at + 1];
  }

  has(name: string): boolean {
    return this.#find(name) !== -1;
  }

  set(name: string, value: string): void {
    const at = this.#find(name);
    if (at !== -1) {
      this.#fields[at + 1] = value;
      return;
    }
    this.#fields[this.#length] = name.toLowerCase();
    this.#fields[this.#length + 1] = value;
    this.#length += 2;
  }

  /** Adds a value to a field that is a list, after a comma. */
  append(name: string, value: string): void {
    const present = this.get(name);
    this.set(name, present === undefined ? value : `${present}, ${value}`);
  }

  delete(name: string): boolean {
    const at = this.#find(name);
    if (at === -1) return false;
    this.#fields.splice(at, 2);
    this.#length -= 2;
    return true;
  }

  /** Adds `name` to `Vary` unless it is there (RFC 9110, section 12.5.5). */
  vary(name: string): void {
    const present = this.get('vary');
    const names = present?.toLowerCase().split(/\s*,\s*/) ?? [];
    if (!names.includes('*') && !names.includes(name.toLowerCase())) this.append('vary', name);
  }

  /** Calls `visit` with each value and name. */
  forEach(visit: (value: string, name: string) => void): void {
    for (let at = 0; at < this.#length; at += 2) visit(this.#fields[at + 1] as string, this.#fields[at] as string);
  }

  *[Symbol.iterator](): IterableIterator<[string, string]> {
    for (let at = 0; at < this.#length; at += 2) yield [this.#fields[at] as string, this.#fields[at + 1] as string];
  }
}

/** Options of {@link HttpResponse}. */
export interface HttpResponseOptions {
  /** From 200 to 599; default 200. With 204, 205 and 304 nothing is sent of the data (RFC 9110, section 15). */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | number>>;
  /** Replaces the media type that would be sent. */
  readonly contentType?: string;
}

/** What may be sent as it is. */
export type Content = string | Uint8Array | Readable | AsyncIterable<string | Uint8Array> | null;

/**
 * A finished answer that no renderer touches: a page, a file, a stream (RS06).
 *
 * A stream is any async iterable, such as a generator or a Node stream. It is sent piece by piece and ended when the client leaves;
 * what it throws before its first piece is answered like any error (W39).
 */
export class HttpResponse {
  status: number;
  readonly headers: ResponseHeaders;
  /** The body; null or empty for none. */
  content: Content;
  #cookies: Map<string, string> | undefined;

  /** Throws a RangeError for a status that no answer can have. */
  constructor(content: Content = null, options: HttpResponseOptions = {}) {
    this.status = options.status ?? 200;
    if (!isFinalStatus(this.status)) refuseStatus(this.status, new.target.name);
    this.headers = new ResponseHeaders(options.headers);
    this.content = content;
    if (options.contentType !== undefined) this.headers.set('content-type', options.contentType);
    else if (typeof content === 'string' && !this.headers.has('content-type')) {
      this.headers.set('content-type', 'text/html; charset=utf-8');
    }
  }

  /** The standard phrase of the status, such as `Not Found`; empty for a status that has none. */
  get statusText(): string {
    return STATUS_CODES[this.status] ?? '';
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
    return this.#cookies === undefined ? NO_COOKIES : [...this.#cookies.values()];
  }
}

const NO_COOKIES: readonly string[] = [];

/** Of a 1xx the client would go on waiting for the answer. */
const isFinalStatus = (status: number): boolean => status >= 200 && status <= 599 && Number.isInteger(status);

function refuseStatus(status: unknown, owner: string): never {
  const found = typeof status === 'number' ? status : `${JSON.stringify(status)} (a ${typeof status})`;
  throw new RangeError(
    `new ${owner}() was given the status ${found}. An answer has a whole number from 200 to 599, ` +
      'such as `{ status: 202 }`: a 1xx announces another answer, which only the server can send.',
  );
}

/** 302, or another redirect, to `url`; characters that a header cannot hold are percent-encoded. */
export class HttpResponseRedirect extends HttpResponse {
  constructor(url: string, status: 301 | 302 | 303 | 307 | 308 = 302) {
    super(null, { status, headers: { location: url.replace(/[^\x21-\x7e]+/g, encodeURIComponent) } });
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
 * No data, `new Response(undefined, { status: 204 })`, is an empty body without Content-Type. Throws a TypeError for a serializer or
 * a promise given as data (RS03), a RangeError for a status that no answer can have.
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

  constructor(data: unknown = null, options: ResponseOptions = NO_OPTIONS) {
    super(null, options);
    if (typeof data === 'object' && data !== null) refuseMistakes(data);
    this.data = data;
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
    // An empty text is a text; no bytes, or no text of any charset, are no representation.
    const isNothing = content.length === 0 && (typeof content !== 'string' || charset === null);
    if (isNothing || WITHOUT_CONTENT.has(this.status)) {
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

const NO_OPTIONS: ResponseOptions = {};

/** RFC 9110, sections 15.3.5, 15.3.6 and 15.4.5. */
const WITHOUT_CONTENT = new Set([204, 205, 304]);

function refuseMistakes(data: object): void {
  if (Array.isArray(data) || Object.getPrototypeOf(data) === Object.prototype) return;
  if (typeof (data as { isValid?: unknown }).isValid === 'function') {
    throw new TypeError(
      `new Response() was given a ${data.constructor.name} itself; write \`new Response(serializer.data)\`, or \`.errors\`.`,
    );
  }
  if (typeof (data as { then?: unknown }).then === 'function') {
    throw new TypeError('new Response() was given a promise; write `new Response(await …)`.');
  }
}

const isUtf8 = (charset: string): boolean => charset === 'utf-8' || /^utf-?8$/i.test(charset);

function encode(text: string, charset: string): Uint8Array {
  if (/^(iso-8859-1|latin-?1)$/i.test(charset)) return Buffer.from(text, 'latin1');
  if (/^us-ascii$/i.test(charset)) return Buffer.from(text, 'ascii');
  if (/^utf-?16(le)?$/i.test(charset)) return Buffer.from(text, 'utf16le');
  throw new Error(
    `A renderer names the charset ${charset}, which cannot be encoded; return bytes from render() instead.`,
  );
}
