import { ImproperlyConfigured } from '@rf/exceptions';
import { openProject, type Project, type ProjectSite } from '@rf/project';
import {
  describeError,
  HTTP_METHOD_NAMES,
  isPromise,
  mount,
  type MountedView,
  type Params,
  path,
  type Request,
  UrlResolver,
} from '@rf/views';
import type { FastifyError, FastifyInstance, FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify';
import { FastifyHttpRequest } from './fastify-http-request.ts';
import { FrameworkError } from './framework-error.ts';
import { addHealthChecks, type HealthCheckPaths } from './health-checks.ts';
import { closeIdleConnections } from './idle-connections.ts';
import { send } from './send.ts';
import { guardServerLog } from './server-log.ts';

/** Options of {@link restFramework}. */
export interface RestFrameworkOptions {
  /** What `defineProject` made, or a site that is open already and that the caller closes. */
  readonly project: Project | ProjectSite;
  /** True adds `/healthz` and `/readyz`; an object names other paths. Default false. */
  readonly healthChecks?: boolean | HealthCheckPaths;
}

declare module 'fastify' {
  interface FastifyInstance {
    /** The open project. */
    readonly rf: ProjectSite;
  }
  interface FastifyRequest {
    /** The project's view of this request, for hooks: its user, its version; null until a view answers it (AU10). */
    rf: Request | null;
  }
  interface FastifyContextConfig {
    /** Answers a route of the project. */
    rfHandler?: (request: FastifyRequest, reply: FastifyReply) => void;
  }
}

const METHODS = HTTP_METHOD_NAMES.map((name) => name.toUpperCase());
const NO_PARAMS: Params = Object.freeze(Object.create(null));

/**
 * Mounts a project on a Fastify server: `app.register(restFramework, { project })`.
 *
 * Each URL of the project becomes a route; unknown URLs and Fastify's own errors are answered in the project's shape, and so are the
 * errors of routes that are added later. The database is opened when the server gets ready and closed with it. Throws
 * ImproperlyConfigured for a view that cannot work.
 */
export const restFramework: FastifyPluginCallback<RestFrameworkOptions> = (app, options, done) => {
  register(app, options).then(() => done(), done);
};

// Fastify would keep what a plugin sets to the plugin; ours speaks for the whole server.
Object.assign(restFramework, {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: '@rf/fastify',
});

async function register(app: FastifyInstance, { project, healthChecks = false }: RestFrameworkOptions): Promise<void> {
  if (project === undefined) {
    throw new ImproperlyConfigured('restFramework got no project: write app.register(restFramework, { project }).');
  }
  if ('close' in project) return mountSite(app, project, healthChecks);

  const site = await openProject(project, { logger: app.log });
  try {
    await mountSite(app, site, healthChecks);
  } catch (error) {
    await site.close();
    throw error;
  }
  app.addHook('onClose', () => site.close());
}

async function mountSite(
  app: FastifyInstance,
  site: ProjectSite,
  healthChecks: boolean | HealthCheckPaths,
): Promise<void> {
  const views = mountViews(site);
  const errors = mountErrors(site);
  app.decorate('rf', site);
  app.decorateRequest('rf', null);
  closeIdleConnections(app);
  guardServerLog(app);
  if (healthChecks !== false) addHealthChecks(app, site, healthChecks === true ? {} : healthChecks);

  const unrouted: RouteResponder = (request, reply) => {
    const found = METHODS.includes(request.method) ? null : views.find(request);
    if (found === null) errors(request, reply, null);
    else answer(found.view, found.params, request, reply);
  };
  // Before the routes, which take the handlers that are there.
  app.setNotFoundHandler(unrouted);
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const { rfHandler } = request.routeOptions.config;
    // Fastify looks at the body first, which does not matter where there is nothing.
    if (request.is404) unrouted(request, reply);
    // Which media types are accepted is for the view's parsers to say.
    else if (rfHandler !== undefined && error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') rfHandler(request, reply);
    else errors(request, reply, error);
  });

  // Scoped: the bodies of other routes of the server stay Fastify's business.
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    // The views read the body themselves, after they know who sent it.
    scope.addContentTypeParser('*', (_request, _payload, next) => next(null));
    for (const group of views.groups) addRoute(scope, group, (request, reply) => errors(request, reply, null));
  });
}

interface MountedViews {
  /** Views that the router cannot tell apart by their URLs, in the order of declaration. */
  readonly groups: readonly (readonly MountedView[])[];
  /** The view behind the URL of a request whose method the router does not know, so that it answers 405. */
  find(request: FastifyRequest): Found | null;
}

interface Found {
  readonly view: MountedView;
  readonly params: Params;
}

function mountViews(site: ProjectSite): MountedViews {
  const views = site.urls.routes.map((route) => mount(route, site));
  const groups = new Map<string, MountedView[]>();
  for (const view of views) {
    const { pattern } = view.route;
    const group = groups.get(pattern.routerShape) ?? [];
    groups.set(pattern.routerShape, group);
    // Of equal patterns only the first can match.
    if (!group.some((other) => other.route.pattern.routerPath === pattern.routerPath && pattern.isRouted))
      group.push(view);
  }
  return {
    groups: [...groups.values()],
    find(request) {
      const match = site.urls.resolve(decodePath(request));
      const view = match === null ? undefined : views[site.urls.routes.indexOf(match.route)];
      return match === null || view === undefined ? null : { view, params: match.params };
    },
  };
}

function decodePath(request: FastifyRequest): string {
  const [path = '/'] = (request.raw.url ?? '/').split('?', 1);
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

type RouteResponder = (request: FastifyRequest, reply: FastifyReply) => void;

function addRoute(scope: FastifyInstance, group: readonly MountedView[], notFound: RouteResponder): void {
  const [view] = group as [MountedView];
  const { pattern } = view.route;
  const isAlone = group.length === 1 && pattern.isRouted;
  const hasParams = pattern.parameters.length > 0;
  const secrets = group.map(({ route }) => route.pattern).filter(({ hasSecrets }) => hasSecrets);
  const handler: RouteResponder = isAlone
    ? (request, reply) => answer(view, hasParams ? argumentsOf(view, request) : NO_PARAMS, request, reply)
    : (request, reply) => {
        const found = firstMatch(group, decodePath(request));
        if (found === null) notFound(request, reply);
        else answer(found.view, found.params, request, reply);
      };
  scope.route({
    method: METHODS,
    url: isAlone ? pattern.routerPath : pattern.generalRouterPath,
    exposeHeadRoute: false,
    config: { rfHandler: handler, ...(secrets.length > 0 && { rfSecretPatterns: secrets }) },
    handler,
  });
}

function firstMatch(group: readonly MountedView[], path: string): Found | null {
  for (const view of group) {
    const params = view.route.pattern.match(path);
    if (params !== null) return { view, params };
  }
  return null;
}

/** The URL's arguments under their own names; the router knows them by position. */
function argumentsOf(view: MountedView, request: FastifyRequest): Params {
  const values = request.params as Record<string, string>;
  const params: Record<string, string> = Object.create(null);
  view.route.pattern.parameters.forEach((name, at) => {
    params[name] = values[`p${at + 1}`] as string;
  });
  return params;
}

/** Runs a view and sends what it answers. */
function answer(mounted: MountedView, params: Params, incoming: FastifyRequest, reply: FastifyReply): void {
  const { view, request } = mounted.prepare(new FastifyHttpRequest(incoming), params);
  incoming.rf = request;
  const response = view.dispatch(request);
  if (!isPromise(response)) send(incoming, reply, response);
  else {
    response.then(
      (answered) => send(incoming, reply, answered),
      // Only a view whose dispatch() was overridden gets here.
      (error) => reply.send(error),
    );
  }
}

type ErrorResponder = (request: FastifyRequest, reply: FastifyReply, error: FastifyError | null) => void;

/** Answers what never reaches a view of the project through a view, so that it is negotiated like any other error. */
function mountErrors(site: ProjectSite): ErrorResponder {
  const [route] = new UrlResolver([path('/', FrameworkError)]).routes;
  const mounted = mount(route as NonNullable<typeof route>, site);
  return (incoming, reply, error) => {
    const { view, request } = mounted.prepare(new FastifyHttpRequest(incoming), NO_PARAMS);
    (view as FrameworkError).error = error;
    // Here there is no view whose methods could be named.
    request.onResponse((response) => {
      response.headers.delete('allow');
    });
    Promise.resolve(view.dispatch(request)).then(
      (response) => send(incoming, reply, response),
      (failure) => request.site.logger.error({ err: describeError(failure) }, 'an error could not be answered'),
    );
  };
}
