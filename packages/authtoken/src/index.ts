export { authtoken } from './authtoken.ts';
export { Token } from './token.ts';
export { TokenAuthentication, type TokenModel } from './token-authentication.ts';
export { createToken, getOrCreateToken } from './create-token.ts';
export { ObtainAuthToken, obtainAuthToken } from './obtain-auth-token.ts';
export { AuthTokenSerializer } from './auth-token-serializer.ts';

// Hashed access tokens
export { AccessToken } from './access-token.ts';
export { ACCESS_TOKEN_PREFIX, digestAccessToken, isAccessToken, makeAccessToken } from './access-token-text.ts';
export { AccessTokenAuthentication } from './access-token-authentication.ts';
export {
  type AccessTokenOptions,
  issueAccessToken,
  issueAccessTokenWithinLimit,
  type IssuedAccessToken,
  rotateAccessToken,
} from './issue-access-token.ts';
export {
  AccessTokenListView,
  AccessTokenLoginView,
  AccessTokenLogoutAllView,
  AccessTokenLogoutView,
  accessTokenUrls,
  AccessTokenView,
  RotateAccessTokenView,
} from './access-token-views.ts';
export { type AccessTokenSettings, accessTokenSettings } from './access-token-options.ts';
