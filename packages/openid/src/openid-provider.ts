import type { AbstractUser } from '@rf/auth';
import { isJwtAlgorithm, type JwtService, jwtAlgorithms } from '@rf/jwt';
import {
  type AuthorizationRequest,
  type ClientProblems,
  type Issue,
  type MetadataPlace,
  type OAuth2Client,
  OAuth2Error,
  type OAuth2Provider,
  type ProviderExtension,
} from '@rf/oauth2';
import { type HttpResponse, HttpResponseRedirect, type Request, resourceKey, type Site } from '@rf/views';
import { IdTokens } from './id-tokens.ts';
import type { Claims, ResolvedOpenIdOptions } from './options.ts';
import { subjectOf, userClaimNames, userClaims } from './user-claims.ts';

/** Under which `openid()` puts its service. */
export const openidResource = resourceKey<OpenIdProvider>('@rf/openid');

/** The scope that makes an OAuth 2.0 request one of OpenID Connect. */
export const OPENID_SCOPE = 'openid';

/** Ways to send a request as a token, none of which is supported (OpenID Connect Core, section 6). */
const NOT_SUPPORTED = ['request', 'request_uri', 'registration'] as const;

const asymmetric = jwtAlgorithms.filter((name) => !name.startsWith('HS'));

/** OpenID Connect of one project: what it adds to the OAuth 2.0 provider. */
export class OpenIdProvider implements ProviderExtension {
  readonly idTokens: IdTokens;
  readonly authorizationParameters = ['id_token_hint'];
  readonly endsSessions = true;

  constructor(
    readonly oauth2: OAuth2Provider,
    readonly jwt: JwtService,
    readonly options: ResolvedOpenIdOptions,
  ) {
    this.idTokens = new IdTokens(oauth2, jwt, options);
  }

  get scopes(): Readonly<Record<string, string>> {
    return { ...this.options.scopes };
  }

  /** `create` is there with a page to create an account on (Initiating User Registration 1.0). */
  get prompts(): readonly string[] {
    return this.options.registrationUrl === null ? [] : ['create'];
  }

  async checkAuthorization(
    { client, params, prompt }: AuthorizationRequest,
    user: AbstractUser | null,
    request: Request,
  ): Promise<HttpResponse | null> {
    for (const name of NOT_SUPPORTED) {
      if (params.get(name) !== null) throw new OAuth2Error(`${name}_not_supported`);
    }
    const text = params.get('id_token_hint');
    const hint = text === null ? null : await this.idTokens.readHint(text, request);
    if (text !== null && hint?.clientId !== client.clientId) {
      throw new OAuth2Error('invalid_request', 'The id_token_hint is no ID token of this client.');
    }
    if (hint !== null && user !== null && hint.subject !== subjectOf(user)) throw new OAuth2Error('login_required');
    return prompt.has('create') ? this.toRegistration(request) : null;
  }

  async tokenMembers(issue: Issue, accessToken: string, request: Request): Promise<Claims> {
    const { user, scope, grantType, authenticatedAt } = issue;
    if (user === null || !scope.includes(OPENID_SCOPE)) return {};
    if (grantType === 'client_credentials' || grantType === 'password') return {};
    // Tokens of the password grant stay without one when they are refreshed: nobody logged in here.
    if (grantType === 'refresh_token' && authenticatedAt === null) return {};
    return { id_token: await this.idTokens.issue(issue, user, accessToken, request) };
  }

  /** What discovery adds to the metadata (OpenID Connect Discovery 1.0, section 3). */
  async metadata({ urlOf }: MetadataPlace): Promise<Claims> {
    return {
      userinfo_endpoint: urlOf('userinfo'),
      jwks_uri: urlOf('jwks'),
      end_session_endpoint: urlOf('end-session'),
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: await this.idTokens.algorithms(),
      claim_types_supported: ['normal'],
      claims_supported: ['iss', 'sub', 'aud', 'exp', 'iat', 'auth_time', 'nonce', 'at_hash', ...userClaimNames],
      claims_parameter_supported: false,
      request_parameter_supported: false,
      request_uri_parameter_supported: false,
      prompt_values_supported: ['none', 'login', 'select_account', 'consent', ...this.prompts],
    };
  }

  clientProblems({ idTokenAlgorithm }: OAuth2Client): ClientProblems {
    if (idTokenAlgorithm === null) return {};
    if (idTokenAlgorithm.startsWith('HS')) {
      return {
        idTokenAlgorithm: `${idTokenAlgorithm} signs with the client's secret, of which only a hash is kept. Choose one of ${asymmetric.join(', ')}.`,
      };
    }
    if (!isJwtAlgorithm(idTokenAlgorithm)) {
      return { idTokenAlgorithm: `${idTokenAlgorithm} is none of ${asymmetric.join(', ')}.` };
    }
    const { keys, algorithm } = this.jwt.options;
    if (keys === 'settings' && idTokenAlgorithm !== algorithm) {
      return { idTokenAlgorithm: `The key of jwt() is for ${algorithm}, not ${idTokenAlgorithm}.` };
    }
    return {};
  }

  /** What a client may know of a user, for UserInfo. */
  async userInfo(user: AbstractUser, scopes: ReadonlySet<string>, request: Request): Promise<Claims> {
    return { ...(await userClaims(this.options, user, scopes, request)), sub: subjectOf(user) };
  }

  /** To the sign-up page, which leads back to the request without the prompt. */
  private toRegistration(request: Request): HttpResponse {
    const page = this.options.registrationUrl as string;
    const rest = new URLSearchParams(request.queryString);
    rest.delete('prompt');
    const query = new URLSearchParams({ next: `${request.path}?${rest}` });
    return new HttpResponseRedirect(`${page}${page.includes('?') ? '&' : '?'}${query}`);
  }
}

/** OpenID Connect of a project. Throws when the project lists no `openid()` app. */
export function openidProvider(owner: Site | { readonly site: Site }): OpenIdProvider {
  return ('site' in owner ? owner.site : owner).resource(openidResource);
}
