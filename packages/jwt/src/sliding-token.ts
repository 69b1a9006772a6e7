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
    return Number(this.get(refreshExpClaim));
  }

  /** Gives the token its whole lifetime again. Throws TokenError when `refresh_exp` has passed. */
  renew(): this {
    const until = this.get(refreshExpClaim);
    if (typeof until !== 'number') this.refuse('invalid', `${refreshExpClaim} is not a number`);
    if (until <= this.service.now() - this.service.options.leeway) this.refuse('refreshExpired');
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
    if (this.service.options.blacklist && (await this.isBlacklisted())) this.refuse('blacklisted');
  }

  protected override async issued(user: RequestUser): Promise<void> {
    if (this.service.options.blacklist) await this.service.blacklist.record(this, user.id);
  }
}
