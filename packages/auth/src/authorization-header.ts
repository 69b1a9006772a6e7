import { AuthenticationFailed } from '@rf/exceptions';
import { type BaseAuthentication, isRepeated, type Request } from '@rf/views';

/** Longer credentials are refused before anything looks at them. */
const MAX_LENGTH = 8192;

/** The two halves of an `Authorization` header. */
export interface Authorization {
  /** Lower-case scheme word. */
  readonly scheme: string;
  /** Everything after it, without the white space between. Latin-1 text. */
  readonly rest: string;
}

/**
 * Reads the `Authorization` header (RFC 9110, section 11.6.2); null when there is none or it is empty.
 *
 * Throws AuthenticationFailed when it is too long, or sent more than once: Node keeps the first of repeated lines and a proxy in
 * front may have looked at another.
 */
export function parseAuthorization(request: Request): Authorization | null {
  const header = request.headers.authorization;
  if (header === undefined) return null;
  if (isRepeated(request, 'authorization')) {
    throw new AuthenticationFailed('Invalid Authorization header. It was sent more than once.');
  }
  if (header.length > MAX_LENGTH) throw new AuthenticationFailed('Invalid Authorization header. It is too long.');
  const text = trimSpace(header);
  if (text === '') return null;
  const at = text.search(/[ \t]/);
  return at === -1
    ? { scheme: text.toLowerCase(), rest: '' }
    : { scheme: text.slice(0, at).toLowerCase(), rest: trimSpace(text.slice(at + 1)) };
}

const isSpace = (char: string | undefined): boolean => char === ' ' || char === '\t';

/** Not trim(): in Latin-1 a no-break space is an octet like any other. Not a pattern: this takes one pass. */
function trimSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text[start])) start += 1;
  while (end > start && isSpace(text[end - 1])) end -= 1;
  return text.slice(start, end);
}

/**
 * True when a class of the view that is asked later answers to the same scheme word, so that a credential which cannot be one's own is
 * left to it: two Bearer schemes on one view. The last one leaves nothing, or a bad credential would come in as nobody.
 */
export function sharesScheme(request: Request, self: BaseAuthentication): boolean {
  const word = schemeWord(self.authenticateHeader(request));
  const { authenticators } = request;
  return authenticators
    .slice(authenticators.indexOf(self) + 1)
    .some((other) => schemeWord(other.authenticateHeader(request)) === word);
}

const schemeWord = (challenge: string | null): string | undefined => challenge?.split(' ', 1)[0]?.toLowerCase();

const isTokenChar = (code: number): boolean =>
  (code >= 0x30 && code <= 0x39) ||
  (code >= 0x41 && code <= 0x5a) ||
  (code >= 0x61 && code <= 0x7a) ||
  "!#$%&'*+-.^_`|~".includes(String.fromCharCode(code));

/**
 * Reads `name=value, name="quoted value"` (RFC 9110, section 11.2): names in lower case, quotes and their escapes removed.
 *
 * One pass over the text. Throws AuthenticationFailed for anything else, repeated names included.
 *
 * @param options `keepCase` leaves names as they were sent, for a scheme that signs them
 */
export function parseAuthParams(text: string, options: { readonly keepCase?: boolean } = {}): Map<string, string> {
  if (text.length > MAX_LENGTH) throw new AuthenticationFailed('Invalid Authorization header. It is too long.');
  return new AuthParamReader(text, options.keepCase ?? false).read();
}

class AuthParamReader {
  #at = 0;

  constructor(
    readonly text: string,
    readonly keepCase: boolean,
  ) {}

  read(): Map<string, string> {
    const params = new Map<string, string>();
    this.#skipSpace();
    while (this.#at < this.text.length) {
      const written = this.#name();
      const name = this.keepCase ? written : written.toLowerCase();
      this.#skipSpace();
      if (name === '' || this.text[this.#at] !== '=') this.#fail();
      this.#at += 1;
      this.#skipSpace();
      const value = this.text[this.#at] === '"' ? this.#quoted() : this.#bareValue();
      if (params.has(name)) throw new AuthenticationFailed(`Invalid Authorization header. It has ${name} twice.`);
      params.set(name, value);
      this.#skipSpace();
      if (this.#at < this.text.length) {
        if (this.text[this.#at] !== ',') this.#fail();
        this.#at += 1;
        this.#skipSpace();
        if (this.#at === this.text.length) this.#fail();
      }
    }
    return params;
  }

  #skipSpace(): void {
    while (isSpace(this.text[this.#at])) this.#at += 1;
  }

  #name(): string {
    const start = this.#at;
    while (this.#at < this.text.length && isTokenChar(this.text.charCodeAt(this.#at))) this.#at += 1;
    return this.text.slice(start, this.#at);
  }

  /** A value without quotes. Some clients leave them out around Base64, so `/` and `=` are taken as well. */
  #bareValue(): string {
    const start = this.#at;
    while (this.#at < this.text.length) {
      const code = this.text.charCodeAt(this.#at);
      if (!isTokenChar(code) && code !== 0x2f && code !== 0x3d) break;
      this.#at += 1;
    }
    if (start === this.#at) this.#fail();
    return this.text.slice(start, this.#at);
  }

  #quoted(): string {
    let value = '';
    for (this.#at += 1; this.#at < this.text.length; this.#at += 1) {
      const char = this.text[this.#at] as string;
      if (char === '"') {
        this.#at += 1;
        return value;
      }
      if (char === '\\') this.#at += 1;
      const code = this.text.charCodeAt(this.#at);
      if (!(code === 0x09 || (code >= 0x20 && code !== 0x7f))) this.#fail();
      value += this.text[this.#at];
    }
    return this.#fail();
  }

  #fail(): never {
    throw new AuthenticationFailed('Invalid Authorization header. Its parameters cannot be read.');
  }
}
