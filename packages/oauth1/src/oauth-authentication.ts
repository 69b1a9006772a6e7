import { type AbstractUser, hashOpaqueToken } from '@rf/auth';
import { AuthenticationFailed } from '@rf/exceptions';
import { db, findEntity } from '@rf/orm';
import { type APIView, type Authenticated, BaseAuthentication, type Request } from '@rf/views';
import { OAuth1AccessToken } from './access-token.ts';
import { findConsumer } from './consumers.ts';
import { oauth1Provider, oauth1Resource } from './provider.ts';
import { readSignedParameters, requiredParameters } from './signed-parameters.ts';
import { type NamedCredentials, verifyRequest } from './signed-request.ts';

/**
 * OAuth 1.0a (AU27): requests signed with the secrets of a consumer and of an access token; method, host, path, query and form are
 * covered.
 *
 * `request.user` is who allowed it, `request.auth` the {@link OAuth1AccessToken}. With the option `twoLegged`, a request without
 * a token is its consumer's owner's, and `request.auth` is the {@link OAuth1Consumer}.
 */
export class OAuthAuthentication extends BaseAuthentication {
  override readonly overHttp: string | null = 'read requests and answers';

  override checkSetup(view: APIView): void {
    this.requireApp(view, oauth1Resource, 'oauth1()');
  }

  override async authenticate(request: Request): Promise<Authenticated | null> {
    const parameters = await readSignedParameters(request);
    if (parameters === null) return null;
    const { twoLegged } = oauth1Provider(request).options;
    const missing = requiredParameters.filter(
      (name) => !parameters.protocol.get(name) && !(twoLegged && name === 'oauth_token'),
    );
    if (missing.length > 0) throw new AuthenticationFailed(`Missing parameters: ${missing.join(', ')}`);
    const { consumer, token } = await verifyRequest(request, parameters, (key, text) =>
      findCredentials(request, key, text),
    );
    return token === null
      ? { user: activeUser(consumer.owner), auth: consumer }
      : { user: activeUser(token.user), auth: token };
  }

  override authenticateHeader(request: Request): string {
    return `OAuth realm="${oauth1Provider(request).options.realm}"`;
  }
}

/** A consumer with its owner when there is no token, else with a live access token of its own and the token's user. */
async function findCredentials(
  request: Request,
  key: string,
  tokenText: string | null,
): Promise<NamedCredentials<OAuth1AccessToken>> {
  if (tokenText !== null) {
    const where = { tokenHash: hashOpaqueToken(tokenText), 'consumer.key': key };
    const token = await findEntity(request, OAuth1AccessToken, where, ['consumer', 'user']);
    if (token !== null) {
      return { consumer: token.consumer, token: token.isValid(oauth1Provider(request).now()) ? token : null };
    }
  }
  return { consumer: await findConsumer(db(request), key), token: null };
}

function activeUser(user: AbstractUser | null): AbstractUser {
  if (user === null) throw new AuthenticationFailed('Invalid consumer token: it has no owner');
  if (!user.isActive) throw new AuthenticationFailed(`User inactive or deleted: ${user.getUsername()}`);
  return user;
}
