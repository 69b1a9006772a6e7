import { createSecretKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { type AbstractUser, secretBox } from '@rf/auth';
import { db, type SiteOwner } from '@rf/orm';
import { readPublicKey } from './public-key.ts';
import { keyProblem, type SignatureAlgorithm } from './signature-algorithms.ts';
import { SignatureKey } from './signature-key.ts';

/** What a new key is like. */
export interface SignatureKeyOptions {
  /** Default `ed25519`. */
  readonly algorithm?: SignatureAlgorithm;
  /** The client's public key; as text PEM or JWK. Left out, a pair is made and the private half returned. Not with `hmac-sha256`. */
  readonly publicKey?: string | KeyObject;
  /** The secret of `hmac-sha256`, at least 32 random bytes; made anew when left out. */
  readonly secret?: Uint8Array;
  /** Random when left out. */
  readonly keyId?: string;
  readonly name?: string;
  /** Seconds until it ends; left out, it does not. */
  readonly lifetime?: number;
}

/** What was made. Whatever the client must have and the server did not get from it is here, once. */
export interface CreatedSignatureKey {
  readonly key: SignatureKey;
  /** PEM, when the pair was made here. */
  readonly privateKey?: string;
  /** Base64, of `hmac-sha256`. */
  readonly secret?: string;
}

/** Makes a key for a user. Throws an Error that says what is wrong with a key or secret that was given. */
export async function createSignatureKey(
  owner: SiteOwner,
  user: Pick<AbstractUser, 'id'>,
  options: SignatureKeyOptions = {},
): Promise<CreatedSignatureKey> {
  const site = 'site' in owner ? owner.site : owner;
  const { algorithm = 'ed25519', name = '', lifetime } = options;
  const material = algorithm === 'hmac-sha256' ? secretMaterial(options) : publicMaterial(algorithm, options);
  const problem = keyProblem(algorithm, material.key);
  if (problem !== null) throw new Error(`The key for ${algorithm} ${problem}.`);
  const now = site.clock();
  const manager = db(owner);
  const isSecret = material.key.type === 'secret';
  const key = await manager.save(
    manager.create(SignatureKey, {
      // Hexadecimal: one that begins with a hyphen would look like an option to the commands.
      keyId: options.keyId ?? randomBytes(12).toString('hex'),
      algorithm,
      publicJwk: isSecret ? null : material.key.export({ format: 'jwk' }),
      secretSealed: isSecret ? secretBox(site).seal(material.key.export().toString('base64')) : null,
      user: { id: user.id },
      name,
      active: true,
      notBefore: new Date(now),
      expires: lifetime === undefined ? null : new Date(now + lifetime * 1000),
      created: new Date(now),
      lastUsed: null,
    }),
  );
  return { key, ...material.forClient };
}

interface Material {
  readonly key: KeyObject;
  readonly forClient: Omit<CreatedSignatureKey, 'key'>;
}

function secretMaterial({ publicKey, secret = randomBytes(64) }: SignatureKeyOptions): Material {
  if (publicKey !== undefined) throw new Error('hmac-sha256 has a secret, not a public key.');
  return { key: createSecretKey(secret), forClient: { secret: Buffer.from(secret).toString('base64') } };
}

function publicMaterial(
  algorithm: Exclude<SignatureAlgorithm, 'hmac-sha256'>,
  { publicKey, secret }: SignatureKeyOptions,
): Material {
  if (secret !== undefined) throw new Error(`${algorithm} has a public key, not a secret.`);
  if (publicKey !== undefined) return { key: readPublicKey(publicKey), forClient: {} };
  const pair = generatePair(algorithm);
  const privateKey = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  return { key: pair.publicKey, forClient: { privateKey } };
}

function generatePair(algorithm: Exclude<SignatureAlgorithm, 'hmac-sha256'>) {
  switch (algorithm) {
    case 'ed25519':
      return generateKeyPairSync('ed25519');
    case 'ecdsa-p256-sha256':
      return generateKeyPairSync('ec', { namedCurve: 'P-256' });
    case 'ecdsa-p384-sha384':
      return generateKeyPairSync('ec', { namedCurve: 'P-384' });
    default:
      return generateKeyPairSync('rsa', { modulusLength: 3072 });
  }
}
