import { scrypt, type ScryptOptions } from 'node:crypto';
import { constantTimeEqual } from './constant-time.ts';
import { makeSalt, type PasswordHasher } from './password-hasher.ts';

/** Cost of scrypt (RFC 7914, section 2). */
export interface ScryptParameters {
  /** CPU and memory cost, a power of two. Default 16384. */
  readonly N: number;
  /** Block size. Default 8. */
  readonly r: number;
  /** Parallelisation. Default 5. */
  readonly p: number;
}

const KEY_LENGTH = 64;

/** More would let a stored text take the server's memory. */
const MAX_MEMORY = 256 * 1024 * 1024;

/** scrypt (RFC 7914), as `scrypt$N$salt$r$p$hash`: the default hasher. */
export class ScryptPasswordHasher implements PasswordHasher {
  readonly algorithm = 'scrypt';
  readonly parameters: ScryptParameters;

  constructor(parameters: Partial<ScryptParameters> = {}) {
    this.parameters = { N: 16_384, r: 8, p: 5, ...parameters };
  }

  async encode(password: string, salt = makeSalt(), { N, r, p } = this.parameters): Promise<string> {
    const hash = await derive(password, salt, { N, r, p, maxmem: MAX_MEMORY });
    return `scrypt$${N}$${salt}$${r}$${p}$${hash.toString('base64')}`;
  }

  async verify(password: string, encoded: string): Promise<boolean> {
    const parts = decode(encoded);
    return parts !== null && constantTimeEqual(await this.encode(password, parts.salt, parts), encoded);
  }

  mustUpdate(encoded: string): boolean {
    const parts = decode(encoded);
    const { N, r, p } = this.parameters;
    return parts === null || parts.N !== N || parts.r !== r || parts.p !== p;
  }

  async hardenRuntime(password: string, encoded: string): Promise<void> {
    const parts = decode(encoded);
    if (parts === null) return;
    const { N, r, p } = this.parameters;
    // The lanes run one after the other, so their number scales the time.
    const missing = Math.round(p * (1 - (parts.N * parts.r * parts.p) / (N * r * p)));
    if (missing > 0) await this.encode(password, parts.salt, { N, r, p: missing });
  }
}

function decode(encoded: string): (ScryptParameters & { salt: string }) | null {
  const [algorithm, N, salt = '', r, p, hash] = encoded.split('$');
  const numbers = { N: Number(N), r: Number(r), p: Number(p) };
  const isReadable =
    algorithm === 'scrypt' &&
    hash !== undefined &&
    Object.values(numbers).every((value) => Number.isInteger(value) && value > 0) &&
    Number.isInteger(Math.log2(numbers.N)) &&
    128 * numbers.N * numbers.r < MAX_MEMORY;
  return isReadable ? { ...numbers, salt } : null;
}

function derive(password: string, salt: string, options: ScryptOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, KEY_LENGTH, options, (error, key) => (error === null ? resolve(key) : reject(error)));
  });
}
