import { db, type SiteOwner } from '@rf/orm';
import type { AbstractUser } from './abstract-user.ts';
import { authOptionsKey } from './auth-options.ts';
import type { PasswordHasher } from './password-hasher.ts';
import { defaultPasswordHashers, makePassword } from './passwords.ts';
import { userModel } from './user-model.ts';

/**
 * Replaces a user's password and stores the hash, made by the project's first hasher; null makes it unusable. The user's sessions end
 * with it (DJ07); see `updateSessionHash` for the present one.
 */
export async function setPassword(owner: SiteOwner, user: AbstractUser, password: string | null): Promise<void> {
  user.password = await makePassword(password, passwordHashers(owner));
  await db(owner).update(userModel(owner), user.id, { password: user.password });
}

/**
 * The same for who acts on the password that `user` was read with, such as the holder of a link that counts until it changes. False,
 * and nothing is stored, when another password is there by now: of several at once one succeeds.
 */
export async function replacePassword(owner: SiteOwner, user: AbstractUser, password: string): Promise<boolean> {
  const hash = await makePassword(password, passwordHashers(owner));
  const isUnchanged = { id: user.id, password: user.password };
  const { affected } = await db(owner).update(userModel(owner), isUnchanged, { password: hash });
  if (affected === 0) return false;
  user.password = hash;
  return true;
}

/** The hashers of the project. */
export function passwordHashers(owner: SiteOwner): readonly PasswordHasher[] {
  const site = 'site' in owner ? owner.site : owner;
  return site.optionalResource(authOptionsKey)?.passwordHashers ?? defaultPasswordHashers;
}
