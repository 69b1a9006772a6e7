import { CODE_CHALLENGE_METHOD } from './pkce.ts';
import type { ResolvedOAuth2Options } from './options.ts';
import { INTROSPECTION_SCOPE } from './scope.ts';

/** Where the endpoints are: absolute URLs. */
export interface Endpoints {
  readonly authorization: string;
  readonly token: string;
  readonly revocation: string;
  readonly introspection: string;
  readonly deviceAuthorization: string;
  readonly registration: string;
}

/** The authorization server's metadata (RFC 8414, section 2; RFC 9728, section 4). */
export function serverMetadata(
  issuer: string,
  endpoints: Endpoints,
  options: ResolvedOAuth2Options,
  resources: readonly string[],
): Readonly<Record<string, unknown>> {
  const secretMethods = ['client_secret_basic', 'client_secret_post'];
  return {
    issuer,
    authorization_endpoint: endpoints.authorization,
    token_endpoint: endpoints.token,
    revocation_endpoint: endpoints.revocation,
    introspection_endpoint: endpoints.introspection,
    device_authorization_endpoint: endpoints.deviceAuthorization,
    ...(options.clientIdMetadataDocuments !== null && { client_id_metadata_document_supported: true }),
    ...(options.registration !== null && { registration_endpoint: endpoints.registration }),
    scopes_supported: Object.keys(options.scopes),
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
      ...(Object.hasOwn(options.scopes, INTROSPECTION_SCOPE) ? ['Bearer'] : []),
    ],
    code_challenge_methods_supported: [CODE_CHALLENGE_METHOD],
    authorization_response_iss_parameter_supported: true,
    protected_resources: resources,
  };
}
