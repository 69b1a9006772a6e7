import { CompactSign, compactVerify } from 'jose';
import type { JwtAlgorithm } from './algorithms.ts';
import { readCompactToken } from './compact-token.ts';
import type { JwtKey } from './jwt-key.ts';
import type { KeyRing } from './key-ring.ts';
import { parseJsonObject } from './strict-json.ts';
import { VerifiedTokens } from './verified-tokens.ts';

/** The claims set of a token (RFC 7519, section 4). */
export type Claims = Record<string, unknown>;

/** With what a token is signed, for {@link TokenSignatures.sign}. */
export interface SigningChoice {
  readonly key: JwtKey;
  /** The `typ` header. */
  readonly typ: string;
  /** Name of the algorithm where the key has two. Default the key's own. */
  readonly algorithm?: JwtAlgorithm;
}

/** A token whose signature is one of ours. Whether its claims hold is for the reader to find out. */
export interface SignedToken {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Claims;
}

/** Signatures of tokens, made and checked with the keys of a ring: jose behind checks of its own (JW13). */
export class TokenSignatures {
  readonly #verified = new VerifiedTokens();

  constructor(readonly keys: KeyRing) {}

  /** The signed token. */
  async sign(claims: Claims, { key, typ, algorithm = key.algorithm }: SigningChoice): Promise<string> {
    return new CompactSign(Buffer.from(JSON.stringify(claims), 'utf8'))
      .setProtectedHeader({ alg: algorithm, typ, ...(key.kid === undefined ? {} : { kid: key.kid }) })
      .sign(await key.signer());
  }

  /**
   * What a token says, when its spelling is canonical and a key of ours verifies it under that key's algorithm; else the reason why
   * not, as a text for the log.
   */
  async open(token: string): Promise<SignedToken | string> {
    const compact = readCompactToken(token);
    if (typeof compact === 'string') return compact;
    if (!(await this.isVerified(token, compact.header))) return 'no key verifies it';
    const claims = parseJsonObject(compact.payload);
    return claims === undefined ? 'claims are not a JSON object with unique names' : { header: compact.header, claims };
  }

  /** True when jose verifies the token with the key that `kid` names, under that key's algorithm. Claims are not read. */
  async verifies(token: string): Promise<boolean> {
    const compact = readCompactToken(token);
    return typeof compact !== 'string' && this.isVerified(token, compact.header);
  }

  private async isVerified(token: string, { kid, alg }: Readonly<Record<string, unknown>>): Promise<boolean> {
    if (kid !== undefined && typeof kid !== 'string') return false;
    for (const key of await this.keys.verifyingKeys(kid)) {
      if (!(key.accepts as readonly unknown[]).includes(alg)) continue;
      if (this.#verified.has(key, token)) return true;
      const verifier = await key.verifier();
      try {
        await compactVerify(token, verifier, { algorithms: [...key.accepts] });
        this.#verified.add(key, token);
        return true;
      } catch {
        // Another key of the same name or of none may still fit.
      }
    }
    return false;
  }
}
