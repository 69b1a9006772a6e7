import { ImproperlyConfigured } from '@rf/exceptions';
import { type EntityClass, shapeOf } from '@rf/orm';
import { path, type UrlEntry, type UrlRoute } from '@rf/views';
import type { ExtraAction } from './action.ts';
import type { GenericAPIView } from './generic-api-view.ts';
import type { ParentRoute } from './nested-parents.ts';
import { DynamicRoute, Route } from './route.ts';
import type { ActionMap, ViewSetClass } from './view-set.ts';

/** Options of {@link SimpleRouter.register}. */
export interface RegisterOptions {
  /** What the names of the URLs begin with. Default: the name of the viewset's entity, in lower case. */
  readonly basename?: string;
}

/** Options of {@link Registration.nest}. */
export interface NestOptions extends RegisterOptions {
  /** The path from the nested rows to the parent. Default: the only relation of the nested entity to the parent's. */
  readonly relation?: string;
  /** Name of the URL's argument for the parent. Default: the parent's entity and its lookup field, `publisherPk`. */
  readonly param?: string;
}

/** A viewset with its place. */
export interface RegistryEntry {
  readonly prefix: string;
  readonly viewSet: ViewSetClass;
  readonly basename: string;
  /** The viewsets that it stands under, from the outside in. */
  readonly parents: readonly ParentRoute[];
}

/** Options of routers. */
export interface RouterOptions {
  /** False makes URLs without a slash at their end. Default true. */
  readonly trailingSlash?: boolean;
}

/** What a viewset says of its lookup. */
type LookupView = Partial<Pick<GenericAPIView, 'queryset' | 'lookupField' | 'lookupUrlKwarg'>> & {
  readonly lookupValueRegex?: string | null;
  readonly lookupValueConverter?: string | null;
};

/** Patterns by the names that Django's path converters have. */
const CONVERTERS: Readonly<Record<string, string>> = {
  str: '[^/]+',
  int: '[0-9]+',
  slug: '[-a-zA-Z0-9_]+',
  uuid: '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}',
};

/**
 * Makes the URLs of viewsets (RT01):
 *
 * ```ts
 * const router = new SimpleRouter();
 * router.register('books', BookViewSet);
 * export const urls = [include('/api/', router.urls)];
 * ```
 *
 * That is `/api/books/` named `book-list`, `/api/books/:pk/` named `book-detail`, and a URL for each extra action.
 */
export class SimpleRouter {
  /** The URLs of each viewset; replace it for a router of your own (RT06). */
  routes: readonly (Route | DynamicRoute)[] = [
    new Route({
      url: '/{prefix}{trailingSlash}',
      mapping: { get: 'list', post: 'create' },
      name: '{basename}-list',
      detail: false,
      initial: { suffix: 'List' },
    }),
    new DynamicRoute({
      url: '/{prefix}/{urlPath}{trailingSlash}',
      name: '{basename}-{urlName}',
      detail: false,
      initial: {},
    }),
    new Route({
      url: '/{prefix}/{lookup}{trailingSlash}',
      mapping: { get: 'retrieve', put: 'update', patch: 'partialUpdate', delete: 'destroy' },
      name: '{basename}-detail',
      detail: true,
      initial: { suffix: 'Instance' },
    }),
    new DynamicRoute({
      url: '/{prefix}/{lookup}/{urlPath}{trailingSlash}',
      name: '{basename}-{urlName}',
      detail: true,
      initial: {},
    }),
  ];

  readonly trailingSlash: '/' | '';
  /** What was registered, in order. */
  readonly registry: RegistryEntry[] = [];
  #urls: readonly UrlEntry[] | null = null;

  constructor({ trailingSlash = true }: RouterOptions = {}) {
    this.trailingSlash = trailingSlash ? '/' : '';
  }

  /**
   * Adds a viewset (RT03).
   *
   * Throws ImproperlyConfigured when its name cannot be told or is taken, and when it has a wrong extra action.
   *
   * @param prefix the first part of its URLs, without slashes around it; may be empty
   */
  register(prefix: string, viewSet: ViewSetClass, options: RegisterOptions = {}): Registration {
    return this.#add({ prefix, viewSet, basename: options.basename ?? this.getDefaultBasename(viewSet), parents: [] });
  }

  #add(entry: RegistryEntry): Registration {
    const { basename, viewSet } = entry;
    if (this.isAlreadyRegistered(basename)) {
      throw new ImproperlyConfigured(
        `Router with basename "${basename}" is already registered. Please provide a unique basename for viewset ` +
          `"${viewSet.name}": register('${entry.prefix}', ${viewSet.name}, { basename: 'other' }).`,
      );
    }
    this.registry.push(entry);
    this.#urls = null;
    return new Registration(entry, (nested) => this.#add(nested));
  }

  isAlreadyRegistered(basename: string): boolean {
    return this.registry.some((entry) => entry.basename === basename);
  }

  /** What the names of a viewset's URLs begin with, where nothing is said. */
  getDefaultBasename(viewSet: ViewSetClass): string {
    const name = entityOf(viewSet)?.name.toLowerCase();
    if (name !== undefined) return name;
    throw new ImproperlyConfigured(
      '`basename` argument not specified, and could not automatically determine the name from the viewset, as it does not ' +
        `have a \`queryset\` attribute: register(prefix, ${viewSet.name}, { basename: 'name' }).`,
    );
  }

  /** The pattern of the URL's argument for one object: `:pk([^/.]+)` (RT04). */
  getLookupPattern(viewSet: ViewSetClass, param?: string): string {
    const { lookupField = 'pk', lookupUrlKwarg, lookupValueRegex, lookupValueConverter } = new viewSet() as LookupView;
    const converter = lookupValueConverter ? CONVERTERS[lookupValueConverter] : undefined;
    if (lookupValueConverter && converter === undefined) {
      throw new ImproperlyConfigured(
        `${viewSet.name}.lookupValueConverter is "${lookupValueConverter}". Known are ${Object.keys(CONVERTERS).join(', ')}.`,
      );
    }
    return `:${param ?? lookupUrlKwarg ?? lookupField}(${lookupValueRegex ?? converter ?? '[^/.]+'})`;
  }

  /** The routes of a viewset, one for each URL. Throws ImproperlyConfigured for a wrong extra action (RT05). */
  getRoutes(viewSet: ViewSetClass): Route[] {
    const standard = new Set(
      this.routes.flatMap((route) => (route instanceof Route ? Object.values(route.mapping) : [])),
    );
    const extra = viewSet.getExtraActions();
    const clashing = extra.filter(({ action }) => standard.has(action)).map(({ action }) => action);
    if (clashing.length > 0) {
      throw new ImproperlyConfigured(
        `Cannot use the @action decorator on the following methods of ${viewSet.name}, as they are existing routes: ` +
          `${clashing.join(', ')}. Give them other names.`,
      );
    }
    return this.routes.flatMap((route) => {
      if (route instanceof Route) return [route];
      return extra.filter(({ detail }) => detail === route.detail).map((action) => dynamicRoute(route, action));
    });
  }

  /** The methods of a mapping that a viewset has. */
  getMethodMap(viewSet: ViewSetClass, mapping: ActionMap): ActionMap {
    const methods = Object.entries(mapping).filter(
      ([, action]) => typeof (viewSet.prototype as unknown as Record<string, unknown>)[action] === 'function',
    );
    return Object.fromEntries(methods);
  }

  /** The URLs of all viewsets, for `include` (RT03). */
  get urls(): readonly UrlEntry[] {
    this.#urls ??= this.getUrls();
    return this.#urls;
  }

  getUrls(): UrlEntry[] {
    return this.registry.flatMap((entry) => this.#urlsOf(entry));
  }

  #urlsOf({ prefix, viewSet, basename, parents }: RegistryEntry): UrlRoute[] {
    const above = parents.map(
      (parent) => `${parent.prefix}/${this.getLookupPattern(parent.viewSet as never, parent.param)}`,
    );
    const places = {
      prefix: [...above, prefix].filter((part) => part !== '').join('/'),
      lookup: this.getLookupPattern(viewSet),
      trailingSlash: this.trailingSlash,
      basename,
    };
    const urls: UrlRoute[] = [];
    for (const route of this.getRoutes(viewSet)) {
      const mapping = this.getMethodMap(viewSet, route.mapping);
      if (Object.keys(mapping).length === 0) continue;
      const nested = parents.length === 0 ? {} : { parentRoutes: parents };
      const view = viewSet.asView(mapping, { ...route.initial, ...nested, basename, detail: route.detail });
      const pattern = filled(route.url, places).replace(/^\/+/, '/');
      urls.push(path(pattern, view, { name: filled(route.name, places) }));
    }
    return urls;
  }
}

/** A registered viewset, under which others can be nested. */
export class Registration {
  constructor(
    private readonly entry: RegistryEntry,
    private readonly add: (entry: RegistryEntry) => Registration,
  ) {}

  /**
   * Adds a viewset below one object of this one (W36): `/publishers/:publisherPk/books/`.
   *
   * Its rows are those of the parent, which is found and permitted once for each request, as the parent's own viewset would;
   * `this.parent` is the object, and new rows are saved with it.
   *
   * Throws ImproperlyConfigured when the relation between the two cannot be told.
   */
  nest(prefix: string, viewSet: ViewSetClass, options: NestOptions = {}): Registration {
    const { entry } = this;
    const parent = entityOf(entry.viewSet);
    const child = entityOf(viewSet);
    const relation = options.relation ?? relationBetween(viewSet, child, entry.viewSet, parent);
    const { lookupField = 'pk' } = new entry.viewSet() as LookupView;
    const route: ParentRoute = {
      prefix: entry.prefix,
      viewSet: entry.viewSet as never,
      param: options.param ?? `${lowerFirst(parent?.name ?? entry.basename)}${upperFirst(lookupField)}`,
      relation,
    };
    const name = child?.name.toLowerCase() ?? prefix;
    const basename = options.basename ?? `${entry.basename}-${name}`;
    return this.add({ prefix, viewSet, basename, parents: [...entry.parents, route] });
  }
}

function entityOf(viewSet: ViewSetClass): EntityClass | undefined {
  return (new viewSet() as LookupView).queryset ?? undefined;
}

function relationBetween(
  childSet: ViewSetClass,
  child: EntityClass | undefined,
  parentSet: ViewSetClass,
  parent: EntityClass | undefined,
): string {
  const relations =
    child === undefined || parent === undefined
      ? []
      : [...shapeOf(child).relations.values()].filter((relation) => relation.target() === parent);
  const [relation, another] = relations;
  if (relation !== undefined && another === undefined) return relation.property;
  const found =
    relations.length === 0 ? 'none was found' : `there are ${relations.map(({ property }) => property).join(', ')}`;
  throw new ImproperlyConfigured(
    `${childSet.name} is nested under ${parentSet.name}, but which relation leads to the parent cannot be told: ${found}. ` +
      `Write nest(prefix, ${childSet.name}, { relation: 'name' }).`,
  );
}

function dynamicRoute(route: DynamicRoute, { urlPath, urlName, mapping, initial }: ExtraAction): Route {
  const places = { urlPath, urlName };
  return new Route({
    url: filled(route.url, places),
    mapping,
    name: filled(route.name, places),
    detail: route.detail,
    initial: { ...route.initial, ...initial },
  });
}

/** Replaces `{name}` for the names that are known. */
function filled(template: string, places: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/g, (place, name: string) => places[name] ?? place);
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
const upperFirst = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
