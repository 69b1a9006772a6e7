import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';

/** How many keys are kept; the oldest are forgotten first. */
const MAX_KEYS = 1000;

const keys = new Map<string, KeyObject>();

/**
 * Node's object for a public key that a scheme has in its table, as PEM text or JWK. It is made once: reading a key of an elliptic
 * curve takes longer than verifying with it.
 *
 * Throws Node's error for what is no key; a private key gives its public half.
 */
export function storedPublicKey(material: string | JsonWebKey): KeyObject {
  const text = typeof material === 'string' ? material : JSON.stringify(material);
  let key = keys.get(text);
  if (key === undefined) {
    key = typeof material === 'string' ? createPublicKey(material) : createPublicKey({ key: material, format: 'jwk' });
    const [oldest] = keys.keys();
    if (keys.size >= MAX_KEYS && oldest !== undefined) keys.delete(oldest);
    keys.set(text, key);
  }
  return key;
}
