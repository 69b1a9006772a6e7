import { db, type SiteOwner } from '@rf/orm';
import type { AbstractUser } from './abstract-user.ts';
import { userModel } from './user-model.ts';

/** The user whom people log in as by this name: what the model's `usernameField` holds; null when there is none (DJ02). */
export async function findUser(owner: SiteOwner, username: string): Promise<AbstractUser | null> {
  // PostgreSQL takes no NUL in text, so nobody is called so.
  if (username.includes('\0')) return null;
  const Model = userModel(owner);
  return db(owner).findOneBy(Model, { [Model.usernameField]: username });
}
