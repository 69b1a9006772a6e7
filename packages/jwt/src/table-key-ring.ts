import { openStoredSecret } from '@rf/auth';
import { ImproperlyConfigured } from '@rf/exceptions';
import { db } from '@rf/orm';
import type { Site } from '@rf/views';
import type { JWK } from 'jose';
import { JwtKey } from './jwt-key.ts';
import { type KeyRing, publicJwks, selectKeys } from './key-ring.ts';
import { SigningKey } from './signing-key.ts';

/** Milliseconds for which rows are kept in memory: the longest time until a key that was withdrawn is refused. */
const KEEP_MS = 30_000;
/** Milliseconds between two looks for a key that is not there, so that made-up `kid`s cost no query each. */
const RETRY_MS = 5_000;

interface Loaded {
  readonly key: JwtKey;
  readonly notBefore: number;
  readonly retiredAt: number;
}

/** The keys of the table `jwt_signing_key`. A new key is known to other processes as soon as they meet its `kid`. */
export class TableKeyRing implements KeyRing {
  #rows: readonly Loaded[] | undefined;
  #loadedAt = Number.NEGATIVE_INFINITY;
  /** Opened keys by sealed text: unsealing and importing is done once for a row. Null for those that cannot be opened. */
  #opened: ReadonlyMap<string, Promise<JwtKey | null>> = new Map();

  constructor(private readonly site: Site) {}

  async signingKey(): Promise<JwtKey> {
    const [newest] = await this.signingKeys();
    if (newest === undefined) {
      throw new ImproperlyConfigured(
        "jwt({ keys: 'table' }) finds no key in jwt_signing_key that it can open and that may sign now. Run `rf generate-jwt-key --alg ES256`.",
      );
    }
    return newest;
  }

  async signingKeys(): Promise<readonly JwtKey[]> {
    const now = this.site.clock();
    const started = (await this.valid()).filter((row) => row.notBefore <= now);
    return keysOf(started.toSorted((a, b) => b.notBefore - a.notBefore));
  }

  async verifyingKeys(kid: string | undefined): Promise<readonly JwtKey[]> {
    const found = selectKeys(keysOf(await this.valid()), kid);
    if (found.length > 0 || this.site.clock() - this.#loadedAt < RETRY_MS) return found;
    this.#rows = undefined;
    return selectKeys(keysOf(await this.valid()), kid);
  }

  async publicKeys(): Promise<readonly JWK[]> {
    return publicJwks(keysOf(await this.valid()));
  }

  private async valid(): Promise<readonly Loaded[]> {
    const now = this.site.clock();
    if (this.#rows === undefined || now - this.#loadedAt >= KEEP_MS || now < this.#loadedAt) {
      // Each caller that finds nothing looks for itself: waiting for another's query could wait for one's own transaction.
      this.#rows = await this.load();
      this.#loadedAt = now;
    }
    return this.#rows.filter((row) => row.retiredAt > now);
  }

  private async load(): Promise<readonly Loaded[]> {
    const rows = await db(this.site)
      .getRepository(SigningKey)
      .find({ order: { id: 'DESC' } });
    this.#opened = new Map(rows.map((row) => [row.privateEnc, this.#opened.get(row.privateEnc) ?? this.open(row)]));
    const loaded = await Promise.all(
      rows.map(async (row): Promise<Loaded | null> => {
        const key = (await this.#opened.get(row.privateEnc)) ?? null;
        const retiredAt = row.retiredAt?.getTime() ?? Number.POSITIVE_INFINITY;
        return key && { key, notBefore: row.notBefore.getTime(), retiredAt };
      }),
    );
    return loaded.filter((row) => row !== null);
  }

  private async open(row: SigningKey): Promise<JwtKey | null> {
    const jwk = openStoredSecret(this.site, row, row.privateEnc);
    if (jwk === null) return null;
    return JwtKey.from(JSON.parse(jwk) as JWK, row.alg, { kid: row.kid, setting: `key ${row.kid} of jwt_signing_key` });
  }
}

function keysOf(rows: readonly Loaded[]): readonly JwtKey[] {
  return rows.map((row) => row.key);
}
