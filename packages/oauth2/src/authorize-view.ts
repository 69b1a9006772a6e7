import { randomUUID } from 'node:crypto';
import {
  type AbstractUser,
  consentBody,
  hashOpaqueToken,
  LoginRequired,
  loginTime,
  makeOpaqueToken,
  PAGE_HEADERS,
  sessionUser,
} from '@rf/auth';
import { db } from '@rf/orm';
import { type HttpResponse, HttpResponseRedirect, type Request } from '@rf/views';
import { OAuth2Code } from './authorization-code.ts';
import type { AuthorizationRequest } from './authorization-request.ts';
import { documentClients } from './client-metadata/document-clients.ts';
import { clientNotice } from './client-notice.ts';
import { OAuth2Consent } from './consent.ts';
import { tokenPrefixes } from './token-prefix.ts';
import { PageView } from './page-view.ts';
import { Parameters, readForm } from './parameters.ts';
import { OAuth2Error } from './oauth2-error.ts';
import {
  type AnswerAddress,
  answerLocation,
  authorizationParameters,
  readAuthorizationRequest,
  RedirectedError,
} from './read-authorization-request.ts';
import { afterLogin, isFreshLogin, wantsLogin } from './reauthentication.ts';
import { coversResources } from './resource-indicator.ts';
import { formatScope, scopeNames } from './scope.ts';
import { later } from './token-issuer.ts';

/** The authorization endpoint (RFC 6749, section 3.1): a page on which a user allows a client to act for them. */
export class AuthorizeView extends PageView {
  override name = 'Authorize';
  /** Its form leads to the client. */
  protected override readonly pageHeaders = PAGE_HEADERS;

  /** Throws ImproperlyConfigured for scopes of `oauth2({ clientIdMetadataDocuments })` that there are not. */
  override checkSetup(): void {
    super.checkSetup();
    documentClients(this.site)?.checkScopes();
  }

  override async get(request: Request): Promise<HttpResponse> {
    const params = new Parameters(request.queryParams);
    await this.learnClient(request, params, request.target);
    const asked = await readAuthorizationRequest(db(request), this.provider, params, request);
    const elsewhere = await this.askExtensions(request, asked);
    if (elsewhere !== null) return elsewhere;
    const user = await this.requireLogin(request, asked, request.queryString);
    if (!(await this.mustAsk(asked, user))) return this.allow(request, asked, user, false);
    if (asked.prompt.has('none')) throw new RedirectedError(asked, 'consent_required');
    return this.showConsent(user, asked, params);
  }

  override async post(request: Request): Promise<HttpResponse> {
    const params = readForm(request);
    const sent = this.query(params);
    await this.learnClient(request, params, `${request.path}?${sent}`);
    const asked = await readAuthorizationRequest(db(request), this.provider, params, request);
    const elsewhere = await this.askExtensions(request, asked);
    if (elsewhere !== null) return elsewhere;
    const user = await this.requireLogin(request, asked, sent);
    if (params.get('decision') !== 'allow') throw new RedirectedError(asked, 'access_denied');
    return this.allow(request, asked, user, true);
  }

  override handleException(error: unknown): Promise<HttpResponse> {
    if (!(error instanceof RedirectedError)) return super.handleException(error);
    const { address, error: code, description } = error;
    return Promise.resolve(this.answer(this.request, address, { error: code, error_description: description }));
  }

  /**
   * Looks at the document of a client that has one. Only for people who are logged in: others make us fetch nothing, and are sent to
   * the login page first, unless no page may be shown to them.
   */
  private async learnClient(request: Request, params: Parameters, next: string): Promise<void> {
    const documents = documentClients(this.site);
    const clientId = params.get('client_id');
    if (documents === null || clientId === null || !(await documents.isDue(clientId))) return;
    const isSilent = request.queryParams.get('prompt') === 'none' && (await sessionUser(request)) === null;
    if (!isSilent) await documents.refresh(clientId, await this.requireUser(request, next));
  }

  /** What the browser is answered instead, by the first extension that wants to; null to go on. */
  private async askExtensions(request: Request, asked: AuthorizationRequest): Promise<HttpResponse | null> {
    const user = await sessionUser(request);
    try {
      for (const extension of this.provider.extensions) {
        const answer = (await extension.checkAuthorization?.(asked, user, request)) ?? null;
        if (answer !== null) return answer;
      }
    } catch (error) {
      if (!(error instanceof OAuth2Error)) throw error;
      throw new RedirectedError(asked, error.error, error.description);
    }
    return null;
  }

  /**
   * Who is logged in, as lately as the client asks. Throws {@link LoginRequired} when nobody is, or RedirectedError when nobody may
   * be asked.
   *
   * @param sent the query to come back with
   */
  private async requireLogin(request: Request, asked: AuthorizationRequest, sent: string): Promise<AbstractUser> {
    const user = await sessionUser(request);
    if (user !== null && isFreshLogin(this.provider, asked, await loginTime(request))) return user;
    if (asked.prompt.has('none')) throw new RedirectedError(asked, 'login_required');
    const next = wantsLogin(asked) ? afterLogin(this.provider, asked, sent) : sent;
    throw new LoginRequired(`${request.path}?${next}`, asked.loginHint);
  }

  /** The parameters of the protocol, without those of the form. */
  private query(params: Parameters): string {
    const kept = new URLSearchParams();
    const more = this.provider.extensions.flatMap((extension) => extension.authorizationParameters ?? []);
    for (const name of [...authorizationParameters, ...more]) {
      for (const value of params.getAll(name)) kept.append(name, value);
    }
    return kept.toString();
  }

  private showConsent(user: AbstractUser, asked: AuthorizationRequest, params: Parameters): HttpResponse {
    const body = consentBody({
      application: asked.client.name,
      description: clientNotice(asked.client),
      username: user.getUsername(),
      scopes: this.describeScopes(asked.scope),
      resources: this.describeResources(asked.resources),
      leadsTo: asked.redirectUri,
      fields: new URLSearchParams(this.query(params)),
      csrf: this.csrfInput,
    });
    return this.show(`Allow ${asked.client.name}?`, body);
  }

  /**
   * Whether the user must be asked. A public client is always asked for: anybody can pose as it, on a port of the user's
   * own machine for instance (RFC 8252, section 8.6).
   */
  private async mustAsk(asked: AuthorizationRequest, user: AbstractUser): Promise<boolean> {
    const { client, scope, resources, prompt } = asked;
    if (client.skipConsent && client.firstParty && !client.isPublic) return false;
    if (prompt.has('consent') || client.isPublic || !this.provider.options.rememberConsent) return true;
    const consent = await db(this.site).findOneBy(OAuth2Consent, {
      user: { id: user.id },
      client: { id: client.id },
    });
    if (consent === null) return true;
    const allowed = scopeNames(consent.scope);
    if (scope.some((name) => !allowed.includes(name))) return true;
    if (consent.resources.length === 0) return !coversResources([this.provider.resource(this.request)], resources);
    // A token that is bound to none would count where the user has not allowed it.
    return resources.length === 0 || !coversResources(consent.resources, resources);
  }

  /** Sends the browser back with a new code. @param remember keeps the consent, so that it is not asked again */
  private async allow(
    request: Request,
    asked: AuthorizationRequest,
    user: AbstractUser,
    remember: boolean,
  ): Promise<HttpResponse> {
    const { client } = asked;
    const scope = formatScope(asked.scope);
    const resources = [...asked.resources];
    const now = this.provider.now();
    const code = makeOpaqueToken(tokenPrefixes.code);
    const authenticatedAt = await loginTime(request);
    await this.provider.alone(async (manager) => {
      const consent = { user, client, scope, resources, grantedAt: now };
      if (remember) await manager.upsert(OAuth2Consent, consent, ['user', 'client']);
      await manager.insert(OAuth2Code, {
        codeHash: hashOpaqueToken(code),
        client,
        user,
        redirectUri: asked.sentRedirectUri,
        scope,
        resources,
        challenge: asked.challenge,
        nonce: asked.nonce,
        authenticatedAt,
        expires: later(now, this.provider.options.lifetimes.code),
        usedAt: null,
        family: randomUUID(),
      });
    });
    return this.answer(request, asked, { code });
  }

  private answer(
    request: Request,
    address: AnswerAddress,
    answer: Readonly<Record<string, string | null>>,
  ): HttpResponse {
    return new HttpResponseRedirect(answerLocation(address, this.provider.issuer(request), answer));
  }
}
