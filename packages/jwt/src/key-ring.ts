import type { JWK } from 'jose';
import type { JwtKey } from './jwt-key.ts';

/** The keys of a project: which one signs, and which ones may verify a token. */
export interface KeyRing {
  /** The key that signs new tokens. Throws ImproperlyConfigured when there is none. */
  signingKey(): Promise<JwtKey>;
  /** All keys that may sign now, the newest first; empty for a project that only verifies. */
  signingKeys(): Promise<readonly JwtKey[]>;
  /** The keys to verify a token with, by its `kid` header; empty when none fits. Each key fixes its own algorithm. */
  verifyingKeys(kid: string | undefined): Promise<readonly JwtKey[]>;
  /** The public keys that others verify with; empty when all are shared secrets. */
  publicKeys(): Promise<readonly JWK[]>;
}

/**
 * The keys for a token's `kid`.
 *
 * A `kid` picks among the keys that have a name; where none has one it says nothing. A token without one may be of any
 * key, as tokens of other libraries are.
 */
export function selectKeys(keys: readonly JwtKey[], kid: string | undefined): readonly JwtKey[] {
  if (kid === undefined || keys.every((key) => key.kid === undefined)) return keys;
  return keys.filter((key) => key.kid === kid);
}

/** The public halves of `keys`, without shared secrets. */
export function publicJwks(keys: readonly JwtKey[]): readonly JWK[] {
  return keys.map((key) => key.publicJwk).filter((jwk) => jwk !== undefined);
}
