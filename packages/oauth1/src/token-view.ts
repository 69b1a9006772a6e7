import { constantTimeEqual, hashOpaqueToken } from '@rf/auth';
import { AuthenticationFailed } from '@rf/exceptions';
import { db } from '@rf/orm';
import type { HttpResponse, Request } from '@rf/views';
import type { EntityManager } from 'typeorm';
import { issueOAuth1AccessToken, type OAuth1TokenCredentials } from './access-tokens.ts';
import type { OAuth1Consumer } from './consumer.ts';
import { findConsumer } from './consumers.ts';
import { OAuth1ProtocolView } from './protocol-view.ts';
import { verifyRequest } from './signed-request.ts';
import { OAuth1TemporaryCredentials } from './temporary-credentials.ts';
import { MAX_TRIES } from './verifier.ts';

/** Exchanges temporary credentials that a user has allowed for an access token (RFC 5849, section 2.3). */
export class TokenView extends OAuth1ProtocolView {
  override name = 'Token';

  override async post(request: Request): Promise<HttpResponse> {
    const parameters = await this.readParameters(request, ['oauth_token', 'oauth_verifier']);
    const { consumer, token: temporary } = await verifyRequest(request, parameters, async (key, text) => {
      const owner = await findConsumer(db(request), key);
      return { consumer: owner, token: text === null ? null : await this.findTemporary(request, text, owner) };
    });
    // Without them the request has not been verified: the parameter is there.
    if (temporary === null) throw new AuthenticationFailed();
    const verifier = parameters.protocol.get('oauth_verifier') as string;
    const issued = await this.provider.alone((manager) => this.redeem(manager, consumer, temporary, verifier));
    if (issued === null) throw new AuthenticationFailed('Invalid verifier');
    return this.credentials({ oauth_token: issued.token, oauth_token_secret: issued.secret });
  }

  private async findTemporary(
    request: Request,
    text: string,
    consumer: OAuth1Consumer | null,
  ): Promise<OAuth1TemporaryCredentials | null> {
    const found = await db(request).findOne(OAuth1TemporaryCredentials, {
      where: { tokenHash: hashOpaqueToken(text) },
      relations: { user: true, consumer: true },
    });
    if (found === null || found.consumer.id !== consumer?.id) return null;
    return found.usedAt === null && this.provider.now() < found.expires ? found : null;
  }

  /** Null refuses; what was tried is noted either way. */
  private async redeem(
    manager: EntityManager,
    consumer: OAuth1Consumer,
    temporary: OAuth1TemporaryCredentials,
    verifier: string,
  ): Promise<OAuth1TokenCredentials | null> {
    const { user, verifierSealed } = temporary;
    if (user === null || verifierSealed === null) return null;
    const expected = this.provider.openSecret(temporary, verifierSealed);
    if (expected === null) return null;
    const isRight = constantTimeEqual(expected, verifier);
    if (!isRight) this.site.logger.warn({ scheme: 'oauth1', consumer: consumer.key }, 'A verifier was wrong');
    const isFirst = await this.use(manager, temporary, isRight);
    if (!isRight || !isFirst || !user.isActive) return null;
    return issueOAuth1AccessToken(manager, this.provider, { consumer, user, scope: temporary.scope });
  }

  /** Uses the credentials up, or counts a wrong try of one that is typed. False when another request was faster. */
  private async use(
    manager: EntityManager,
    { id, isOutOfBand }: OAuth1TemporaryCredentials,
    isRight: boolean,
  ): Promise<boolean> {
    const mayTryAgain = isOutOfBand && !isRight;
    const [, count] = (await manager.query(
      `UPDATE oauth1_temporary SET tries = tries + 1,
         used_at = CASE WHEN $3 AND tries + 1 < $4 THEN NULL ELSE $2::timestamptz END
       WHERE id = $1 AND used_at IS NULL`,
      [id, this.provider.now(), mayTryAgain, MAX_TRIES],
    )) as [unknown, number];
    return count === 1;
  }
}
