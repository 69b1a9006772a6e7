// The provider
export { oauth1 } from './oauth1.ts';
export { oauth1Urls } from './urls.ts';
export type { OAuth1Options, ResolvedOAuth1Options } from './options.ts';
export { OAuth1Provider, oauth1Provider, oauth1Resource } from './provider.ts';

// Protecting views
export { OAuthAuthentication } from './oauth-authentication.ts';
export { TokenHasReadWriteScope, TokenHasScope } from '@rf/auth';

// Tables
export { type ConsumerStatus, consumerStatuses, OAuth1Consumer } from './consumer.ts';
export { OAuth1TemporaryCredentials } from './temporary-credentials.ts';
export { OAuth1AccessToken } from './access-token.ts';
export { issueOAuth1AccessToken, type NewOAuth1AccessToken, type OAuth1TokenCredentials } from './access-tokens.ts';
export { type ConsumerWithSecret, createConsumer, findConsumer, type NewConsumer } from './consumers.ts';

// Views, to subclass
export { InitiateView } from './initiate-view.ts';
export { AuthorizeView } from './authorize-view.ts';
export { TokenView } from './token-view.ts';
export { AuthorizedTokenDeleteView, AuthorizedTokensView } from './authorized-tokens-views.ts';

// The parts of the protocol
export {
  baseStringUri,
  type EncodedParameter,
  normalizeParameters,
  type RequestPlace,
  signatureBaseString,
} from './base-string.ts';
export { percentDecode, percentEncode } from './percent-encoding.ts';
export { OAuth1BadRequest } from './oauth1-error.ts';
export { requiredParameters, readSignedParameters, type SignedParameters } from './signed-parameters.ts';
export {
  type SharedSecrets,
  type SignatureMethod,
  signatureMethods,
  signWithKey,
  signWithSecrets,
  type VerificationKey,
  verifySignature,
} from './signature-method.ts';
