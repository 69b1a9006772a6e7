import type { HttpResponse, Request } from '@rf/views';
import { serverMetadata } from './metadata.ts';
import { publishMetadata } from './protected-resource.ts';
import { OAuth2ProtocolView } from './protocol-view.ts';

/** The metadata of the authorization server (RFC 8414, section 3). Anybody may read it. */
export class MetadataView extends OAuth2ProtocolView {
  override name = 'OAuth 2.0 metadata';

  override get(request: Request): Readonly<Record<string, unknown>> {
    const issuer = this.provider.issuer(request);
    const at = (name: string): string =>
      new URL(this.site.urls.reverse([...this.namespaces, name].join(':')), issuer).href;
    return serverMetadata(
      issuer,
      {
        authorization: at('authorize'),
        token: at('token'),
        revocation: at('revoke-token'),
        introspection: at('introspect'),
        deviceAuthorization: at('device-authorization'),
        registration: at('dcr-register'),
      },
      this.provider.options,
      this.provider.knownResources(request),
    );
  }

  protected override addHeaders(response: HttpResponse): void {
    publishMetadata(response);
  }
}
