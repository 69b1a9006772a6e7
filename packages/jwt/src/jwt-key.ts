import {
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  generateKeyPairSync,
  KeyObject,
  randomBytes,
} from 'node:crypto';
import { ImproperlyConfigured } from '@rf/exceptions';
import { calculateJwkThumbprint, type CryptoKey, importJWK, type JWK } from 'jose';
import { acceptedNames, algorithmRules, isJwtAlgorithm, type JwtAlgorithm, jwtAlgorithms } from './algorithms.ts';

/** A key as it may be given: PEM text or the text of a shared secret, secret bytes, a JWK, or Node's own key object. */
export type KeyMaterial = string | Uint8Array | JWK | KeyObject;

/** Choices for {@link JwtKey.from}. */
export interface JwtKeyOptions {
  /** Name of the key in token headers. For public-key algorithms the RFC 7638 thumbprint when left out. */
  readonly kid?: string | undefined;
  /** How the error text names the setting that holds the key. */
  readonly setting?: string;
}

const MIN_RSA_BITS = 2048;

/**
 * One key with its one algorithm. What a token says about algorithms, keys or where to find them is never followed
 * (RFC 8725, sections 3.1 and 3.10).
 */
export class JwtKey {
  readonly algorithm: JwtAlgorithm;
  /** Undefined for a shared secret that was given no name: tokens then carry no `kid`. */
  readonly kid: string | undefined;
  // Hidden from loggers and inspectors, since it holds the private members.
  readonly #jwk: JWK;
  #verifier: Promise<CryptoKey> | undefined;
  #signer: Promise<CryptoKey> | undefined;

  private constructor(algorithm: JwtAlgorithm, kid: string | undefined, jwk: JWK) {
    this.algorithm = algorithm;
    this.kid = kid;
    this.#jwk = jwk;
  }

  /**
   * Reads a key and refuses one that is too weak or not meant for `algorithm`.
   *
   * Throws ImproperlyConfigured: an unknown algorithm, a secret shorter than the digest (32, 48, 64 bytes), RSA below
   * 2048 bits, another curve, a PEM text as a shared secret, a JWK whose `alg`, `use` or `key_ops` say otherwise.
   */
  static async from(material: KeyMaterial, algorithm: JwtAlgorithm, options: JwtKeyOptions = {}): Promise<JwtKey> {
    const setting = options.setting ?? 'the key';
    if (!isJwtAlgorithm(algorithm)) {
      throw new ImproperlyConfigured(
        `${setting} is for algorithm ${JSON.stringify(algorithm)}, which is none of ${jwtAlgorithms.join(', ')}.`,
      );
    }
    const { kty } = algorithmRules(algorithm);
    const jwk = kty === 'oct' ? readSecret(material, setting) : readAsymmetric(material, setting);
    checkFit(jwk, algorithm, setting);
    const named = options.kid ?? jwk.kid;
    return new JwtKey(algorithm, named ?? (kty === 'oct' ? undefined : await calculateJwkThumbprint(jwk)), jwk);
  }

  /** A new random key of good size: 256 to 512 bits for HS, 2048 for RSA, or the algorithm's curve. */
  static async generate(algorithm: JwtAlgorithm): Promise<JwtKey> {
    const { kty, secretBytes, curve } = algorithmRules(algorithm);
    if (kty === 'oct') {
      return JwtKey.from(randomBytes(secretBytes ?? 32), algorithm, { kid: randomBytes(16).toString('hex') });
    }
    if (kty === 'RSA') {
      return JwtKey.from(generateKeyPairSync('rsa', { modulusLength: MIN_RSA_BITS }).privateKey, algorithm);
    }
    if (kty === 'EC') {
      return JwtKey.from(generateKeyPairSync('ec', { namedCurve: curve as string }).privateKey, algorithm);
    }
    return JwtKey.from(generateKeyPairSync('ed25519').privateKey, algorithm);
  }

  /** True when the key can sign: a shared secret or a private key. */
  get canSign(): boolean {
    return this.#jwk.kty === 'oct' || this.#jwk.d !== undefined;
  }

  /** True for a key that others must never see, not even to verify. */
  get isSecret(): boolean {
    return this.#jwk.kty === 'oct';
  }

  /** The `alg` values of tokens that this key may verify. */
  get accepts(): readonly JwtAlgorithm[] {
    return acceptedNames(this.algorithm);
  }

  /**
   * The public half as it may be published: only the members that RFC 7518 section 6 calls public, with `kid`, `alg`
   * and `use`. Undefined for a shared secret.
   */
  get publicJwk(): JWK | undefined {
    if (this.isSecret) return undefined;
    return { ...publicMembers(this.#jwk), kid: this.kid as string, alg: this.algorithm, use: 'sig' };
  }

  /** The whole key as JSON text, private members included: to be sealed before it is stored. */
  exportPrivate(): string {
    return JSON.stringify(this.#jwk);
  }

  /** The key as jose uses it to verify; imported once. */
  verifier(): Promise<CryptoKey> {
    this.#verifier ??= this.import(this.isSecret ? this.#jwk : publicMembers(this.#jwk), 'verify');
    return this.#verifier;
  }

  /** The key as jose uses it to sign; imported once. Throws ImproperlyConfigured for a public key. */
  signer(): Promise<CryptoKey> {
    if (!this.canSign) {
      throw new ImproperlyConfigured(
        'A token cannot be signed with a public key. Give jwt() a signingKey with its private part.',
      );
    }
    this.#signer ??= this.import(this.#jwk, 'sign');
    return this.#signer;
  }

  private async import(jwk: JWK, usage: 'sign' | 'verify'): Promise<CryptoKey> {
    if (jwk.kty === 'oct') {
      const hash = algorithmRules(this.algorithm).hash as string;
      const bytes = Buffer.from(jwk.k as string, 'base64url');
      return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash }, false, [usage]);
    }
    return (await importJWK(jwk, this.algorithm)) as CryptoKey;
  }
}

function publicMembers(jwk: JWK): JWK {
  const { kty, crv, x, y, n, e } = jwk;
  if (kty === 'RSA') return { kty, n: n as string, e: e as string };
  return kty === 'EC'
    ? { kty, crv: crv as string, x: x as string, y: y as string }
    : { kty: 'OKP', crv: crv as string, x: x as string };
}

function readSecret(material: KeyMaterial, setting: string): JWK {
  if (material instanceof KeyObject) {
    if (material.type !== 'secret') throw new ImproperlyConfigured(`${setting} is not a secret key.`);
    return material.export({ format: 'jwk' }) as JWK;
  }
  if (material instanceof Uint8Array) return createSecretKey(material).export({ format: 'jwk' }) as JWK;
  if (typeof material === 'string') {
    // A public key used as a shared secret lets everyone sign (RFC 8725, section 2.1).
    if (/-----BEGIN |^ssh-/.test(material)) {
      throw new ImproperlyConfigured(`${setting} is a PEM or SSH key, but the algorithm takes a shared secret.`);
    }
    return createSecretKey(Buffer.from(material, 'utf8')).export({ format: 'jwk' }) as JWK;
  }
  if (material.kty !== 'oct' || typeof material.k !== 'string') {
    throw new ImproperlyConfigured(`${setting} is a JWK of kty ${JSON.stringify(material.kty)} instead of "oct".`);
  }
  return material;
}

function readAsymmetric(material: KeyMaterial, setting: string): JWK {
  if (material instanceof Uint8Array) {
    throw new ImproperlyConfigured(`${setting} is bytes; a public-key algorithm takes PEM text or a JWK.`);
  }
  try {
    const key = material instanceof KeyObject ? material : readKeyObject(material);
    const exported = key.export({ format: 'jwk' }) as JWK;
    if (typeof material === 'string' || material instanceof KeyObject) return exported;
    const { kid, alg, use, key_ops } = material;
    return { ...exported, ...dropUndefined({ kid, alg, use, key_ops }) };
  } catch {
    // The cause is left out: OpenSSL's texts may quote the input.
    throw new ImproperlyConfigured(`${setting} cannot be read as a PEM text, a JWK or a key object.`);
  }
}

function readKeyObject(material: string | JWK): KeyObject {
  if (typeof material === 'string') {
    return material.includes('PRIVATE KEY') ? createPrivateKey(material) : createPublicKey(material);
  }
  const input = { key: material as never, format: 'jwk' } as const;
  return material.d === undefined ? createPublicKey(input) : createPrivateKey(input);
}

function checkFit(jwk: JWK, algorithm: JwtAlgorithm, setting: string): void {
  const rules = algorithmRules(algorithm);
  const refuse = (text: string): never => {
    throw new ImproperlyConfigured(`${setting} cannot be used with ${algorithm}: ${text}`);
  };
  if (jwk.kty !== rules.kty) refuse(`its kty is ${JSON.stringify(jwk.kty)}, not "${rules.kty}".`);
  if (rules.curve !== undefined && jwk.crv !== rules.curve) refuse(`its curve is ${jwk.crv}, not ${rules.curve}.`);
  if (rules.secretBytes !== undefined) {
    const length = Buffer.from(jwk.k as string, 'base64url').length;
    if (length < rules.secretBytes) {
      refuse(
        `it has ${length} bytes and needs ${rules.secretBytes} (RFC 7518, section 3.2). ` +
          `Make one with: node -p "crypto.randomBytes(${rules.secretBytes}).toString('base64url')"`,
      );
    }
  }
  if (rules.kty === 'RSA') checkRsa(jwk, refuse);
  if (jwk.alg !== undefined && !acceptedNames(algorithm).includes(jwk.alg as JwtAlgorithm)) {
    refuse(`the JWK says "alg": ${JSON.stringify(jwk.alg)}.`);
  }
  if (jwk.use !== undefined && jwk.use !== 'sig') refuse(`the JWK says "use": ${JSON.stringify(jwk.use)}.`);
  if (jwk.key_ops !== undefined && !jwk.key_ops.some((operation) => operation === 'verify' || operation === 'sign')) {
    refuse(`the JWK says "key_ops": ${JSON.stringify(jwk.key_ops)}.`);
  }
}

function checkRsa(jwk: JWK, refuse: (text: string) => never): void {
  const bits = createPublicKey({ key: publicMembers(jwk) as never, format: 'jwk' }).asymmetricKeyDetails;
  const length = bits?.modulusLength ?? 0;
  if (length < MIN_RSA_BITS) refuse(`it has ${length} bits and needs ${MIN_RSA_BITS} (RFC 7518, section 3.3).`);
  if ((bits?.publicExponent ?? 0n) < 3n) refuse('its public exponent is below 3.');
}

function dropUndefined(members: Partial<JWK>): Partial<JWK> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
