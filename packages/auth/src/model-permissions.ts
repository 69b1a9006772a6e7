import { Http404, ImproperlyConfigured, MethodNotAllowed } from '@rf/exceptions';
import type { EntityClass } from '@rf/orm';
import type { ProjectSite } from '@rf/project';
import { type APIView, BasePermission, isSafeMethod, type Request } from '@rf/views';
import { SelectQueryBuilder } from 'typeorm';
import { hasPerms } from './has-perm.ts';
import { type ModelName, modelName } from './model-name.ts';

/** Permissions to ask for by method; `{app}` and `{model}` stand for those of the view's model. */
export type PermsMap = Readonly<Record<string, readonly string[]>>;

interface ModelView extends APIView {
  readonly queryset?: EntityClass;
  getQueryset?(): unknown;
  /** A generic view's: throws when it has neither a `queryset` nor a `getQueryset()` of its own. */
  requireQueryset?(): void;
  /** True on views that have no model though they inherit these permissions, such as a router's root (PM09). */
  readonly ignoreModelPermissions?: boolean;
}

/**
 * Asks for the model permission that fits the method: POST needs `add`, PUT and PATCH `change`, DELETE `delete` (PM06).
 *
 * The view must have a `queryset` or a `getQueryset()`; one that has neither cannot be mounted. A method that the map does not name is answered 405.
 */
export class DjangoModelPermissions extends BasePermission {
  readonly permsMap: PermsMap = {
    GET: [],
    OPTIONS: [],
    HEAD: [],
    POST: ['{app}.add_{model}'],
    PUT: ['{app}.change_{model}'],
    PATCH: ['{app}.change_{model}'],
    DELETE: ['{app}.delete_{model}'],
  };

  /** Nobody is refused even where no permission is asked. */
  readonly authenticatedUsersOnly: boolean = true;

  /**
   * Throws ImproperlyConfigured for a view that has no model. Whatever an overridden `getQueryset()` or a getter makes of a request is
   * not known yet, and a subclass with a `hasPermission()` of its own may ask for no model.
   */
  override checkSetup(view: ModelView): void {
    if (this.hasPermission !== DjangoModelPermissions.prototype.hasPermission || view.ignoreModelPermissions) return;
    let queryset: unknown;
    try {
      ({ queryset } = view);
    } catch {
      return;
    }
    if (typeof queryset === 'function') return;
    if (view.getQueryset === undefined) throw withoutModel(view, this.constructor.name);
    view.requireQueryset?.();
  }

  /** The permissions for a method on a model. Throws MethodNotAllowed. */
  getRequiredPermissions(method: string, app: string, model: string): string[] {
    return fill(this.permsMap, method, app, model);
  }

  override async hasPermission(request: Request, view: ModelView): Promise<boolean> {
    const { user } = request;
    if (!user || (!user.isAuthenticated && this.authenticatedUsersOnly)) return false;
    if (view.ignoreModelPermissions) return true;
    const { app, model } = modelOf(view, request, this.constructor.name);
    return hasPerms(request, this.getRequiredPermissions(request.method, app, model));
  }
}

/** The same, and who is not logged in may read (PM07). */
export class DjangoModelPermissionsOrAnonReadOnly extends DjangoModelPermissions {
  override readonly authenticatedUsersOnly = false;
}

/**
 * Asks the backends for permissions on the object itself (PM08). Who may not even read it by the map is told that it is not there.
 */
export class DjangoObjectPermissions extends DjangoModelPermissions {
  /** The map for objects; the one for models unless overridden. */
  getRequiredObjectPermissions(method: string, app: string, model: string): string[] {
    return fill(this.permsMap, method, app, model);
  }

  override async hasObjectPermission(request: Request, view: ModelView, object: unknown): Promise<boolean> {
    const { app, model } = modelOf(view, request, this.constructor.name);
    if (await hasPerms(request, this.getRequiredObjectPermissions(request.method, app, model), object)) return true;
    if (isSafeMethod(request.method)) throw new Http404();
    if (!(await hasPerms(request, this.getRequiredObjectPermissions('GET', app, model), object))) throw new Http404();
    return false;
  }
}

function fill(map: PermsMap, method: string, app: string, model: string): string[] {
  const permissions = map[method];
  if (permissions === undefined) throw new MethodNotAllowed(method);
  return permissions.map((permission) => permission.replace('{app}', app).replace('{model}', model));
}

function modelOf(view: ModelView, request: Request, permission: string): ModelName {
  const entity = entityOf(view);
  if (entity === undefined) throw withoutModel(view, permission);
  return modelName((request.site as ProjectSite).project, entity);
}

function withoutModel(view: ModelView, permission: string): ImproperlyConfigured {
  const { name } = view.constructor;
  const found =
    view.getQueryset === undefined ? 'it has no getQueryset()' : 'its getQueryset() returns no query of an entity';
  return new ImproperlyConfigured(
    `${permission} cannot be applied on ${name}: its queryset is ${String(view.queryset)}, and ${found}. Write ` +
      `\`queryset = SomeEntity;\` in ${name}; if that is a function, make it a class.`,
  );
}

function entityOf(view: ModelView): EntityClass | undefined {
  if (typeof view.queryset === 'function') return view.queryset;
  const queryset = view.getQueryset?.();
  if (queryset instanceof SelectQueryBuilder) return queryset.expressionMap.mainAlias?.metadata.target as EntityClass;
  return typeof queryset === 'function' ? queryset : undefined;
}
