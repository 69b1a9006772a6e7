import { SecretBox } from '@rf/auth';
import { atomic, dataSource } from '@rf/orm';
import { resourceKey, type Site } from '@rf/views';
import type { EntityManager } from 'typeorm';
import type { ResolvedOAuth1Options } from './options.ts';

/** Under which `oauth1()` puts its provider. */
export const oauth1Resource = resourceKey<OAuth1Provider>('@rf/oauth1');

/** The OAuth 1.0a provider of one project: its options and what all of its endpoints share. */
export class OAuth1Provider {
  /** Keeps the secrets of consumers and tokens, which signatures need in clear. */
  readonly secrets: SecretBox;

  constructor(
    readonly site: Site,
    readonly options: ResolvedOAuth1Options,
  ) {
    this.secrets = new SecretBox(site, '@rf/oauth1');
  }

  /** Now, as the project's clock has it. */
  now(): Date {
    return new Date(this.site.clock());
  }

  /** The time this many seconds from now. */
  later(seconds: number): Date {
    return new Date(this.site.clock() + seconds * 1000);
  }

  /**
   * Runs `work` in a transaction of its own, committed when it returns, so that a refusal undoes nothing: throw what refuses
   * afterwards.
   */
  alone<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return atomic(dataSource(this.site).manager, work);
  }
}

/** The provider of a project. Throws when the project lists no `oauth1()` app. */
export function oauth1Provider(owner: Site | { readonly site: Site }): OAuth1Provider {
  return ('site' in owner ? owner.site : owner).resource(oauth1Resource);
}
