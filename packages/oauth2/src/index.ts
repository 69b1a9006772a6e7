// The provider
export { oauth2 } from './oauth2.ts';
export { oauth2ResourceServerUrls, oauth2Urls, type OAuth2UrlOptions } from './urls.ts';
export type { IssuedTokens, OAuth2Lifetimes, OAuth2Options, ResolvedOAuth2Options } from './options.ts';
export type { ClientIdMetadataDocumentOptions, ResolvedDocumentOptions } from './client-metadata/document-options.ts';
export { DocumentClients, documentClients } from './client-metadata/document-clients.ts';
export type { RegistrationOptions, ResolvedRegistrationOptions } from './registration/registration-options.ts';
export { OAuth2Provider, oauth2Provider, oauth2Resource } from './provider.ts';
export type { MetadataPlace, ProviderExtension } from './provider-extension.ts';

// Protecting views
export { BearerAuthentication } from './bearer-authentication.ts';
export { OAuth2Authentication } from './oauth2-authentication.ts';
export { IsOAuth2Client, OAuth2ClientAuthentication } from './oauth2-client-authentication.ts';
export {
  OAuth2ProtectedResourceAuthentication,
  OAuth2ProtectedResourceIntrospectionAuthentication,
} from './protected-resource-authentication.ts';
export {
  IsAuthenticatedOrTokenHasScope,
  scopeRequired,
  TokenHasReadWriteScope,
  TokenHasResourceScope,
  TokenHasScope,
  TokenMatchesOASRequirements,
} from '@rf/auth';

// Tokens of another server
export { oauth2ResourceServer } from './resource-server.ts';
export type { ResolvedResourceServerOptions, ResourceServerOptions } from './resource-server-options.ts';
export { OAuth2IntrospectionAuthentication } from './introspection-authentication.ts';
export { IntrospectedToken } from './introspected-token.ts';
export { TokenIntrospector, tokenIntrospector } from './token-introspector.ts';

// Tables
export {
  type ClientAuthMethod,
  type ClientDescription,
  type ClientSource,
  type ClientType,
  type GrantType,
  grantTypes,
  OAuth2Client,
} from './client.ts';
export { OAuth2AccessToken } from './access-token.ts';
export { OAuth2Code } from './authorization-code.ts';
export { OAuth2Consent } from './consent.ts';
export { OAuth2DeviceCode } from './device-code.ts';
export { OAuth2RefreshToken } from './refresh-token.ts';
export type { ClientProblems } from './client-problems.ts';
export {
  clientProblems,
  type ClientWithSecret,
  createClient,
  findClient,
  type NewClient,
  rotateClientSecret,
} from './clients.ts';
export { revokeAuthorizations, revokeTokens } from './token-family.ts';

// Views, to subclass
export { TokenView } from './token-view.ts';
export { AuthorizeView } from './authorize-view.ts';
export { IntrospectView, type Introspection } from './introspect-view.ts';
export { RevokeTokenView } from './revoke-view.ts';
export { type DeviceAuthorization, DeviceAuthorizationView } from './device-authorization-view.ts';
export { DeviceView } from './device-view.ts';
export { RegisterView } from './registration/register-view.ts';
export { RegisteredClientView } from './registration/registered-client-view.ts';
export { MetadataView } from './metadata-view.ts';
export {
  ProviderResourceMetadataView,
  RemoteResourceMetadataView,
  ResourceMetadataView,
} from './resource-metadata-view.ts';
export type { ProtectedResource, ResourceDescription } from './protected-resource.ts';
export type { Issue } from './issue.ts';
export type { TokenResponse } from './token-issuer.ts';
export { OAuth2ProtocolView } from './protocol-view.ts';
export { PageView } from './page-view.ts';
export type { AuthorizationRequest } from './authorization-request.ts';
export { Parameters, readForm } from './parameters.ts';

// The parts of the protocol
export { type Challenge, formatChallenge } from './challenge.ts';
export {
  type ClientCredentials,
  type ClientForm,
  decodeClientBasic,
  readClientCredentials,
} from './client-credentials.ts';
export { OAuth2Error, type OAuth2ErrorCode, type OAuth2ErrorOptions } from './oauth2-error.ts';
export { hashOpaqueToken, isOpaqueToken, makeOpaqueToken } from '@rf/auth';
export { type TokenPrefix, tokenPrefixes } from './token-prefix.ts';
export { CODE_CHALLENGE_METHOD, codeChallengeOf, codeChallengeProblem, provesCodeChallenge } from './pkce.ts';
export { addToRedirectUri, isSameRedirectUri, type RedirectUriRules, redirectUriProblem } from './redirect-uri.ts';
export { formatScope, isScopeName, parseScope } from './scope.ts';
export { makeUserCode, readUserCode } from './user-code.ts';
