import { ImproperlyConfigured } from '@rf/exceptions';
import { isSignatureMethod, type SignatureMethod, signatureMethods } from './signature-method.ts';

/** Options of `oauth1()`. */
export interface OAuth1Options {
  /**
   * Every scope of the API with the words that the consent page shows for it. A read-only token never has `write`.
   *
   * Default `{ read: 'Read your data', write: 'Change your data' }`.
   */
  readonly scopes?: Readonly<Record<string, string>>;
  /**
   * How requests may be signed; each consumer has its own choice among these. Default HMAC and RSA, each with SHA-256 and SHA-512,
   * and HMAC-SHA1, the only one that many clients know. `PLAINTEXT` counts over TLS only.
   */
  readonly signatureMethods?: readonly SignatureMethod[];
  /** Seconds that a client's clock may differ, both ways. Default 300. */
  readonly timestampWindow?: number;
  /** Seconds that temporary credentials live. Default 600. */
  readonly temporaryLifetime?: number;
  /** Seconds that access tokens live. Default null: until they are revoked. */
  readonly tokenLifetime?: number | null;
  /** False lets clients fetch credentials over http from other hosts than the own machine, against RFC 5849, section 2.1. Default true. */
  readonly tlsRequired?: boolean;
  /** Consumers may come without a token, as the user who owns them. Default false. */
  readonly twoLegged?: boolean;
  /** Bodies other than forms must be covered by `oauth_body_hash`: the signature alone does not prove them. Default false. */
  readonly bodyHashRequired?: boolean;
  /** Path of the login page; `next` is added. Default that of the URL named `login`, which `authUrls()` has. */
  readonly loginUrl?: string;
  /** In challenges. Default `api`. */
  readonly realm?: string;
}

/** Options with their defaults, checked. */
export interface ResolvedOAuth1Options extends Required<Omit<OAuth1Options, 'loginUrl'>> {
  readonly loginUrl: string | null;
}

/** Fills in defaults. Throws ImproperlyConfigured for what cannot work. */
export function resolveOAuth1Options(options: OAuth1Options): ResolvedOAuth1Options {
  const resolved: ResolvedOAuth1Options = {
    scopes: { read: 'Read your data', write: 'Change your data' },
    signatureMethods: ['HMAC-SHA1', 'HMAC-SHA256', 'HMAC-SHA512', 'RSA-SHA256', 'RSA-SHA512'],
    timestampWindow: 300,
    temporaryLifetime: 600,
    tokenLifetime: null,
    tlsRequired: true,
    twoLegged: false,
    bodyHashRequired: false,
    realm: 'api',
    ...options,
    loginUrl: options.loginUrl ?? null,
  };
  const names = Object.keys(resolved.scopes);
  if (names.length === 0) fail("scopes is empty. Write for instance scopes: { read: 'Read your data' }.");
  const unreadable = names.find((name) => !/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(name));
  if (unreadable !== undefined) {
    fail(`scopes: ${JSON.stringify(unreadable)} is no scope name; use printable ASCII without spaces and quotes.`);
  }
  if (resolved.signatureMethods.length === 0) {
    fail("signatureMethods is empty. Leave it out, or write for instance signatureMethods: ['HMAC-SHA256'].");
  }
  const unknown = resolved.signatureMethods.find((name) => !isSignatureMethod(name));
  if (unknown !== undefined) {
    fail(`signatureMethods: ${JSON.stringify(unknown)} is none of ${signatureMethods.join(', ')}.`);
  }
  for (const name of ['timestampWindow', 'temporaryLifetime', 'tokenLifetime'] as const) {
    const seconds = resolved[name];
    if (seconds !== null && !(seconds > 0)) fail(`${name}: ${seconds} is not a number of seconds above 0.`);
  }
  if (/["\\]|[^\x20-\x7e]/.test(resolved.realm)) {
    fail(`realm: ${JSON.stringify(resolved.realm)} cannot stand between quotes in a header.`);
  }
  return resolved;
}

function fail(text: string): never {
  throw new ImproperlyConfigured(`oauth1(): ${text}`);
}
