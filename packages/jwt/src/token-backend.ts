import type { KeyRing } from './key-ring.ts';
import type { TokenErrorCode } from './token-error.ts';
import { tokenError, type TokenMessages } from './token-messages.ts';
import { type Claims, TokenSignatures } from './token-signatures.ts';

/** What every token of a project must keep, whatever its kind. */
export interface TokenRules {
  /** Exact value of `iss`; not looked at when undefined. */
  readonly issuer: string | undefined;
  /** `aud` must name one of these; when empty, a token with an `aud` is meant for somebody else and refused. */
  readonly audience: readonly string[];
  /** Seconds by which clocks may differ. */
  readonly leeway: number;
  /** Value of the `typ` header; `JWT` may also be absent, any other must be there. */
  readonly typ: string;
  /** Longest time in seconds from now to `exp`. */
  readonly maxLifetime: number;
  readonly messages: TokenMessages;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/**
 * Signs claims and reads them back (JW13). A token is accepted only when its spelling is
 * canonical, its key and that key's algorithm are ours, and `exp`, `nbf`, `iat`, `iss`, `aud` and `typ` hold.
 */
export class TokenBackend {
  readonly #signatures: TokenSignatures;

  constructor(
    readonly keys: KeyRing,
    private readonly rules: TokenRules,
  ) {
    this.#signatures = new TokenSignatures(keys);
  }

  /** A signed token. `iss` and `aud` are set from the rules. */
  async encode(claims: Claims): Promise<string> {
    const { issuer, audience, typ } = this.rules;
    const key = await this.keys.signingKey();
    const payload: Claims = { ...claims };
    if (issuer !== undefined) payload.iss = issuer;
    if (audience.length > 0) payload.aud = audience.length === 1 ? audience[0] : audience;
    return this.#signatures.sign(payload, { key, typ });
  }

  /** The claims of a good token. Throws {@link TokenError} for any other. */
  async decode(token: string): Promise<Claims> {
    const signed = await this.#signatures.open(token);
    if (typeof signed === 'string') return this.refuse('invalid', signed);
    const { header, claims } = signed;
    this.checkType(header.typ);
    this.checkTimes(claims);
    this.checkParties(claims);
    return claims;
  }

  /** True when a key of the project verifies the token under that key's algorithm. Claims are not read. */
  verifies(token: string): Promise<boolean> {
    return this.#signatures.verifies(token);
  }

  private checkType(typ: unknown): void {
    const expected = this.rules.typ.toLowerCase();
    if (typ === undefined && expected === 'jwt') return;
    // RFC 7515 section 4.1.9: a media type without its "application/", compared without case.
    const found = typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : undefined;
    if (found !== expected) this.refuse('invalid', 'typ header');
  }

  private checkTimes(claims: Claims): void {
    const { leeway, maxLifetime } = this.rules;
    const now = this.rules.clock() / 1000;
    const exp = this.time(claims, 'exp');
    const nbf = this.time(claims, 'nbf');
    const iat = this.time(claims, 'iat');
    if (exp === undefined) this.refuse('invalid', 'exp is missing');
    // RFC 7519 section 4.1.4: the current time must be before exp, so a token ends at exp itself.
    if (exp <= now - leeway) this.refuse('expired', 'exp has passed');
    if (exp - now > maxLifetime) this.refuse('invalid', 'exp is further away than maxLifetime');
    if (nbf !== undefined && nbf > now + leeway) this.refuse('invalid', 'nbf is in the future');
    if (iat !== undefined && iat > now + leeway) this.refuse('invalid', 'iat is in the future');
  }

  private time(claims: Claims, name: string): number | undefined {
    if (!Object.hasOwn(claims, name)) return undefined;
    const value = claims[name];
    if (typeof value !== 'number' || !(value >= 0)) this.refuse('invalid', `${name} is not a number of seconds`);
    return value;
  }

  private checkParties(claims: Claims): void {
    const { issuer, audience } = this.rules;
    if (issuer !== undefined && claims.iss !== issuer) this.refuse('invalid', 'iss');
    if (audience.length === 0) {
      // RFC 7519 section 4.1.3: who is not named in aud must refuse the token.
      if (claims.aud !== undefined) this.refuse('invalid', 'aud names somebody, and jwt() has no audience');
      return;
    }
    const named: readonly unknown[] = Array.isArray(claims.aud) ? claims.aud : [claims.aud];
    if (!named.some((name) => (audience as readonly unknown[]).includes(name))) this.refuse('invalid', 'aud');
  }

  private refuse(code: TokenErrorCode, reason: string): never {
    throw tokenError(this.rules.messages, code, reason);
  }
}
