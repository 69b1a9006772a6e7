import { ImproperlyConfigured } from '@rf/exceptions';
import type { Logger } from '@rf/views';
import { createRemoteJWKSet, customFetch, type JWK, type RemoteJWKSet } from 'jose';
import type { JwtAlgorithm } from './algorithms.ts';
import { JwtKey } from './jwt-key.ts';
import type { KeyRing } from './key-ring.ts';

/** Bytes of a key set that are read at most. */
const MAX_BYTES = 256 * 1024;
const TIMEOUT_MS = 5_000;
const COOLDOWN_MS = 30_000;
const MAX_AGE_MS = 600_000;

/** Milliseconds after a fetch that failed before the next one. */
const RETRY_MS = 5_000;
/** Opened keys that are kept; a set that changes daily must not fill the memory. */
const MAX_KEYS = 100;

/**
 * The keys of another issuer, from the one address that the project names. Kept for ten minutes; an unknown `kid` looks
 * again at most every half minute. Redirects are not followed. While the address cannot be read, no token is accepted
 * once the ten minutes are over.
 */
export class RemoteKeyRing implements KeyRing {
  readonly #set: RemoteJWKSet;
  /** Keys by their JWK text, so that each is checked and imported once. */
  readonly #keys = new Map<string, Promise<JwtKey | undefined>>();

  #failedAt = Number.NEGATIVE_INFINITY;

  /** @param algorithm that its keys are used with; keys for others are left out */
  constructor(
    private readonly url: string,
    private readonly algorithm: JwtAlgorithm,
    private readonly logger: Logger,
    fetching: typeof fetch = fetch,
  ) {
    this.#set = createRemoteJWKSet(new URL(url), {
      timeoutDuration: TIMEOUT_MS,
      cooldownDuration: COOLDOWN_MS,
      cacheMaxAge: MAX_AGE_MS,
      [customFetch]: async (address, options) => limited(await fetching(address, { ...options, redirect: 'error' })),
    });
  }

  async signingKey(): Promise<never> {
    throw new ImproperlyConfigured('jwt({ jwksUrl }) trusts another issuer, so this project can only verify tokens.');
  }

  async signingKeys(): Promise<readonly JwtKey[]> {
    return [];
  }

  async publicKeys(): Promise<readonly JWK[]> {
    return [];
  }

  async verifyingKeys(kid: string | undefined): Promise<readonly JwtKey[]> {
    const known = this.#set.fresh ? await this.read(kid) : [];
    if (known.length > 0 || (this.#set.fresh && this.#set.coolingDown)) return known;
    return (await this.reload()) ? this.read(kid) : [];
  }

  private async reload(): Promise<boolean> {
    if (performance.now() - this.#failedAt < RETRY_MS) return false;
    try {
      await this.#set.reload();
      return true;
    } catch (error) {
      this.#failedAt = performance.now();
      this.logger.warn({ scheme: 'jwt', url: this.url, error: String(error) }, 'A key set cannot be read');
      return false;
    }
  }

  private async read(kid: string | undefined): Promise<readonly JwtKey[]> {
    const jwks = this.#set.jwks()?.keys ?? [];
    const fitting = jwks.filter((jwk) => kid === undefined || jwk.kid === kid);
    const keys = await Promise.all(fitting.map((jwk) => this.open(jwk)));
    return keys.filter((key) => key !== undefined);
  }

  private open(jwk: JWK): Promise<JwtKey | undefined> {
    const text = JSON.stringify(jwk);
    let key = this.#keys.get(text);
    if (key === undefined) {
      // A key for encryption or another algorithm stands beside ours in many sets; it is simply not ours.
      key = JwtKey.from(jwk, this.algorithm).catch(() => undefined);
      if (this.#keys.size >= MAX_KEYS) this.#keys.clear();
      this.#keys.set(text, key);
    }
    return key;
  }
}

/** The same response, failing when its body is longer than a key set can sensibly be. */
async function limited(response: globalThis.Response): Promise<globalThis.Response> {
  if (response.body === null) return response;
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body) {
    length += chunk.length;
    if (length > MAX_BYTES) throw new Error(`the key set is longer than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return new Response(Buffer.concat(chunks), { status: response.status, headers: response.headers });
}
