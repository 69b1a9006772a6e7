import { ImproperlyConfigured } from '@rf/exceptions';
import type { Params } from './api-view.ts';
import { UrlPattern } from './url-pattern.ts';
import type { BoundView, UrlEntry } from './urls.ts';

/** One URL with everything that stands above it. */
export interface ResolvedRoute {
  readonly pattern: UrlPattern;
  readonly target: BoundView;
  /** Name without namespaces; null when it has none. */
  readonly name: string | null;
  /** Namespaces from the outside in. */
  readonly namespaces: readonly string[];
}

/** What a path resolves to. */
export interface UrlMatch {
  readonly route: ResolvedRoute;
  readonly params: Params;
  /** `namespace:name`; null for a URL without a name. */
  readonly viewName: string | null;
}

/** Thrown when no URL of that name takes the arguments. */
export class NoReverseMatch extends Error {
  override name = 'NoReverseMatch';
}

/** All URLs of a project: finds a view for a path, and a path for a view's name. */
export class UrlResolver {
  /** In the order of declaration; the first that matches counts. */
  readonly routes: readonly ResolvedRoute[];
  readonly #byName = new Map<string, ResolvedRoute[]>();
  readonly #byPrefix = new Map<string, ResolvedRoute[]>();
  readonly #ranks: ReadonlyMap<ResolvedRoute, number>;

  constructor(entries: readonly UrlEntry[]) {
    this.routes = [...flatten(entries, '', [])];
    this.#ranks = new Map(this.routes.map((route, at) => [route, at]));
    for (const route of this.routes) {
      if (route.name !== null) pushTo(this.#byName, [...route.namespaces, route.name].join(':'), route);
      pushTo(this.#byPrefix, literalStart(route.pattern.text), route);
    }
  }

  /** The view behind a decoded path; null when there is none. */
  resolve(path: string): UrlMatch | null {
    const candidates = [...(this.#byPrefix.get(firstSegment(path)) ?? []), ...(this.#byPrefix.get('') ?? [])];
    let best: { route: ResolvedRoute; params: Params } | null = null;
    for (const route of candidates) {
      if (best !== null && this.#rank(best.route) < this.#rank(route)) continue;
      const params = route.pattern.match(path);
      if (params !== null) best = { route, params };
    }
    if (best === null) return null;
    const { name, namespaces } = best.route;
    return { ...best, viewName: name === null ? null : [...namespaces, name].join(':') };
  }

  /**
   * The path of the view called `name`, with namespaces as `v1:book-detail`. Throws {@link NoReverseMatch}.
   *
   * Of several URLs with that name the last whose parameters are exactly the given ones counts.
   */
  reverse(name: string, params: Readonly<Record<string, unknown>> = {}): string {
    const routes = this.#byName.get(name) ?? [];
    for (let at = routes.length - 1; at >= 0; at -= 1) {
      const filled = (routes[at] as ResolvedRoute).pattern.fill(params);
      if (filled !== null) return filled;
    }
    const known =
      routes.length === 0 ? 'no URL has that name' : `its patterns are ${routes.map((r) => r.pattern.text).join(', ')}`;
    const given = Object.entries(params).map(([key, value]) => `${key}=${String(value)}`);
    throw new NoReverseMatch(
      `No URL for ${JSON.stringify(name)} with ${given.length === 0 ? 'no arguments' : given.join(', ')}: ${known}.`,
    );
  }

  /** True when a URL has this name. */
  has(name: string): boolean {
    return this.#byName.has(name);
  }

  #rank(route: ResolvedRoute): number {
    return this.#ranks.get(route) as number;
  }
}

function* flatten(
  entries: readonly UrlEntry[],
  prefix: string,
  namespaces: readonly string[],
): Generator<ResolvedRoute> {
  for (const entry of entries) {
    if (entry?.kind === 'route') {
      const pattern = new UrlPattern(join(prefix, entry.pattern));
      yield { pattern, target: entry.target, name: entry.name, namespaces };
    } else if (entry?.kind === 'include') {
      const inner = entry.namespace === null ? namespaces : [...namespaces, entry.namespace];
      yield* flatten(entry.urls, join(prefix, entry.prefix), inner);
    } else {
      throw new ImproperlyConfigured(
        `The project's urls hold ${JSON.stringify(entry)}; write path(…) or include(…) instead.`,
      );
    }
  }
}

function join(prefix: string, rest: string): string {
  return prefix.endsWith('/') && rest.startsWith('/') ? prefix + rest.slice(1) : prefix + rest;
}

function pushTo(map: Map<string, ResolvedRoute[]>, key: string, route: ResolvedRoute): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [route]);
  else list.push(route);
}

/** The first segment of a path, `/books/`: what routes are looked up by. */
function firstSegment(path: string): string {
  const end = path.indexOf('/', 1);
  return end === -1 ? '' : path.slice(0, end + 1);
}

/** The first segment of a pattern when it is literal, else nothing. */
function literalStart(pattern: string): string {
  const segment = firstSegment(pattern);
  return segment.includes(':') ? '' : segment;
}
