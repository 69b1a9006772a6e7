// The app
export { openid } from './openid.ts';
export { openidUrls, type OpenIdUrlOptions } from './urls.ts';
export type { Claims, LogoutRevokes, OpenIdOptions, OpenIdScopes, ResolvedOpenIdOptions } from './options.ts';
export { OpenIdProvider, openidProvider } from './openid-provider.ts';
export { type IdTokenHint, IdTokens } from './id-tokens.ts';

// Views, to subclass
export { DiscoveryView } from './discovery-view.ts';
export { EndSessionView } from './end-session-view.ts';
export { UserInfoAuthentication, UserInfoView } from './userinfo-view.ts';
