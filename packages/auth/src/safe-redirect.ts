/**
 * `next` when it is a path on this host, else `fallback`: a login page must not send people to a stranger's copy of it.
 *
 * Browsers read `\` as `/` and drop tabs and line ends, so none of these may be in it.
 */
export function safeRedirect(next: unknown, fallback: string): string {
  if (typeof next !== 'string' || !next.startsWith('/') || next.startsWith('//')) return fallback;
  return /[\\\p{Cc}]/u.test(next) ? fallback : next;
}
