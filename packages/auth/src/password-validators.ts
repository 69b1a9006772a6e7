import { ErrorDetail, ValidationError } from '@rf/exceptions';
import { COMMON_PASSWORDS } from './common-passwords.ts';

/** Whose password it is to be: the values that it must not resemble. */
export type PasswordOwner = Readonly<Record<string, unknown>>;

/** Says what is wrong with a new password (DJ09). */
export interface PasswordValidator {
  /** The fault; null for none. */
  validate(password: string, owner?: PasswordOwner): ErrorDetail | null;
  /** Told to people before they choose. */
  readonly helpText: string;
}

/** At least so many characters; 8 by default. */
export class MinimumLengthValidator implements PasswordValidator {
  constructor(readonly minLength = 8) {}

  validate(password: string): ErrorDetail | null {
    if ([...password].length >= this.minLength) return null;
    return new ErrorDetail(
      `This password is too short. It must contain at least ${this.#characters}.`,
      'password_too_short',
    );
  }

  get helpText(): string {
    return `Your password must contain at least ${this.#characters}.`;
  }

  get #characters(): string {
    return `${this.minLength} ${this.minLength === 1 ? 'character' : 'characters'}`;
  }
}

/** Not one that everybody tries first. */
export class CommonPasswordValidator implements PasswordValidator {
  readonly helpText = 'Your password can’t be a commonly used password.';

  constructor(readonly passwords: ReadonlySet<string> = COMMON_PASSWORDS) {}

  validate(password: string): ErrorDetail | null {
    return this.passwords.has(password.toLowerCase().trim())
      ? new ErrorDetail('This password is too common.', 'password_too_common')
      : null;
  }
}

/** Not digits only. */
export class NumericPasswordValidator implements PasswordValidator {
  readonly helpText = 'Your password can’t be entirely numeric.';

  validate(password: string): ErrorDetail | null {
    return /^\d+$/.test(password)
      ? new ErrorDetail('This password is entirely numeric.', 'password_entirely_numeric')
      : null;
  }
}

/** Not much like the user's name or address. */
export class UserAttributeSimilarityValidator implements PasswordValidator {
  readonly helpText = 'Your password can’t be too similar to your other personal information.';

  /** @param maxSimilarity from 0.1 to 1; default 0.7 */
  constructor(
    readonly attributes: Readonly<Record<string, string>> = {
      username: 'username',
      firstName: 'first name',
      lastName: 'last name',
      email: 'email address',
    },
    readonly maxSimilarity = 0.7,
  ) {}

  validate(password: string, owner: PasswordOwner = {}): ErrorDetail | null {
    const given = password.toLowerCase();
    for (const [attribute, label] of Object.entries(this.attributes)) {
      const value = owner[attribute];
      if (typeof value !== 'string' || value === '') continue;
      const lower = value.toLowerCase();
      for (const part of [...lower.split(/[^\p{L}\p{N}_]+/u), lower]) {
        if (part === '' || isMuchLonger(given, part, this.maxSimilarity)) continue;
        if (similarity(given, part) >= this.maxSimilarity) {
          return new ErrorDetail(`The password is too similar to the ${label}.`, 'password_too_similar');
        }
      }
    }
    return null;
  }
}

/** A password ten times as long as a name, and so long that no likeness could reach the limit, need not be compared. */
function isMuchLonger(password: string, part: string, maxSimilarity: number): boolean {
  return password.length >= 10 * part.length && part.length < (maxSimilarity / 2) * password.length;
}

/** Twice the letters in common over all letters: 1 for the same letters, 0 for none in common. */
function similarity(a: string, b: string): number {
  const counts = new Map<string, number>();
  for (const letter of b) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  let common = 0;
  for (const letter of a) {
    const left = counts.get(letter) ?? 0;
    if (left > 0) {
      common += 1;
      counts.set(letter, left - 1);
    }
  }
  return (2 * common) / (a.length + b.length);
}

/** The validators of a project that names none. */
export const defaultPasswordValidators: readonly PasswordValidator[] = [
  new UserAttributeSimilarityValidator(),
  new MinimumLengthValidator(),
  new CommonPasswordValidator(),
  new NumericPasswordValidator(),
];

/** Throws ValidationError with every fault of a new password. */
export function validatePassword(
  password: string,
  owner: PasswordOwner = {},
  validators: readonly PasswordValidator[] = defaultPasswordValidators,
): void {
  const faults = validators.map((validator) => validator.validate(password, owner)).filter((fault) => fault !== null);
  if (faults.length > 0) throw new ValidationError(faults);
}
