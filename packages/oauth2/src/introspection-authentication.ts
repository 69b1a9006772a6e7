import { findOrCreateUser, findUser } from '@rf/auth';
import { AnonymousUser, type APIView, type Authenticated, type Request, type RequestUser } from '@rf/views';
import { BearerAuthentication } from './bearer-authentication.ts';
import type { IntrospectedToken } from './introspected-token.ts';
import { hasResource } from './resource-indicator.ts';
import { isBearerToken } from './resource-server-options.ts';
import { introspectorResource, tokenIntrospector } from './token-introspector.ts';

/**
 * `Authorization: Bearer …`: an access token of another server, which is asked about it (RFC 7662; OA15).
 *
 * `request.user` is the user of this project with the name that the other server tells, an AnonymousUser for a client that acts
 * for itself; `request.auth` is the {@link IntrospectedToken}. While the other server cannot be asked, requests with tokens that
 * are not remembered are answered 503.
 */
export class OAuth2IntrospectionAuthentication extends BearerAuthentication {
  override checkSetup(view: APIView): void {
    this.requireApp(view, introspectorResource, 'oauth2ResourceServer()');
  }

  protected override realm(request: Request): string {
    return tokenIntrospector(request).options.realm;
  }

  protected override tellsScopes(request: Request): boolean {
    return tokenIntrospector(request).options.errorResponseWithScopes;
  }

  protected override looksLikeOurs(request: Request, text: string): boolean {
    return text.startsWith(tokenIntrospector(request).options.tokenPrefix);
  }

  protected override async authenticateToken(request: Request, text: string): Promise<Authenticated> {
    if (!isBearerToken(text) || !this.looksLikeOurs(request, text))
      this.refuse(request, 'The access token is invalid.');
    const token = await tokenIntrospector(request).introspect(text);
    if (token === null) return this.refuse(request, 'The access token is invalid.');
    const now = request.site.clock();
    if (token.expires !== null && now >= token.expires.getTime()) this.refuse(request, 'The access token has expired.');
    if (token.notBefore !== null && now < token.notBefore.getTime()) {
      this.refuse(request, 'The access token is not valid yet.');
    }
    if (!this.mayCount(request, token)) this.refuse(request, 'The access token is invalid.');
    const user = await this.getUser(request, token);
    if (user === null || (user.isAuthenticated && !user.isActive)) {
      return this.refuse(request, 'The access token is invalid.');
    }
    return { user, auth: token };
  }

  /** True for an access token that was issued for this API, and that whoever has it may use. */
  protected mayCount(request: Request, token: IntrospectedToken): boolean {
    const { issuer, audience } = tokenIntrospector(request).options;
    if (issuer !== null && token.issuer !== issuer) return false;
    if (audience !== null && !audience.some((name) => hasResource(token.audience, name))) return false;
    // Some servers tell of refresh tokens as well.
    if (token.claims.token_use === 'refresh_token') return false;
    // A token that is bound to a key needs more than being shown (RFC 7800, RFC 9449), which is not looked at here.
    if (token.claims.cnf !== undefined && token.claims.cnf !== null) return false;
    return token.tokenType === null || token.tokenType.toLowerCase() === 'bearer';
  }

  /** The user of this project that a token stands for. Null refuses the token, as an inactive user does. */
  protected async getUser(request: Request, token: IntrospectedToken): Promise<RequestUser | null> {
    if (token.username === null) return new AnonymousUser();
    const { createUsers } = tokenIntrospector(request).options;
    return createUsers ? findOrCreateUser(request, token.username) : findUser(request, token.username);
  }
}
