import { db, type SiteOwner } from '@rf/orm';
import type { AbstractUser } from './abstract-user.ts';
import { makePassword } from './passwords.ts';
import { passwordHashers } from './set-password.ts';
import { userModel } from './user-model.ts';

/** What a new user has; columns of the project's own model may stand beside these. */
export interface NewUser {
  readonly username: string;
  readonly email?: string;
  /** Left out or null: a user who cannot log in with a password. */
  readonly password?: string | null;
  readonly [column: string]: unknown;
}

/** Makes and stores a user (DJ01). Throws when the name is empty or taken. */
export async function createUser(owner: SiteOwner, { password = null, ...columns }: NewUser): Promise<AbstractUser> {
  if (columns.username === '') throw new TypeError('A user needs a username.');
  const user = db(owner).create(userModel(owner), {
    ...columns,
    username: columns.username.normalize('NFKC'),
    email: normalizeEmail(columns.email ?? ''),
    password: await makePassword(password, passwordHashers(owner)),
  });
  return db(owner).save(user);
}

/** Makes a user who may do everything. */
export function createSuperuser(owner: SiteOwner, columns: NewUser): Promise<AbstractUser> {
  return createUser(owner, { ...columns, isStaff: true, isSuperuser: true });
}

/** The part after the last `@` in lower case: mail servers do not tell it apart (RFC 5321, section 2.4). */
function normalizeEmail(email: string): string {
  const at = email.lastIndexOf('@');
  return at === -1 ? email : email.slice(0, at) + email.slice(at).toLowerCase();
}
