/** One cookie as a client keeps it. */
export interface StoredCookie {
  readonly value: string;
  /** Sent with this path and those below it. */
  readonly path: string;
  /** Sent over https alone. */
  readonly secure: boolean;
  /** Milliseconds since 1970; null when it ends with the client. */
  readonly expires: number | null;
}

/** The cookies of one client (RFC 6265), which knows one host. */
export class CookieJar {
  readonly #cookies = new Map<string, StoredCookie>();

  /** @param clock milliseconds since 1970; cookies end by it */
  constructor(private readonly clock: () => number = Date.now) {}

  /** The value of a cookie; undefined when there is none. */
  get(name: string): string | undefined {
    this.#dropEnded();
    return this.#cookies.get(name)?.value;
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  /** Keeps a cookie that no answer has set. */
  set(name: string, value: string, options: Partial<Omit<StoredCookie, 'value'>> = {}): void {
    this.#cookies.set(name, { path: '/', secure: false, expires: null, ...options, value });
  }

  delete(name: string): boolean {
    return this.#cookies.delete(name);
  }

  clear(): void {
    this.#cookies.clear();
  }

  /** Names of all cookies. */
  names(): string[] {
    this.#dropEnded();
    return [...this.#cookies.keys()];
  }

  /** Takes one `Set-Cookie` value: keeps the cookie, or forgets it when it has ended. */
  store(setCookie: string): void {
    const [pair = '', ...attributes] = setCookie.split(';');
    const at = pair.indexOf('=');
    if (at === -1) return;
    const name = pair.slice(0, at).trim();
    const cookie = { path: '/', secure: false, expires: null as number | null };
    let hasMaxAge = false;
    for (const attribute of attributes) {
      const [key = '', ...rest] = attribute.split('=');
      const value = rest.join('=').trim();
      const word = key.trim().toLowerCase();
      if (word === 'path' && value.startsWith('/')) cookie.path = value;
      else if (word === 'secure') cookie.secure = true;
      else if (word === 'max-age') {
        // It counts more than Expires (RFC 6265, section 5.3).
        hasMaxAge = true;
        cookie.expires = this.clock() + Number(value) * 1000;
      } else if (word === 'expires' && !hasMaxAge) cookie.expires = Date.parse(value);
    }
    if (cookie.expires !== null && !(cookie.expires > this.clock())) this.#cookies.delete(name);
    else this.#cookies.set(name, { ...cookie, value: pair.slice(at + 1).trim() });
  }

  /** The `Cookie` header of a request; null for none. */
  header(path: string, isSecure: boolean): string | null {
    this.#dropEnded();
    const sent = [...this.#cookies]
      .filter(([, cookie]) => (isSecure || !cookie.secure) && isBelow(path, cookie.path))
      .map(([name, { value }]) => `${name}=${value}`);
    return sent.length === 0 ? null : sent.join('; ');
  }

  #dropEnded(): void {
    const now = this.clock();
    for (const [name, { expires }] of this.#cookies) {
      if (expires !== null && expires <= now) this.#cookies.delete(name);
    }
  }
}

/** RFC 6265, section 5.1.4. */
function isBelow(path: string, parent: string): boolean {
  return path === parent || (path.startsWith(parent) && (parent.endsWith('/') || path[parent.length] === '/'));
}
