import { hashOpaqueToken, isOpaqueToken, noteUse } from '@rf/auth';
import { findEntity } from '@rf/orm';
import { ImproperlyConfigured } from '@rf/exceptions';
import { AnonymousUser, type APIView, type Authenticated, isFormMediaType, type Request } from '@rf/views';
import { OAuth2AccessToken } from './access-token.ts';
import { BearerAuthentication } from './bearer-authentication.ts';
import { resourceOfView } from './protected-resource.ts';
import { oauth2Provider, oauth2Resource } from './provider.ts';
import { hasResource } from './resource-indicator.ts';
import { tokenPrefixes } from './token-prefix.ts';

/**
 * `Authorization: Bearer oat_…`: an access token of the project's own provider (RFC 6750; AU29, AU31, OA02).
 *
 * `request.user` is who allowed it, an AnonymousUser for a client that acts for itself; `request.auth` is the
 * {@link OAuth2AccessToken}. Beside another class that speaks Bearer, tokens without our prefix are left to it, in whichever
 * order they stand. A token that is bound to resources (RFC 8707) counts where they are: a view belongs to that of its member
 * `oauth2Resource`, else to the option `resource` of `oauth2()`.
 */
export class OAuth2Authentication extends BearerAuthentication {
  override checkSetup(view: APIView): void {
    this.requireApp(view, oauth2Resource, 'oauth2()');
    const resource = resourceOfView(view);
    const provider = view.site.optionalResource(oauth2Resource);
    if (resource === null || provider === undefined) return;
    const { resource: own, issuer, resources } = provider.options;
    if (hasResource([own ?? issuer ?? '', ...Object.keys(resources)], resource)) return;
    const found = JSON.stringify(resource);
    throw new ImproperlyConfigured(
      `${view.constructor.name}.oauth2Resource: ${found} is a resource that no token can be asked for. Write resources: ` +
        `{ ${found}: 'What it is' } in oauth2().`,
    );
  }

  protected override realm(request: Request): string {
    return oauth2Provider(request).options.realm;
  }

  protected override tellsScopes(request: Request): boolean {
    return oauth2Provider(request).options.errorResponseWithScopes;
  }

  protected override looksLikeOurs(_request: Request, text: string): boolean {
    return text.startsWith(tokenPrefixes.accessToken);
  }

  protected override async authenticateToken(request: Request, text: string): Promise<Authenticated> {
    if (!isOpaqueToken(tokenPrefixes.accessToken, text)) this.refuse(request, 'The access token is invalid.');
    const token = await findEntity(request, OAuth2AccessToken, { tokenHash: hashOpaqueToken(text) }, [
      'client',
      'user',
    ]);
    const now = oauth2Provider(request).now();
    if (token === null || token.revokedAt !== null || !token.client.active) {
      return this.refuse(request, 'The access token is invalid.');
    }
    if (now >= token.expires) this.refuse(request, 'The access token has expired.');
    if (!this.isForThis(request, token.resources)) this.refuse(request, 'The access token is for another resource.');
    if (token.user !== null && !token.user.isActive) this.refuse(request, 'The access token is invalid.');
    await noteUse(request, token);
    return { user: token.user ?? new AnonymousUser(), auth: token };
  }

  /** True when the view's resource is among those that a token is bound to, if it is bound to any (RFC 8707). */
  private isForThis(request: Request, resources: readonly string[]): boolean {
    if (resources.length === 0) return !oauth2Provider(request).options.resourceRequired;
    return hasResource(resources, this.resourceFor(request));
  }

  /** The identifier of the resource that the view belongs to. */
  protected resourceFor(request: Request): string {
    return resourceOfView(request.view) ?? oauth2Provider(request).resource(request);
  }

  protected override async readBodyToken(request: Request): Promise<string | null> {
    if (!oauth2Provider(request).options.bodyTokens) return null;
    if (!request.hasBody || !isFormMediaType(request.contentType) || !request.view.parsesBody) return null;
    await request.parse();
    return request.post.get('access_token') ?? null;
  }
}
