import { db, type SiteOwner } from '@rf/orm';
import { resourceKey } from '@rf/views';
import type { Repository } from 'typeorm';
import type { AbstractUser } from './abstract-user.ts';

/** A project's user model: {@link User}, or its own class that extends AbstractUser. */
export interface UserModel {
  new (): AbstractUser;
  readonly usernameField: string;
  readonly requiredFields: readonly string[];
}

/** Where `auth()` puts the project's user model. */
export const userModelKey = resourceKey<UserModel>('user model');

/** The project's user model (DJ02). */
export function userModel(owner: SiteOwner): UserModel {
  return ('site' in owner ? owner.site : owner).resource(userModelKey);
}

/** The repository of the project's users; inside `atomic()` that of the transaction. */
export function users(owner: SiteOwner): Repository<AbstractUser> {
  return db(owner).getRepository(userModel(owner));
}
