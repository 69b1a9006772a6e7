import { CODE_CHALLENGE_METHOD } from './pkce.ts';
import type { OAuth2Provider } from './provider.ts';
import type { MetadataPlace } from './provider-extension.ts';
import { INTROSPECTION_SCOPE } from './scope.ts';

/** The authorization server's metadata (RFC 8414, section 2; RFC 9728, section 4), with what extensions add. */
export async function serverMetadata(
  provider: OAuth2Provider,
  place: MetadataPlace,
  resources: readonly string[],
): Promise<Readonly<Record<string, unknown>>> {
  const { options, scopeNames, extensions } = provider;
  const more = await Promise.all(extensions.map((extension) => extension.metadata?.(place)));
  const secretMethods = ['client_secret_basic', 'client_secret_post'];
  return {
    issuer: place.issuer,
    authorization_endpoint: place.urlOf('authorize'),
    token_endpoint: place.urlOf('token'),
    revocation_endpoint: place.urlOf('revoke-token'),
    introspection_endpoint: place.urlOf('introspect'),
    device_authorization_endpoint: place.urlOf('device-authorization'),
    ...(options.clientIdMetadataDocuments !== null && { client_id_metadata_document_supported: true }),
    ...(options.registration !== null && { registration_endpoint: place.urlOf('dcr-register') }),
    scopes_supported: scopeNames,
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: [
      'authorization_code',
      'refresh_token',
      'client_credentials',
      ...(options.allowPasswordGrant ? ['password'] : []),
      'urn:ietf:params:oauth:grant-type:device_code',
    ],
    token_endpoint_auth_methods_supported: [...secretMethods, 'none'],
    revocation_endpoint_auth_methods_supported: [...secretMethods, 'none'],
    introspection_endpoint_auth_methods_supported: [
      ...secretMethods,
      ...(scopeNames.includes(INTROSPECTION_SCOPE) ? ['Bearer'] : []),
    ],
    code_challenge_methods_supported: [CODE_CHALLENGE_METHOD],
    authorization_response_iss_parameter_supported: true,
    protected_resources: resources,
    ...Object.assign({}, ...more),
  };
}
