import type { HttpRequest, Site } from '@rf/views';
import { incomingRequest } from './incoming-request.ts';
import { type BodyOptions, encodeBody } from './request-body.ts';
import type { ForcedUser } from './test-call.ts';

/** What an {@link APIRequest} is made of. */
export interface APIRequestParts extends BodyOptions {
  /** Upper case. */
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** Undefined or null for no body. */
  readonly data?: unknown;
  readonly headers: Readonly<Record<string, string>>;
  readonly secure: boolean;
  readonly remoteAddress: string;
  readonly enforceCsrfChecks: boolean;
}

/** A request for views that are called directly; {@link APIRequestFactory} makes it. It may be used for several views. */
export class APIRequest {
  /** Who it is from, without the view's authentication classes being asked; see {@link forceAuthenticate}. */
  forced: ForcedUser | null = null;

  constructor(readonly parts: APIRequestParts) {}

  get method(): string {
    return this.parts.method;
  }

  /** Path and query. */
  get target(): string {
    return this.parts.target;
  }

  /**
   * The request as a server would hand it to a view of `site`, whose settings say how the body is written.
   *
   * Throws a TypeError for data that the format cannot hold.
   */
  async toHttpRequest(site: Site): Promise<HttpRequest> {
    const { method, target, data, secure, remoteAddress } = this.parts;
    const { content, contentType } = await encodeBody(site, data, this.parts);
    const headers = { ...(contentType !== null && { 'content-type': contentType }), ...this.parts.headers };
    return incomingRequest(method, target, { headers, content, secure, remoteAddress });
  }
}

/**
 * Makes a request of a factory one of this user, without the view's authentication classes being asked (TE02). Without a user and
 * a token it takes that back.
 *
 * ```ts
 * const request = factory.get('/notes/');
 * forceAuthenticate(request, { user: alice });
 * ```
 */
export function forceAuthenticate(request: APIRequest, forced: ForcedUser = {}): void {
  request.forced = (forced.user ?? forced.token ?? null) === null ? null : forced;
}
