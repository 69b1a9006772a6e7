import { hashOpaqueToken, makeOpaqueToken } from '@rf/auth';
import { db } from '@rf/orm';
import type { HttpResponse, Request } from '@rf/views';
import type { OAuth1Consumer } from './consumer.ts';
import { findConsumer } from './consumers.ts';
import { OAuth1BadRequest } from './oauth1-error.ts';
import { OAuth1ProtocolView } from './protocol-view.ts';
import { scopeNames } from './scope.ts';
import { verifyRequest } from './signed-request.ts';
import { OAuth1TemporaryCredentials, OUT_OF_BAND } from './temporary-credentials.ts';
import { tokenPrefixes } from './token-prefix.ts';

/** Gives a consumer temporary credentials to send a user with (RFC 5849, section 2.1). */
export class InitiateView extends OAuth1ProtocolView {
  override name = 'Temporary credentials';

  override async post(request: Request): Promise<HttpResponse> {
    const parameters = await this.readParameters(request, ['oauth_callback']);
    const { consumer } = await verifyRequest(request, parameters, async (key) => ({
      consumer: await findConsumer(db(request), key),
      token: null,
    }));
    const callback = parameters.protocol.get('oauth_callback') as string;
    if (!mayReturnTo(consumer, callback)) throw new OAuth1BadRequest('oauth_callback is not registered.');
    const scope = this.scopeFor(consumer, await scopeOf(request));

    const token = makeOpaqueToken(tokenPrefixes.temporary);
    const secret = makeOpaqueToken(tokenPrefixes.secret);
    await db(request).insert(OAuth1TemporaryCredentials, {
      tokenHash: hashOpaqueToken(token),
      secretSealed: this.provider.secrets.seal(secret),
      consumer,
      callback,
      scope,
      user: null,
      verifierSealed: null,
      authorizedAt: null,
      tries: 0,
      expires: this.provider.later(this.provider.options.temporaryLifetime),
      usedAt: null,
    });
    return this.credentials({ oauth_token: token, oauth_token_secret: secret, oauth_callback_confirmed: 'true' });
  }

  /** What is asked for, or all that the consumer may. Throws OAuth1BadRequest when that is not allowed. */
  private scopeFor(consumer: OAuth1Consumer, asked: string): string {
    const allowed = [...consumer.scopes].filter((name) => Object.hasOwn(this.provider.options.scopes, name));
    const names = asked === '' ? allowed : scopeNames(asked);
    if (names.length === 0 || names.some((name) => !allowed.includes(name))) {
      throw new OAuth1BadRequest('The scope is not one that this consumer may ask for.');
    }
    return [...new Set(names)].join(' ');
  }
}

/** Letter by letter what was registered; without a registration, users type the verifier. */
function mayReturnTo({ callbacks }: OAuth1Consumer, callback: string): boolean {
  return callbacks.length === 0 ? callback === OUT_OF_BAND : callbacks.includes(callback);
}

/** The parameter `scope` of query or form: no part of RFC 5849, and what most providers call it. Empty when it is left out. */
async function scopeOf(request: Request): Promise<string> {
  await request.parse();
  const [scope = '', ...more] = [...request.queryParams.getList('scope'), ...request.post.getList('scope')];
  if (more.length > 0) throw new OAuth1BadRequest('The parameter scope was sent more than once.');
  return scope;
}
