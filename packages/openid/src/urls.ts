import { JwksView } from '@rf/jwt';
import { include, path, type UrlEntry, type UrlInclude } from '@rf/views';
import { DiscoveryView } from './discovery-view.ts';
import { EndSessionView } from './end-session-view.ts';
import { UserInfoView } from './userinfo-view.ts';

/** Choices for {@link openidUrls}. */
export interface OpenIdUrlOptions {
  /** Path of the issuer if it has one, such as `/tenant`: the well-known name follows it (OpenID Connect Discovery 1.0, section 4). */
  readonly issuerPath?: string;
}

/**
 * UserInfo, log-out and key set below `prefix`, which is that of `oauth2Urls()`, and discovery at its well-known place. All are in
 * the namespace `oauth2` (OA01).
 *
 * ```ts
 * export const urls = [oauth2Urls('/oauth2/'), openidUrls('/oauth2/'), …];
 * ```
 */
export function openidUrls(prefix = '/oauth2/', { issuerPath = '' }: OpenIdUrlOptions = {}): UrlInclude {
  // RFC 8414, section 5, has the two the other way round.
  const other: UrlEntry[] =
    issuerPath === '' ? [] : [path(`/.well-known/openid-configuration${issuerPath}`, DiscoveryView)];
  return include(
    '',
    [
      include(prefix, [
        path('/userinfo/', UserInfoView, { name: 'userinfo' }),
        path('/logout/', EndSessionView, { name: 'end-session' }),
        path('/.well-known/jwks.json', JwksView, { name: 'jwks' }),
      ]),
      path(`${issuerPath}/.well-known/openid-configuration`, DiscoveryView, { name: 'openid-configuration' }),
      ...other,
    ],
    { namespace: 'oauth2' },
  );
}
