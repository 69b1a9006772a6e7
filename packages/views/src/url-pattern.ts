import { ImproperlyConfigured } from '@rf/exceptions';
import type { Params } from './api-view.ts';

/** Names of parameters whose values are credentials; `code` and `key` may be names of things. */
const SECRET_NAME = /bewit|credential|otp|pass(?:code|phrase|word)|secret|signature|token/i;

interface Parameter {
  readonly name: string;
  /** Source of a regular expression for one value. */
  readonly source: string;
  readonly test: RegExp;
}

/**
 * One URL pattern: literal text with `:name` or `:name(regex)` parameters, as Fastify's router reads them.
 *
 * A parameter without a regular expression takes one or more characters other than `/`.
 */
export class UrlPattern {
  readonly parameters: readonly string[];
  readonly #parts: readonly (string | Parameter)[];
  readonly #matcher: RegExp;

  /** Throws ImproperlyConfigured for a pattern that does not start with `/`, has a `*` or brackets, or has an unreadable parameter. */
  constructor(readonly text: string) {
    if (!text.startsWith('/')) {
      throw new ImproperlyConfigured(
        `The URL pattern ${JSON.stringify(text)} must start with "/": write path('/${text}', …).`,
      );
    }
    this.#parts = splitPattern(text);
    // No URL has these as they are; other routers put parameters in them.
    const foreign = this.#parts.find((part) => typeof part === 'string' && /[<>{}]/.test(part));
    if (foreign !== undefined) {
      throw new ImproperlyConfigured(
        `The URL pattern ${JSON.stringify(text)} has brackets, which no URL has. Write a parameter as ":pk" or ":pk(\\d+)".`,
      );
    }
    const parameters = this.#parts.filter((part) => typeof part !== 'string');
    this.parameters = parameters.map((parameter) => parameter.name);
    const repeated = this.parameters.find((name, at) => this.parameters.indexOf(name) !== at);
    if (repeated !== undefined) {
      throw new ImproperlyConfigured(`The URL pattern ${JSON.stringify(text)} has two parameters called ${repeated}.`);
    }
    this.#matcher = new RegExp(
      `^${this.#parts.map((part) => (typeof part === 'string' ? escapeRegExp(part) : `(${part.source})`)).join('')}$`,
    );
  }

  /** The arguments that `path` (decoded) gives, or null when it is another URL. */
  match(path: string): Params | null {
    const found = this.#matcher.exec(path);
    if (found === null) return null;
    const params: Record<string, string> = Object.create(null);
    this.parameters.forEach((name, at) => {
      params[name] = found[at + 1] as string;
    });
    return params;
  }

  /** True when a parameter is a credential by its name, such as `token`. */
  get hasSecrets(): boolean {
    return this.parameters.some((name) => this.isSecret(name));
  }

  /** True for the name of a parameter that is a credential. */
  isSecret(parameter: string): boolean {
    return SECRET_NAME.test(parameter);
  }

  /** `path`, undecoded, as a log may show it: without the values of such parameters. Null when it is another URL. */
  hideSecrets(path: string): string | null {
    if (!this.hasSecrets) return path;
    const found = this.#matcher.exec(path) ?? this.#matcher.exec(decodeOr(path));
    if (found === null) return null;
    let at = 0;
    return this.#parts
      .map((part) => {
        if (typeof part === 'string') return part;
        at += 1;
        return this.isSecret(part.name) ? '[redacted]' : found[at];
      })
      .join('');
  }

  /** The path with these arguments, percent-encoded; null when one is missing, superfluous or does not fit. */
  fill(params: Readonly<Record<string, unknown>>): string | null {
    if (Object.keys(params).length !== this.parameters.length) return null;
    let path = '';
    for (const part of this.#parts) {
      if (typeof part === 'string') path += part;
      else {
        const value = params[part.name];
        if (value === undefined || value === null) return null;
        const text = String(value);
        if (!part.test.test(text)) return null;
        path += encodePath(text);
      }
    }
    // Two slashes at the start would name a host.
    return path.startsWith('//') ? `/%2F${path.slice(2)}` : path;
  }

  /**
   * The pattern for Fastify's router, parameters renamed by position. What comes after a parameter that may span segments is left to
   * {@link UrlPattern.match}.
   */
  get routerPath(): string {
    return this.#forRouter((source) => source);
  }

  /** The same, taking whatever any pattern of the same {@link UrlPattern.routerShape} takes. */
  get generalRouterPath(): string {
    return this.#forRouter(() => '[^/]*');
  }

  /** What the router can tell apart: where parameters are, but not what they take. */
  get routerShape(): string {
    return this.#forRouter(() => '').replace(/:p\d+\(\^\(\?:\)\$\)/g, '()');
  }

  /** True when the router alone decides whether a path matches; false when `match` must be asked as well. */
  get isRouted(): boolean {
    return !this.#parts.some((part) => typeof part !== 'string' && spansSegments(part));
  }

  #forRouter(sourceOf: (source: string) => string): string {
    let path = '';
    let count = 0;
    for (const part of this.#parts) {
      if (typeof part === 'string') path += part.replaceAll(':', '::');
      else if (spansSegments(part)) return `${path.slice(0, path.lastIndexOf('/') + 1)}*`;
      else {
        count += 1;
        path += `:p${count}(^(?:${sourceOf(part.source)})$)`;
      }
    }
    return path;
  }
}

function decodeOr(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** True when a value may hold a slash, which the router takes for the end of a parameter. */
function spansSegments({ source, test }: Parameter): boolean {
  return source.replace('[^/', '').includes('/') || ['/', 'a/b', '1/2', 'a/', '/a'].some((value) => test.test(value));
}

const DEFAULT_SOURCE = '[^/]+';

function splitPattern(text: string): (string | Parameter)[] {
  const parts: (string | Parameter)[] = [];
  let literal = '';
  for (let at = 0; at < text.length; ) {
    if (text[at] === '*') {
      throw new ImproperlyConfigured(
        `The URL pattern ${JSON.stringify(text)} has a "*" at position ${at}; for any text, slashes included, write :rest(.*).`,
      );
    }
    if (text[at] !== ':') {
      literal += text[at];
      at += 1;
      continue;
    }
    const name = /^[A-Za-z_]\w*/.exec(text.slice(at + 1))?.[0];
    if (name === undefined) {
      throw new ImproperlyConfigured(
        `The URL pattern ${JSON.stringify(text)} has a ":" without a name at position ${at}.`,
      );
    }
    if (literal !== '') parts.push(literal);
    literal = '';
    at += 1 + name.length;
    let source = DEFAULT_SOURCE;
    if (text[at] === '(') {
      const end = closingParenthesis(text, at);
      source = text
        .slice(at + 1, end)
        .replace(/^\^/, '')
        .replace(/\$$/, '')
        .replace(/\((?!\?)/g, '(?:');
      at = end + 1;
    }
    parts.push({ name, source, test: new RegExp(`^(?:${source})$`) });
  }
  if (literal !== '') parts.push(literal);
  return parts;
}

function closingParenthesis(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '(') depth += 1;
    else if (text[at] === ')') {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  throw new ImproperlyConfigured(`The URL pattern ${JSON.stringify(text)} has an unclosed "(" at position ${from}.`);
}

const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Percent-encodes what a path cannot hold and keeps what it can (RFC 3986, section 3.3). */
function encodePath(text: string): string {
  return encodeURIComponent(text).replace(/%(2F|3A|40|24|26|2B|2C|3B|3D)/g, (escape) => decodeURIComponent(escape));
}
