import { ImproperlyConfigured } from '@rf/exceptions';
import type { JWK } from 'jose';
import type { JwtKey } from './jwt-key.ts';
import { type KeyRing, publicJwks, selectKeys } from './key-ring.ts';

/** Keys that stay the same while the project is open: those of its settings. */
export class FixedKeyRing implements KeyRing {
  /**
   * @param signing signs; undefined for a service that only verifies
   * @param verifying all that verify
   */
  constructor(
    private readonly signing: JwtKey | undefined,
    private readonly verifying: readonly JwtKey[],
  ) {}

  async signingKey(): Promise<JwtKey> {
    if (this.signing === undefined) {
      throw new ImproperlyConfigured(
        'jwt() has no signingKey, so this project can only verify tokens. Set signingKey.',
      );
    }
    return this.signing;
  }

  async signingKeys(): Promise<readonly JwtKey[]> {
    return this.signing === undefined ? [] : [this.signing];
  }

  async verifyingKeys(kid: string | undefined): Promise<readonly JwtKey[]> {
    return selectKeys(this.verifying, kid);
  }

  async publicKeys(): Promise<readonly JWK[]> {
    return publicJwks(this.verifying);
  }
}
