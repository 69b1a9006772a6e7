import { ImproperlyConfigured } from '@rf/exceptions';
import type { SiteOwner } from '@rf/orm';
import { resourceKey } from '@rf/views';

/** What `authtoken({ accessTokens })` may say (KX04). Times are seconds. */
export interface AccessTokenSettings {
  /** How long a new token lasts unless its maker says otherwise; null, the default: without end. */
  readonly lifetime: number | null;
  /** The longest that the endpoints let users ask for; null, the default: any, and none. */
  readonly maxLifetime: number | null;
  /** How many tokens that have not ended a user may have; null, the default: any number. */
  readonly limitPerUser: number | null;
  /** Each use puts the end of a token off by `lifetime` again, at most so long after it was made; null, the default: it does not. */
  readonly autoRefresh: { readonly maxLifetime: number | null } | null;
}

export const accessTokenSettingsKey = resourceKey<AccessTokenSettings>('settings of access tokens');

/** The settings of a project's access tokens. */
export function accessTokenSettings(owner: SiteOwner): AccessTokenSettings {
  return ('site' in owner ? owner.site : owner).resource(accessTokenSettingsKey);
}

/** Fills in the defaults. Throws ImproperlyConfigured for a number that cannot be meant. */
export function completeSettings(given: Partial<AccessTokenSettings> = {}): AccessTokenSettings {
  const settings = { lifetime: null, maxLifetime: null, limitPerUser: null, autoRefresh: null, ...given };
  const { lifetime, maxLifetime, limitPerUser, autoRefresh } = settings;
  const numbers = { lifetime, maxLifetime, limitPerUser, 'autoRefresh.maxLifetime': autoRefresh?.maxLifetime };
  for (const [name, value] of Object.entries(numbers)) {
    if (value === null || value === undefined || (Number.isInteger(value) && value > 0)) continue;
    throw new ImproperlyConfigured(
      `authtoken({ accessTokens: { ${name} } }) is ${String(value)}; write a whole number above 0, or null.`,
    );
  }
  if (autoRefresh !== null && lifetime === null) {
    throw new ImproperlyConfigured(
      'authtoken({ accessTokens: { autoRefresh } }) puts off the end of tokens that have none; write lifetime: 36000 beside it.',
    );
  }
  return settings;
}
