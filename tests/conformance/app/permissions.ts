import { BasePermission, isSafeMethod, type Request } from '@rf/views';

/** The key of an object's owner, whether the owner was loaded or not. */
function ownerOf(object: unknown): number | null {
  const { owner, ownerId } = object as { owner?: { id: number } | null; ownerId?: number };
  return owner?.id ?? ownerId ?? null;
}

const owns = (request: Request, object: unknown): boolean =>
  request.user.id !== null && ownerOf(object) === request.user.id;

export class IsOwnerOrReadOnly extends BasePermission {
  readonly needs = ['owner'];

  override hasObjectPermission(request: Request, _view: unknown, object: unknown): boolean {
    return isSafeMethod(request.method) || owns(request, object);
  }
}

export class IsOwner extends BasePermission {
  readonly needs = ['owner'];
  override readonly message = 'Only the owner may do this.';
  override readonly code = 'not_owner';

  override hasPermission(request: Request): boolean {
    return request.user.isAuthenticated;
  }

  override hasObjectPermission(request: Request, _view: unknown, object: unknown): boolean {
    return owns(request, object);
  }
}

export class HasShopHeader extends BasePermission {
  override readonly message = 'The X-Shop header is missing.';

  override hasPermission(request: Request): boolean {
    return request.headers['x-shop'] !== undefined;
  }
}

export class IsNamedAlice extends BasePermission {
  override readonly message = { reason: 'Only alice may pass.' };
  override readonly code = 'not_alice';

  override hasPermission(request: Request): boolean {
    return request.user.getUsername() === 'alice';
  }
}
