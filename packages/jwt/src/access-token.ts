import type { ResolvedJwtOptions } from './options.ts';
import { familyClaim, readFamily } from './refresh-family.ts';
import { Token } from './token.ts';

/** Lets a client in for a few minutes; verified without a query unless `checkFamily` asks for one. */
export class AccessToken extends Token {
  static override readonly tokenType: string = 'access';

  static override lifetime(options: ResolvedJwtOptions): number {
    return options.accessTokenLifetime;
  }

  protected override async check(): Promise<void> {
    await super.check();
    const family = readFamily(this.get(familyClaim));
    if (!this.service.options.checkFamily || family === undefined) return;
    if (!(await this.service.blacklist.familyLives(family))) this.refuse('blacklisted', 'its refresh family has ended');
  }
}
