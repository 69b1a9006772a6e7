import { enforceCsrf, html, logout, PAGE_HEADERS, sessionUser } from '@rf/auth';
import {
  addToRedirectUri,
  findClient,
  type OAuth2Client,
  OAuth2Error,
  PageView,
  Parameters,
  readForm,
  redirectUriProblem,
  revokeTokens,
} from '@rf/oauth2';
import { db } from '@rf/orm';
import { type HttpResponse, HttpResponseRedirect, type Request } from '@rf/views';
import { logoutBody } from './logout-page.ts';
import { type OpenIdProvider, openidProvider } from './openid-provider.ts';
import { subjectOf } from './user-claims.ts';

/** What a client may send along, and the confirmation sends back. */
const PARAMETERS = ['id_token_hint', 'client_id', 'post_logout_redirect_uri', 'state'] as const;

/** A request to end the user's session, checked. */
interface LogoutRequest {
  readonly params: Parameters;
  /** Who asks; null when that is not known. */
  readonly client: OAuth2Client | null;
  /** Whom the client means, by a good ID token; null when it does not show one. */
  readonly subject: string | null;
  /** Where the browser goes afterwards; null for nowhere. */
  readonly returnTo: string | null;
}

/**
 * Where clients send users to log them out (OpenID Connect RP-Initiated Logout 1.0; OA19).
 *
 * Who is logged in is asked first, unless the client shows an ID token of this very user. Nobody is sent to an address that is not
 * registered for the client, whatever else is wrong.
 */
export class EndSessionView extends PageView {
  override name = 'Log out';
  /** Its form leads to the client. */
  protected override readonly pageHeaders = PAGE_HEADERS;

  override get(request: Request): Promise<HttpResponse> {
    return this.begin(request, new Parameters(request.queryParams));
  }

  override async post(request: Request): Promise<HttpResponse> {
    const params = readForm(request);
    const decision = params.get('decision');
    if (decision === null) return this.begin(request, params);
    const asked = await this.read(request, params);
    if (decision !== 'logout') return this.show('Still logged in', html`<p>You are still logged in.</p>`);
    return this.end(request, asked);
  }

  /** Only the confirmation: clients may send their request by POST from their own pages, and it does what GET does. */
  protected override async checkCsrf(request: Request): Promise<void> {
    await request.parse();
    if (this.field('decision') !== '') await enforceCsrf(request);
  }

  private get openid(): OpenIdProvider {
    return openidProvider(this.site);
  }

  private async begin(request: Request, params: Parameters): Promise<HttpResponse> {
    const asked = await this.read(request, params);
    const user = await sessionUser(request);
    // The session cookie does not come along from pages of other sites: the form sends it.
    if (user === null) return request.method === 'POST' ? this.confirm(asked) : this.end(request, asked);
    const isMeant = asked.subject === subjectOf(user) && !this.openid.options.confirmLogout;
    return isMeant ? this.end(request, asked) : this.confirm(asked);
  }

  /** Throws OAuth2Error for a request that nobody can be sent back from. */
  private async read(request: Request, params: Parameters): Promise<LogoutRequest> {
    params.refuseDuplicates();
    const text = params.get('id_token_hint');
    const hint = text === null ? null : await this.openid.idTokens.readHint(text, request);
    const clientId = params.get('client_id') ?? hint?.clientId ?? null;
    if (hint !== null && hint.clientId !== clientId) {
      throw new OAuth2Error('invalid_request', 'The id_token_hint is of another client.');
    }
    const client = clientId === null ? null : await this.findActive(clientId);
    const uri = params.get('post_logout_redirect_uri');
    if (uri !== null && (client === null || !isRegistered(client, uri))) {
      throw new OAuth2Error('invalid_request', 'Mismatching post_logout_redirect_uri.');
    }
    const returnTo = uri === null ? null : withState(uri, params.get('state'));
    return { params, client, subject: hint?.subject ?? null, returnTo };
  }

  private async findActive(clientId: string): Promise<OAuth2Client | null> {
    const client = /^[\x21-\x7e]{1,255}$/.test(clientId) ? await findClient(db(this.site), clientId) : null;
    if (client === null || !client.active) throw new OAuth2Error('invalid_request', 'Unknown client.');
    return client;
  }

  private confirm({ params, client }: LogoutRequest): HttpResponse {
    const fields = PARAMETERS.flatMap((name) => {
      const value = params.get(name);
      return value === null ? [] : [[name, value] as const];
    });
    return this.show('Log out?', logoutBody({ application: client?.name ?? null, fields, csrf: this.csrfInput }));
  }

  private async end(request: Request, { client, returnTo }: LogoutRequest): Promise<HttpResponse> {
    const user = await sessionUser(request);
    const { logoutRevokes } = this.openid.options;
    if (user !== null) {
      if (logoutRevokes === 'all' || (logoutRevokes === 'client' && client !== null)) {
        const whose = logoutRevokes === 'all' ? null : client;
        await this.provider.alone((manager) => revokeTokens(manager, user, whose, this.provider.now()));
      }
      await logout(request);
    }
    if (returnTo !== null) return new HttpResponseRedirect(returnTo);
    return this.show('Logged out', html`<p>You are logged out.</p>`);
  }
}

/** Letter by letter; what reached the table past our checks is not used. */
function isRegistered({ postLogoutRedirectUris }: OAuth2Client, uri: string): boolean {
  return postLogoutRedirectUris.includes(uri) && redirectUriProblem(uri) === null;
}

const withState = (uri: string, state: string | null): string =>
  state === null ? uri : addToRedirectUri(uri, { state });
