import { hashOpaqueToken, isOpaqueToken, missingScopes, parseAuthorization, sharesScheme } from '@rf/auth';
import { APIException, AuthenticationFailed } from '@rf/exceptions';
import { findEntity, prepared } from '@rf/orm';
import {
  type APIView,
  AnonymousUser,
  type Authenticated,
  BaseAuthentication,
  type HttpResponse,
  isFormMediaType,
  type Request,
} from '@rf/views';
import { OAuth2AccessToken } from './access-token.ts';
import { type Challenge, formatChallenge } from './challenge.ts';
import { tokenPrefixes } from './token-prefix.ts';
import { type OAuth2Provider, oauth2Provider, oauth2Resource } from './provider.ts';
import { formatScope } from './scope.ts';

/** Milliseconds between two notes of when a token was used. */
const USE_NOTED_EVERY_MS = 60_000;

const stateKey = Symbol('oauth2 challenge');

/** What 2014's clients and the toolkit's know: the reason stands in the challenge (OA02). */
const NOT_PROVIDED = 'Authentication credentials were not provided.';

/**
 * `Authorization: Bearer oat_…`: an access token of the project's own provider (RFC 6750; AU29, AU31, OA02).
 *
 * `request.user` is who allowed it, an AnonymousUser for a client that acts for itself; `request.auth` is the
 * {@link OAuth2AccessToken}. Beside another class that speaks Bearer, tokens without our prefix are left to it, in whichever
 * order they stand.
 */
export class OAuth2Authentication extends BaseAuthentication {
  override readonly overHttp = 'read and use the token';

  override checkSetup(view: APIView): void {
    this.requireApp(view, oauth2Resource, 'oauth2()');
  }

  /** Leave tokens without our prefix to the next class. Null, the default: when a later class of the view is one for Bearer. */
  fallThrough: boolean | null = null;

  override async authenticate(request: Request): Promise<Authenticated | null> {
    const provider = oauth2Provider(request);
    const text = await this.readToken(request, provider);
    if (text === null) return null;
    if (!isOpaqueToken(tokenPrefixes.accessToken, text)) this.refuse(request, 'The access token is invalid.');
    return this.authenticateToken(request, provider, text);
  }

  override authenticateHeader(request: Request): string {
    const challenge = request.state.get(stateKey) as Challenge | undefined;
    return formatChallenge('Bearer', oauth2Provider(request).options.realm, challenge);
  }

  /** The token of the request; null when there is none, or none of ours. */
  protected async readToken(request: Request, provider: OAuth2Provider): Promise<string | null> {
    const header = parseAuthorization(request);
    const inBody = provider.options.bodyTokens ? await readBodyToken(request) : null;
    if (header === null || header.scheme !== 'bearer') return inBody;
    const { rest } = header;
    if (rest === '') {
      const detail = 'Invalid bearer header. No credentials provided.';
      request.state.set(stateKey, { error: 'invalid_request', description: detail } satisfies Challenge);
      throw new AuthenticationFailed(detail);
    }
    if (/\s/.test(rest)) {
      throw new AuthenticationFailed('Invalid bearer header. Token string should not contain spaces.');
    }
    const isForeign = !rest.startsWith(tokenPrefixes.accessToken);
    if (isForeign && (this.fallThrough ?? sharesScheme(request, this))) return null;
    // RFC 6750, section 2: one place only, or two readers may see two tokens.
    if (inBody !== null || request.queryParams.has('access_token')) throw new TokenInTwoPlaces(request, this);
    return rest;
  }

  /** The user and token record of a token that has our form. */
  protected async authenticateToken(request: Request, provider: OAuth2Provider, text: string): Promise<Authenticated> {
    const token = await findEntity(request, OAuth2AccessToken, { tokenHash: hashOpaqueToken(text) }, [
      'client',
      'user',
    ]);
    const now = provider.now();
    if (token === null || token.revokedAt !== null || !token.client.active) {
      return this.refuse(request, 'The access token is invalid.');
    }
    if (now >= token.expires) this.refuse(request, 'The access token has expired.');
    if (token.user !== null && !token.user.isActive) this.refuse(request, 'The access token is invalid.');
    await noteUse(request, token, now);
    request.onResponse((response) => this.challengeMissingScope(request, response));
    return { user: token.user ?? new AnonymousUser(), auth: token };
  }

  /** A 403 for want of scopes says which would do (RFC 6750, section 3.1). */
  private challengeMissingScope(request: Request, response: HttpResponse): void {
    const scopes = request.state.get(missingScopes) as readonly string[] | undefined;
    if (response.status !== 403 || scopes === undefined) return;
    const challenge = {
      error: 'insufficient_scope',
      description: 'The access token lacks a scope.',
      scope: formatScope(scopes),
    } as const;
    const { realm } = oauth2Provider(request).options;
    response.headers.set('www-authenticate', formatChallenge('Bearer', realm, challenge));
  }

  /** Refuses a token that was sent; the challenge tells why. */
  protected refuse(request: Request, description: string): never {
    request.state.set(stateKey, { error: 'invalid_token', description } satisfies Challenge);
    throw new AuthenticationFailed(NOT_PROVIDED);
  }
}

/** 400: a token in the header and another elsewhere (RFC 6750, section 3.1). */
class TokenInTwoPlaces extends APIException {
  static override statusCode = 400;
  static override defaultDetail = 'The access token was sent in more than one way.';
  static override defaultCode = 'invalid_request';

  constructor(request: Request, authentication: OAuth2Authentication) {
    super();
    const description = TokenInTwoPlaces.defaultDetail;
    request.state.set(stateKey, { error: 'invalid_request', description } satisfies Challenge);
    request.onResponse((response) => {
      response.headers.set('www-authenticate', authentication.authenticateHeader(request));
    });
  }
}

async function readBodyToken(request: Request): Promise<string | null> {
  if (!request.hasBody || !isFormMediaType(request.contentType)) return null;
  await request.parse();
  try {
    return request.post.get('access_token') ?? null;
  } catch {
    // An unreadable form has no token; the view itself will say what is wrong with it.
    return null;
  }
}

async function noteUse(request: Request, token: OAuth2AccessToken, now: Date): Promise<void> {
  if (token.lastUsed !== null && now.getTime() - token.lastUsed.getTime() < USE_NOTED_EVERY_MS) return;
  await prepared(request, {
    name: 'rf_oauth2_token_use',
    text: 'UPDATE oauth2_access_token SET last_used = $2 WHERE id = $1',
    values: [token.id, now],
  });
  token.lastUsed = now;
}
