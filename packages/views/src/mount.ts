import { ImproperlyConfigured } from '@rf/exceptions';
import { type APIView, HTTP_METHOD_NAMES, type Params } from './api-view.ts';
import type { HttpRequest } from './http-request.ts';
import { inheritedPolicies, ownPolicies, type Policies, refusePolicyMembers } from './policies.ts';
import { Request } from './request.ts';
import { type RequestListener, requestListeners } from './request-listener.ts';
import { type ResolvedPolicies, resolvePolicies } from './resolved-policies.ts';
import type { HttpResponse } from './response.ts';
import type { Site } from './site.ts';
import type { ResolvedRoute } from './url-resolver.ts';
import type { BoundView } from './urls.ts';

/** A view behind a URL, its policies resolved. */
export interface MountedView {
  readonly route: ResolvedRoute;
  /** Upper-case methods with a handler, in the order of `Allow`. */
  readonly allowedMethods: readonly string[];
  /** The policies for a method. */
  policiesFor(method: string): ResolvedPolicies;
  /** Makes the view object and the request for a call without answering it; for tools and tests. */
  prepare(http: HttpRequest, params: Params): { view: APIView; request: Request };
  /** Answers one request. Never rejects for what a view does. */
  handle(http: HttpRequest, params: Params): Promise<HttpResponse>;
}

/**
 * Mounts a view: makes its policy objects for each method, once (DESIGN: policies are resolved when the URL is mounted).
 *
 * Throws ImproperlyConfigured for a view that cannot work.
 */
export function mount(route: ResolvedRoute, site: Site): MountedView {
  const { view: View, actions, initial } = route.target;
  const probe = bind(new View(), actions, initial);
  refusePolicyMembers(probe);
  const allowedMethods = allowedMethodsOf(probe);
  if (allowedMethods.every((method) => method === 'OPTIONS')) {
    throw new ImproperlyConfigured(
      `${View.name}, mounted at ${route.pattern.text}, has no handler: write a method get(), post(), put(), patch() or delete().`,
    );
  }

  const ofClass = { ...inheritedPolicies(View), ...(initial?.policies as Policies | undefined) };
  const general = resolvePolicies(ofClass, site.settings);
  const byMethod = new Map<string, ResolvedPolicies>();
  for (const name of HTTP_METHOD_NAMES) {
    const handler = handlerOf(probe, name);
    const own = handler === undefined ? {} : ownPolicies(handler);
    if (Object.keys(own).length > 0) {
      byMethod.set(name.toUpperCase(), resolvePolicies({ ...ofClass, ...own }, site.settings));
    }
  }
  probe.site = site;
  probe.route = route;
  for (const policies of [general, ...byMethod.values()]) {
    checkThrottles(probe, policies, site);
    if (probe.declaresAuthenticators) {
      for (const authenticator of policies.authenticators) authenticator.checkSetup(probe);
    }
    if (probe.declaresPermissions) for (const permission of policies.permissions) permission.checkSetup(probe);
  }
  probe.checkSetup();
  const policiesFor = (method: string): ResolvedPolicies => byMethod.get(method) ?? general;
  const allowHeader = allowedMethods.join(', ');
  const listeners = site.optionalResource(requestListeners) ?? NO_LISTENERS;

  const prepare = (http: HttpRequest, params: Params) => {
    const view = bind(new View(), actions, initial);
    view.site = site;
    view.params = params;
    view.route = route;
    view.allowedMethods = allowedMethods;
    view.allowHeader = allowHeader;
    const policies = byMethod.size === 0 ? general : policiesFor(http.method);
    view.policies = policies;
    const request = new Request(http, site, params, policies, view);
    view.request = request;
    if (listeners.length > 0) for (const listener of listeners) listener(request);
    return { view, request };
  };

  return {
    route,
    allowedMethods,
    policiesFor,
    prepare,
    async handle(http, params) {
      const { view, request } = prepare(http, params);
      return view.dispatch(request);
    },
  };
}

const NO_LISTENERS: readonly RequestListener[] = [];

/** A rate that is missing or cannot be read is found when the server starts, not by the first request (TH02). */
function checkThrottles(probe: APIView, policies: ResolvedPolicies, site: Site): void {
  const scope = policies.throttleScope === undefined ? probe.throttleScope : policies.throttleScope;
  for (const throttle of policies.throttles) throttle.check(site.settings, scope);
}

function bind(view: APIView, actions: BoundView['actions'], initial: BoundView['initial']): APIView {
  if (initial !== undefined) {
    for (const key in initial) if (key !== 'policies') (view as unknown as Record<string, unknown>)[key] = initial[key];
  }
  if (actions !== undefined) {
    const members = view as unknown as Record<string, unknown>;
    for (const method in actions) members[method] = members[actions[method] as string];
  }
  return view;
}

function handlerOf(view: APIView, name: (typeof HTTP_METHOD_NAMES)[number]): object | undefined {
  return view[name] ?? (name === 'head' ? view.get : undefined);
}

function allowedMethodsOf(view: APIView): string[] {
  return HTTP_METHOD_NAMES.filter(
    (name) => view.httpMethodNames.includes(name) && handlerOf(view, name) !== undefined,
  ).map((name) => name.toUpperCase());
}
