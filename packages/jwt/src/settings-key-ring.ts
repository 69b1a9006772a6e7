import { ImproperlyConfigured } from '@rf/exceptions';
import type { Site } from '@rf/views';
import type { JWK } from 'jose';
import { FixedKeyRing } from './fixed-key-ring.ts';
import { JwtKey, type KeyMaterial } from './jwt-key.ts';
import type { KeyRing } from './key-ring.ts';
import type { ResolvedJwtOptions } from './options.ts';

/** The keys that the options of `jwt()` name; read once, at start-up. */
export class SettingsKeyRing implements KeyRing {
  #ring: Promise<FixedKeyRing> | undefined;

  constructor(
    private readonly site: Site,
    private readonly options: ResolvedJwtOptions,
  ) {}

  async signingKey(): Promise<JwtKey> {
    return (await this.open()).signingKey();
  }

  async signingKeys(): Promise<readonly JwtKey[]> {
    return (await this.open()).signingKeys();
  }

  async verifyingKeys(kid: string | undefined): Promise<readonly JwtKey[]> {
    return (await this.open()).verifyingKeys(kid);
  }

  async publicKeys(): Promise<readonly JWK[]> {
    return (await this.open()).publicKeys();
  }

  /** Reads the keys. Throws ImproperlyConfigured for keys that are missing, weak or do not fit the algorithm. */
  open(): Promise<FixedKeyRing> {
    this.#ring ??= this.read();
    return this.#ring;
  }

  private async read(): Promise<FixedKeyRing> {
    const { signingKey, verifyingKey, verifyingKeyFallbacks = [], algorithm, keyId } = this.options;
    const shared = algorithm.startsWith('HS');
    if (!shared && signingKey === undefined && verifyingKey === undefined) {
      throw new ImproperlyConfigured(
        `jwt({ algorithm: '${algorithm}' }) has no key. Set signingKey to a private key, for instance the text of a PEM ` +
          "file, or verifyingKey to verify only, or keys: 'table' and run `rf generate-jwt-key`.",
      );
    }
    if (shared && verifyingKey !== undefined) {
      throw new ImproperlyConfigured(`jwt(): ${algorithm} signs and verifies with one secret. Remove verifyingKey.`);
    }
    const read = (material: KeyMaterial, setting: string, kid?: string) =>
      JwtKey.from(material, algorithm, { setting, kid });

    const former = await Promise.all(
      verifyingKeyFallbacks.map((key, index) => read(key, `jwt({ verifyingKeyFallbacks[${index}] })`)),
    );
    if (shared && signingKey === undefined) {
      const own = await read(this.site.secretKey, "the project's secretKey, which jwt() signs with,", keyId);
      const retired = await Promise.all(this.site.secretKeyFallbacks.map((secret) => readIfStrong(secret)));
      return new FixedKeyRing(own, [own, ...retired.filter((key) => key !== undefined), ...former]);
    }
    const signing = signingKey === undefined ? undefined : await read(signingKey, 'jwt({ signingKey })', keyId);
    const verifying =
      verifyingKey === undefined ? (signing as JwtKey) : await read(verifyingKey, 'jwt({ verifyingKey })', keyId);
    return new FixedKeyRing(signing, [verifying, ...former]);

    // A former secretKey may be of a time when it signed no tokens; then there is none to verify with it.
    async function readIfStrong(secret: string): Promise<JwtKey | undefined> {
      return Buffer.byteLength(secret) < 32 ? undefined : read(secret, 'a fallback of secretKey');
    }
  }
}
