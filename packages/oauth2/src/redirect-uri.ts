/** Which addresses of the own machine may differ in their port. */
export interface RedirectUriRules {
  /** Also `localhost`, whose meaning a resolver decides (RFC 8252, section 8.3); for native clients. */
  readonly localhost: boolean;
}

const LOOPBACK = /^http:\/\/(127\.0\.0\.1|\[::1\]|localhost)(?::([1-9]\d{0,4}))?((?:[/?].*)?)$/s;

/**
 * What is wrong with a redirect URI that somebody wants to register; null when nothing is.
 *
 * It must be absolute, without fragment and user name, and `https`, `http` on the own machine, or a private scheme with a
 * dot (RFC 9700, section 2.1; RFC 8252, section 7). It must be written as a browser writes it, since requests are
 * compared with it letter by letter.
 */
export function redirectUriProblem(uri: string): string | null {
  if (!/^[\x21-\x7e]+$/.test(uri)) return 'has characters that a URI cannot have';
  if (uri.includes('*')) return 'has a wildcard; register each address by itself';
  if (uri.includes('#')) return 'has a fragment';
  if (!URL.canParse(uri)) return 'is not an absolute URI';
  const url = new URL(uri);
  if (url.username !== '' || url.password !== '') return 'has a user name or password';
  if (url.protocol === 'http:') {
    if (!LOOPBACK.test(uri))
      return 'is http; only https is safe outside of the own machine (127.0.0.1, [::1], localhost)';
  } else if (url.protocol === 'https:') {
    if (!/^https:\/\/[^/]/.test(uri)) return 'has no host';
  } else if (!url.protocol.includes('.')) {
    return `has the scheme ${url.protocol.slice(0, -1)}; allowed are https, http on the own machine, and private schemes with a dot, such as com.example.app`;
  }
  // A browser adds the slash of an empty path; letter by letter it is as good without.
  if (url.href !== uri && url.href !== `${uri}/`) return `is not in normal form; write ${url.href}`;
  return null;
}

/**
 * Whether a request may name `requested` where `registered` was registered: the same text, or the same address of the own
 * machine with another port (RFC 9700, section 2.1; RFC 8252, section 7.3).
 */
export function isSameRedirectUri(registered: string, requested: string, rules: RedirectUriRules): boolean {
  if (registered === requested) return true;
  const known = LOOPBACK.exec(registered);
  const asked = LOOPBACK.exec(requested);
  if (known === null || asked === null) return false;
  const [, host, , rest] = known;
  if (host === 'localhost' && !rules.localhost) return false;
  const port = Number(asked[2] ?? 80);
  return host === asked[1] && rest === asked[3] && port <= 65_535 && !requested.includes('#');
}

/** `uri` with more parameters in its query; the rest stays as it is registered. */
export function addToRedirectUri(uri: string, params: Readonly<Record<string, string | null>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) if (value !== null) query.append(name, value);
  return `${uri}${uri.includes('?') ? '&' : '?'}${query}`;
}
