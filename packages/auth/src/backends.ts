import type { Request } from '@rf/views';
import type { AbstractUser } from './abstract-user.ts';
import { authOptions } from './auth-options.ts';
import type { AuthenticationBackend, Credentials } from './authentication-backend.ts';
import { findOrCreateUser } from './find-or-create-user.ts';
import { findUser } from './find-user.ts';
import { spendTime, verifyPassword } from './passwords.ts';
import { loadPermissions } from './permission-sets.ts';
import { replacePassword } from './set-password.ts';
import { userModel } from './user-model.ts';

/** User name and password of the project's user model; inactive users are refused (DJ05). */
export class ModelBackend implements AuthenticationBackend {
  async authenticate(request: Request, credentials: Credentials): Promise<AbstractUser | null> {
    const { password } = credentials;
    const username = credentials.username ?? credentials[userModel(request).usernameField];
    if (typeof username !== 'string' || typeof password !== 'string') return null;
    const { passwordHashers } = authOptions(request.site);
    const user = await findUser(request, username);
    if (user === null) {
      // An unknown name takes as long as a wrong password.
      await spendTime(password, passwordHashers);
      return null;
    }
    const { matches, mustUpdate } = await verifyPassword(password, user.password, passwordHashers);
    // HMAC, and with it PBKDF2 and scrypt, pads a key with NUL: to them a password with NUL at its end is the password (RFC 2104).
    if (!matches || password.includes('\0') || !this.userCanAuthenticate(user)) return null;
    // One that was changed in the meantime stays.
    if (mustUpdate) await replacePassword(request, user, password);
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
    const user = this.createUnknownUser
      ? await findOrCreateUser(request, username, (newcomer) => this.configureUser(request, newcomer))
      : await findUser(request, username);
    return user !== null && this.userCanAuthenticate(user) ? user : null;
  }

  /** Fills a new user before it is stored. */
  protected configureUser(_request: Request, _user: AbstractUser): void | Promise<void> {}

  /** Turns what the server sends, `alice@EXAMPLE.COM` say, into a user name. */
  protected cleanUsername(username: string): string {
    return username;
  }
}
