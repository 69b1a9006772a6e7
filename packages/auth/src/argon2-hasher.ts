import { ImproperlyConfigured } from '@rf/exceptions';
import type { PasswordHasher } from './password-hasher.ts';

/** Cost of Argon2id (RFC 9106, section 4). */
export interface Argon2Parameters {
  /** Passes. Default 2. */
  readonly timeCost: number;
  /** KiB. Default 102400. */
  readonly memoryCost: number;
  /** Lanes. Default 8. */
  readonly parallelism: number;
}

/** Argon2id (RFC 9106), as `argon2$argon2id$…`. Needs the package `@node-rs/argon2`. */
export class Argon2PasswordHasher implements PasswordHasher {
  readonly algorithm = 'argon2';
  readonly parameters: Argon2Parameters;

  constructor(parameters: Partial<Argon2Parameters> = {}) {
    this.parameters = { timeCost: 2, memoryCost: 102_400, parallelism: 8, ...parameters };
  }

  async encode(password: string, salt?: string): Promise<string> {
    const argon2 = await load();
    const options = salt === undefined ? this.parameters : { ...this.parameters, salt: Buffer.from(salt) };
    // Argon2id is the library's default and the only variant we write.
    return `argon2${await argon2.hash(password, options)}`;
  }

  async verify(password: string, encoded: string): Promise<boolean> {
    const argon2 = await load();
    try {
      return await argon2.verify(encoded.slice('argon2'.length), password);
    } catch {
      return false;
    }
  }

  mustUpdate(encoded: string): boolean {
    const { timeCost, memoryCost, parallelism } = this.parameters;
    return !encoded.startsWith(`argon2$argon2id$v=19$m=${memoryCost},t=${timeCost},p=${parallelism}$`);
  }
}

async function load(): Promise<typeof import('@node-rs/argon2')> {
  try {
    return await import('@node-rs/argon2');
  } catch {
    throw new ImproperlyConfigured(
      'A password is kept with Argon2: install the package that reads it, npm install @node-rs/argon2.',
    );
  }
}
