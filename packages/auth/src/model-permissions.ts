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
  /** True on views that have no model though they inherit these permissions, such as a router's root (PM09). */
  readonly ignoreModelPermissions?: boolean;
}

/**
 * Asks for the model permission that fits the method: POST needs `add`, PUT and PATCH `change`, DELETE `delete` (PM06).
 *
 * The view must have a `queryset`. A method that the map does not name is answered 405.
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
  if (entity === undefined) {
    throw new ImproperlyConfigured(
      `${permission} cannot be applied on ${view.constructor.name}, which has neither .queryset nor .getQueryset(). ` +
        'Write `queryset = SomeEntity;` in the view.',
    );
  }
  return modelName((request.site as ProjectSite).project, entity);
}

function entityOf(view: ModelView): EntityClass | undefined {
  if (typeof view.queryset === 'function') return view.queryset;
  const queryset = view.getQueryset?.();
  if (queryset instanceof SelectQueryBuilder) return queryset.expressionMap.mainAlias?.metadata.target as EntityClass;
  return typeof queryset === 'function' ? queryset : undefined;
}
