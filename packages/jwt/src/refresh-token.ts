import { randomUUID } from 'node:crypto';
import type { RequestUser } from '@rf/views';
import { AccessToken } from './access-token.ts';
import type { ResolvedJwtOptions } from './options.ts';
import { familyClaim, readFamily } from './refresh-family.ts';
import { Token, type TokenClass } from './token.ts';

/** Gives access tokens for a day; each use of it gives a new one in its place (JW07, JW09). */
export class RefreshToken extends Token {
  static override readonly tokenType: string = 'refresh';

  /** Kind of token that {@link accessToken} makes. */
  static readonly accessTokenClass: TokenClass<AccessToken> = AccessToken;

  static override lifetime(options: ResolvedJwtOptions): number {
    return options.refreshTokenLifetime;
  }

  /**
   * A new access token with all claims of this one but type, id and times. Each read makes another.
   *
   * @returns not signed yet: call `encode()`
   */
  get accessToken(): AccessToken {
    const { tokenTypeClaim, jtiClaim } = this.service.options;
    const accessTokenClass = (this.constructor as typeof RefreshToken).accessTokenClass;
    const own = new Set<string | null>([tokenTypeClaim, jtiClaim, 'jti', 'exp', 'iat']);
    const copied = Object.entries(this.claims).filter(([claim]) => !own.has(claim));
    const access = new accessTokenClass(this.service.site, Object.fromEntries(copied));
    access.begin();
    return access;
  }

  /** The family of the token, a UUID; undefined for tokens of other libraries before their first refresh. */
  get family(): string | undefined {
    return readFamily(this.get(familyClaim));
  }

  /** True when this token was taken back or spent. */
  isBlacklisted(): Promise<boolean> {
    return this.service.blacklist.has(this.jti);
  }

  /** Takes the token back: it cannot be refreshed again. Twice is no error. */
  async blacklist(): Promise<void> {
    await this.service.blacklist.add(this);
  }

  /**
   * Spends this token for a new one of the same family, with the same claims of your own (rotation).
   *
   * Of several at once exactly one succeeds. Throws TokenError "Token is blacklisted" for the others.
   *
   * @param user the user that the token names
   */
  async rotate(user: RequestUser): Promise<this> {
    const next = new this.kind(this.service.site, this.claims) as this;
    if (next.family === undefined) next.set(familyClaim, randomUUID());
    next.begin();
    const { blacklist, blacklistAfterRotation } = this.service.options;
    if (blacklist) {
      const won = await this.service.blacklist.replace(this, next, user.id, blacklistAfterRotation);
      if (!won) this.refuse('blacklisted', 'another request spent it at the same time');
    }
    return next;
  }

  protected override async check(): Promise<void> {
    await super.check();
    const { blacklist, options } = this.service;
    const spentAt = options.blacklist ? await blacklist.spentAt(this.jti) : undefined;
    if (spentAt === undefined) return;
    if (this.service.now() - spentAt < options.reuseGrace) this.refuse('blacklisted', 'spent a moment ago');
    await blacklist.endFamily(this);
    this.refuse('blacklisted', 'a spent or revoked refresh token was used again; its family has ended');
  }

  protected override async issued(user: RequestUser): Promise<void> {
    this.set(familyClaim, randomUUID());
    if (this.service.options.blacklist) await this.service.blacklist.record(this, user.id);
  }
}
