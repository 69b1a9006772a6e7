import { pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';
import { constantTimeEqual } from './constant-time.ts';
import { makeSalt, type PasswordHasher } from './password-hasher.ts';

const derive = promisify(pbkdf2);

/** More would let a stored text stall the server. */
const MAX_ITERATIONS = 10_000_000;

/** PBKDF2 (RFC 8018, section 5.2), as `pbkdf2_sha256$iterations$salt$hash`. */
export class PBKDF2PasswordHasher implements PasswordHasher {
  readonly algorithm: string = 'pbkdf2_sha256';
  protected readonly digest: string = 'sha256';
  protected readonly keyLength: number = 32;

  constructor(readonly iterations = 1_000_000) {}

  async encode(password: string, salt = makeSalt(), iterations = this.iterations): Promise<string> {
    const hash = await derive(password, salt, iterations, this.keyLength, this.digest);
    return `${this.algorithm}$${iterations}$${salt}$${hash.toString('base64')}`;
  }

  async verify(password: string, encoded: string): Promise<boolean> {
    const parts = this.#decode(encoded);
    return parts !== null && constantTimeEqual(await this.encode(password, parts.salt, parts.iterations), encoded);
  }

  mustUpdate(encoded: string): boolean {
    const parts = this.#decode(encoded);
    return parts === null || parts.iterations !== this.iterations;
  }

  async hardenRuntime(password: string, encoded: string): Promise<void> {
    const parts = this.#decode(encoded);
    const missing = parts === null ? 0 : this.iterations - parts.iterations;
    if (parts !== null && missing > 0) await this.encode(password, parts.salt, missing);
  }

  #decode(encoded: string): { iterations: number; salt: string } | null {
    const [algorithm, count = '', salt = '', hash] = encoded.split('$');
    const iterations = Number(count);
    const isReadable =
      algorithm === this.algorithm && hash !== undefined && Number.isInteger(iterations) && iterations > 0;
    return isReadable && iterations <= MAX_ITERATIONS ? { iterations, salt } : null;
  }
}

/** PBKDF2 with SHA-1: only to read what older systems stored. */
export class PBKDF2SHA1PasswordHasher extends PBKDF2PasswordHasher {
  override readonly algorithm = 'pbkdf2_sha1';
  protected override readonly digest = 'sha1';
  protected override readonly keyLength = 20;
}
