import { type AbstractUser, isUser, TokenHasScope } from '@rf/auth';
import { OAuth2Authentication, OAuth2ProtocolView } from '@rf/oauth2';
import { type Authenticated, authenticationClasses, permissionClasses, type Request } from '@rf/views';
import { OPENID_SCOPE, openidProvider } from './openid-provider.ts';
import type { Claims } from './options.ts';

/** An access token of a user: a client that acts for itself is no End-User (OpenID Connect Core, section 5.3). */
export class UserInfoAuthentication extends OAuth2Authentication {
  protected override async authenticateToken(request: Request, text: string): Promise<Authenticated> {
    const authenticated = await super.authenticateToken(request, text);
    if (!isUser(authenticated.user)) this.refuse(request, 'The access token is of no user.');
    return authenticated;
  }
}

/** GET or POST what the client of an access token may know of its user (OpenID Connect Core, section 5.3). */
@authenticationClasses(UserInfoAuthentication)
@permissionClasses(TokenHasScope)
export class UserInfoView extends OAuth2ProtocolView {
  override name = 'User info';
  readonly requiredScopes = [OPENID_SCOPE];
  protected override readonly browserMethods = 'GET, POST';

  /** A browser asks first without the token whether it may send it. */
  override getPermissions(): ReturnType<OAuth2ProtocolView['getPermissions']> {
    return this.request.method === 'OPTIONS' ? [] : super.getPermissions();
  }

  override get(request: Request): Promise<Claims> {
    return openidProvider(this.site).userInfo(request.user as AbstractUser, request.auth.scopes, request);
  }

  override post(request: Request): Promise<Claims> {
    return this.get(request);
  }
}
