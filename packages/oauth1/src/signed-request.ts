import { replayMemory } from '@rf/auth';
import { AuthenticationFailed } from '@rf/exceptions';
import { isRepeated, type Request } from '@rf/views';
import { signatureBaseString } from './base-string.ts';
import { checkBodyHash } from './body-hash.ts';
import { consumerStatuses, type OAuth1Consumer } from './consumer.ts';
import { OAuth1BadRequest } from './oauth1-error.ts';
import { type OAuth1Provider, oauth1Provider } from './provider.ts';
import { isRsaMethod, isSignatureMethod, type SignatureMethod, verifySignature } from './signature-method.ts';
import type { SignedParameters } from './signed-parameters.ts';

/** Said of a signature that does not fit, for whatever reason. */
const INVALID_SIGNATURE = 'Invalid signature';

/** Longer than any clock shows: seconds since 1970, without a leading zero. */
const TIMESTAMP = /^[1-9]\d{0,11}$/;

/** What the token of a request needs for checking a signature. */
export interface TokenSecret {
  readonly id: string;
  /** Sealed. */
  readonly secretSealed: string;
}

/** Whom a request names; null for what is unknown. */
export interface NamedCredentials<Token extends TokenSecret> {
  readonly consumer: OAuth1Consumer | null;
  /** A live one of this consumer; null also for a request without `oauth_token`. */
  readonly token: Token | null;
}

/** A request whose signature is right, and which was not seen before. */
export interface VerifiedRequest<Token extends TokenSecret> {
  readonly consumer: OAuth1Consumer;
  /** Null for a request without `oauth_token`. */
  readonly token: Token | null;
}

/**
 * Checks who signed a request, that it is fresh and that it comes for the first time (RFC 5849, sections 3.2 and 3.3).
 *
 * Throws OAuth1BadRequest for parameters that cannot be, and AuthenticationFailed in the words of AU27.
 *
 * @param find looks for the consumer with this key, and for what `oauth_token` says; null for a request without
 */
export async function verifyRequest<Token extends TokenSecret>(
  request: Request,
  parameters: SignedParameters,
  find: (key: string, tokenText: string | null) => Promise<NamedCredentials<Token>>,
): Promise<VerifiedRequest<Token>> {
  const provider = oauth1Provider(request);
  const { protocol } = parameters;
  const method = readMethod(request, protocol, provider);
  const timestamp = protocol.get('oauth_timestamp') as string;
  if (!TIMESTAMP.test(timestamp)) throw new OAuth1BadRequest('oauth_timestamp is not a positive number of seconds.');

  const key = protocol.get('oauth_consumer_key') as string;
  const tokenText = protocol.get('oauth_token') || null;
  const { consumer, token: found } = await find(key, tokenText);
  const tokenSecret = found === null ? '' : provider.openSecret(found, found.secretSealed);
  const token = tokenSecret === null ? null : found;
  const baseString = baseStringOf(request, parameters);
  const isSigned = checkSignature(provider, {
    method,
    baseString,
    signature: protocol.get('oauth_signature') as string,
    consumer,
    tokenSecret: tokenSecret ?? '',
  });
  if (consumer === null) throw new AuthenticationFailed(`Invalid consumer token: ${key}`);
  if (tokenText !== null && token === null) throw new AuthenticationFailed(`Invalid access token: ${tokenText}`);
  if (!isSigned) throw new AuthenticationFailed(INVALID_SIGNATURE);
  if (consumer.status !== 'accepted') {
    throw new AuthenticationFailed(`Invalid consumer key status: ${consumerStatuses[consumer.status]}`);
  }
  await checkBodyHash(request, protocol.get('oauth_body_hash'), provider.options.bodyHashRequired);
  await checkFirstUse(provider, timestamp, [key, tokenText ?? '', timestamp, protocol.get('oauth_nonce') as string]);
  return { consumer, token };
}

/** The method that the request names, when the project has it. Whether the consumer may use it is another question. */
function readMethod(
  request: Request,
  protocol: ReadonlyMap<string, string>,
  { options }: OAuth1Provider,
): SignatureMethod {
  const version = protocol.get('oauth_version');
  if (version !== undefined && version !== '1.0') throw new OAuth1BadRequest('oauth_version is not 1.0.');
  const method = protocol.get('oauth_signature_method') as string;
  if (!isSignatureMethod(method) || !options.signatureMethods.includes(method)) {
    throw new OAuth1BadRequest('oauth_signature_method is not supported.');
  }
  // Whoever listens has both secrets by now (RFC 5849, section 3.4.4): never let such a client appear to work.
  if (method === 'PLAINTEXT' && !request.isSecure) throw new OAuth1BadRequest('PLAINTEXT needs https.');
  return method;
}

function baseStringOf(request: Request, { signed }: SignedParameters): string {
  // Only a path can be signed, and only one host can have been meant.
  if (!request.target.startsWith('/') || isRepeated(request, 'host')) throw new AuthenticationFailed(INVALID_SIGNATURE);
  return signatureBaseString(request.method, request, signed);
}

interface SignatureCheck {
  readonly method: SignatureMethod;
  readonly baseString: string;
  readonly signature: string;
  readonly consumer: OAuth1Consumer | null;
  readonly tokenSecret: string;
}

function checkSignature(provider: OAuth1Provider, check: SignatureCheck): boolean {
  const { method, baseString, signature, consumer, tokenSecret } = check;
  if (consumer !== null && isRsaMethod(method)) {
    const { allowedMethods, rsaPublicKey } = consumer;
    if (!allowedMethods.includes(method) || rsaPublicKey === null) return false;
    return verifySignature(method, baseString, signature, { publicKey: rsaPublicKey });
  }
  const consumerSecret = consumer?.secretSealed ? provider.openSecret(consumer, consumer.secretSealed) : null;
  // Computed for unknown consumers too, so that they take the same time.
  const secrets = { consumerSecret: consumerSecret ?? 'nobody has this secret', tokenSecret };
  const fits = verifySignature(method, baseString, signature, secrets);
  // The consumer's record decides how it may sign, or a client with a key could be posed as with empty secrets.
  const mayBe = consumerSecret !== null && consumer?.allowedMethods.includes(method) === true;
  return fits && mayBe;
}

/** Freshness first, so that what is stale anyway does not fill the memory. */
async function checkFirstUse(provider: OAuth1Provider, timestamp: string, parts: readonly string[]): Promise<void> {
  const { site, options } = provider;
  const now = site.clock();
  const sentAt = Number(timestamp) * 1000;
  const windowMs = options.timestampWindow * 1000;
  const isFresh = Math.abs(sentAt - now) <= windowMs;
  // A second more than the window: the clock goes on between two requests.
  const expiresAt = Math.max(sentAt, now) + windowMs + 1000;
  if (!isFresh || !(await replayMemory(site).remember('oauth1', parts, expiresAt))) {
    throw new AuthenticationFailed('Nonce check failed');
  }
}
