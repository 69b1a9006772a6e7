import { ImproperlyConfigured } from '@rf/exceptions';
import type { CookieOptions, HttpResponse, Request } from '@rf/views';
import { jwtService } from './jwt-service.ts';
import type { ResolvedJwtOptions } from './options.ts';
import type { TokenAnswer } from './token-answer.ts';

type Cookies = NonNullable<ResolvedJwtOptions['cookies']>;

function cookiesOf(request: Request): Cookies {
  const { cookies } = jwtService(request).options;
  if (cookies === undefined) {
    throw new ImproperlyConfigured(
      "jwtUrls(prefix, { transport: 'cookie' }) needs jwt({ cookies: { refreshPath: prefix } }), and it is not set.",
    );
  }
  return cookies;
}

function attributes({ domain, secure, sameSite }: Cookies, path: string, request: Request): CookieOptions {
  return {
    path,
    sameSite,
    secure: secure === 'auto' ? request.isSecure : secure,
    httpOnly: true,
    ...(domain === undefined ? {} : { domain }),
  };
}

/** The access token that came in a cookie; undefined for none, or when the project takes none. */
export function accessCookie(request: Request): string | undefined {
  const { cookies } = jwtService(request).options;
  return cookies && (request.cookies[cookies.accessName] || undefined);
}

/** The refresh token that came in a cookie; undefined for none. */
export function refreshCookie(request: Request): string | undefined {
  return request.cookies[cookiesOf(request).refreshName] || undefined;
}

/** Sets what was issued as cookies that last as long as the tokens. */
export function setTokenCookies(request: Request, response: HttpResponse, tokens: TokenAnswer): void {
  const cookies = cookiesOf(request);
  const { accessTokenLifetime, refreshTokenLifetime } = jwtService(request).options;
  if (tokens.access !== undefined) {
    const options = attributes(cookies, cookies.accessPath, request);
    response.setCookie(cookies.accessName, tokens.access, { ...options, maxAge: accessTokenLifetime });
  }
  if (tokens.refresh !== undefined) {
    const options = attributes(cookies, cookies.refreshPath, request);
    response.setCookie(cookies.refreshName, tokens.refresh, { ...options, maxAge: refreshTokenLifetime });
  }
}

/** Makes the client forget both tokens. */
export function clearTokenCookies(request: Request, response: HttpResponse): void {
  const cookies = cookiesOf(request);
  response.deleteCookie(cookies.accessName, attributes(cookies, cookies.accessPath, request));
  response.deleteCookie(cookies.refreshName, attributes(cookies, cookies.refreshPath, request));
}
