import type { Request } from '@rf/views';
import { replaceMalformedCsrfCookie } from './csrf.ts';
import { expireShortSessionCookie } from './request-session.ts';

/** Answers cookies that can be told from their form to be broken, whatever view the request is for, so that clients get rid of them. */
export function mendCookies(request: Request): void {
  if (request.headers.cookie === undefined) return;
  expireShortSessionCookie(request);
  replaceMalformedCsrfCookie(request);
}
