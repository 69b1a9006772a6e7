/**
 * What is wrong with a callback that somebody wants to register; null when nothing is.
 *
 * It must be an absolute URL without fragment and user name, and written as a browser writes it, since requests are compared with it
 * letter by letter. Unlike the code of OAuth 2.0, what it carries is of no use without the consumer's secret, so `http` may be.
 */
export function callbackProblem(callback: string): string | null {
  if (!/^[\x21-\x7e]+$/.test(callback)) return 'has characters that a URI cannot have';
  if (callback.includes('*')) return 'has a wildcard; register each address by itself';
  if (callback.includes('#')) return 'has a fragment';
  if (!URL.canParse(callback)) return 'is not an absolute URI';
  const { protocol, username, password, href } = new URL(callback);
  if (username !== '' || password !== '') return 'has a user name or password';
  if (protocol !== 'http:' && protocol !== 'https:' && !protocol.includes('.')) {
    return `has the scheme ${protocol.slice(0, -1)}; allowed are https, http, and private schemes with a dot, such as com.example.app`;
  }
  // A browser adds the slash of an empty path; letter by letter it is as good without.
  return href === callback || href === `${callback}/` ? null : `is not in normal form; write ${href}`;
}

/** `callback` with more parameters in its query; the rest stays as it is registered. */
export function addToCallback(callback: string, parameters: Readonly<Record<string, string>>): string {
  return `${callback}${callback.includes('?') ? '&' : '?'}${new URLSearchParams(parameters)}`;
}
