import { STATUS_CODES } from 'node:http';
import type { HttpResponse } from '@rf/views';

/** What an {@link APIResponse} is made of. */
export interface ResponseParts {
  readonly status: number;
  readonly headers: Headers;
  readonly content: Buffer;
  /** Path and query that were asked for last. */
  readonly url: string;
  readonly redirectChain?: readonly Redirect[];
}

/** One redirect that was followed: where to, and with which status. */
export interface Redirect {
  readonly url: string;
  readonly status: number;
}

/** What a test client got, or a view answered (TE04). */
// any: a test knows what it asked for, or names the type
export class APIResponse<Data = any> {
  readonly status: number;
  /** Names in any case: `response.headers.get('WWW-Authenticate')`. */
  readonly headers: Headers;
  /** The body as it was sent. */
  readonly content: Buffer;
  /** Path and query that were asked for; after redirects the last one. */
  readonly url: string;
  /** The redirects that were followed, in order. */
  readonly redirectChain: readonly Redirect[];
  #data: Data | undefined;

  constructor(parts: ResponseParts) {
    this.status = parts.status;
    this.headers = parts.headers;
    this.content = parts.content;
    this.url = parts.url;
    this.redirectChain = parts.redirectChain ?? [];
  }

  /** The standard phrase of the status. */
  get statusText(): string {
    return STATUS_CODES[this.status] ?? '';
  }

  /** True for 200 to 299. */
  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  /** The body as UTF-8 text. */
  get text(): string {
    return this.content.toString('utf8');
  }

  /** The media type, without parameters and in lower case; empty when there is none. */
  get mediaType(): string {
    return (this.headers.get('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  }

  /** What was answered: JSON as values, other text as text, anything else as bytes; null for no body. Parsed once. */
  get data(): Data {
    this.#data ??= this.#read() as Data;
    return this.#data;
  }

  /** The body as JSON, whatever its media type. Throws a SyntaxError that shows the beginning of a body that is none. */
  json(): Data {
    try {
      return JSON.parse(this.text) as Data;
    } catch {
      const kind = this.mediaType === '' ? 'no media type' : this.mediaType;
      throw new SyntaxError(
        `The answer ${this.status} to ${this.url} is no JSON but ${kind}: ${JSON.stringify(this.text.slice(0, 200))}`,
      );
    }
  }

  /** The `Set-Cookie` values. */
  get cookies(): readonly string[] {
    return this.headers.getSetCookie();
  }

  /** The same answer, got after redirects. */
  after(redirectChain: readonly Redirect[]): APIResponse<Data> {
    return new APIResponse({ ...this, redirectChain });
  }

  #read(): unknown {
    if (this.content.length === 0) return null;
    const { mediaType } = this;
    if (mediaType === 'application/json' || mediaType.endsWith('+json')) return this.json();
    return mediaType.startsWith('text/') ? this.text : this.content;
  }
}

/** Makes an {@link APIResponse} of what a view answered, its stream read to the end. */
export async function toAPIResponse(response: HttpResponse, url: string): Promise<APIResponse> {
  const headers = new Headers();
  response.headers.forEach((value, name) => headers.append(name, value));
  for (const cookie of response.cookies) headers.append('set-cookie', cookie);
  return new APIResponse({ status: response.status, headers, content: await bytesOf(response.content), url });
}

async function bytesOf(content: HttpResponse['content']): Promise<Buffer> {
  if (content === null) return Buffer.alloc(0);
  if (typeof content === 'string' || content instanceof Uint8Array) return Buffer.from(content);
  const pieces: Buffer[] = [];
  for await (const piece of content) pieces.push(Buffer.from(piece as string | Uint8Array));
  return Buffer.concat(pieces);
}
