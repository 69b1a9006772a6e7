import { ImproperlyConfigured } from '@rf/exceptions';
import { openProject, type Project, type ProjectSite } from '@rf/project';
import { HTTP_METHOD_NAMES, mount, type MountedView, type Params, path, type Request, UrlResolver } from '@rf/views';
import type { FastifyError, FastifyInstance, FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify';
import { FastifyHttpRequest } from './fastify-http-request.ts';
import { FrameworkError } from './framework-error.ts';
import { addHealthChecks, type HealthCheckPaths } from './health-checks.ts';
import { send } from './send.ts';

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
    /** The view behind a route of the project. */
    rfView?: MountedView;
  }
}

const METHODS = HTTP_METHOD_NAMES.map((name) => name.toUpperCase());
const NO_PARAMS: Params = Object.freeze(Object.create(null));

/**
 * Mounts a project on a Fastify server: `app.register(restFramework, { project })`.
 *
 * Each URL of the project becomes a route; unknown URLs and Fastify's own errors are answered in the project's shape. The database
 * is opened when the server gets ready and closed with it. Throws ImproperlyConfigured for a view that cannot work.
 */
export const restFramework: FastifyPluginCallback<RestFrameworkOptions> = (app, options, done) => {
  register(app, options).then(() => done(), done);
};

// Fastify would keep what a plugin sets to the plugin; ours speaks for the whole server.
Object.assign(restFramework, {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: '@rf/fastify',
});

async function register(app: FastifyInstance, options: RestFrameworkOptions): Promise<void> {
  const { project, healthChecks = false } = options;
  if (project === undefined) {
    throw new ImproperlyConfigured('restFramework got no project: write app.register(restFramework, { project }).');
  }
  const isOpen = 'close' in project;
  const site = isOpen ? project : await openProject(project, { logger: app.log });
  if (!isOpen) app.addHook('onClose', () => site.close());
  app.decorate('rf', site);
  app.decorateRequest('rf', null);
  if (healthChecks !== false) addHealthChecks(app, site, healthChecks === true ? {} : healthChecks);

  const views = mountViews(site);
  const errors = mountErrors(site);
  app.setNotFoundHandler((request, reply) => {
    const found = METHODS.includes(request.method) ? null : views.find(request);
    if (found === null) errors(request, reply, null);
    else answer(found.view, found.params, request, reply);
  });
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const view = request.routeOptions.config.rfView;
    // Which media types are accepted is for the view's parsers to say.
    if (view !== undefined && error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
      answer(view, argumentsOf(view, request), request, reply);
    } else errors(request, reply, error);
  });

  // After the handlers, which a scope takes over when it is made. Scoped: the bodies of other routes of the server stay Fastify's business.
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    // The views read the body themselves, after they know who sent it.
    scope.addContentTypeParser('*', (_request, _payload, next) => next(null));
    for (const [routerPath, view] of views.routes) addRoute(scope, view, routerPath);
  });
}

interface MountedViews {
  /** By the router's pattern. */
  readonly routes: ReadonlyMap<string, MountedView>;
  /** The view behind the URL of a request whose method the router does not know, so that it answers 405. */
  find(request: FastifyRequest): { view: MountedView; params: Params } | null;
}

function mountViews(site: ProjectSite): MountedViews {
  const routes = new Map<string, MountedView>();
  for (const route of site.urls.routes) {
    const view = mount(route, site);
    const { routerPath } = route.pattern;
    // The first URL counts, as in a list of patterns.
    if (!routes.has(routerPath)) routes.set(routerPath, view);
  }
  return {
    routes,
    find(request) {
      const match = site.urls.resolve(decodePath(request.raw.url ?? '/'));
      const view = match === null ? undefined : routes.get(match.route.pattern.routerPath);
      return match === null || view === undefined ? null : { view, params: match.params };
    },
  };
}

function decodePath(target: string): string {
  const [path = '/'] = target.split('?', 1);
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function addRoute(scope: FastifyInstance, view: MountedView, routerPath: string): void {
  const hasParams = view.route.pattern.parameters.length > 0;
  scope.route({
    method: METHODS,
    url: routerPath,
    exposeHeadRoute: false,
    config: { rfView: view },
    handler(request, reply) {
      answer(view, hasParams ? argumentsOf(view, request) : NO_PARAMS, request, reply);
    },
  });
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
  view.dispatch(request).then(
    (response) => send(incoming, reply, response),
    // Only a view whose dispatch() was overridden gets here.
    (error) => reply.send(error),
  );
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
    void view.dispatch(request).then((response) => send(incoming, reply, response));
  };
}
