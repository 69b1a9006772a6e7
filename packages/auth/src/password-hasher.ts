import { randomInt } from 'node:crypto';

/**
 * One way to keep passwords, in Django's text format `algorithm$…` (DJ08).
 */
export interface PasswordHasher {
  /** The text before the first `$`. */
  readonly algorithm: string;
  /** The text to store. @param salt random unless given */
  encode(password: string, salt?: string): Promise<string>;
  /** True when `encoded`, which this hasher made, is of this password. False for a text that it cannot read. */
  verify(password: string, encoded: string): Promise<boolean>;
  /** True when `encoded` was made with other parameters than today's. */
  mustUpdate(encoded: string): boolean;
  /**
   * Spends the time by which checking `encoded` falls short of today's parameters, so that how long a wrong password takes does not
   * tell which accounts still have a weak hash.
   */
  hardenRuntime?(password: string, encoded: string): Promise<void>;
}

const SALT_LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** 22 letters and digits: 131 bits, as Django's salts. */
export function makeSalt(): string {
  let salt = '';
  for (let count = 0; count < 22; count += 1) salt += SALT_LETTERS[randomInt(SALT_LETTERS.length)];
  return salt;
}
