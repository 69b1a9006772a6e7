import { createHash } from 'node:crypto';
import { BcryptThread } from './bcrypt-thread.ts';
import type { PasswordHasher } from './password-hasher.ts';

/** Verifying more rounds than this takes minutes. */
const MAX_COST = 15;

const thread = new BcryptThread();

/** bcrypt over the SHA-256 of the password, as `bcrypt_sha256$$2b$12$…`: to read what Django stored. */
export class BCryptSHA256PasswordHasher implements PasswordHasher {
  readonly algorithm: string = 'bcrypt_sha256';

  constructor(readonly rounds = 12) {}

  async encode(password: string): Promise<string> {
    return `${this.algorithm}$${await thread.hash(this.prepare(password), this.rounds)}`;
  }

  async verify(password: string, encoded: string): Promise<boolean> {
    const cost = this.#costOf(encoded);
    return cost !== null && thread.compare(this.prepare(password), this.#storedOf(encoded));
  }

  mustUpdate(encoded: string): boolean {
    return this.#costOf(encoded) !== this.rounds;
  }

  async hardenRuntime(password: string, encoded: string): Promise<void> {
    const cost = this.#costOf(encoded);
    if (cost === null) return;
    // Each step of the cost doubles the time: 2^11 + 2^10 + … make up for what is missing up to 2^12.
    for (let missing = this.rounds - 1; missing >= cost; missing -= 1)
      await thread.hash(this.prepare(password), missing);
  }

  #storedOf(encoded: string): string {
    return encoded.slice(this.algorithm.length + 1);
  }

  #costOf(encoded: string): number | null {
    const cost = Number(/^\$2[aby]\$(\d\d)\$/.exec(this.#storedOf(encoded))?.[1]);
    return cost <= MAX_COST ? cost : null;
  }

  /** bcrypt looks at 72 bytes only, so it is given a digest. */
  protected prepare(password: string): string {
    return createHash('sha256').update(password).digest('hex');
  }
}

/** bcrypt over the password itself, as `bcrypt$$2b$12$…`. */
export class BCryptPasswordHasher extends BCryptSHA256PasswordHasher {
  override readonly algorithm = 'bcrypt';

  protected override prepare(password: string): string {
    return password;
  }
}
