import { ImproperlyConfigured } from '@rf/exceptions';
import { APIView, type ViewClass } from './api-view.ts';
import type { FunctionView, ViewFunction } from './function-view.ts';

/**
 * What can be mounted: a view class, a function view, or a view with initial values. A plain function is one only when `apiView` was
 * put above it: a static method, whose type a decorator cannot change.
 */
export type Mountable = ViewClass | FunctionView | BoundView | ViewFunction;

/** A view class with values that each of its objects starts with. */
export interface BoundView {
  readonly view: ViewClass;
  /** Handler name by lower-case method, for views whose handlers are not named after methods. */
  readonly actions?: Readonly<Record<string, string>>;
  /** Assigned to each new view object. */
  readonly initial?: Readonly<Record<string, unknown>>;
}

/** One URL of a project. */
export interface UrlRoute {
  readonly kind: 'route';
  readonly pattern: string;
  readonly target: BoundView;
  readonly name: string | null;
}

/** URLs below a prefix. */
export interface UrlInclude {
  readonly kind: 'include';
  readonly prefix: string;
  readonly urls: readonly UrlEntry[];
  readonly namespace: string | null;
}

/** What `urls` of a project is made of. */
export type UrlEntry = UrlRoute | UrlInclude;

/** Options of {@link path}. */
export interface PathOptions {
  /** For `reverse` and hyperlinks. */
  readonly name?: string;
}

/**
 * Mounts a view at a URL.
 *
 * @param pattern starts with `/`; `:name` is a parameter, `:name(regex)` one that must match
 * Throws ImproperlyConfigured for what is no view.
 */
export function path(pattern: string, view: Mountable, options: PathOptions = {}): UrlRoute {
  return { kind: 'route', pattern, target: boundView(view, pattern), name: options.name ?? null };
}

/** Options of {@link include}. */
export interface IncludeOptions {
  /** Names inside are reached as `namespace:name`; NamespaceVersioning reads it (VE05). */
  readonly namespace?: string;
}

/** Mounts URLs below a prefix, `/api/` say: their patterns follow it without a second slash. */
export function include(prefix: string, urls: readonly UrlEntry[], options: IncludeOptions = {}): UrlInclude {
  if (!Array.isArray(urls)) {
    throw new ImproperlyConfigured(
      `include(${JSON.stringify(prefix)}, …) takes a list of path() and include() values.`,
    );
  }
  return { kind: 'include', prefix, urls, namespace: options.namespace ?? null };
}

function boundView(view: Mountable, pattern: string): BoundView {
  if (typeof view === 'function' && view.prototype instanceof APIView) return { view: view as ViewClass };
  if (typeof view === 'function' && 'view' in view) return { view: view.view };
  if (typeof view === 'object' && view !== null && 'view' in view) return view;
  const found = typeof view === 'function' ? `the function ${view.name || '(anonymous)'}` : String(view);
  throw new ImproperlyConfigured(
    `path(${JSON.stringify(pattern)}, …) takes a class that extends APIView or a function made with apiView(); it was given ${found}.`,
  );
}
