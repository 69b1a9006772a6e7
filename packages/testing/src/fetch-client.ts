import { APIClient } from './api-client.ts';
import type { APIResponse } from './api-response.ts';
import type { CookieJar } from './cookie-jar.ts';
import { TEST_HOST } from './incoming-request.ts';
import type { ClientTarget } from './in-process-server.ts';

/** Answers that have no body. */
const WITHOUT_BODY: readonly number[] = [101, 204, 205, 304];

/**
 * A client that is used like a browser or another program uses the API: by `fetch` with full URLs, in process (TE05).
 *
 * ```ts
 * const { fetch } = new FetchClient(notes);
 * const response = await fetch('http://testserver/notes/', { headers: { Authorization: `Token ${key}` } });
 * ```
 *
 * Hand `fetch` to a client library to test it against the API. Cookies are kept, CSRF tokens are asked for, and an error that nobody
 * handled is the answer 500, as with a real server.
 */
export class FetchClient {
  readonly #client: APIClient;

  /** The standard function. A path alone is one of `http://testserver`. */
  readonly fetch: typeof fetch = (input, init) => this.#fetch(input, init);

  /** @param target a Fastify server with `restFramework`, or what has one as `app`; it need not listen */
  constructor(target: ClientTarget) {
    this.#client = new APIClient(target, { enforceCsrfChecks: true, raiseRequestException: false });
  }

  /** The cookies that answers have set. */
  get cookies(): CookieJar {
    return this.#client.cookies;
  }

  async #fetch(input: Parameters<typeof fetch>[0], init?: RequestInit): Promise<Response> {
    const address = typeof input === 'string' && input.startsWith('/') ? `http://${TEST_HOST}${input}` : input;
    const request = new Request(address, init);
    request.signal.throwIfAborted();
    const content = Buffer.from(await request.arrayBuffer());
    const { 'content-type': contentType = 'application/octet-stream', ...headers } = Object.fromEntries(
      request.headers,
    );
    const answer = await this.#client.generic(request.method, request.url, content.length > 0 ? content : null, {
      headers,
      follow: request.redirect === 'follow',
      ...(content.length > 0 && { contentType }),
    });
    if (request.redirect === 'error' && answer.headers.has('location')) {
      throw new TypeError(`fetch failed: ${request.url} redirects, and the request says redirect: 'error'.`);
    }
    return toResponse(request.method, answer);
  }
}

function toResponse(method: string, answer: APIResponse): Response {
  const { status, statusText, headers, content } = answer;
  const hasBody = method !== 'HEAD' && !WITHOUT_BODY.includes(status);
  return new Response(hasBody ? new Uint8Array(content) : null, { status, statusText, headers });
}
