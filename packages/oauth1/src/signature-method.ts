import { createHmac, type KeyObject, sign, verify } from 'node:crypto';
import { constantTimeEqual, storedPublicKey } from '@rf/auth';
import { percentEncode } from './percent-encoding.ts';

/** How a request may be signed. SHA-256 and SHA-512 are what oauthlib added to RFC 5849, section 3.4. */
export type SignatureMethod =
  | 'HMAC-SHA1'
  | 'HMAC-SHA256'
  | 'HMAC-SHA512'
  | 'RSA-SHA1'
  | 'RSA-SHA256'
  | 'RSA-SHA512'
  | 'PLAINTEXT';

export const signatureMethods: readonly SignatureMethod[] = [
  'HMAC-SHA1',
  'HMAC-SHA256',
  'HMAC-SHA512',
  'RSA-SHA1',
  'RSA-SHA256',
  'RSA-SHA512',
  'PLAINTEXT',
];

export const isSignatureMethod = (name: string): name is SignatureMethod =>
  (signatureMethods as readonly string[]).includes(name);

/** True for a method by which the client's private key signs, and no secret. */
export const isRsaMethod = (method: SignatureMethod): boolean => method.startsWith('RSA-');

/** The secrets that HMAC and PLAINTEXT share with the client. */
export interface SharedSecrets {
  readonly consumerSecret: string;
  /** Empty without a token. */
  readonly tokenSecret: string;
}

const hashOf = (method: SignatureMethod): string => method.slice(method.indexOf('-') + 1);

/** Both secrets, as the key of an HMAC and as PLAINTEXT has them (RFC 5849, sections 3.4.2 and 3.4.4). */
const joinSecrets = ({ consumerSecret, tokenSecret }: SharedSecrets): string =>
  `${percentEncode(consumerSecret)}&${percentEncode(tokenSecret)}`;

/** The signature by shared secrets. */
export function signWithSecrets(
  method: Exclude<SignatureMethod, `RSA-${string}`>,
  baseString: string,
  secrets: SharedSecrets,
): string {
  if (method === 'PLAINTEXT') return joinSecrets(secrets);
  return createHmac(hashOf(method), joinSecrets(secrets)).update(baseString).digest('base64');
}

/** The signature by an RSA key, PKCS #1 v1.5 (RFC 5849, section 3.4.3): for clients and tests. */
export function signWithKey(
  method: Extract<SignatureMethod, `RSA-${string}`>,
  baseString: string,
  privateKey: KeyObject | string,
): string {
  return sign(hashOf(method), Buffer.from(baseString), privateKey).toString('base64');
}

/** By what a signature is checked: secrets, or the client's public key in PEM. */
export type VerificationKey = SharedSecrets | { readonly publicKey: string };

/** True when the signature is right. Never throws for what a client sent. */
export function verifySignature(
  method: SignatureMethod,
  baseString: string,
  signature: string,
  key: VerificationKey,
): boolean {
  if ('publicKey' in key) {
    if (!isRsaMethod(method)) return false;
    const bytes = Buffer.from(signature, 'base64');
    // One spelling of Base64 only, or loose bits could change.
    if (bytes.toString('base64') !== signature) return false;
    return verify(hashOf(method), Buffer.from(baseString), storedPublicKey(key.publicKey), bytes);
  }
  if (isRsaMethod(method)) return false;
  const expected = signWithSecrets(method as Exclude<SignatureMethod, `RSA-${string}`>, baseString, key);
  return constantTimeEqual(expected, signature);
}
