import { ImproperlyConfigured } from '@rf/exceptions';
import { openProject, type Project, type ProjectSite } from '@rf/project';
import { HTTP_METHOD_NAMES, HttpResponse, mount, type MountedView, path, UrlResolver } from '@rf/views';
import type { FastifyError, FastifyInstance, FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify';
import { FastifyHttpRequest } from './fastify-http-request.ts';
import { FrameworkError } from './framework-error.ts';
import { send } from './send.ts';

/** Options of {@link restFramework}. */
export interface RestFrameworkOptions {
  /** What `defineProject` made, or a site that is open already and that the caller closes. */
  readonly project: Project | ProjectSite;
}

declare module 'fastify' {
  interface FastifyInstance {
    /** The open project. */
    readonly rf: ProjectSite;
  }
}

const METHODS = HTTP_METHOD_NAMES.map((name) => name.toUpperCase());

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

async function register(app: FastifyInstance, { project }: RestFrameworkOptions): Promise<void> {
  if (project === undefined) {
    throw new ImproperlyConfigured('restFramework got no project: write app.register(restFramework, { project }).');
  }
  const isOpen = 'close' in project;
  const site = isOpen ? project : await openProject(project, { logger: app.log });
  if (!isOpen) app.addHook('onClose', () => site.close());
  app.decorate('rf', site);

  // Scoped: the bodies of other routes of the server stay Fastify's business.
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    // The views read the body themselves, after they know who sent it.
    scope.addContentTypeParser('*', (_request, _payload, next) => next(null));
    const taken = new Set<string>();
    for (const route of site.urls.routes) {
      const view = mount(route, site);
      const { routerPath } = route.pattern;
      // The first URL counts, as in a list of patterns.
      if (taken.has(routerPath)) continue;
      taken.add(routerPath);
      addRoute(scope, view, routerPath);
    }
  });

  const errors = mountErrors(site);
  app.setNotFoundHandler((request, reply) => errors(request, reply, null));
  app.setErrorHandler((error: FastifyError, request, reply) => errors(request, reply, error));
}

function addRoute(scope: FastifyInstance, view: MountedView, routerPath: string): void {
  const names = view.route.pattern.parameters;
  scope.route({
    method: METHODS,
    url: routerPath,
    exposeHeadRoute: false,
    // Async handlers would cost Fastify a promise of its own; the view's is enough.
    handler(request, reply) {
      const params: Record<string, string> = Object.create(null);
      if (names.length > 0) {
        const values = request.params as Record<string, string>;
        names.forEach((name, at) => {
          params[name] = values[`p${at + 1}`] as string;
        });
      }
      view.handle(new FastifyHttpRequest(request), params).then(
        (response) => finish(request, reply, response),
        (error) => reply.send(error),
      );
    },
  });
}

function finish(request: FastifyRequest, reply: FastifyReply, response: HttpResponse): void {
  // A refused body is not read to its end only to keep the connection.
  if (!request.raw.complete && hasBody(request)) reply.header('connection', 'close');
  send(reply, response);
}

function hasBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

type ErrorResponder = (request: FastifyRequest, reply: FastifyReply, error: FastifyError | null) => void;

/** Answers what never reaches a view of the project through a view, so that it is negotiated like any other error. */
function mountErrors(site: ProjectSite): ErrorResponder {
  const [route] = new UrlResolver([path('/', FrameworkError)]).routes;
  const view = mount(route as NonNullable<typeof route>, site);
  return (incoming, reply, error) => {
    const http = new FastifyHttpRequest(incoming);
    const { view: page, request } = view.prepare(http, {});
    (page as FrameworkError).error = error;
    page.dispatch(request).then(
      (response) => {
        response.headers.delete('allow');
        finish(incoming, reply, response);
      },
      () =>
        send(
          reply,
          new HttpResponse('{"detail":"A server error occurred."}', { status: 500, contentType: 'application/json' }),
        ),
    );
  };
}
