import { ImproperlyConfigured } from '@rf/exceptions';
import { type APIView, inheritedPolicies, type ResolvedPolicies, resolvePolicies, type Site } from '@rf/views';
import type { EntityMetadata, ObjectLiteral } from 'typeorm';
import { requireLookup } from './lookups.ts';
import { isToMany, type ModelPath, noMember, resolvePath } from './model-path.ts';
import { type Queryset, rootOf } from './queryset.ts';
import { requestAs } from './request-as.ts';
import { pathCondition } from './row-condition.ts';

/** A viewset that another one stands under in the URL. */
export interface ParentRoute {
  readonly prefix: string;
  readonly viewSet: new () => ParentView;
  /** The URL's argument that names the parent. */
  readonly param: string;
  /** The path from the nested rows to the parent: `publisher`. */
  readonly relation: string;
}

/** What is needed of the viewset of a parent. */
interface ParentView extends APIView {
  lookupField: string;
  lookupUrlKwarg: string | null;
  filterBackends: readonly never[] | undefined;
  parentRoutes: readonly ParentRoute[];
  parentObjects: readonly ObjectLiteral[];
  actionMap: Readonly<Record<string, string>>;
  detail: boolean | null;
  getObject(): Promise<ObjectLiteral>;
}

const resolved = new WeakMap<Site, Map<object, ResolvedPolicies>>();

/**
 * The parents that the URL names, from the outside in, each found and permitted as its own viewset's `retrieve` would.
 *
 * Throws Http404 and what the permissions of a parent's viewset throw.
 */
export async function loadParents(view: APIView, routes: readonly ParentRoute[]): Promise<ObjectLiteral[]> {
  const loaded: ObjectLiteral[] = [];
  for (const [at, { viewSet, param }] of routes.entries()) {
    const parent = new viewSet();
    const key = view.params[param];
    if (key === undefined) {
      throw new ImproperlyConfigured(
        `The URL ${view.route.pattern.text} has no argument "${param}" for ${viewSet.name}.`,
      );
    }
    parent.site = view.site;
    parent.route = view.route;
    parent.params = { ...view.params, [parent.lookupUrlKwarg ?? parent.lookupField]: key };
    parent.policies = policiesOf(viewSet, view.site);
    parent.allowedMethods = ['GET'];
    parent.actionMap = { get: 'retrieve' };
    parent.detail = true;
    // What the query asks for is meant for the nested rows.
    parent.filterBackends = [];
    parent.parentRoutes = routes.slice(0, at);
    parent.parentObjects = [...loaded];
    parent.request = requestAs(view.request, 'GET');
    await parent.checkPermissions(parent.request);
    loaded.push(await parent.getObject());
  }
  return loaded;
}

function policiesOf(viewSet: object, site: Site): ResolvedPolicies {
  let ofSite = resolved.get(site);
  if (ofSite === undefined) resolved.set(site, (ofSite = new Map()));
  let policies = ofSite.get(viewSet);
  if (policies === undefined) {
    ofSite.set(viewSet, (policies = resolvePolicies(inheritedPolicies(viewSet), site.settings)));
  }
  return policies;
}

/** The way from nested rows to their parent. Throws ImproperlyConfigured when there is none. */
export function requireRelation(metadata: EntityMetadata, relation: string, where: string): ModelPath {
  const path = resolvePath(metadata, relation);
  if (path !== null && path.relation !== null && path.rest.length === 0) return path;
  throw noMember(metadata, `relation ${relation}`, where, "nest(prefix, viewSet, { relation: '…' })");
}

/** Leaves the rows that belong to the parent. */
export function belongingTo(queryset: Queryset, parent: ObjectLiteral, { relation }: ParentRoute): Queryset {
  const { metadata } = rootOf(queryset);
  const path = requireRelation(metadata, relation, `nest('${relation}')`);
  const column = path.column.referencedColumn ?? path.column;
  const lookup = requireLookup('text', [], 'UTC', relation);
  return queryset.andWhere(pathCondition(queryset, path, lookup, column.getEntityValue(parent)));
}

/** What a row must be saved with to belong to the parent; nothing where the way to it leads through other rows. */
export function parentValues(
  queryset: Queryset,
  parent: ObjectLiteral,
  route: ParentRoute,
  isNew: boolean,
): Record<string, unknown> {
  const relation = rootOf(queryset).metadata.findRelationWithPropertyPath(route.relation);
  if (relation === undefined) return {};
  if (!isToMany(relation)) return { [relation.propertyName]: parent };
  return isNew ? { [relation.propertyName]: [parent] } : {};
}
