import { include, path, type UrlEntry } from '@rf/views';
import { JwksView } from './jwks-view.ts';
import {
  TokenBlacklistView,
  TokenCsrfView,
  TokenObtainPairView,
  TokenObtainSlidingView,
  TokenRefreshSlidingView,
  TokenRefreshView,
  type TokenTransport,
  TokenVerifyView,
} from './token-views.ts';

/** Choices for {@link jwtUrls}. */
export interface JwtUrlsOptions {
  /** Default `body`. `cookie` needs the option `cookies` of `jwt()`, and adds `csrf/`. */
  readonly transport?: TokenTransport;
  /** `sliding`: obtain and refresh views of sliding tokens in place of pairs. Default `pair`. */
  readonly tokens?: 'pair' | 'sliding';
}

/**
 * The token views below a prefix, named as in simplejwt: `''` obtains, `refresh/`, `verify/`, `blacklist/`.
 *
 * ```ts
 * export const urls = [jwtUrls('/api/token/'), jwksUrl()];
 * ```
 */
export function jwtUrls(prefix: string, options: JwtUrlsOptions = {}): UrlEntry {
  const { transport = 'body', tokens = 'pair' } = options;
  const initial = { transport };
  const sliding = tokens === 'sliding';
  const urls: UrlEntry[] = sliding
    ? [
        path('/', TokenObtainSlidingView, { name: 'token_obtain_sliding' }),
        path('/refresh/', TokenRefreshSlidingView, { name: 'token_refresh_sliding' }),
      ]
    : [
        path('/', { view: TokenObtainPairView, initial }, { name: 'token_obtain_pair' }),
        path('/refresh/', { view: TokenRefreshView, initial }, { name: 'token_refresh' }),
      ];
  urls.push(
    path('/verify/', { view: TokenVerifyView, initial }, { name: 'token_verify' }),
    path('/blacklist/', { view: TokenBlacklistView, initial }, { name: 'token_blacklist' }),
  );
  if (transport === 'cookie') urls.push(path('/csrf/', TokenCsrfView, { name: 'token_csrf' }));
  return include(prefix, urls);
}

/** The key set at its usual address (RFC 8414, section 3). */
export const jwksUrl = (): UrlEntry => path('/.well-known/jwks.json', JwksView, { name: 'jwks' });
