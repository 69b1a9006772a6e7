import { type App, defineApp } from '@rf/project';
import { OAuth1AccessToken } from './access-token.ts';
import { oauth1Checks, refuseWeakKeys } from './checks.ts';
import { clearOAuth1 } from './commands/clear-oauth1.ts';
import { createOAuth1Consumer } from './commands/create-oauth1-consumer.ts';
import { deleteOAuth1Consumer } from './commands/delete-oauth1-consumer.ts';
import { listOAuth1Consumers } from './commands/list-oauth1-consumers.ts';
import { revokeOAuth1Tokens } from './commands/revoke-oauth1-tokens.ts';
import { OAuth1Consumer } from './consumer.ts';
import { OAuth10001Initial } from './migrations/0001-initial.ts';
import { type OAuth1Options, resolveOAuth1Options } from './options.ts';
import { OAuth1Provider, oauth1Resource } from './provider.ts';
import { OAuth1TemporaryCredentials } from './temporary-credentials.ts';

/**
 * An OAuth 1.0a provider: put it after `auth()` among the apps of a project, and {@link oauth1Urls} among its URLs.
 *
 * ```ts
 * defineProject({
 *   apps: [auth(), oauth1()],
 *   urls: [authUrls('/accounts/'), oauth1Urls('/oauth1/'), …],
 *   settings: { defaultAuthenticationClasses: [OAuthAuthentication] },
 *   …
 * });
 * ```
 *
 * Throws ImproperlyConfigured for options that cannot work. Opening the project throws it for a consumer with a weak RSA key.
 */
export function oauth1(options: OAuth1Options = {}): App {
  const resolved = resolveOAuth1Options(options);
  return defineApp({
    label: 'oauth1',
    entities: [OAuth1Consumer, OAuth1TemporaryCredentials, OAuth1AccessToken],
    migrations: [OAuth10001Initial],
    commands: [createOAuth1Consumer, listOAuth1Consumers, deleteOAuth1Consumer, revokeOAuth1Tokens, clearOAuth1],
    checks: [oauth1Checks(resolved)],
    resources(site) {
      site.provide(oauth1Resource, new OAuth1Provider(site, resolved));
    },
    ready: refuseWeakKeys,
  });
}
