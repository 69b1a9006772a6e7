import { createPublicKey, type KeyObject } from 'node:crypto';

const MIN_BITS = 2048;

/** What is wrong with the text of a public key; null when nothing is. */
export function rsaKeyProblem(pem: string): string | null {
  let key: KeyObject;
  try {
    key = createPublicKey(pem);
  } catch {
    return 'is no public key in PEM';
  }
  if (pem.includes('PRIVATE KEY')) return 'is a private key: it stays with the client';
  if (key.asymmetricKeyType !== 'rsa') return `is a key of the type ${key.asymmetricKeyType}, not rsa`;
  const { modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  return modulusLength < MIN_BITS ? `has ${modulusLength} bits; ${MIN_BITS} are the least` : null;
}
