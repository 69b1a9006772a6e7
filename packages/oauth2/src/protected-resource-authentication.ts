import type { APIView, Request } from '@rf/views';
import { OAuth2IntrospectionAuthentication } from './introspection-authentication.ts';
import { OAuth2Authentication } from './oauth2-authentication.ts';
import { resourceMetadataUrl } from './protected-resource.ts';
import { requireResourceMetadata } from './resource-metadata-view.ts';
import { tokenIntrospector } from './token-introspector.ts';

/**
 * {@link OAuth2Authentication} whose challenges say where the metadata of the view's resource is,
 * `resource_metadata="https://api.example.com/.well-known/oauth-protected-resource"` (RFC 9728, section 5.1; OA02), so that a client
 * that knows nothing but the API's address finds the provider.
 */
export class OAuth2ProtectedResourceAuthentication extends OAuth2Authentication {
  override checkSetup(view: APIView): void {
    super.checkSetup(view);
    requireResourceMetadata(view, "oauth2Urls('/oauth2/')");
  }

  protected override getResourceMetadataUrl(request: Request): string | null {
    return resourceMetadataUrl(this.resourceFor(request));
  }
}

/** The same for the tokens of another server. */
export class OAuth2ProtectedResourceIntrospectionAuthentication extends OAuth2IntrospectionAuthentication {
  override checkSetup(view: APIView): void {
    super.checkSetup(view);
    requireResourceMetadata(view, 'oauth2ResourceServerUrls()');
  }

  protected override getResourceMetadataUrl(request: Request): string | null {
    return resourceMetadataUrl(tokenIntrospector(request).protectedResource(request).identifier);
  }
}
