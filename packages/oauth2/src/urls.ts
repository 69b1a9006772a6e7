import { include, path, type UrlInclude } from '@rf/views';
import {
  ApplicationDeleteView,
  ApplicationDetailView,
  ApplicationListView,
  ApplicationRegisterView,
  ApplicationUpdateView,
} from './application-views.ts';
import { AuthorizeView } from './authorize-view.ts';
import { AuthorizedTokenDeleteView, AuthorizedTokensView } from './authorized-tokens-views.ts';
import { DeviceAuthorizationView } from './device-authorization-view.ts';
import { DeviceView } from './device-view.ts';
import { IntrospectView } from './introspect-view.ts';
import { MetadataView } from './metadata-view.ts';
import { RegisteredClientView } from './registration/registered-client-view.ts';
import { RegisterView } from './registration/register-view.ts';
import {
  ProviderResourceMetadataView,
  RemoteResourceMetadataView,
  resourceMetadataUrls,
} from './resource-metadata-view.ts';
import { RevokeTokenView } from './revoke-view.ts';
import { AccessTokenView, TokenView } from './token-view.ts';

/** Choices for {@link oauth2Urls}. */
export interface OAuth2UrlOptions {
  /** Path of the issuer if it has one, such as `/tenant`: it follows the well-known name (RFC 8414, section 3.1). */
  readonly issuerPath?: string;
}

/** A primary key in a path: what PostgreSQL takes for a bigint. */
const ID = ':id([1-9][0-9]{0,17})';

/**
 * All URLs of the provider below `prefix`, in the namespace `oauth2`, and the metadata of it and of its resources at
 * the well-known places (OA01, OA22).
 *
 * ```ts
 * export const urls = [oauth2Urls('/oauth2/'), …];
 * ```
 *
 * The password grant's older name `access_token/` answers only while that grant is switched on, `register/` only while clients may
 * register themselves.
 */
export function oauth2Urls(prefix = '/oauth2/', { issuerPath = '' }: OAuth2UrlOptions = {}): UrlInclude {
  return include(
    '',
    [
      include(prefix, [...protocolUrls, ...applicationUrls, ...authorizedTokenUrls]),
      path(`/.well-known/oauth-authorization-server${issuerPath}`, MetadataView, { name: 'metadata' }),
      ...resourceMetadataUrls(ProviderResourceMetadataView),
    ],
    { namespace: 'oauth2' },
  );
}

/**
 * The metadata of the API of a project with `oauth2ResourceServer()`, at the well-known place (RFC 9728, section 3):
 *
 * ```ts
 * export const urls = [oauth2ResourceServerUrls(), …];
 * ```
 */
export function oauth2ResourceServerUrls(): UrlInclude {
  return include('', resourceMetadataUrls(RemoteResourceMetadataView), { namespace: 'oauth2_resource_server' });
}

const protocolUrls = [
  path('/authorize/', AuthorizeView, { name: 'authorize' }),
  path('/token/', TokenView, { name: 'token' }),
  path('/access_token/', AccessTokenView, { name: 'access-token' }),
  path('/revoke_token/', RevokeTokenView, { name: 'revoke-token' }),
  path('/introspect/', IntrospectView, { name: 'introspect' }),
  path('/device-authorization/', DeviceAuthorizationView, { name: 'device-authorization' }),
  path('/device/', DeviceView, { name: 'device' }),
  path('/register/', RegisterView, { name: 'dcr-register' }),
  path('/register/:clientId([A-Za-z0-9]{32})/', RegisteredClientView, { name: 'dcr-register-management' }),
];

const applicationUrls = [
  path('/applications/', ApplicationListView, { name: 'applications' }),
  path('/applications/register/', ApplicationRegisterView, { name: 'application-register' }),
  path(`/applications/${ID}/`, ApplicationDetailView, { name: 'application' }),
  path(`/applications/${ID}/update/`, ApplicationUpdateView, { name: 'application-update' }),
  path(`/applications/${ID}/delete/`, ApplicationDeleteView, { name: 'application-delete' }),
];

const authorizedTokenUrls = [
  path('/authorized_tokens/', AuthorizedTokensView, { name: 'authorized-tokens' }),
  path(`/authorized_tokens/${ID}/delete/`, AuthorizedTokenDeleteView, { name: 'authorized-token-delete' }),
];
