import { type AbstractUser, hashOpaqueToken } from '@rf/auth';
import { AuthenticationFailed } from '@rf/exceptions';
import { db } from '@rf/orm';
import { type Authenticated, BaseAuthentication, type Request } from '@rf/views';
import { OAuth1AccessToken } from './access-token.ts';
import type { OAuth1Consumer } from './consumer.ts';
import { oauth1Provider } from './provider.ts';
import { readSignedParameters, requiredParameters } from './signed-parameters.ts';
import { verifyRequest } from './signed-request.ts';

/**
 * OAuth 1.0a (AU27): requests signed with the secrets of a consumer and of an access token; method, host, path, query and form are
 * covered.
 *
 * `request.user` is who allowed it, `request.auth` the {@link OAuth1AccessToken}. With the option `twoLegged`, a request without
 * a token is its consumer's owner's, and `request.auth` is the {@link OAuth1Consumer}.
 */
export class OAuthAuthentication extends BaseAuthentication {
  override readonly overHttp = 'read requests and answers';

  override async authenticate(request: Request): Promise<Authenticated | null> {
    const parameters = await readSignedParameters(request);
    if (parameters === null) return null;
    const { twoLegged } = oauth1Provider(request).options;
    const missing = requiredParameters.filter(
      (name) => !parameters.protocol.get(name) && !(twoLegged && name === 'oauth_token'),
    );
    if (missing.length > 0) throw new AuthenticationFailed(`Missing parameters: ${missing.join(', ')}`);
    const { consumer, token } = await verifyRequest(request, parameters, (text, owner) =>
      findAccessToken(request, text, owner),
    );
    return token === null
      ? { user: activeUser(consumer.owner), auth: consumer }
      : { user: activeUser(token.user), auth: token };
  }

  override authenticateHeader(request: Request): string {
    return `OAuth realm="${oauth1Provider(request).options.realm}"`;
  }
}

/** A live access token of the consumer. */
async function findAccessToken(
  request: Request,
  text: string,
  consumer: OAuth1Consumer | null,
): Promise<OAuth1AccessToken | null> {
  const token = await db(request).findOne(OAuth1AccessToken, {
    where: { tokenHash: hashOpaqueToken(text) },
    relations: { user: true, consumer: true },
  });
  if (token === null || token.consumer.id !== consumer?.id) return null;
  return token.isValid(oauth1Provider(request).now()) ? token : null;
}

function activeUser(user: AbstractUser | null): AbstractUser {
  if (user === null) throw new AuthenticationFailed('Invalid consumer token: it has no owner');
  if (!user.isActive) throw new AuthenticationFailed(`User inactive or deleted: ${user.getUsername()}`);
  return user;
}
