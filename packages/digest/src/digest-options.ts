import { createHash } from 'node:crypto';
import { ImproperlyConfigured } from '@rf/exceptions';
import { resourceKey, type Site } from '@rf/views';
import { DIGEST_ALGORITHMS, type DigestAlgorithm, type DigestQop } from './digest-hash.ts';
import type { NonceSource } from './digest-nonces.ts';

/** Options of `digest()`. */
export interface DigestSettings {
  /** Shown to people, and part of every stored key: changing it makes all of them worthless. Default `api`. */
  readonly realm?: string;
  /** The first is in the challenge, all are accepted. Default `['SHA-256']`; MD5 only for clients that know no other. */
  readonly algorithms?: readonly DigestAlgorithm[];
  /** Default `['auth']`; `auth-int` covers the body as well. */
  readonly qop?: readonly DigestQop[];
  /** Seconds that a nonce counts. Default 300. */
  readonly nonceLifetime?: number;
  /** Tells clients that they may hide the user name. Default false. */
  readonly userhash?: boolean;
  /** Answers with Authentication-Info, by which the client knows that the server knew the password. Default false. */
  readonly authenticationInfo?: boolean;
  /** Sent with the challenge and expected back. Derived from the realm unless given. */
  readonly opaque?: string;
  /** Where nonces come from; signed ones unless given. */
  readonly nonces?: (site: Site) => NonceSource;
}

/** The same with defaults. */
export interface DigestOptions extends Required<Omit<DigestSettings, 'nonces'>> {
  readonly nonces: NonceSource;
  /** Opened in place of the key of somebody who is not known. */
  readonly decoySealed: string;
}

export const digestOptionsKey = resourceKey<DigestOptions>('options of the digest app');

/** Fills in defaults. Throws ImproperlyConfigured for a realm or algorithm that cannot be. */
export function digestOptions(settings: DigestSettings): Omit<DigestOptions, 'nonces' | 'decoySealed'> {
  const { realm = 'api', algorithms = ['SHA-256'], qop = ['auth'] } = settings;
  if (!/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/.test(realm)) {
    throw new ImproperlyConfigured(
      `digest({ realm: ${JSON.stringify(realm)} }): a realm is ASCII without quotes and backslashes.`,
    );
  }
  const unknown = algorithms.find((algorithm) => !DIGEST_ALGORITHMS.includes(algorithm));
  if (unknown !== undefined || algorithms.length === 0) {
    throw new ImproperlyConfigured(
      `digest({ algorithms: ${JSON.stringify(algorithms)} }): name one or more of ${DIGEST_ALGORITHMS.join(', ')}.`,
    );
  }
  if (qop.length === 0 || qop.some((value) => value !== 'auth' && value !== 'auth-int')) {
    throw new ImproperlyConfigured(
      `digest({ qop: ${JSON.stringify(qop)} }): write qop: ['auth'] or ['auth', 'auth-int'].`,
    );
  }
  const { nonceLifetime = 300 } = settings;
  if (!(nonceLifetime > 0)) {
    throw new ImproperlyConfigured(`digest({ nonceLifetime: ${nonceLifetime} }): write a number of seconds above 0.`);
  }
  if (settings.opaque !== undefined && !/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/.test(settings.opaque)) {
    throw new ImproperlyConfigured('digest({ opaque: … }): write ASCII without quotes and backslashes.');
  }
  return {
    realm,
    algorithms,
    qop,
    nonceLifetime,
    userhash: settings.userhash ?? false,
    authenticationInfo: settings.authenticationInfo ?? false,
    opaque: settings.opaque ?? createHash('sha256').update(`rf.digest.opaque:${realm}`).digest('base64').slice(0, 24),
  };
}
