import type { HttpResponse, Request } from '@rf/views';
import { serverMetadata } from './metadata.ts';
import { publishMetadata } from './protected-resource.ts';
import { OAuth2ProtocolView } from './protocol-view.ts';

/** The metadata of the authorization server (RFC 8414, section 3). Anybody may read it. */
export class MetadataView extends OAuth2ProtocolView {
  override name = 'OAuth 2.0 metadata';

  override get(request: Request): Promise<Readonly<Record<string, unknown>>> {
    const issuer = this.provider.issuer(request);
    const urlOf = (name: string): string =>
      new URL(this.site.urls.reverse([...this.namespaces, name].join(':')), issuer).href;
    const resources = this.provider.knownResources(request);
    return serverMetadata(this.provider, { issuer, urlOf }, resources);
  }

  protected override addHeaders(response: HttpResponse): void {
    publishMetadata(response);
  }
}
