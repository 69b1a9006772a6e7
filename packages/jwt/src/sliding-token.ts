import type { RequestUser } from '@rf/views';
import type { ResolvedJwtOptions } from './options.ts';
import { Token } from './token.ts';

/** Claim that bounds how long a sliding token can be renewed. */
export const refreshExpClaim = 'refresh_exp';

/** One token that both lets in and, until `refresh_exp`, is renewed (JW11). */
export class SlidingToken extends Token {
  static override readonly tokenType: string = 'sliding';

  static override lifetime(options: ResolvedJwtOptions): number {
    return options.slidingTokenLifetime;
  }

  /** @internal */
  override begin(): void {
    super.begin();
    this.setExp({ claim: refreshExpClaim, lifetime: this.service.options.slidingTokenRefreshLifetime });
  }

  /** Second at which it can no longer be renewed. */
  get refreshExp(): number {
    const value = this.get(refreshExpClaim);
    return typeof value === 'number' && value >= 0 ? value : Number.NaN;
  }

  /** Gives the token its whole lifetime again. Throws TokenError when `refresh_exp` has passed. */
  renew(): this {
    if (this.refreshExp <= this.service.now() - this.service.options.leeway) this.refuse('refreshExpired');
    return this.setExp().setIat();
  }

  /** True when this token was taken back. */
  isBlacklisted(): Promise<boolean> {
    return this.service.blacklist.has(this.jti);
  }

  /** Takes the token and all its renewals back. Twice is no error. */
  async blacklist(): Promise<void> {
    await this.service.blacklist.add(this);
  }

  protected override async check(): Promise<void> {
    await super.check();
    const { blacklist, maxTokenLifetime } = this.service.options;
    // NaN, of a claim that is no number, is not below the limit either.
    if (!(this.refreshExp <= this.service.now() + maxTokenLifetime)) {
      this.refuse('invalid', `${refreshExpClaim} is not a time within maxTokenLifetime`);
    }
    if (blacklist && (await this.isBlacklisted())) this.refuse('blacklisted');
  }

  protected override async issued(user: RequestUser): Promise<void> {
    if (this.service.options.blacklist) await this.service.blacklist.record(this, user.id);
  }
}
