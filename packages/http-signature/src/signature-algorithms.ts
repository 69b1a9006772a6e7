import { createHmac, type KeyObject, sign, type SigningOptions, verify } from 'node:crypto';
import { constantTimeEqual } from '@rf/auth';

/** Names of the registry of RFC 9421, section 6.2.2. */
export type SignatureAlgorithm =
  | 'ed25519'
  | 'ecdsa-p256-sha256'
  | 'ecdsa-p384-sha384'
  | 'rsa-pss-sha512'
  | 'rsa-v1_5-sha256'
  | 'hmac-sha256';

/** Algorithms with a key pair; only the client has the half that signs. */
export type AsymmetricAlgorithm = Exclude<SignatureAlgorithm, 'hmac-sha256'>;

/** How node:crypto does an algorithm. */
interface Method {
  readonly hash: string | null;
  readonly keyType: string;
  readonly curve?: string;
  readonly options?: SigningOptions;
}

const methods: Readonly<Record<AsymmetricAlgorithm, Method>> = {
  ed25519: { hash: null, keyType: 'ed25519' },
  // Section 3.3.4: r and s side by side, not in DER.
  'ecdsa-p256-sha256': {
    hash: 'sha256',
    keyType: 'ec',
    curve: 'prime256v1',
    options: { dsaEncoding: 'ieee-p1363' },
  },
  'ecdsa-p384-sha384': { hash: 'sha384', keyType: 'ec', curve: 'secp384r1', options: { dsaEncoding: 'ieee-p1363' } },
  // RSA_PKCS1_PSS_PADDING; section 3.3.1: the salt has 64 bytes.
  'rsa-pss-sha512': { hash: 'sha512', keyType: 'rsa', options: { padding: 6, saltLength: 64 } },
  'rsa-v1_5-sha256': { hash: 'sha256', keyType: 'rsa' },
};

/** All algorithms, the best first. */
export const signatureAlgorithms = [...Object.keys(methods), 'hmac-sha256'] as readonly SignatureAlgorithm[];

export function isSignatureAlgorithm(name: string): name is SignatureAlgorithm {
  return (signatureAlgorithms as readonly string[]).includes(name);
}

const MIN_SECRET_BYTES = 32;
const MIN_RSA_BITS = 2048;
/** Longer ones, and exponents beyond 32 bits, make each check slow: whoever registers a key would choose how slow. */
const MAX_RSA_BITS = 8192;
const MAX_RSA_EXPONENT = 2n ** 32n;

/** What is wrong with a key for an algorithm, as the end of a sentence; null when nothing is. */
export function keyProblem(algorithm: SignatureAlgorithm, key: KeyObject): string | null {
  if (algorithm === 'hmac-sha256') {
    if (key.type !== 'secret') return 'is no secret';
    if ((key.symmetricKeySize ?? 0) < MIN_SECRET_BYTES) return `has less than ${MIN_SECRET_BYTES} bytes`;
    return looksLikeKeyFile(key.export()) ? 'is the text of a key file: anybody may know it' : null;
  }
  const { keyType, curve } = methods[algorithm];
  if (key.asymmetricKeyType !== keyType) return `is no ${keyType} key`;
  const details = key.asymmetricKeyDetails ?? {};
  if (curve !== undefined && details.namedCurve !== curve) return `is not on the curve ${curve}`;
  return keyType === 'rsa' ? rsaProblem(details) : null;
}

function rsaProblem({ modulusLength = 0, publicExponent = 0n }: NonNullable<KeyObject['asymmetricKeyDetails']>) {
  if (modulusLength < MIN_RSA_BITS) return `has less than ${MIN_RSA_BITS} bits`;
  if (modulusLength > MAX_RSA_BITS) return `has more than ${MAX_RSA_BITS} bits`;
  const isUsual = publicExponent >= 3n && publicExponent < MAX_RSA_EXPONENT && publicExponent % 2n === 1n;
  return isUsual ? null : 'has an unusual exponent';
}

/** The text of a public key as the secret of an HMAC is what algorithm confusion needs. */
function looksLikeKeyFile(secret: Buffer): boolean {
  return /-----BEGIN |"kty"|^ssh-/.test(secret.toString('latin1'));
}

/** Signs a text. The key must suit the algorithm: see {@link keyProblem}. */
export function createSignature(algorithm: SignatureAlgorithm, key: KeyObject, text: string): Buffer {
  if (algorithm === 'hmac-sha256') return createHmac('sha256', key).update(text).digest();
  const { hash, options } = methods[algorithm];
  return sign(hash, Buffer.from(text), { key, ...options });
}

/** True when the signature is right. False for a key of another kind: the kind is the key's, never the message's choice. */
export function verifySignature(
  algorithm: SignatureAlgorithm,
  key: KeyObject,
  text: string,
  signature: Uint8Array,
): boolean {
  if (algorithm === 'hmac-sha256') {
    return key.type === 'secret' && constantTimeEqual(createSignature(algorithm, key, text), signature);
  }
  const { hash, keyType, options } = methods[algorithm];
  if (key.asymmetricKeyType !== keyType) return false;
  return verify(hash, Buffer.from(text), { key, ...options }, signature);
}
