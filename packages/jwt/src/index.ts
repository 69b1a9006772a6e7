// The app
export { jwt } from './jwt.ts';
export type { JwtCookieOptions, JwtOptions, ResolvedJwtOptions } from './options.ts';
export { JwtService, jwtResource, jwtService } from './jwt-service.ts';
export type { TokenContext } from './token-context.ts';

// Tokens
export { type ExpiryOptions, Token, type TokenClass } from './token.ts';
export { AccessToken } from './access-token.ts';
export { RefreshToken } from './refresh-token.ts';
export { SlidingToken } from './sliding-token.ts';
export { UntypedToken } from './untyped-token.ts';
export { TokenError, type TokenErrorCode } from './token-error.ts';
export { defaultTokenMessages, type TokenMessages } from './token-messages.ts';

// Authentication
export { JWTAuthentication, JWTStatelessUserAuthentication } from './jwt-authentication.ts';
export { TokenUser } from './token-user.ts';

// Views
export { jwksUrl, jwtUrls, type JwtUrlsOptions } from './jwt-urls.ts';
export { JwksView } from './jwks-view.ts';
export {
  TokenBlacklistView,
  TokenCsrfView,
  TokenObtainPairView,
  TokenObtainSlidingView,
  TokenRefreshSlidingView,
  TokenRefreshView,
  type TokenTransport,
  TokenVerifyView,
  TokenViewBase,
} from './token-views.ts';
export type { TokenAnswer } from './token-answer.ts';
export {
  TokenBlacklistSerializer,
  TokenObtainPairSerializer,
  TokenObtainSerializer,
  TokenObtainSlidingSerializer,
  TokenRefreshSerializer,
  TokenRefreshSlidingSerializer,
  type TokenSerializers,
  TokenVerifySerializer,
} from './token-serializers.ts';

// Tables
export { BlacklistedToken } from './blacklisted-token.ts';
export { OutstandingToken } from './outstanding-token.ts';
export { SigningKey } from './signing-key.ts';

// Keys and signatures
export { isJwtAlgorithm, type JwtAlgorithm, jwtAlgorithms } from './algorithms.ts';
export { FixedKeyRing } from './fixed-key-ring.ts';
export { JwtKey, type JwtKeyOptions, type KeyMaterial } from './jwt-key.ts';
export type { KeyRing } from './key-ring.ts';
export { createSigningKey, rotateSigningKey } from './signing-keys.ts';
export { TokenBackend, type TokenRules } from './token-backend.ts';
export { type Claims, type SignedToken, type SigningChoice, TokenSignatures } from './token-signatures.ts';
