import { enforceCsrf, sharesScheme } from '@rf/auth';
import type { AuthenticationFailed } from '@rf/exceptions';
import {
  type APIView,
  type Authenticated,
  BaseAuthentication,
  isRepeated,
  type Request,
  type RequestUser,
} from '@rf/views';
import { AccessToken } from './access-token.ts';
import { challengeOf, challengeScopes } from './bearer-challenge.ts';
import { looksLikeToken } from './compact-token.ts';
import { jwtResource, jwtService } from './jwt-service.ts';
import type { Token } from './token.ts';
import { accessCookie } from './token-cookies.ts';
import { TokenError } from './token-error.ts';
import { invalidToken, jwtFailure, type TokenAttempt } from './token-failure.ts';
import { TokenUser } from './token-user.ts';
import { findTokenUser, refusePasswordChange } from './token-user-lookup.ts';

/**
 * `Authorization: Bearer <token>` for an access token of the project (AU36, JW02–JW05): `request.user` is the user it
 * names, `request.auth` the verified {@link Token}.
 *
 * Where `jwt({ cookies })` is set, the access cookie counts when the header is absent; methods that change something then
 * need the CSRF token.
 */
export class JWTAuthentication extends BaseAuthentication {
  override readonly overHttp = 'read and use the token';

  override checkSetup(view: APIView): void {
    this.requireApp(view, jwtResource, 'jwt()');
  }

  override authenticateHeader(request: Request): string {
    return challengeOf(request);
  }

  override async authenticate(request: Request): Promise<Authenticated | null> {
    const header = this.getHeaderToken(request);
    if (header === null) return null;
    const cookie = header === undefined ? this.getCookieToken(request) : undefined;
    const text = header ?? cookie;
    if (text === undefined) return null;

    const token = await this.getValidatedToken(request, text);
    const user = await this.getUser(request, token);
    if (cookie !== undefined) await enforceCsrf(request);
    challengeScopes(request);
    return { user, auth: token };
  }

  /**
   * The token of the header; undefined when there is no header, null when it is for another class.
   *
   * Throws AuthenticationFailed `bad_authorization_header` when the header was sent more than once, or the scheme word is ours and not
   * exactly one word follows.
   */
  protected getHeaderToken(request: Request): string | null | undefined {
    const { authHeaderName, authHeaderTypes, fallThrough } = jwtService(request).options;
    // Only the white space of HTTP parts words (RFC 9110, section 5.6.3): a token with any other has a second spelling.
    const words = (request.headers[authHeaderName] ?? '').split(/[ \t]+/).filter((part) => part !== '');
    const [word, text, ...more] = words;
    // Node keeps the first of several lines; a proxy in front may have looked at another.
    if (isRepeated(request, authHeaderName)) throw badHeader();
    if (word === undefined) return undefined;
    if (!authHeaderTypes.some((type) => type.toLowerCase() === word.toLowerCase())) return null;
    if (text === undefined || more.length > 0) throw badHeader();
    if (!looksLikeToken(text) && (fallThrough ?? sharesScheme(request, this))) return null;
    return text;
  }

  private getCookieToken(request: Request): string | undefined {
    if (jwtService(request).options.cookies === undefined) return undefined;
    request.onResponse((response) => response.headers.vary('Cookie'));
    return accessCookie(request);
  }

  /** The token, of the first kind among `authTokenClasses` that takes it. Throws AuthenticationFailed `token_not_valid`. */
  protected async getValidatedToken(request: Request, text: string): Promise<Token> {
    const attempts: TokenAttempt[] = [];
    for (const tokenClass of jwtService(request).options.authTokenClasses ?? [AccessToken]) {
      try {
        return await tokenClass.verify(request, text);
      } catch (error) {
        if (!(error instanceof TokenError)) throw error;
        request.site.logger.debug(
          { scheme: 'jwt', kind: tokenClass.name, reason: error.reason },
          'A token was refused',
        );
        attempts.push({ token_class: tokenClass.name, token_type: tokenClass.tokenType, message: error.message });
      }
    }
    throw invalidToken('Given token not valid for any token type', attempts);
  }

  /** The user that the token names. Throws AuthenticationFailed when there is none, or none who may come in (JW05). */
  protected async getUser(request: Request, token: Token): Promise<RequestUser> {
    const service = jwtService(request);
    if (token.userId === undefined) throw unrecognizable();
    const user = await findTokenUser(request, token);
    if (user === null) throw jwtFailure('User not found', 'user_not_found');
    if (service.options.checkUserIsActive && !user.isActive) throw jwtFailure('User is inactive', 'user_inactive');
    refusePasswordChange(service, user, token);
    return user;
  }
}

/**
 * The same without a query: `request.user` is a {@link TokenUser} made of the token's claims (JW12). A user who was
 * deleted or deactivated comes in until the token ends.
 */
export class JWTStatelessUserAuthentication extends JWTAuthentication {
  protected override async getUser(_request: Request, token: Token): Promise<RequestUser> {
    if (token.userId === undefined) throw unrecognizable();
    return new TokenUser(token);
  }
}

function badHeader(): AuthenticationFailed {
  return jwtFailure('Authorization header must contain two space-delimited values', 'bad_authorization_header');
}

function unrecognizable(): AuthenticationFailed {
  return invalidToken('Token contained no recognizable user identification');
}
