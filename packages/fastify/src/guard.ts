import { Readable } from 'node:stream';
import { ImproperlyConfigured } from '@rf/exceptions';
import {
  addPolicies,
  APIView,
  type Handler,
  HttpResponse,
  isPromise,
  mount,
  type MountedView,
  path,
  type Policy,
  type Request,
  UrlResolver,
} from '@rf/views';
import type {
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  onSendHookHandler,
  preParsingHookHandler,
  RequestPayload,
} from 'fastify';
import { FastifyHttpRequest } from './fastify-http-request.ts';
import { addHeaders, send } from './send.ts';

/** Hooks of a route, or of a scope of routes, that lets nobody in whom the policies refuse. */
export interface Guard {
  readonly preParsing: preParsingHookHandler;
  readonly onSend: onSendHookHandler;
}

/** Requests that were let in and whose answer has not been made yet. */
const admitted = new WeakSet<Request>();

/**
 * Guards routes of the server that are no views of the project, with the project's authentication classes, permissions and throttles
 * (OA04). Who is refused gets the answer that a view would give; for who is let in, `request.rf` has the user and the credential:
 *
 * ```ts
 * await app.register(restFramework, { project });
 * app.get('/report', guard(app, [authenticationClasses(OAuth2Authentication), scopeRequired('read')]), async (request) => ({
 *   for: request.rf?.user.getUsername(),
 * }));
 * ```
 *
 * The body is Fastify's business and is read after the guard; schemes that sign the body read it before and hand it on. Answers have
 * `Vary: Authorization`. For all routes of a scope, add both hooks to it.
 *
 * @param app the server on which the project is mounted already
 * @param policies as of a view; what is not among them is as in the project's settings
 * @param members what permissions read of a view, such as `{ requiredScopes: ['read'] }`
 * @throws ImproperlyConfigured for a server without a project, and for policies that cannot work
 */
export function guard(
  app: FastifyInstance,
  policies: readonly Policy[],
  members: Readonly<Record<string, unknown>> = {},
): Guard {
  const mounted = mountGuard(app, policies, members);
  return {
    preParsing(incoming, reply, payload, done) {
      // A URL that is not there is 404 for everybody, as it is among the project's own.
      if (incoming.is404) {
        done(null, payload);
        return;
      }
      const { view, request } = mounted.prepare(new FastifyHttpRequest(incoming), incoming.params as never);
      incoming.rf = request;
      const decided = view.dispatch(request);
      const go = (response: HttpResponse): void => decide(response, incoming, reply, payload, done);
      if (isPromise(decided)) Promise.resolve(decided).then(go).catch(done);
      else go(decided);
    },
    onSend(incoming, reply, payload, done) {
      const request = incoming.rf;
      if (request === null || !admitted.delete(request)) {
        done(null, payload);
        return;
      }
      finish(request, reply, payload as Payload).then(() => done(null, payload), done);
    },
  };
}

type Payload = string | Uint8Array | Readable | null | undefined;
type Done = (error?: Error | null, payload?: RequestPayload) => void;

const ADMITTED = new HttpResponse();

/** Its answer, when it lets a request in, is never sent: the route makes one. */
class GuardedRoute extends APIView {
  override get isAtomic(): boolean {
    return false;
  }

  override get parsesBody(): boolean {
    return false;
  }

  override get(): HttpResponse {
    return ADMITTED;
  }

  /** Which methods there are is for the route to say. */
  override getHandler(): Handler {
    return this.get;
  }

  override finalizeResponse(request: Request, answer: unknown): ReturnType<APIView['finalizeResponse']> {
    if (answer === ADMITTED) return ADMITTED;
    request.onResponse(({ headers }) => {
      headers.delete('allow');
      headers.vary('Authorization');
    });
    return super.finalizeResponse(request, answer);
  }
}

function mountGuard(app: FastifyInstance, policies: readonly Policy[], members: object): MountedView {
  if (app.rf === undefined) {
    throw new ImproperlyConfigured(
      'guard() got a server without a project: write `await app.register(restFramework, { project })` before it.',
    );
  }
  const Guarded = class extends GuardedRoute {};
  Object.defineProperty(Guarded, 'name', { value: 'GuardedRoute' });
  for (const { declares } of policies) addPolicies(Guarded, declares);
  const url = path('/', { view: Guarded, initial: members as Readonly<Record<string, unknown>> });
  const [route] = new UrlResolver([url]).routes;
  return mount(route as NonNullable<typeof route>, app.rf);
}

function decide(
  response: HttpResponse,
  incoming: FastifyRequest,
  reply: FastifyReply,
  payload: RequestPayload,
  done: Done,
): void {
  if (response !== ADMITTED) {
    send(incoming, reply, response);
    return;
  }
  const request = incoming.rf as Request;
  admitted.add(request);
  if (!incoming.raw.readableDidRead) {
    done(null, payload);
    return;
  }
  request.rawBody().then((body) => done(null, Readable.from([body], { objectMode: false })), done);
}

/** What the scheme adds to an answer, such as a session's cookie or a signature. */
async function finish(request: Request, reply: FastifyReply, payload: Payload): Promise<void> {
  const response = new HttpResponse(payload ?? null, { status: reply.statusCode });
  const type = reply.getHeader('content-type');
  if (type !== undefined) response.headers.set('content-type', String(type));
  response.headers.vary('Authorization');
  for (const listener of request.responseListeners ?? []) await listener(response);
  for (const listener of request.renderedListeners ?? []) await listener(response);
  response.headers.delete('content-type');
  addHeaders(reply, response);
}
