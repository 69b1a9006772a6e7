import { MetadataView } from '@rf/oauth2';

/** The provider's configuration (OpenID Connect Discovery 1.0, section 4): its metadata, to which `openid()` adds. */
export class DiscoveryView extends MetadataView {
  override name = 'OpenID Connect configuration';
}
