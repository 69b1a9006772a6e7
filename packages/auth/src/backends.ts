import { db } from '@rf/orm';
import type { Request } from '@rf/views';
import type { AbstractUser } from './abstract-user.ts';
import { authOptions } from './auth-options.ts';
import { spendTime, verifyPassword, makePassword } from './passwords.ts';
import { loadPermissions } from './permission-sets.ts';
import { userModel } from './user-model.ts';

/** What someone shows to say who they are: `{ username, password }` for the stock backends. */
export type Credentials = Readonly<Record<string, unknown>>;

/** Knows users, and what they may do (DJ05). */
export interface AuthenticationBackend {
  /** The user of these credentials; null to let the next backend try. Throws AccessDenied to stop. */
  authenticate(request: Request, credentials: Credentials): Promise<AbstractUser | null>;
  /** False for a user who may not log in, or not any more. */
  userCanAuthenticate(user: AbstractUser): boolean;
  /** Permissions as `app.codename`. With an object: those for it alone. */
  getAllPermissions?(request: Request, user: AbstractUser, object?: unknown): Promise<ReadonlySet<string>>;
}

/** User name and password of the project's user model; inactive users are refused (DJ05). */
export class ModelBackend implements AuthenticationBackend {
  async authenticate(request: Request, { username, password }: Credentials): Promise<AbstractUser | null> {
    if (typeof username !== 'string' || typeof password !== 'string') return null;
    const { passwordHashers } = authOptions(request.site);
    // PostgreSQL takes no NUL in text, so no user has one.
    const user = username.includes('\0') ? null : await db(request).findOneBy(userModel(request), { username });
    if (user === null) {
      // An unknown name takes as long as a wrong password.
      await spendTime(password, passwordHashers);
      return null;
    }
    const { matches, mustUpdate } = await verifyPassword(password, user.password, passwordHashers);
    if (!matches || !this.userCanAuthenticate(user)) return null;
    if (mustUpdate) {
      user.password = await makePassword(password, passwordHashers);
      await db(request).update(userModel(request), user.id, { password: user.password });
    }
    return user;
  }

  userCanAuthenticate(user: AbstractUser): boolean {
    return user.isActive;
  }

  async getAllPermissions(request: Request, user: AbstractUser, object?: unknown): Promise<ReadonlySet<string>> {
    // Model permissions say nothing of single objects.
    if (!user.isActive || (object !== undefined && object !== null)) return new Set();
    return loadPermissions(request, user);
  }
}

/** Lets inactive users in as well: for projects whose views decide. */
export class AllowAllUsersModelBackend extends ModelBackend {
  override userCanAuthenticate(): boolean {
    return true;
  }
}

/** Takes the name that the server in front has established, and makes the user who is not there yet (AU25). */
export class RemoteUserBackend extends ModelBackend {
  /** Unknown names become users. */
  readonly createUnknownUser: boolean = true;

  override async authenticate(request: Request, { remoteUser }: Credentials): Promise<AbstractUser | null> {
    if (typeof remoteUser !== 'string' || remoteUser === '') return null;
    const username = this.cleanUsername(remoteUser);
    const manager = db(request);
    const Model = userModel(request);
    let user = await manager.findOneBy(Model, { username });
    if (user === null) {
      if (!this.createUnknownUser) return null;
      user = await manager.save(manager.create(Model, { username, password: await makePassword(null) }));
    }
    return this.userCanAuthenticate(user) ? user : null;
  }

  /** Turns what the server sends, `alice@EXAMPLE.COM` say, into a user name. */
  protected cleanUsername(username: string): string {
    return username;
  }
}
