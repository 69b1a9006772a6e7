import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';

const IS_PRIVATE = 'This is a private key: keep it, and hand over the public half.';

/**
 * Reads a public key from a PEM text (`-----BEGIN PUBLIC KEY-----`) or a JWK.
 *
 * Throws an Error that says what is wrong; also for a private key, which nobody should send.
 */
export function readPublicKey(key: string | KeyObject): KeyObject {
  if (typeof key === 'string') return readText(key);
  if (key.type !== 'public') throw new Error(IS_PRIVATE);
  return plainRsa(key);
}

function readText(text: string): KeyObject {
  const trimmed = text.trim();
  const jwk = trimmed.startsWith('{') ? readJson(trimmed) : null;
  if (/PRIVATE KEY-----/.test(trimmed) || jwk?.d !== undefined || jwk?.k !== undefined) {
    throw new Error(IS_PRIVATE);
  }
  try {
    return jwk !== null ? createPublicKey({ key: jwk, format: 'jwk' }) : plainRsa(createPublicKey(trimmed));
  } catch {
    throw new Error('This is no public key: neither a PEM text (-----BEGIN PUBLIC KEY-----) nor a JWK.');
  }
}

function readJson(text: string): JsonWebKey | null {
  try {
    return JSON.parse(text) as JsonWebKey;
  } catch {
    return null;
  }
}

/** The same RSA key without its restriction to PSS, which a JWK cannot hold; the algorithm of the row restricts it. */
function plainRsa(key: KeyObject): KeyObject {
  if (key.asymmetricKeyType !== 'rsa-pss') return key;
  const der = key.export({ type: 'spki', format: 'der' });
  // SubjectPublicKeyInfo: the algorithm, then a bit string that is the key of PKCS #1 after one byte of unused bits.
  const algorithm = derElement(der, derElement(der, 0).start);
  const bits = derElement(der, algorithm.end);
  return createPublicKey({ key: der.subarray(bits.start + 1, bits.end), type: 'pkcs1', format: 'der' });
}

/** Where the content of a DER element begins and ends. */
function derElement(der: Buffer, at: number): { start: number; end: number } {
  const first = der[at + 1] as number;
  if (first < 0x80) return { start: at + 2, end: at + 2 + first };
  const start = at + 2 + (first & 0x7f);
  return { start, end: start + der.readUIntBE(at + 2, first & 0x7f) };
}
