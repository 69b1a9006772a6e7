import { createHash } from 'node:crypto';
import bcrypt from 'bcryptjs';
import type { PasswordHasher } from './password-hasher.ts';

/** Verifying more rounds than this takes minutes. */
const MAX_COST = 15;

/**
 * bcrypt over the SHA-256 of the password, as `bcrypt_sha256$$2b$12$…`: to read what Django stored.
 *
 * The library yields to the event loop while it works.
 */
export class BCryptSHA256PasswordHasher implements PasswordHasher {
  readonly algorithm: string = 'bcrypt_sha256';

  constructor(readonly rounds = 12) {}

  async encode(password: string): Promise<string> {
    return `${this.algorithm}$${await bcrypt.hash(this.prepare(password), this.rounds)}`;
  }

  async verify(password: string, encoded: string): Promise<boolean> {
    const stored = encoded.slice(this.algorithm.length + 1);
    const cost = Number(/^\$2[aby]\$(\d\d)\$/.exec(stored)?.[1]);
    if (!(cost <= MAX_COST)) return false;
    return bcrypt.compare(this.prepare(password), stored);
  }

  mustUpdate(encoded: string): boolean {
    return Number(encoded.split('$')[3]) !== this.rounds;
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
