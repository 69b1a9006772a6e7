import { randomInt } from 'node:crypto';
import { PermissionDenied } from '@rf/exceptions';
import { isSafeMethod, type Request } from '@rf/views';
import { authOptions } from './auth-options.ts';
import { constantTimeEqual } from './constant-time.ts';
import { cookieAttributes } from './request-session.ts';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const SECRET_LENGTH = 32;
const TOKEN_LENGTH = 2 * SECRET_LENGTH;

const stateKey = Symbol('csrf');

interface CsrfState {
  secret: string;
}

/** A new secret: 32 letters and digits. */
export function makeCsrfSecret(): string {
  let secret = '';
  for (let count = 0; count < SECRET_LENGTH; count += 1) secret += ALPHABET[randomInt(ALPHABET.length)];
  return secret;
}

/** The secret behind a mask of its own, so that it never appears twice in the same form (against BREACH). */
export function maskCsrfSecret(secret: string, mask = makeCsrfSecret()): string {
  let cipher = '';
  for (let at = 0; at < SECRET_LENGTH; at += 1) {
    cipher += ALPHABET[(indexOf(secret, at) + indexOf(mask, at)) % ALPHABET.length];
  }
  return mask + cipher;
}

/** The secret of a token of 64 characters; a bare secret is itself. */
export function unmaskCsrfToken(token: string): string {
  if (token.length !== TOKEN_LENGTH) return token;
  let secret = '';
  for (let at = 0; at < SECRET_LENGTH; at += 1) {
    const shift = indexOf(token, SECRET_LENGTH + at) - indexOf(token, at);
    secret += ALPHABET[(shift + ALPHABET.length) % ALPHABET.length];
  }
  return secret;
}

const indexOf = (text: string, at: number): number => ALPHABET.indexOf(text[at] as string);

/** What is wrong with the form of a token; null for nothing. */
function malformation(token: string): string | null {
  if (token.length !== SECRET_LENGTH && token.length !== TOKEN_LENGTH) return 'has incorrect length';
  return /^[a-zA-Z0-9]+$/.test(token) ? null : 'has invalid characters';
}

/**
 * A token for forms and the `X-CSRFToken` header; sets the cookie with the answer (DJ12). A request that has a good cookie keeps its
 * secret.
 */
export function csrfToken(request: Request): string {
  return maskCsrfSecret(useSecret(request, () => cookieSecret(request) ?? makeCsrfSecret()));
}

/** Makes a new secret and sets the cookie: at login, so that tokens from before it are worth nothing. */
export function rotateCsrfToken(request: Request): void {
  const secret = makeCsrfSecret();
  useSecret(request, () => secret);
  (request.state.get(stateKey) as CsrfState).secret = secret;
}

/** Gives a client whose cookie is none that can have been set here a new one, with whatever it is answered. */
export function replaceMalformedCsrfCookie(request: Request): void {
  const cookie = request.cookies[authOptions(request.site).csrf.name];
  if (cookie !== undefined && malformation(cookie) !== null) useSecret(request, makeCsrfSecret);
}

function useSecret(request: Request, make: () => string): string {
  let state = request.state.get(stateKey) as CsrfState | undefined;
  if (state === undefined) {
    state = { secret: make() };
    request.state.set(stateKey, state);
    const { csrf } = authOptions(request.site);
    const kept = state;
    request.onResponse((response) => {
      response.headers.vary('Cookie');
      response.setCookie(csrf.name, kept.secret, {
        ...cookieAttributes(csrf, request),
        maxAge: csrf.age,
      });
    });
  }
  return state.secret;
}

function cookieSecret(request: Request): string | null {
  const cookie = request.cookies[authOptions(request.site).csrf.name];
  return cookie === undefined || malformation(cookie) !== null ? null : unmaskCsrfToken(cookie);
}

const exempt = new WeakSet<Request>();

/** Asks this request for no CSRF token: for one that no other site can have sent, such as a test client's. */
export function exemptFromCsrf(request: Request): void {
  exempt.add(request);
}

/**
 * Why an unsafe request may have been forged; null when it was not (AU22). Checks Origin, or Referer over https, then cookie and
 * token, in Django's order and words.
 */
export async function csrfFailure(request: Request): Promise<string | null> {
  if (isSafeMethod(request.method) || request.method === 'TRACE' || exempt.has(request)) return null;
  const origin = request.headers.origin;
  if (origin !== undefined) {
    if (!isTrustedOrigin(request, origin)) {
      return `Origin checking failed - ${origin} does not match any trusted origins.`;
    }
  } else if (request.isSecure) {
    const reason = refererFailure(request);
    if (reason !== null) return reason;
  }
  return tokenFailure(request);
}

/** Throws PermissionDenied when {@link csrfFailure} finds a reason: for views of one's own that change things by cookie. */
export async function enforceCsrf(request: Request): Promise<void> {
  const reason = await csrfFailure(request);
  if (reason !== null) throw new PermissionDenied(`CSRF Failed: ${reason}`);
}

function isTrustedOrigin(request: Request, origin: string): boolean {
  if (origin === `${request.scheme}://${request.host}`) return true;
  const { csrfTrustedOrigins } = authOptions(request.site);
  if (csrfTrustedOrigins.includes(origin)) return true;
  const parts = splitUrl(origin);
  if (parts === null) return false;
  return csrfTrustedOrigins.some((trusted) => {
    const [trustedScheme, pattern = ''] = trusted.split('://');
    return pattern.startsWith('*') && trustedScheme === parts.scheme && isSameDomain(parts.host, pattern.slice(1));
  });
}

function refererFailure(request: Request): string | null {
  const { referer } = request.headers;
  if (referer === undefined) return 'Referer checking failed - no Referer.';
  const parts = splitUrl(referer);
  if (parts === null) return 'Referer checking failed - Referer is malformed.';
  if (parts.scheme !== 'https') return 'Referer checking failed - Referer is insecure while host is secure.';
  const hosts = authOptions(request.site).csrfTrustedOrigins.map((trusted) =>
    (trusted.split('://')[1] ?? '').replace(/^\*/, ''),
  );
  if ([...hosts, ownHosts(request)].some((pattern) => isSameDomain(parts.host, pattern))) return null;
  return `Referer checking failed - ${referer} does not match any trusted origins.`;
}

/** Whose pages may send what the CSRF cookie reaches: those of the cookie's domain, on the port of this request. */
function ownHosts(request: Request): string {
  const { domain } = authOptions(request.site).csrf;
  if (domain === undefined) return request.host;
  const port = /:(\d+)$/.exec(request.host)?.[1];
  return port === undefined || port === '443' || port === '80' ? domain : `${domain}:${port}`;
}

/** Split by hand: a URL object repairs what must be refused. */
function splitUrl(url: string): { readonly scheme: string; readonly host: string } | null {
  const [, scheme = '', host = ''] = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]+)/i.exec(url) ?? [];
  if (host === '' || host.includes('[') !== host.includes(']')) return null;
  return { scheme: scheme.toLowerCase(), host };
}

/** `.example.com` takes example.com and its subdomains, another pattern only itself. */
function isSameDomain(host: string, pattern: string): boolean {
  const wanted = pattern.toLowerCase();
  return wanted.startsWith('.') ? host.endsWith(wanted) || host === wanted.slice(1) : wanted !== '' && host === wanted;
}

async function tokenFailure(request: Request): Promise<string | null> {
  const cookie = request.cookies[authOptions(request.site).csrf.name];
  if (cookie === undefined) return 'CSRF cookie not set.';
  const cookieFault = malformation(cookie);
  if (cookieFault !== null) return `CSRF cookie ${cookieFault}.`;

  let token = await formToken(request);
  let source = 'POST';
  if (token === '') {
    const header = request.headers['x-csrftoken'];
    if (header === undefined) return 'CSRF token missing.';
    token = header;
    source = "the 'X-Csrftoken' HTTP header";
  }
  const fault = malformation(token);
  if (fault !== null) return `CSRF token from ${source} ${fault}.`;
  return constantTimeEqual(unmaskCsrfToken(token), unmaskCsrfToken(cookie))
    ? null
    : `CSRF token from ${source} incorrect.`;
}

/**
 * The token of a posted form. JSON bodies have none: a cross-site form can imitate them, but not send a header.
 *
 * Throws what is wrong with the body, as DRF does: a body that cannot be read is 400 or 415 before it is 403.
 */
async function formToken(request: Request): Promise<string> {
  // A view that takes the stream itself must find it unread; its clients send the header.
  if (request.method !== 'POST' || !request.hasBody || !request.view.parsesBody) return '';
  await request.parse();
  return String(request.post.get('csrfmiddlewaretoken') ?? '');
}
