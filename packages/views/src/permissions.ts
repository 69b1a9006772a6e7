import type { DetailInput } from '@rf/exceptions';
import type { APIView } from './api-view.ts';
import { type Awaitable, isPromise } from './awaitable.ts';
import type { Request } from './request.ts';

/** Methods that change nothing (PM05). */
export const SAFE_METHODS: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];

/** True for GET, HEAD and OPTIONS. */
export const isSafeMethod = (method: string): boolean => method === 'GET' || method === 'HEAD' || method === 'OPTIONS';

/**
 * Whether a request may pass (PM01). One object serves all requests of a view: keep nothing of a request on it.
 */
export abstract class BasePermission {
  /** Told to an authenticated user who is refused (PM03). */
  readonly message?: DetailInput;
  readonly code?: string;

  /**
   * Called when a URL is mounted, on an object without a request. Override it to refuse, by throwing ImproperlyConfigured, a view
   * for which the permission cannot work.
   *
   * @param isOperand true where it is part of `allOf`, `anyOf` or `not`
   */
  checkSetup(_view: APIView, _isOperand = false): void {}

  /** Asked before the handler runs. */
  hasPermission(_request: Request, _view: APIView): Awaitable<boolean> {
    return true;
  }

  /** Asked for one object, by `getObject()` or `checkObjectPermissions()` (PM10). */
  hasObjectPermission(_request: Request, _view: APIView, _object: unknown): Awaitable<boolean> {
    return true;
  }
}

/** A concrete permission class, made once for each view without arguments. */
export type PermissionClass = new () => BasePermission;

/** Everybody, anonymous clients included. */
export class AllowAny extends BasePermission {}

/** Who is logged in. */
export class IsAuthenticated extends BasePermission {
  override hasPermission(request: Request): boolean {
    return Boolean(request.user?.isAuthenticated);
  }
}

/** Staff. */
export class IsAdminUser extends BasePermission {
  override hasPermission(request: Request): boolean {
    return Boolean(request.user?.isStaff);
  }
}

/** Anybody may read; who is logged in may change. */
export class IsAuthenticatedOrReadOnly extends BasePermission {
  override hasPermission(request: Request): boolean {
    return isSafeMethod(request.method) || Boolean(request.user?.isAuthenticated);
  }
}

/** All of the classes must agree, at both levels (DRF's `A & B`, PM11). */
export function allOf(...classes: readonly PermissionClass[]): PermissionClass {
  return class AllOf extends BasePermission {
    readonly operands = classes.map((permission) => new permission());

    override checkSetup(view: APIView): void {
      for (const operand of this.operands) operand.checkSetup(view, true);
    }

    override hasPermission(request: Request, view: APIView): Awaitable<boolean> {
      return every(this.operands, (operand) => operand.hasPermission(request, view));
    }

    override hasObjectPermission(request: Request, view: APIView, object: unknown): Awaitable<boolean> {
      return every(this.operands, (operand) => operand.hasObjectPermission(request, view, object));
    }
  };
}

/**
 * One of the classes must agree (DRF's `A | B`, PM11). For an object the same class must agree at both levels: who passes
 * the view as an administrator does not pass the object as its owner.
 */
export function anyOf(...classes: readonly PermissionClass[]): PermissionClass {
  return class AnyOf extends BasePermission {
    readonly operands = classes.map((permission) => new permission());

    override checkSetup(view: APIView): void {
      for (const operand of this.operands) operand.checkSetup(view, true);
    }

    override hasPermission(request: Request, view: APIView): Awaitable<boolean> {
      return some(this.operands, (operand) => operand.hasPermission(request, view));
    }

    override hasObjectPermission(request: Request, view: APIView, object: unknown): Awaitable<boolean> {
      return some(this.operands, (operand) => {
        const passed = operand.hasPermission(request, view);
        if (isPromise(passed)) return passed.then((yes) => yes && operand.hasObjectPermission(request, view, object));
        return passed && operand.hasObjectPermission(request, view, object);
      });
    }
  };
}

/** The class must refuse, at each level for itself (DRF's `~A`, PM12). */
export function not(permission: PermissionClass): PermissionClass {
  return class Not extends BasePermission {
    readonly operand = new permission();

    override checkSetup(view: APIView): void {
      this.operand.checkSetup(view, true);
    }

    override hasPermission(request: Request, view: APIView): Awaitable<boolean> {
      return negate(this.operand.hasPermission(request, view));
    }

    override hasObjectPermission(request: Request, view: APIView, object: unknown): Awaitable<boolean> {
      return negate(this.operand.hasObjectPermission(request, view, object));
    }
  };
}

type Ask = (operand: BasePermission) => Awaitable<boolean>;

function negate(answer: Awaitable<boolean>): Awaitable<boolean> {
  return isPromise(answer) ? answer.then((yes) => !yes) : !answer;
}

function every(operands: readonly BasePermission[], ask: Ask, from = 0): Awaitable<boolean> {
  for (let at = from; at < operands.length; at += 1) {
    const answer = ask(operands[at] as BasePermission);
    if (isPromise(answer)) return answer.then((yes) => yes && every(operands, ask, at + 1));
    if (!answer) return false;
  }
  return true;
}

function some(operands: readonly BasePermission[], ask: Ask, from = 0): Awaitable<boolean> {
  for (let at = from; at < operands.length; at += 1) {
    const answer = ask(operands[at] as BasePermission);
    if (isPromise(answer)) return answer.then((yes) => yes || some(operands, ask, at + 1));
    if (answer) return true;
  }
  return false;
}
