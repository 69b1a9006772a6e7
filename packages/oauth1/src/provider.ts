import { AuthorizationProvider, openStoredSecret, SecretBox } from '@rf/auth';
import { resourceKey, type Site } from '@rf/views';
import type { ResolvedOAuth1Options } from './options.ts';

/** Under which `oauth1()` puts its provider. */
export const oauth1Resource = resourceKey<OAuth1Provider>('@rf/oauth1');

/** The OAuth 1.0a provider of one project: its options and what all of its endpoints share. */
export class OAuth1Provider extends AuthorizationProvider {
  /** Keeps the secrets of consumers and tokens, which signatures need in clear. */
  readonly secrets: SecretBox;

  constructor(
    site: Site,
    readonly options: ResolvedOAuth1Options,
  ) {
    super(site);
    this.secrets = new SecretBox(site, '@rf/oauth1');
  }

  /** What {@link secrets} sealed for a row; null when it cannot be opened, about which the log tells more. */
  openSecret(row: { readonly id: string }, sealed: string): string | null {
    return openStoredSecret(this.site, row, sealed, this.secrets);
  }
}

/** The provider of a project. Throws when the project lists no `oauth1()` app. */
export function oauth1Provider(owner: Site | { readonly site: Site }): OAuth1Provider {
  return ('site' in owner ? owner.site : owner).resource(oauth1Resource);
}
