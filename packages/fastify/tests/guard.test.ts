import { createHash } from 'node:crypto';
import { AuthenticationFailed, ImproperlyConfigured } from '@rf/exceptions';
import { guard } from '@rf/fastify';
import {
  AllowAny,
  AnonymousUser,
  APIView,
  type Authenticated,
  authenticationClasses,
  BaseAuthentication,
  BasePermission,
  BaseThrottle,
  IsAuthenticated,
  path,
  permissionClasses,
  policy,
  type Request,
  type RequestUser,
  throttleClasses,
} from '@rf/views';
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Server } from './server.ts';

const named = (username: string): RequestUser =>
  Object.assign(new AnonymousUser(), {
    id: 1,
    username,
    isAuthenticated: true,
    isActive: true,
    getUsername: () => username,
  });

/** `Authorization: Name alice`; answers tell the name, too. */
class NameAuthentication extends BaseAuthentication {
  override authenticate(request: Request): Authenticated | null {
    const [, name] = /^Name (\w+)$/.exec(request.headers.authorization ?? '') ?? [];
    if (name === undefined) return null;
    if (name === 'mallory') throw new AuthenticationFailed('Not mallory.');
    request.onResponse((response) => {
      response.headers.set('x-name', `${name} ${response.status}`);
      response.setCookie('seen', name);
    });
    return { user: named(name), auth: `the name ${name}` };
  }

  override authenticateHeader(): string {
    return 'Name';
  }
}

/** The digest of the body, in a header: whoever signs the body. Answers are signed as well. */
class SignedAuthentication extends BaseAuthentication {
  override async authenticate(request: Request): Promise<Authenticated | null> {
    const body = request.hasBody ? await request.rawBody() : Buffer.alloc(0);
    const digest = (bytes: string | Uint8Array) => createHash('sha256').update(bytes).digest('hex');
    if (request.headers['x-signature'] !== digest(body)) throw new AuthenticationFailed('The body is another one.');
    request.onRendered((response) => {
      response.headers.set('x-signature', digest(response.content as string));
    });
    return { user: named('signer'), auth: null };
  }
}

class FailingAuthentication extends BaseAuthentication {
  override authenticate(): null {
    throw new Error('a programming mistake');
  }
}

class MayEnter extends BasePermission {
  override message = 'Only for friends.';

  override hasPermission(request: Request, view: APIView): boolean {
    return (view as unknown as { friends: string[] }).friends.includes(request.user.getUsername());
  }
}

class Twice extends BaseThrottle {
  #left = 2;

  override allowRequest(): boolean {
    this.#left -= 1;
    return this.#left >= 0;
  }

  override wait(): number {
    return 60;
  }
}

const names = authenticationClasses(NameAuthentication);
const who = (request: FastifyRequest) => ({
  user: request.rf?.user.getUsername(),
  auth: request.rf?.auth ?? null,
  params: request.params,
});

let server: Server;
let handled = 0;
beforeAll(async () => {
  server = await Server.start({
    urls: [
      path(
        '/view/',
        class View extends APIView {
          override get() {
            return 'a view';
          }
        },
      ),
    ],
    after(app) {
      const members = guard(app, [names, permissionClasses(IsAuthenticated)]);
      app.get('/plain', async (request) => ({ rf: request.rf }));
      app.get('/members/:id', members, async (request) => {
        handled += 1;
        return who(request);
      });
      app.post('/members/:id', members, async (request) => ({ ...who(request), body: request.body }));
      app.get('/friends', guard(app, [names, permissionClasses(MayEnter)], { friends: ['alice'] }), async (request) =>
        who(request),
      );
      const signed = guard(app, [authenticationClasses(SignedAuthentication), permissionClasses(IsAuthenticated)]);
      app.post('/signed', signed, async (request) => ({ body: request.body }));
      app.get('/rare', guard(app, [names, permissionClasses(AllowAny), throttleClasses(Twice)]), async () => 'rare');
      app.get('/broken', guard(app, [authenticationClasses(FailingAuthentication)]), async () => 'never');
      app.get('/fails', members, async () => {
        throw Object.assign(new Error('no such thing'), { statusCode: 409 });
      });
      app.get('/cached', members, async (_request, reply) => reply.header('vary', 'Origin').send('text'));
      app.register(async (scope) => {
        const { preParsing, onSend } = guard(scope, [names, permissionClasses(AllowAny)]);
        scope.addHook('preParsing', preParsing);
        scope.addHook('onSend', onSend);
        scope.get('/scope/one', async (request) => who(request));
        scope.get('/scope/two', async (request) => who(request));
      });
    },
  });
});
afterAll(() => server.close());

const as = (name: string): RequestInit => ({ headers: { authorization: `Name ${name}` } });

describe('a guarded route', () => {
  it('sees the user and the credential of who is let in', async () => {
    const answer = await server.fetch('/members/7', as('alice'));
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ user: 'alice', auth: 'the name alice', params: { id: '7' } });
  });

  it('answers with what the scheme adds: fields with the status of the answer, cookies, Vary', async () => {
    const { headers } = await server.fetch('/members/7', as('alice'));
    expect(headers.get('x-name')).toBe('alice 200');
    expect(headers.get('set-cookie')).toContain('seen=alice');
    expect(headers.get('vary')).toBe('Authorization');
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(headers.get('allow')).toBeNull();
    expect((await server.fetch('/cached', as('alice'))).headers.get('vary')).toBe('Origin, Authorization');
  });

  it('is not reached by who is unknown: 401 with the challenge, in the shape of the project', async () => {
    const before = handled;
    const answer = await server.fetch('/members/7');
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe('Name');
    expect(answer.headers.get('vary')).toContain('Authorization');
    expect(answer.headers.get('allow')).toBeNull();
    expect(await answer.json()).toEqual({ detail: 'Authentication credentials were not provided.' });
    expect(handled).toBe(before);
  });

  it('is not reached by who is refused by a class', async () => {
    const answer = await server.fetch('/members/7', as('mallory'));
    expect([answer.status, await answer.json()]).toEqual([401, { detail: 'Not mallory.' }]);
    expect(answer.headers.get('x-name')).toBeNull();
  });

  it('is not reached by who has no permission: 403 with its message', async () => {
    expect((await server.fetch('/friends', as('alice'))).status).toBe(200);
    const answer = await server.fetch('/friends', as('bob'));
    expect([answer.status, await answer.json()]).toEqual([403, { detail: 'Only for friends.' }]);
    expect(answer.headers.get('x-name')).toBe('bob 403');
  });

  it('is not reached too often', async () => {
    const statuses = [];
    for (let i = 0; i < 3; i += 1) statuses.push((await server.fetch('/rare', as('alice'))).status);
    expect(statuses).toEqual([200, 200, 429]);
  });

  it('is not reached when a class fails: 500 without a word of why', async () => {
    const answer = await server.fetch('/broken');
    expect([answer.status, await answer.json()]).toEqual([500, { detail: 'A server error occurred.' }]);
    expect(server.log).toContain('a programming mistake');
  });

  it('tells its own errors, with what the scheme adds', async () => {
    const answer = await server.fetch('/fails', as('alice'));
    expect([answer.status, await answer.json()]).toEqual([409, { detail: 'no such thing' }]);
    expect(answer.headers.get('x-name')).toBe('alice 409');
  });

  it('reads its body by Fastify, after the guard', async () => {
    const init = { method: 'POST', body: '{"a":1}', headers: { 'content-type': 'application/json' } };
    const headers = { ...init.headers, authorization: 'Name alice' };
    const answer = await server.fetch('/members/7', { ...init, headers });
    expect(await answer.json()).toMatchObject({ body: { a: 1 } });
    expect((await server.fetch('/members/7', { ...init, body: '{', headers })).status).toBe(400);
    // Refused before anybody looks at the body.
    expect((await server.fetch('/members/7', { ...init, body: '{' })).status).toBe(401);
  });

  it.each([0, 10, 200_000])('gets a body of %i letters that the scheme has read before', async (length) => {
    const body = JSON.stringify({ text: 'x'.repeat(length) });
    const signature = createHash('sha256').update(body).digest('hex');
    const headers = { 'content-type': 'application/json', 'x-signature': signature };
    const answer = await server.fetch('/signed', { method: 'POST', body, headers });
    const text = await answer.text();
    expect(text).toBe(`{"body":${body}}`);
    expect(answer.headers.get('x-signature')).toBe(createHash('sha256').update(text).digest('hex'));
    const other = await server.fetch('/signed', { method: 'POST', body: `${body} `, headers });
    expect([other.status, await other.json()]).toEqual([403, { detail: 'The body is another one.' }]);
  });

  it('gets chunked bodies, too', async () => {
    const body = '{"a":1}';
    const headers = {
      'content-type': 'application/json',
      'x-signature': createHash('sha256').update(body).digest('hex'),
    };
    const stream = new ReadableStream({
      start(controller) {
        for (const letter of body) controller.enqueue(Buffer.from(letter));
        controller.close();
      },
    });
    const init = { method: 'POST', body: stream, duplex: 'half', headers } as RequestInit;
    expect(await (await server.fetch('/signed', init)).json()).toEqual({ body: { a: 1 } });
  });
});

describe('a guard for a scope', () => {
  it('tells all of its routes who asks', async () => {
    for (const route of ['/scope/one', '/scope/two']) {
      expect(await (await server.fetch(route, as('alice'))).json()).toMatchObject({ user: 'alice' });
      expect(await (await server.fetch(route)).json()).toMatchObject({ user: '' });
      expect((await server.fetch(route, as('mallory'))).status).toBe(401);
    }
  });

  it('leaves other routes, and the URLs that are not there, alone', async () => {
    expect(await (await server.fetch('/plain', as('mallory'))).json()).toEqual({ rf: null });
    expect((await server.fetch('/scope/three', as('mallory'))).status).toBe(404);
    expect((await server.fetch('/view/')).status).toBe(200);
  });
});

describe('refused when the server starts', () => {
  it('a guard on a server without a project', () => {
    expect(() => guard(Fastify(), [names])).toThrow(ImproperlyConfigured);
    expect(() => guard(Fastify(), [names])).toThrow('await app.register(restFramework, { project })');
  });

  it('a class that cannot work', async () => {
    class NeedsMember extends BasePermission {
      override checkSetup(view: APIView): void {
        if (!('friends' in view)) throw new ImproperlyConfigured('NeedsMember needs friends.');
      }
    }
    const start = (members: Record<string, unknown>) => (app: FastifyInstance) =>
      void guard(app, [names, permissionClasses(NeedsMember)], members);
    await expect(Server.start({ urls: [], after: start({}) })).rejects.toThrow('NeedsMember needs friends.');
    await (await Server.start({ urls: [], after: start({ friends: [] }) })).close();
    const foreign = policy({ permissionClasses: [NameAuthentication as never] });
    const wrong = (app: FastifyInstance) => void guard(app, [foreign]);
    await expect(Server.start({ urls: [], after: wrong })).rejects.toThrow('which is of another kind');
  });
});
