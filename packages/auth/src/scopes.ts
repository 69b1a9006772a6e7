import { ImproperlyConfigured, PermissionDenied } from '@rf/exceptions';
import { type APIView, BasePermission, isSafeMethod, type Policy, permissionClasses, type Request } from '@rf/views';

/**
 * A credential that may do only some things: an OAuth 2.0 token, a JWT with a `scope` claim, an access token. Scopes compare with case
 * (RFC 6749, section 3.3).
 */
export interface ScopedCredential {
  readonly scopes: ReadonlySet<string>;
}

/** True when `auth` says what it may do. */
export function isScoped(auth: unknown): auth is ScopedCredential {
  return auth !== null && typeof auth === 'object' && (auth as ScopedCredential).scopes instanceof Set;
}

/** True when the request's credential has every one of `scopes`. */
export function hasScopes(request: Request, scopes: readonly string[]): boolean {
  return isScoped(request.auth) && scopes.every((scope) => (request.auth as ScopedCredential).scopes.has(scope));
}

/** Where a scheme finds which scopes a request lacked, for its challenge (RFC 6750, section 3.1). */
export const missingScopes = Symbol('missing scopes');

interface ScopedView extends APIView {
  readonly requiredScopes?: readonly string[];
  readonly requiredAlternateScopes?: Readonly<Record<string, readonly (readonly string[])[]>>;
}

/** The credential must have every scope of the view's `requiredScopes` (OA03). */
export class TokenHasScope extends BasePermission {
  /** Throws ImproperlyConfigured for a view without `requiredScopes`, where they are what is asked for. */
  override checkSetup(view: ScopedView): void {
    const { getScopes } = this;
    const asksView = [TokenHasScope, TokenHasResourceScope].some(({ prototype }) => prototype.getScopes === getScopes);
    if (asksView && lacks(view, 'requiredScopes')) throw withoutScopes(view, this.constructor.name);
  }

  override hasPermission(request: Request, view: ScopedView): boolean {
    const scopes = this.getScopes(request, view);
    if (hasScopes(request, scopes)) return true;
    request.state.set(missingScopes, scopes);
    return false;
  }

  /** The scopes to ask for. Throws ImproperlyConfigured when the view names none. */
  getScopes(_request: Request, view: ScopedView): readonly string[] {
    return requiredScopes(view, this.constructor.name);
  }
}

/** The view's scopes, and `read` for safe methods or `write` for others (OA03, AU30). */
export class TokenHasReadWriteScope extends TokenHasScope {
  readonly readScope: string = 'read';
  readonly writeScope: string = 'write';

  override getScopes(request: Request, view: ScopedView): readonly string[] {
    return [...(view.requiredScopes ?? []), isSafeMethod(request.method) ? this.readScope : this.writeScope];
  }
}

/** For each of the view's scopes, `music` say, `music:read` for safe methods or `music:write` for others (OA03). */
export class TokenHasResourceScope extends TokenHasScope {
  override getScopes(request: Request, view: ScopedView): readonly string[] {
    const suffix = isSafeMethod(request.method) ? 'read' : 'write';
    return requiredScopes(view, this.constructor.name).map((scope) => `${scope}:${suffix}`);
  }
}

/** One of the lists that the view's `requiredAlternateScopes` has for the method; a method without lists is refused (OA03). */
export class TokenMatchesOASRequirements extends BasePermission {
  /** Throws ImproperlyConfigured for a view without `requiredAlternateScopes`. */
  override checkSetup(view: ScopedView): void {
    if (this.hasPermission !== TokenMatchesOASRequirements.prototype.hasPermission) return;
    if (lacks(view, 'requiredAlternateScopes')) throw withoutAlternateScopes(view, this.constructor.name);
  }

  override hasPermission(request: Request, view: ScopedView): boolean {
    const { requiredAlternateScopes } = view;
    if (requiredAlternateScopes === undefined) throw withoutAlternateScopes(view, this.constructor.name);
    const lists = requiredAlternateScopes[request.method.toUpperCase()] ?? [];
    if (lists.some((scopes) => hasScopes(request, scopes))) return true;
    request.state.set(missingScopes, lists[0] ?? []);
    return false;
  }
}

/** A session or another credential without scopes passes when its user is logged in; one with scopes needs the view's (OA03). */
export class IsAuthenticatedOrTokenHasScope extends TokenHasScope {
  override hasPermission(request: Request, view: ScopedView): boolean {
    return isScoped(request.auth) ? super.hasPermission(request, view) : Boolean(request.user?.isAuthenticated);
  }
}

/** Asks for scopes where there is no view class to name them: `apiView(['GET'], scopeRequired('read'))` (AU32). */
export function scopeRequired(...scopes: readonly string[]): Policy {
  if (scopes.length === 0)
    throw new ImproperlyConfigured("scopeRequired() needs a scope: write scopeRequired('read').");
  return permissionClasses(
    class ScopeRequired extends TokenHasScope {
      override getScopes(): readonly string[] {
        return scopes;
      }
    },
  );
}

function requiredScopes(view: ScopedView, permission: string): readonly string[] {
  if (view.requiredScopes === undefined) throw withoutScopes(view, permission);
  return view.requiredScopes;
}

function withoutScopes(view: ScopedView, permission: string): ImproperlyConfigured {
  const { name } = view.constructor;
  return new ImproperlyConfigured(
    `${permission} cannot be applied on ${name}, which has no requiredScopes. Write \`requiredScopes = ['read'];\` in ${name}, or ` +
      "`scopeRequired('read')` for a function.",
  );
}

function withoutAlternateScopes(view: ScopedView, permission: string): ImproperlyConfigured {
  const { name } = view.constructor;
  return new ImproperlyConfigured(
    `${permission} cannot be applied on ${name}, which has no requiredAlternateScopes. Write ` +
      `\`requiredAlternateScopes = { GET: [['read']] };\` in ${name}.`,
  );
}

/** True when the view is known, without a request, not to have the member. */
function lacks(view: ScopedView, member: 'requiredScopes' | 'requiredAlternateScopes'): boolean {
  try {
    return view[member] === undefined;
  } catch {
    // A getter that looks at the request.
    return false;
  }
}

/** Throws PermissionDenied unless the request's credential has the scopes: for code inside a handler. */
export function requireScopes(request: Request, ...scopes: readonly string[]): void {
  if (hasScopes(request, scopes)) return;
  request.state.set(missingScopes, scopes);
  throw new PermissionDenied();
}
