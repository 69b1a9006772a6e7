import { atomic, dataSource } from '@rf/orm';
import type { Awaitable, Request } from '@rf/views';
import type { AbstractUser } from './abstract-user.ts';
import { findUser } from './find-user.ts';
import { makePassword } from './passwords.ts';
import { userModel } from './user-model.ts';

/**
 * The user with this name, whom another server has established; one who is not there yet is made, without a password. Null for a name
 * that no user can have: one with NUL or half a character, or longer than the column.
 *
 * @param configure fills a new user before it is stored
 */
export async function findOrCreateUser(
  request: Request,
  username: string,
  configure?: (newcomer: AbstractUser) => Awaitable<void>,
): Promise<AbstractUser | null> {
  if (!canBeStored(request, username)) return null;
  const found = await findUser(request, username);
  if (found !== null) return found;
  const Model = userModel(request);
  const password = await makePassword(null);
  try {
    return await atomic(request, async (manager) => {
      const newcomer = manager.create(Model, { [Model.usernameField]: username, password });
      await configure?.(newcomer);
      return manager.save(newcomer);
    });
  } catch (error) {
    // Another request of the same newcomer may have been faster.
    const made = await findUser(request, username);
    if (made === null) throw error;
    return made;
  }
}

/** Half a character would be stored as U+FFFD, and so be one user for all such names. */
function canBeStored(request: Request, username: string): boolean {
  const Model = userModel(request);
  const { length } = dataSource(request).getMetadata(Model).findColumnWithPropertyName(Model.usernameField) ?? {};
  // PostgreSQL counts code points.
  return !/[\0\p{Surrogate}]/u.test(username) && (!length || [...username].length <= Number(length));
}
