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

/**
 * Reads a `Cookie` header as Django does. Of repeated names the last counts; a part without `=` is the value of the empty name; quotes
 * around a value are taken off with the escapes inside, and bytes are read as UTF-8.
 *
 * @param header Latin-1 text of the bytes sent
 */
export function parseCookies(header: string | undefined): Readonly<Record<string, string>> {
  const cookies: Record<string, string> = Object.create(null);
  if (header === undefined) return cookies;
  const text = /[\x80-\xff]/.test(header) ? Buffer.from(header, 'latin1').toString() : header;
  for (const part of text.split(';')) {
    const at = part.indexOf('=');
    const name = part.slice(0, Math.max(at, 0)).trim();
    const value = part.slice(at + 1).trim();
    if (name !== '' || value !== '') cookies[name] = unquote(value);
  }
  return cookies;
}

/** `"a\"b\073c"` is `a"b;c`. */
function unquote(value: string): string {
  if (value.length < 2 || !value.startsWith('"') || !value.endsWith('"')) return value;
  return value
    .slice(1, -1)
    .replace(/\\(?:([0-3][0-7][0-7])|(.))/g, (_escape, octal: string | undefined, character: string) =>
      octal === undefined ? character : String.fromCharCode(Number.parseInt(octal, 8)),
    );
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
