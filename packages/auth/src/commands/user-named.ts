import type { SiteOwner } from '@rf/orm';
import { CommandError } from '@rf/project';
import type { AbstractUser } from '../abstract-user.ts';
import { findUser } from '../find-user.ts';

/**
 * The user whom an argument of a command names, by the model's `usernameField`.
 *
 * @throws CommandError when there is none
 */
export async function userNamed(owner: SiteOwner, username: string): Promise<AbstractUser> {
  const user = await findUser(owner, username);
  if (user === null) throw new CommandError(`user '${username}' does not exist`);
  return user;
}
