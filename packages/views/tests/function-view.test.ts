import {
  APIView,
  apiView,
  BasePermission,
  IsAdminUser,
  JSONParser,
  parserClasses,
  path,
  permissionClasses,
  type Request,
  Response,
  rendererClasses,
  StaticHTMLRenderer,
} from '@rf/views';
import { describe, expect, it } from 'vitest';
import { TestSite } from './test-site.ts';

class Refusing extends BasePermission {
  override readonly message = 'nope';
  override hasPermission() {
    return false;
  }
}

const siteOf = (view: Parameters<typeof path>[1]) => new TestSite([path('/', view)]);

describe('apiView (FV01)', () => {
  it('makes a view of a function that is given the request and the arguments of the URL', async () => {
    const show = apiView(['GET', 'POST'])((request, params) => ({ method: request.method, pk: params.pk }));
    const site = new TestSite([path('/:pk/', show)]);
    expect((await site.get('/5/')).json).toEqual({ method: 'GET', pk: '5' });
    expect((await site.send({ method: 'POST', path: '/5/' })).json).toEqual({ method: 'POST', pk: '5' });
  });

  it('answers GET by default, and OPTIONS by itself', async () => {
    const site = siteOf(
      apiView()(function functionGet() {
        return new Response({ a: 1 }, { status: 202 });
      }),
    );
    expect((await site.get()).status).toBe(202);
    const options = await site.send({ method: 'OPTIONS' });
    expect([options.status, options.json.name]).toEqual([200, 'Function Get']);
    const refused = await site.send({ method: 'POST' });
    expect([refused.status, refused.header('allow')]).toEqual([405, 'GET, OPTIONS']);
  });

  it('refuses HEAD unless it is listed (FV02)', async () => {
    const head = (methods: string[]) => siteOf(apiView(methods)(() => ({}))).send({ method: 'HEAD' });
    expect((await head(['GET'])).status).toBe(405);
    expect((await head(['GET', 'HEAD'])).status).toBe(200);
  });

  it('still is a function that can be called', () => {
    const double = apiView()((request) => `${request}!`);
    expect(double('x' as unknown as Request, {})).toBe('x!');
  });

  it('takes methods in any case', async () => {
    expect((await siteOf(apiView(['post'])(() => ({}))).send({ method: 'POST' })).status).toBe(200);
  });
});

describe('policies of functions (FV03)', () => {
  it('are arguments, in any order', async () => {
    const page = apiView(
      ['POST'],
      rendererClasses(StaticHTMLRenderer),
      parserClasses(JSONParser),
    )((request) => `<p>${request.data.a}</p>`);
    const site = siteOf(page);
    const answer = await site.send({ method: 'POST', body: { a: 1 } });
    expect([answer.text, answer.header('content-type')]).toEqual(['<p>1</p>', 'text/html; charset=utf-8']);
    const form = { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'a=1' };
    expect((await site.send({ method: 'POST', ...form })).status).toBe(415);
    expect((await siteOf(apiView(['GET'], permissionClasses(Refusing))(() => ({}))).get()).json).toEqual({
      detail: 'nope',
    });
  });
});

describe('static methods', () => {
  class Hooks {
    static greeting = 'deployed';

    @apiView(['POST'])
    @permissionClasses(IsAdminUser)
    static async deploy(request: Request) {
      return { ok: request.data };
    }

    @apiView(['POST'], permissionClasses())
    static greet() {
      return Hooks.greeting;
    }

    @apiView(['POST'])
    static greetThis() {
      return this.greeting;
    }
  }

  it('become views, with policies as decorators below', async () => {
    const site = siteOf(Hooks.deploy);
    expect((await site.send({ method: 'POST' })).status).toBe(403);
    expect((await site.send({ method: 'OPTIONS' })).status).toBe(403);
  });

  it('take policies as arguments too', async () => {
    expect((await siteOf(Hooks.greet).send({ method: 'POST' })).json).toBe('deployed');
  });

  it('keep their this', async () => {
    expect((await siteOf(Hooks.greetThis).send({ method: 'POST' })).json).toBe('deployed');
  });
});

describe('mistakes (FV04)', () => {
  it('a policy above apiView names the right place', () => {
    const write = () => {
      class Hooks {
        @permissionClasses(IsAdminUser)
        @apiView(['POST'])
        static deploy() {
          return {};
        }
      }
      return Hooks;
    };
    expect(write).toThrow(/@permissionClasses stands above @apiView on deploy, where it has no effect; write it below/);
  });

  it('forgetting the first call is told', () => {
    expect(() => apiView((() => ({})) as never)).toThrow(/write apiView\(\['GET'\]\)\(handler\)/);
    expect(() => apiView('GET' as never)).toThrow(TypeError);
  });

  it('an unknown method is told', () => {
    expect(() => apiView(['FETCH'])).toThrow(/does not know the method "fetch"/);
  });

  it('anything but a function is told', () => {
    expect(() => apiView()({} as never)).toThrow(/it was given a object|it was given an? object/);
    const write = () => {
      class Hooks {
        @(apiView() as unknown as MethodDecorator)
        deploy() {
          return {};
        }
      }
      return Hooks;
    };
    expect(write).toThrow(/a class member that is no static method/);
  });

  it('mounting something else is told', () => {
    expect(() => path('/x/', (() => ({})) as never)).toThrow(
      /takes a class that extends APIView or a function made with apiView\(\)/,
    );
    expect(() => path('/x/', class Nothing {} as never)).toThrow(/it was given the function Nothing/);
    expect(() => path('/x/', undefined as never)).toThrow(/it was given undefined/);
  });
});

it('a function view is an APIView', () => {
  expect(apiView()(() => ({})).view.prototype).toBeInstanceOf(APIView);
});
