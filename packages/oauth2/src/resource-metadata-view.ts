import { ProtocolView } from '@rf/auth';
import { Http404, ImproperlyConfigured } from '@rf/exceptions';
import { type APIView, type HttpResponse, path, type Request, type UrlRoute, type ViewClass } from '@rf/views';
import {
  findResource,
  type ProtectedResource,
  publishMetadata,
  RESOURCE_METADATA_PATH,
  resourceMetadata,
  resourcePath,
} from './protected-resource.ts';
import { oauth2Provider } from './provider.ts';
import { tokenIntrospector } from './token-introspector.ts';

/**
 * The metadata of a protected resource (RFC 9728, section 3). Anybody may read it; 404 for a resource that is not served here.
 */
export abstract class ResourceMetadataView extends ProtocolView {
  override name = 'Protected resource metadata';

  override get(request: Request): Readonly<Record<string, unknown>> {
    const found = findResource(this.resources(request), request.host, resourcePath(request));
    if (found === null) throw new Http404();
    return resourceMetadata(found);
  }

  /** The resources of the project, that of its API first. */
  protected abstract resources(request: Request): readonly ProtectedResource[];

  protected override addHeaders(response: HttpResponse): void {
    publishMetadata(response);
  }
}

/** For a project that is its own provider. */
export class ProviderResourceMetadataView extends ResourceMetadataView {
  protected override resources(request: Request): readonly ProtectedResource[] {
    return oauth2Provider(this.site).protectedResources(request);
  }
}

/** For a project whose tokens another server gives. */
export class RemoteResourceMetadataView extends ResourceMetadataView {
  protected override resources(request: Request): readonly ProtectedResource[] {
    return [tokenIntrospector(this.site).protectedResource(request)];
  }
}

/** The URLs of such a view: the well-known one, and those of resources with a path. */
export const resourceMetadataUrls = (view: ViewClass<ResourceMetadataView>): readonly UrlRoute[] => [
  path(RESOURCE_METADATA_PATH, view, { name: 'resource-metadata' }),
  path(`${RESOURCE_METADATA_PATH}/:resource(.*)`, view, { name: 'resource-metadata' }),
];

/**
 * Refuses a view whose challenges would lead nowhere.
 *
 * @param urls how the URLs are written, such as `oauth2Urls('/oauth2/')`
 * @throws ImproperlyConfigured
 */
export function requireResourceMetadata({ site, constructor }: APIView, urls: string): void {
  if (site.urls.routes.some(({ target }) => target.view.prototype instanceof ResourceMetadataView)) return;
  throw new ImproperlyConfigured(
    `${constructor.name} names the metadata of its resource in challenges, and the project has no URL for it. Write ${urls} in urls.`,
  );
}
