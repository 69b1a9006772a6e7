import { AccessDenied } from '@rf/exceptions';
import type { Request, RequestUser } from '@rf/views';
import { AbstractUser } from './abstract-user.ts';
import { authOptions } from './auth-options.ts';
import type { AuthenticationBackend } from './authentication-backend.ts';

/**
 * All permissions of a user, the request's unless given, as `app.codename` (DJ04): of all backends together. Nobody and inactive users
 * have none.
 *
 * @param object with it: the permissions for that object alone
 */
export async function getAllPermissions(
  request: Request,
  user: RequestUser = request.user,
  object?: unknown,
): Promise<ReadonlySet<string>> {
  const all = new Set<string>();
  if (!isActiveUser(user)) return all;
  for (const backend of authOptions(request.site).backends) {
    for (const permission of (await backend.getAllPermissions?.(request, user, object)) ?? []) all.add(permission);
  }
  return all;
}

/**
 * True when a user, the request's unless given, has `permission`, `shop.change_book` say; an active superuser has all (DJ04).
 *
 * The backends are asked in order until one says yes; AccessDenied of one is a no.
 */
export async function hasPerm(
  request: Request,
  permission: string,
  object?: unknown,
  user: RequestUser = request.user,
): Promise<boolean> {
  if (isActiveSuperuser(user)) return true;
  if (!isActiveUser(user)) return false;
  try {
    for (const backend of authOptions(request.site).backends) {
      if (await grants(backend, { request, user, permission, object })) return true;
    }
  } catch (error) {
    if (!(error instanceof AccessDenied)) throw error;
  }
  return false;
}

/** True when a user, the request's unless given, has every one of `permissions`. */
export async function hasPerms(
  request: Request,
  permissions: readonly string[],
  object?: unknown,
  user: RequestUser = request.user,
): Promise<boolean> {
  for (const permission of permissions) if (!(await hasPerm(request, permission, object, user))) return false;
  return true;
}

/** True when a user, the request's unless given, has any permission of the app. */
export async function hasModulePerms(
  request: Request,
  appLabel: string,
  user: RequestUser = request.user,
): Promise<boolean> {
  if (isActiveSuperuser(user)) return true;
  for (const permission of await getAllPermissions(request, user))
    if (permission.startsWith(`${appLabel}.`)) return true;
  return false;
}

interface Question {
  readonly request: Request;
  readonly user: AbstractUser;
  readonly permission: string;
  readonly object: unknown;
}

async function grants(
  backend: AuthenticationBackend,
  { request, user, permission, object }: Question,
): Promise<boolean> {
  if (backend.hasPerm !== undefined) return backend.hasPerm(request, user, permission, object);
  const all = await backend.getAllPermissions?.(request, user, object);
  return all?.has(permission) ?? false;
}

const isActiveSuperuser = (user: RequestUser | null): boolean => user !== null && user.isActive && user.isSuperuser;

const isActiveUser = (user: RequestUser | null): user is AbstractUser => user instanceof AbstractUser && user.isActive;
