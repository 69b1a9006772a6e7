import type { Request } from '@rf/views';
import type { AbstractUser } from './abstract-user.ts';

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
  /** Asked instead where listing all is not possible. Throws AccessDenied to stop the other backends from being asked. */
  hasPerm?(request: Request, user: AbstractUser, permission: string, object?: unknown): Promise<boolean>;
}
