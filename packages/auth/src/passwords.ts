import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { Argon2PasswordHasher } from './argon2-hasher.ts';
import { BCryptPasswordHasher, BCryptSHA256PasswordHasher } from './bcrypt-hasher.ts';
import type { PasswordHasher } from './password-hasher.ts';
import { PBKDF2PasswordHasher, PBKDF2SHA1PasswordHasher } from './pbkdf2-hasher.ts';
import { ScryptPasswordHasher } from './scrypt-hasher.ts';
import { WorkQueue } from './work-queue.ts';

/** Every hasher we read; the first one writes. */
export const defaultPasswordHashers: readonly PasswordHasher[] = [
  new ScryptPasswordHasher(),
  new PBKDF2PasswordHasher(),
  new PBKDF2SHA1PasswordHasher(),
  new Argon2PasswordHasher(),
  new BCryptSHA256PasswordHasher(),
  new BCryptPasswordHasher(),
];

/** What stands before the text of a password that nobody can use. */
const UNUSABLE_PREFIX = '!';

// Node's pool has four threads; one at least is left to files, DNS and compression. Who would wait for longer than a client does is
// refused instead.
const queue = new WorkQueue(Math.max(1, Math.min(3, availableParallelism())), 500);

/** The text to store for a password; for null, one that no password matches (DJ01, DJ08). */
export async function makePassword(
  password: string | null,
  hashers: readonly PasswordHasher[] = defaultPasswordHashers,
): Promise<string> {
  if (password === null) return UNUSABLE_PREFIX + randomBytes(30).toString('base64url');
  return queue.run(() => preferred(hashers).encode(password));
}

/** False for the text of a user who has no password. */
export function isPasswordUsable(encoded: string): boolean {
  return !encoded.startsWith(UNUSABLE_PREFIX);
}

/** What {@link checkPassword} found. */
export interface PasswordCheck {
  readonly matches: boolean;
  /** The password matches, and its text should be made anew with today's parameters. */
  readonly mustUpdate: boolean;
}

/** Compares a password with a stored text. A text that no hasher reads matches nothing, and costs a hash all the same. */
export async function verifyPassword(
  password: string,
  encoded: string,
  hashers: readonly PasswordHasher[] = defaultPasswordHashers,
): Promise<PasswordCheck> {
  const hasher = isPasswordUsable(encoded) ? hashers.find((one) => encoded.startsWith(`${one.algorithm}$`)) : undefined;
  if (hasher === undefined) {
    await spendTime(password, hashers);
    return { matches: false, mustUpdate: false };
  }
  const isPreferred = hasher === preferred(hashers);
  const isOutdated = !isPreferred || hasher.mustUpdate(encoded);
  const matches = await queue.run(async () => {
    const found = await hasher.verify(password, encoded);
    if (!found && isPreferred && isOutdated) await hasher.hardenRuntime?.(password, encoded);
    return found;
  });
  return { matches, mustUpdate: matches && isOutdated };
}

/** True when the password matches the stored text. */
export async function checkPassword(password: string, encoded: string): Promise<boolean> {
  return (await verifyPassword(password, encoded)).matches;
}

/** Costs what checking a password costs: for user names that do not exist, which timing must not tell (DJ05). */
export async function spendTime(
  password: string,
  hashers: readonly PasswordHasher[] = defaultPasswordHashers,
): Promise<void> {
  await queue.run(() => preferred(hashers).encode(password));
}

function preferred(hashers: readonly PasswordHasher[]): PasswordHasher {
  const [first] = hashers;
  if (first === undefined)
    throw new Error('There is no password hasher; give auth({ passwordHashers: [new ScryptPasswordHasher()] }).');
  return first;
}
