import { type AbstractUser, hashOpaqueToken, makeOpaqueToken } from '@rf/auth';
import type { EntityManager } from 'typeorm';
import { OAuth1AccessToken } from './access-token.ts';
import type { OAuth1Consumer } from './consumer.ts';
import type { OAuth1Provider } from './provider.ts';
import { scopeNames, WRITE_SCOPE } from './scope.ts';
import { tokenPrefixes } from './token-prefix.ts';

/** What {@link issueOAuth1AccessToken} is told. */
export interface NewOAuth1AccessToken {
  readonly consumer: OAuth1Consumer;
  /** For whom the consumer may act. */
  readonly user: AbstractUser;
  /** Words separated by spaces; the token is read-only without `write`. Default all that the consumer may ask for. */
  readonly scope?: string;
}

/** What a client signs with: show it once. */
export interface OAuth1TokenCredentials {
  /** `oauth_token` */
  readonly token: string;
  readonly secret: string;
}

/**
 * Gives a consumer an access token for a user, as the token endpoint does after a user has allowed it. Call it yourself for a user's own
 * scripts, where there is nobody to ask.
 */
export async function issueOAuth1AccessToken(
  manager: EntityManager,
  provider: OAuth1Provider,
  { consumer, user, scope = consumer.scope }: NewOAuth1AccessToken,
): Promise<OAuth1TokenCredentials> {
  const { options, secrets } = provider;
  const token = makeOpaqueToken(tokenPrefixes.accessToken);
  const secret = makeOpaqueToken(tokenPrefixes.secret);
  await manager.insert(OAuth1AccessToken, {
    tokenHash: hashOpaqueToken(token),
    secretSealed: secrets.seal(secret),
    consumer,
    user: { id: user.id },
    readonly: consumer.readonly || !scopeNames(scope).includes(WRITE_SCOPE),
    scope,
    created: provider.now(),
    expires: options.tokenLifetime === null ? null : provider.later(options.tokenLifetime),
    revokedAt: null,
  });
  return { token, secret };
}
