import { APIView, IsAuthenticated, permissionClasses, type Request } from '@rf/views';
import type { AbstractUser } from './abstract-user.ts';
import { isUser } from './login.ts';
import { isScoped } from './scopes.ts';

/** Seconds, a hundred years: the end of a longer life is no moment that a database keeps. */
export const LONGEST_LIFETIME = 100 * 365 * 24 * 60 * 60;

/**
 * A view where users manage credentials of their own: tokens, keys.
 *
 * A credential with scopes may not, or a narrow one could make itself a wide one.
 */
@permissionClasses(IsAuthenticated)
export abstract class OwnCredentialsView extends APIView {
  override async checkPermissions(request: Request): Promise<void> {
    await super.checkPermissions(request);
    if (!isUser(request.user) || !this.mayManage(request)) this.permissionDenied(request);
  }

  /** True when the request's credential may manage others of its user. */
  protected mayManage(request: Request): boolean {
    return !isScoped(request.auth);
  }

  /** Whose credentials these are. */
  protected get owner(): AbstractUser {
    return this.request.user as AbstractUser;
  }
}
