import { createHash } from 'node:crypto';
import type { JwtKey } from './jwt-key.ts';

/** How many tokens are known for each key; the oldest are forgotten first. */
const MAX_TOKENS = 1000;

/**
 * Tokens whose signature was right, so that the next request with the same token need not compute it again. It says nothing of
 * a token's claims, and nothing of whether the key still counts.
 */
export class VerifiedTokens {
  /** Only hashes: whoever reads the memory of the process gets no token. */
  readonly #hashes = new WeakMap<JwtKey, Set<string>>();

  /** True when `key` has verified exactly this text. */
  has(key: JwtKey, token: string): boolean {
    return this.#hashes.get(key)?.has(hashOf(token)) === true;
  }

  add(key: JwtKey, token: string): void {
    let hashes = this.#hashes.get(key);
    if (hashes === undefined) this.#hashes.set(key, (hashes = new Set()));
    const [oldest] = hashes;
    if (hashes.size >= MAX_TOKENS && oldest !== undefined) hashes.delete(oldest);
    hashes.add(hashOf(token));
  }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
