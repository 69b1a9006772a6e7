import { type AbstractUser, consentBody, hashOpaqueToken, html, PAGE_HEADERS } from '@rf/auth';
import { db } from '@rf/orm';
import { type HttpResponse, HttpResponseRedirect, type Request } from '@rf/views';
import { IsNull } from 'typeorm';
import { addToCallback } from './callback.ts';
import { PageView } from './page-view.ts';
import { scopeNames } from './scope.ts';
import { OAuth1TemporaryCredentials } from './temporary-credentials.ts';
import { makeVerifier } from './verifier.ts';

/** The page on which a user allows a consumer to act for them (RFC 5849, section 2.2). */
export class AuthorizeView extends PageView {
  override name = 'Authorize';
  /** Its form leads to the consumer. */
  protected override readonly pageHeaders = PAGE_HEADERS;

  override async get(request: Request): Promise<HttpResponse> {
    const [token = '', ...more] = request.queryParams.getList('oauth_token');
    const found = more.length > 0 ? null : await this.findWaiting(token);
    if (found === null) return this.showUnknown();
    return this.showConsent(await this.requireUser(request), token, found);
  }

  override async post(request: Request): Promise<HttpResponse> {
    const token = this.field('oauth_token');
    const found = await this.findWaiting(token);
    if (found === null) return this.showUnknown();
    const again = `${request.path}?${new URLSearchParams({ oauth_token: token })}`;
    const user = await this.requireUser(request, again);
    return this.field('decision') === 'allow' ? this.allow(user, token, found) : this.refuse(token, found);
  }

  /** Temporary credentials that nobody has decided about yet. */
  private async findWaiting(token: string): Promise<OAuth1TemporaryCredentials | null> {
    const found = await db(this.site).findOne(OAuth1TemporaryCredentials, {
      where: { tokenHash: hashOpaqueToken(token), authorizedAt: IsNull(), usedAt: IsNull() },
      relations: { consumer: true },
    });
    if (found === null || found.consumer.status !== 'accepted') return null;
    return this.provider.now() < found.expires ? found : null;
  }

  /** A page, never a redirect: nobody knows where to. */
  private showUnknown(): HttpResponse {
    return this.show('Nothing to allow', html`<p class="error">This request is unknown, or no longer valid.</p>`, 400);
  }

  private showConsent(
    user: AbstractUser,
    token: string,
    { consumer, scope, callback, isOutOfBand }: OAuth1TemporaryCredentials,
  ): HttpResponse {
    const names = scopeNames(scope);
    const body = consentBody({
      application: consumer.name,
      description: consumer.description,
      username: user.getUsername(),
      scopes: names.map((name) => [name, this.provider.options.scopes[name] ?? name] as const),
      leadsTo: isOutOfBand ? null : callback,
      fields: [['oauth_token', token]],
      csrf: this.csrfInput,
    });
    return this.show(`Allow ${consumer.name}?`, body);
  }

  private async allow(
    user: AbstractUser,
    token: string,
    { id, callback, consumer, isOutOfBand }: OAuth1TemporaryCredentials,
  ): Promise<HttpResponse> {
    const verifier = makeVerifier(isOutOfBand);
    const { affected } = await this.provider.alone((manager) =>
      manager.update(
        OAuth1TemporaryCredentials,
        { id, authorizedAt: IsNull(), usedAt: IsNull() },
        { user, verifierSealed: this.provider.secrets.seal(verifier), authorizedAt: this.provider.now() },
      ),
    );
    if (affected !== 1) return this.showUnknown();
    if (!isOutOfBand) {
      return new HttpResponseRedirect(addToCallback(callback, { oauth_token: token, oauth_verifier: verifier }));
    }
    return this.show('Allowed', html`<p>Type this into ${consumer.name}:</p><p><strong>${verifier}</strong></p>`);
  }

  private async refuse(
    token: string,
    { id, callback, isOutOfBand }: OAuth1TemporaryCredentials,
  ): Promise<HttpResponse> {
    await this.provider.alone((manager) => manager.delete(OAuth1TemporaryCredentials, { id }));
    if (isOutOfBand) return this.show('Refused', html`<p>Nothing was allowed.</p>`);
    const answer = { oauth_token: token, oauth_problem: 'permission_denied' };
    return new HttpResponseRedirect(addToCallback(callback, answer));
  }
}
