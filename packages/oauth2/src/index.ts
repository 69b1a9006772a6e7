// The parts of the protocol
export { type Challenge, formatChallenge } from './challenge.ts';
export {
  type ClientCredentials,
  type ClientForm,
  decodeClientBasic,
  readClientCredentials,
} from './client-credentials.ts';
export { OAuth2Error, type OAuth2ErrorCode, type OAuth2ErrorOptions } from './oauth2-error.ts';
export { hashOpaqueToken, isOpaqueToken, makeOpaqueToken, type TokenPrefix, tokenPrefixes } from './opaque-token.ts';
export { CODE_CHALLENGE_METHOD, codeChallengeOf, codeChallengeProblem, provesCodeChallenge } from './pkce.ts';
export { addToRedirectUri, isSameRedirectUri, type RedirectUriRules, redirectUriProblem } from './redirect-uri.ts';
export { formatScope, isScopeName, parseScope } from './scope.ts';
export { makeUserCode, readUserCode } from './user-code.ts';
