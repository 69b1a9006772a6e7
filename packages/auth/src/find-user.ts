import { findEntity, type SiteOwner } from '@rf/orm';
import type { AbstractUser } from './abstract-user.ts';
import { userModel } from './user-model.ts';

/** The user whom people log in as by this name: what the model's `usernameField` holds; null when there is none (DJ02). */
export async function findUser(owner: SiteOwner, username: string): Promise<AbstractUser | null> {
  const Model = userModel(owner);
  return findEntity(owner, Model, { [Model.usernameField]: username });
}
