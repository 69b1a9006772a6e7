/**
 * True when `host`, as the `Host` header names it, is one of `allowed`: a name, `.example.com` for a domain with its subdomains,
 * or `*` for any. Ports and case do not matter.
 */
export function isAllowedHost(host: string, allowed: readonly string[]): boolean {
  const name = host.replace(/:\d*$/, '').replace(/\.$/, '').toLowerCase();
  return allowed.some((pattern) => {
    const wanted = pattern.toLowerCase();
    if (wanted === '*') return true;
    return wanted.startsWith('.') ? name === wanted.slice(1) || name.endsWith(wanted) : name === wanted;
  });
}

/** True for what a `Host` header may hold: a name or address, and a port (RFC 9110, section 7.2). */
export const isHost = (host: string): boolean => HOST.test(host);

const HOST = /^(?:[\w.~!$&'()*+,;=%-]+|\[[\da-f:.]+\])(?::\d*)?$/i;
