import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { Site } from '@rf/views';

const VERSION = 'v1';
const DAMAGED = 'A sealed secret was changed after it was made.';

/** Thrown for a sealed text that cannot be opened; the message says why and names no secret. */
export class SealedSecretError extends Error {
  override name = 'SealedSecretError';

  /** @param keyId names the key that sealed the text, in eight hexadecimal digits; null where the text does not say */
  constructor(
    message: string,
    readonly keyId: string | null,
  ) {
    super(message);
  }
}

/**
 * Keeps secrets that must be read back, such as the keys of signing schemes: AES-256-GCM under a key derived from the project's
 * secret key.
 *
 * A sealed text names the key it was made with, so `secretKeyFallbacks` still opens what a former secret key sealed.
 */
export class SecretBox {
  readonly #keys: readonly { readonly id: string; readonly key: Buffer }[];

  /** @param purpose keeps the secrets of one use from being opened by another */
  constructor(
    site: Pick<Site, 'secretKey' | 'secretKeyFallbacks'>,
    readonly purpose = 'rf.secret-box',
  ) {
    this.#keys = [site.secretKey, ...site.secretKeyFallbacks].map((secret) => deriveKey(secret, purpose));
  }

  /** A text that only this project can open. */
  seal(secret: string): string {
    const { id, key } = this.#keys[0] as { id: string; key: Buffer };
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', key, nonce);
    cipher.setAAD(Buffer.from(`${VERSION}.${id}`));
    const sealed = Buffer.concat([nonce, cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return `${VERSION}.${id}.${sealed.toString('base64url')}`;
  }

  /** What was sealed. Throws SealedSecretError when the text was changed, or its key is not among the project's. */
  open(sealed: string): string {
    const [version, id = '', payload = ''] = sealed.split('.');
    const keyId = /^[0-9a-f]{8}$/.test(id) ? id : null;
    if (version !== VERSION || keyId === null) throw new SealedSecretError(DAMAGED, keyId);
    const entry = this.#keys.find((candidate) => candidate.id === keyId);
    if (entry === undefined) {
      throw new SealedSecretError(
        'A sealed secret was made with a secret key that is neither secretKey nor one of secretKeyFallbacks.',
        keyId,
      );
    }
    const bytes = Buffer.from(payload, 'base64url');
    if (bytes.length < 28) throw new SealedSecretError(DAMAGED, keyId);
    try {
      const decipher = createDecipheriv('aes-256-gcm', entry.key, bytes.subarray(0, 12));
      decipher.setAAD(Buffer.from(`${VERSION}.${id}`));
      decipher.setAuthTag(bytes.subarray(-16));
      return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString('utf8');
    } catch {
      throw new SealedSecretError(DAMAGED, keyId);
    }
  }

  /** True when the text should be sealed anew because the project's secret key has changed. */
  isOutdated(sealed: string): boolean {
    return sealed.split('.')[1] !== this.#keys[0]?.id;
  }
}

function deriveKey(secret: string, purpose: string): { id: string; key: Buffer } {
  const derived = Buffer.from(hkdfSync('sha256', secret, '', purpose, 36));
  // The first bytes only tell keys apart; the others are the key.
  return { id: derived.subarray(0, 4).toString('hex'), key: derived.subarray(4) };
}

const boxes = new WeakMap<Site, SecretBox>();

/** The secret box of a project. */
export function secretBox(site: Site): SecretBox {
  let box = boxes.get(site);
  if (box === undefined) {
    box = new SecretBox(site);
    boxes.set(site, box);
  }
  return box;
}
