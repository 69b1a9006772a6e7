/** Attributes of a cookie (RFC 6265, section 4.1). */
export interface CookieOptions {
  /** Seconds until it ends; a session cookie when left out. 0 or less expires it now. */
  readonly maxAge?: number;
  readonly expires?: Date;
  /** Default `/`. */
  readonly path?: string;
  readonly domain?: string;
  readonly secure?: boolean;
  readonly httpOnly?: boolean;
  readonly sameSite?: 'Lax' | 'Strict' | 'None';
}

/** Reads a `Cookie` header. Of repeated names the first counts; values in quotes lose them. */
export function parseCookies(header: string | undefined): Readonly<Record<string, string>> {
  const cookies: Record<string, string> = Object.create(null);
  if (header === undefined) return cookies;
  for (const part of header.split(';')) {
    const at = part.indexOf('=');
    if (at === -1) continue;
    const name = part.slice(0, at).trim();
    if (name === '' || name in cookies) continue;
    const value = part.slice(at + 1).trim();
    cookies[name] = value.length >= 2 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
  }
  return cookies;
}

/** Writes a `Set-Cookie` value. Throws a TypeError for a name or value that would break out of the header. */
export function serializeCookie(name: string, value: string, options: CookieOptions = {}): string {
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) throw new TypeError(`cookie name ${JSON.stringify(name)} is not a token`);
  if (!/^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/.test(value)) {
    throw new TypeError(`the value of cookie ${name} has characters that a cookie cannot hold; encode it first`);
  }
  let text = `${name}=${value}`;
  if (options.maxAge !== undefined) text += `; Max-Age=${Math.floor(options.maxAge)}`;
  if (options.expires !== undefined) text += `; Expires=${options.expires.toUTCString()}`;
  if (options.domain !== undefined) text += `; Domain=${options.domain}`;
  text += `; Path=${options.path ?? '/'}`;
  if (options.secure) text += '; Secure';
  if (options.httpOnly) text += '; HttpOnly';
  if (options.sameSite !== undefined) text += `; SameSite=${options.sameSite}`;
  return text;
}
