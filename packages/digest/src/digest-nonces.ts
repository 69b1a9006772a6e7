import { createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { constantTimeEqual } from '@rf/auth';
import type { Site } from '@rf/views';

/** Makes nonces and recognises them. */
export interface NonceSource {
  issue(): string;
  /** When the nonce was issued, in milliseconds since 1970; null when it was not issued here. */
  issuedAt(nonce: string): number | null;
}

const BODY_LENGTH = 16;
const MAC_LENGTH = 16;

/**
 * Nonces that carry their time and a MAC: issuing one costs no memory, and a forged one dies without a look-up.
 */
export class SignedNonces implements NonceSource {
  readonly #keys: readonly Buffer[];

  constructor(private readonly site: Pick<Site, 'secretKey' | 'secretKeyFallbacks' | 'clock'>) {
    this.#keys = [site.secretKey, ...site.secretKeyFallbacks].map((secret) =>
      Buffer.from(hkdfSync('sha256', secret, '', 'rf.digest.nonce', 32)),
    );
  }

  issue(): string {
    const body = Buffer.alloc(BODY_LENGTH);
    body.writeBigUInt64BE(BigInt(this.site.clock()));
    randomBytes(8).copy(body, 8);
    return Buffer.concat([body, mac(this.#keys[0] as Buffer, body)]).toString('base64url');
  }

  issuedAt(nonce: string): number | null {
    const bytes = Buffer.from(nonce, 'base64url');
    // Another spelling of the same bytes would be a nonce that was not issued.
    if (bytes.length !== BODY_LENGTH + MAC_LENGTH || bytes.toString('base64url') !== nonce) return null;
    const body = bytes.subarray(0, BODY_LENGTH);
    const given = bytes.subarray(BODY_LENGTH);
    if (!this.#keys.some((key) => constantTimeEqual(mac(key, body), given))) return null;
    return Number(body.readBigUInt64BE());
  }
}

function mac(key: Buffer, body: Buffer): Buffer {
  return createHmac('sha256', key).update(body).digest().subarray(0, MAC_LENGTH);
}
