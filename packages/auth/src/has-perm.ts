import type { Request, RequestUser } from '@rf/views';
import { AbstractUser } from './abstract-user.ts';
import { authOptions } from './auth-options.ts';

/** All permissions of the request's user, as `app.codename` (DJ04). Nobody and inactive users have none. */
export async function getAllPermissions(
  request: Request,
  user: RequestUser = request.user,
  object?: unknown,
): Promise<ReadonlySet<string>> {
  const all = new Set<string>();
  if (!(user instanceof AbstractUser) || !user.isActive) return all;
  for (const backend of authOptions(request.site).backends) {
    for (const permission of (await backend.getAllPermissions?.(request, user, object)) ?? []) all.add(permission);
  }
  return all;
}

/** True when the request's user has `permission`, `shop.change_book` say; an active superuser has all (DJ04). */
export async function hasPerm(
  request: Request,
  permission: string,
  object?: unknown,
  user: RequestUser = request.user,
): Promise<boolean> {
  if (user?.isActive && user.isSuperuser) return true;
  return (await getAllPermissions(request, user, object)).has(permission);
}

/** True when the request's user has every one of `permissions`. */
export async function hasPerms(request: Request, permissions: readonly string[], object?: unknown): Promise<boolean> {
  const { user } = request;
  if (user?.isActive && user.isSuperuser) return true;
  const all = await getAllPermissions(request, user, object);
  return permissions.every((permission) => all.has(permission));
}

/** True when the request's user has any permission of the app. */
export async function hasModulePerms(request: Request, appLabel: string): Promise<boolean> {
  const { user } = request;
  if (user?.isActive && user.isSuperuser) return true;
  for (const permission of await getAllPermissions(request)) if (permission.startsWith(`${appLabel}.`)) return true;
  return false;
}
