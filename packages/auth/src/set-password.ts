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

/** The hashers of the project. */
export function passwordHashers(owner: SiteOwner): readonly PasswordHasher[] {
  const site = 'site' in owner ? owner.site : owner;
  return site.optionalResource(authOptionsKey)?.passwordHashers ?? defaultPasswordHashers;
}
