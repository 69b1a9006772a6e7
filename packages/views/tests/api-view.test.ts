import { APIException, ImproperlyConfigured, NotFound, ServiceUnavailable } from '@rf/exceptions';
import {
  AllowAny,
  APIView,
  authenticationClasses,
  BaseAuthentication,
  BasePermission,
  BaseRenderer,
  BaseThrottle,
  BaseVersioning,
  FormParser,
  HttpResponse,
  IsAuthenticated,
  JSONRenderer,
  mount,
  MultiValueDict,
  path,
  permissionClasses,
  rendererClasses,
  type Request,
  requestTransaction,
  Response,
  StaticHTMLRenderer,
  throttleClasses,
  UrlResolver,
  versioningClass,
} from '@rf/views';
import { describe, expect, it } from 'vitest';
import { TestSite } from './test-site.ts';

class AllMethods extends APIView {
  override get(request: Request) {
    return { method: request.method };
  }
  override post(request: Request) {
    return { method: request.method };
  }
  override put(request: Request) {
    return { method: request.method };
  }
  override patch(request: Request) {
    return { method: request.method };
  }
  override delete(request: Request) {
    return { method: request.method };
  }
}

class PostOnly extends APIView {
  override post() {
    return { method: 'POST' };
  }
}

describe('handlers (VW01)', () => {
  it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])('%s is answered by the method of that name', async (method) => {
    const answer = await new TestSite(AllMethods).send({ method });
    expect([answer.status, answer.json]).toEqual([200, { method }]);
  });

  it('HEAD is answered by get, unless it has its own', async () => {
    class OwnHead extends APIView {
      override get() {
        return new Response({}, { headers: { 'x-handler': 'get' } });
      }
      override head() {
        return new Response(undefined, { headers: { 'x-handler': 'head' } });
      }
    }
    expect((await new TestSite(AllMethods).send({ method: 'HEAD' })).json).toEqual({ method: 'HEAD' });
    expect((await new TestSite(OwnHead).send({ method: 'HEAD' })).header('x-handler')).toBe('head');
    expect((await new TestSite(OwnHead).get()).header('x-handler')).toBe('get');
  });

  it.each(['GET', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'TRACE', 'PROPFIND', 'CONSTRUCTOR'])(
    '%s without one is 405 and names those there are',
    async (method) => {
      const answer = await new TestSite(PostOnly).send({ method });
      expect([answer.status, answer.header('allow')]).toEqual([405, 'POST, OPTIONS']);
      expect(answer.json).toEqual({ detail: `Method "${method}" not allowed.` });
    },
  );

  it('are named in the order of DRF', async () => {
    expect((await new TestSite(AllMethods).get()).header('allow')).toBe('GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS');
  });

  it('can be switched off by httpMethodNames (VW03)', async () => {
    class Limited extends AllMethods {
      override httpMethodNames = ['get', 'delete', 'options'];
    }
    const site = new TestSite(Limited);
    expect((await site.get()).header('allow')).toBe('GET, DELETE, OPTIONS');
    for (const method of ['POST', 'HEAD']) expect((await site.send({ method })).status).toBe(405);
  });

  it('TRACE has one where the view writes it', async () => {
    class Traced extends APIView {
      override trace() {
        return 'traced';
      }
    }
    expect((await new TestSite(Traced).send({ method: 'TRACE' })).json).toBe('traced');
  });

  it('do not read the body of a request that has none', async () => {
    const answer = await new TestSite(PostOnly).send({
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: '{',
    });
    expect(answer.status).toBe(405);
  });
});

describe('the order of the checks (VW02)', () => {
  const order: string[] = [];

  class Renderer extends JSONRenderer {
    override render(...args: Parameters<JSONRenderer['render']>) {
      order.push('render');
      return super.render(...args);
    }
  }
  class Versioning extends BaseVersioning {
    override determineVersion() {
      order.push('version');
      return 'v1';
    }
  }
  class Authentication extends BaseAuthentication {
    override async authenticate() {
      order.push('authenticate');
      return null;
    }
  }
  class Permission extends BasePermission {
    override async hasPermission() {
      order.push('permission');
      return true;
    }
  }
  class Throttle extends BaseThrottle {
    override async allowRequest() {
      order.push('throttle');
      return true;
    }
  }

  @rendererClasses(Renderer)
  @versioningClass(Versioning)
  @authenticationClasses(Authentication)
  @permissionClasses(Permission)
  @throttleClasses(Throttle)
  class Ordered extends APIView {
    override performContentNegotiation(request: Request, force?: boolean) {
      order.push('negotiate');
      return super.performContentNegotiation(request, force);
    }
    override post() {
      order.push('handler');
      return {};
    }
    override finalizeResponse(request: Request, answer: unknown) {
      order.push('finalize');
      return super.finalizeResponse(request, answer);
    }
  }

  it('is negotiation, version, authentication, permissions, throttles, handler, answer', async () => {
    order.length = 0;
    await new TestSite(Ordered).send({ method: 'POST' });
    expect(order).toEqual([
      'negotiate',
      'version',
      'authenticate',
      'permission',
      'throttle',
      'handler',
      'finalize',
      'render',
    ]);
  });

  it('looks at the method last', async () => {
    order.length = 0;
    await new TestSite(Ordered).send({ method: 'DELETE' });
    expect(order.slice(0, -2)).toEqual(['negotiate', 'version', 'authenticate', 'permission', 'throttle']);
  });
});

describe('a view object', () => {
  it('serves one request, so that fields may hold what belongs to it', async () => {
    class Counter extends APIView {
      calls = 0;
      override async get(): Promise<object> {
        this.calls += 1;
        await new Promise((resolve) => setImmediate(resolve));
        return { calls: this.calls, own: this.request.view === this };
      }
    }
    const site = new TestSite(Counter);
    const answers = await Promise.all([site.get(), site.get(), site.get()]);
    expect(answers.map((answer) => answer.json)).toEqual(Array(3).fill({ calls: 1, own: true }));
  });

  it('knows its site, its URL and its arguments', async () => {
    class Detail extends APIView {
      override get(_request: Request, params: Readonly<Record<string, string>>) {
        return [this.params.pk, params.pk, this.route.name, this.site.settings.versionParam];
      }
    }
    const site = new TestSite([path('/books/:pk/', Detail, { name: 'book' })]);
    expect((await site.get('/books/7/')).json).toEqual(['7', '7', 'book', 'version']);
  });
});

describe('errors', () => {
  class Failing extends APIView {
    override get(): unknown {
      throw new Error('the secret of the house');
    }
  }

  it('that nobody handles are 500 without a word of why, and logged with the id of the request (VW11, W19)', async () => {
    const site = new TestSite(Failing);
    const answer = await site.get();
    expect([answer.status, answer.json]).toEqual([500, { detail: 'A server error occurred.' }]);
    const [line] = site.log;
    expect(line?.message).toBe('unhandled error in a view');
    expect(line?.data).toMatchObject({
      reqId: 'request-1',
      view: 'Failing',
      method: 'GET',
      path: '/',
      err: { message: 'the secret of the house' },
    });
  });

  it('explain themselves in development', async () => {
    const answer = await new TestSite(Failing, { debug: true }).get();
    expect(answer.json.debug[0]).toBe('Error: the secret of the house');
  });

  it('are logged without what hangs on them, such as the values of a query', async () => {
    class Query extends APIView {
      override get(): never {
        throw Object.assign(new Error('duplicate key', { cause: new Error('deeper') }), {
          parameters: ['s3cret'],
          code: '23505',
        });
      }
    }
    const site = new TestSite(Query);
    await site.get();
    expect(site.log[0]?.data.err).toMatchObject({
      type: 'Error',
      message: 'duplicate key',
      code: '23505',
      cause: { message: 'deeper' },
    });
    expect(JSON.stringify(site.log)).not.toContain('s3cret');
  });

  it('of a database are logged without the value that it could not read', async () => {
    class Query extends APIView {
      override get(): never {
        throw Object.assign(new Error('invalid input syntax for type integer: "a "s3cret" b"'), { code: '22P02' });
      }
    }
    const site = new TestSite(Query);
    await site.get();
    const message = 'invalid input syntax for type integer: "[redacted]"';
    expect(site.log[0]?.data.err).toMatchObject({ message, stack: expect.stringContaining(`Error: ${message}\n`) });
    expect(JSON.stringify(site.log)).not.toContain('s3cret');
  });

  it('that are answered with 5xx on purpose are logged as well', async () => {
    class Broken extends APIView {
      override get(): never {
        throw new APIException('It broke.');
      }
    }
    const site = new TestSite(Broken);
    expect((await site.get()).json).toEqual({ detail: 'It broke.' });
    expect(site.log.map((line) => line.message)).toEqual(['the view answered with a server error']);
  });

  it('that the project knows better are answered as it says', async () => {
    const site = new TestSite(Failing);
    site.translateError = () => new ServiceUnavailable();
    expect((await site.get()).status).toBe(503);
  });

  it('while rendering become an answer too', async () => {
    class Cyclic extends APIView {
      override get() {
        const data: { self?: unknown } = {};
        data.self = data;
        return data;
      }
    }
    const answer = await new TestSite(Cyclic).get();
    expect([answer.status, answer.json]).toEqual([500, { detail: 'A server error occurred.' }]);
  });

  it('of the renderer itself end in plain JSON', async () => {
    class Broken extends BaseRenderer {
      readonly mediaType = 'text/x';
      readonly format = 'x';
      override render(): never {
        throw new Error('cannot');
      }
    }
    class Look extends AllMethods {}
    rendererClasses(Broken)(Look);
    const site = new TestSite(Look);
    const answer = await site.get();
    expect([answer.status, answer.json, answer.header('content-type')]).toEqual([
      500,
      { detail: 'A server error occurred.' },
      'application/json',
    ]);
    expect(answer.header('allow')).toContain('GET');
  });

  it('of the exception handler end in plain JSON', async () => {
    const site = new TestSite(Failing, {
      exceptionHandler() {
        throw new Error('also broken');
      },
    });
    expect((await site.get()).json).toEqual({ detail: 'A server error occurred.' });
    expect(site.log.map((line) => line.message)).toEqual(['an error could not be answered as the view wanted']);
  });

  it('thrown as something that is no error are 500', async () => {
    class Throwing extends APIView {
      override get(): never {
        throw 'text';
      }
    }
    expect((await new TestSite(Throwing).get()).status).toBe(500);
  });
});

describe('negotiation that fails (VW08)', () => {
  it('is answered by the first renderer', async () => {
    class Page extends AllMethods {}
    rendererClasses(StaticHTMLRenderer, JSONRenderer)(Page);
    const answer = await new TestSite(Page).get('/', { accept: 'image/png' });
    expect([answer.status, answer.text, answer.header('content-type')]).toEqual([
      406,
      '406 Not Acceptable',
      'text/html; charset=utf-8',
    ]);
  });
});

describe('transactions (VW06)', () => {
  const run = async (settings: { atomicRequests: boolean }, View: typeof APIView & (new () => APIView)) => {
    const events: string[] = [];
    const site = new TestSite(View, settings);
    site.resources.set(requestTransaction, async (_request: Request, handle: () => unknown) => {
      events.push('begin');
      try {
        const answer = await handle();
        events.push('commit');
        return answer;
      } catch (error) {
        events.push('rollback');
        throw error;
      }
    });
    const answer = await site.get();
    return { events, status: answer.status };
  };
  class Missing extends APIView {
    override get(): never {
      throw new NotFound();
    }
  }
  class Own extends Missing {
    override get isAtomic() {
      return false;
    }
  }

  it('wrap the handler where atomicRequests is on', async () => {
    expect(await run({ atomicRequests: true }, AllMethods)).toEqual({ events: ['begin', 'commit'], status: 200 });
  });

  it('are rolled back by an error that is answered', async () => {
    expect(await run({ atomicRequests: true }, Missing)).toEqual({ events: ['begin', 'rollback'], status: 404 });
  });

  it('are not there otherwise, nor where the view declines', async () => {
    expect((await run({ atomicRequests: false }, AllMethods)).events).toEqual([]);
    expect((await run({ atomicRequests: true }, Own)).events).toEqual([]);
  });
});

describe('overriding a step (VW05)', () => {
  it('getPermissions can choose by method', async () => {
    class Never extends BasePermission {
      override hasPermission() {
        return false;
      }
    }
    class Chosen extends AllMethods {
      override getPermissions() {
        return this.request.method === 'GET' ? [new AllowAny()] : [new Never()];
      }
    }
    const site = new TestSite(Chosen);
    expect([(await site.get()).status, (await site.send({ method: 'POST' })).status]).toEqual([200, 403]);
  });

  it('initial can load what the handler needs', async () => {
    class Loaded extends APIView {
      thing = '';
      override async initial(request: Request) {
        await super.initial(request);
        this.thing = 'loaded';
      }
      override get() {
        return this.thing;
      }
    }
    expect((await new TestSite(Loaded).get()).json).toBe('loaded');
  });

  it('finalizeResponse can add to every answer, errors included', async () => {
    class Marked extends PostOnly {
      override async finalizeResponse(request: Request, answer: unknown): Promise<HttpResponse> {
        const response = await super.finalizeResponse(request, answer);
        response.headers.set('x-marked', 'yes');
        return response;
      }
    }
    expect((await new TestSite(Marked).get()).header('x-marked')).toBe('yes');
  });
});

describe('policies that depend on the request (VW04)', () => {
  class Challenge extends BaseAuthentication {
    override authenticate(): null {
      return null;
    }
    override authenticateHeader(): string {
      return 'Ours';
    }
  }

  @permissionClasses(IsAuthenticated)
  @rendererClasses(JSONRenderer, StaticHTMLRenderer)
  class Choosing extends APIView {
    override getAuthenticators() {
      return this.request.method === 'GET' ? [new Challenge()] : super.getAuthenticators();
    }
    override getParsers() {
      return this.params.kind === 'form' ? [new FormParser()] : super.getParsers();
    }
    override getRenderers() {
      return this.params.kind === 'page' ? [new StaticHTMLRenderer()] : super.getRenderers();
    }
    override getPermissions() {
      return this.request.method === 'POST' ? [] : super.getPermissions();
    }
    override get() {
      return {};
    }
    override post({ data }: Request) {
      return data instanceof MultiValueDict ? data.toJSON() : data;
    }
  }
  const site = new TestSite([path('/:kind/', Choosing)]);
  const post = (url: string, type: string, body: string) =>
    site.send({ method: 'POST', path: url, headers: { 'content-type': type }, body });

  it('are asked of the view', async () => {
    const refused = await site.get('/any/');
    expect([refused.status, refused.header('www-authenticate')]).toEqual([401, 'Ours']);
    expect((await site.send({ method: 'PUT', path: '/any/' })).status).toBe(403);
    expect((await post('/any/', 'application/json', '{"a":1}')).json).toEqual({ a: 1 });
    expect((await post('/form/', 'application/json', '{"a":1}')).status).toBe(415);
    expect((await post('/form/', 'application/x-www-form-urlencoded', 'a=1')).json).toEqual({ a: ['1'] });
    expect((await post('/page/', 'application/json', '"<p>"')).header('content-type')).toBe('text/html; charset=utf-8');
  });
});

describe('mounting', () => {
  const mountOne = (View: new () => APIView) => {
    const site = new TestSite([]);
    return mount(new UrlResolver([path('/x/', View)]).routes[0] as never, site);
  };

  it('refuses a view without a handler, naming it', () => {
    class Nothing extends APIView {}
    expect(() => mountOne(Nothing)).toThrow(ImproperlyConfigured);
    expect(() => mountOne(Nothing)).toThrow(/^Nothing, mounted at \/x\/, has no handler: write a method get\(\)/);
  });

  it('makes policy objects once, not for each request', async () => {
    let made = 0;
    class Counted extends AllowAny {
      constructor() {
        super();
        made += 1;
      }
    }
    class Look extends AllMethods {}
    permissionClasses(Counted)(Look);
    const site = new TestSite(Look);
    for (let at = 0; at < 5; at += 1) await site.get();
    expect(made).toBe(1);
  });

  it('resolves policies against the settings of its own project', async () => {
    class Closed extends BasePermission {
      override hasPermission() {
        return false;
      }
    }
    const open = new TestSite(AllMethods);
    const closed = new TestSite(AllMethods, { defaultPermissionClasses: [Closed] });
    expect([(await open.get()).status, (await closed.get()).status, (await open.get()).status]).toEqual([
      200, 403, 200,
    ]);
  });
});
