import { include, path, type UrlInclude } from '@rf/views';
import { AuthorizeView } from './authorize-view.ts';
import { AuthorizedTokenDeleteView, AuthorizedTokensView } from './authorized-tokens-views.ts';
import { InitiateView } from './initiate-view.ts';
import { TokenView } from './token-view.ts';

/** A primary key in a path: what PostgreSQL takes for a bigint. */
const ID = ':id([1-9][0-9]{0,17})';

/**
 * All URLs of the provider below `prefix`, in the namespace `oauth1` (AU28): `initiate/`, `authorize/`, `token/`, and the page
 * `authorized_tokens/` on which users disconnect applications.
 *
 * ```ts
 * export const urls = [oauth1Urls('/oauth1/'), …];
 * ```
 */
export function oauth1Urls(prefix = '/oauth1/'): UrlInclude {
  return include(
    prefix,
    [
      path('/initiate/', InitiateView, { name: 'initiate' }),
      path('/authorize/', AuthorizeView, { name: 'authorize' }),
      path('/token/', TokenView, { name: 'token' }),
      path('/authorized_tokens/', AuthorizedTokensView, { name: 'authorized-tokens' }),
      path(`/authorized_tokens/${ID}/delete/`, AuthorizedTokenDeleteView, { name: 'authorized-token-delete' }),
    ],
    { namespace: 'oauth1' },
  );
}
