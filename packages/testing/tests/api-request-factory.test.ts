import { auth, createUser, SessionAuthentication } from '@rf/auth';
import { ReadOnlyModelViewSet } from '@rf/generics';
import { db, ModelSerializer } from '@rf/orm';
import { defineProject } from '@rf/project';
import { APIRequestFactory, asView, forceAuthenticate, openTestProject } from '@rf/testing';
import { User } from '@rf/auth';
import {
  APIView,
  apiView,
  authenticationClasses,
  IsAuthenticated,
  permissionClasses,
  type Request,
  Response,
} from '@rf/views';
import { afterAll, expect, test } from 'vitest';

@authenticationClasses(SessionAuthentication)
@permissionClasses(IsAuthenticated)
class Me extends APIView {
  override get(request: Request, params: Readonly<Record<string, string>>) {
    return new Response({ user: request.user.getUsername(), auth: request.auth, params });
  }
  override post(request: Request) {
    return new Response({ user: request.user.getUsername(), data: request.data }, { status: 201 });
  }
}

const echo = apiView(['GET', 'POST'])((request) => ({
  method: request.method,
  target: request.target,
  scheme: request.scheme,
  type: request.contentType,
  extra: request.headers['x-extra'] ?? null,
  data: request.data,
}));

class UserSerializer extends ModelSerializer(User, { fields: ['username'] }) {}

class Users extends ReadOnlyModelViewSet<User> {
  override queryset = User;
  override serializerClass = UserSerializer;
}

const factory = new APIRequestFactory({ format: 'json', headers: { 'X-Extra': 'factory' } });
const tested = await openTestProject(defineProject({ apps: [auth()], database: 'pglite://memory', urls: [] }));
afterAll(() => tested.close());
const user = await createUser(tested.site, { username: 'alice' });

test('a function view is called without site, URL and server', async () => {
  const view = asView(echo);
  expect((await view(factory.get('/any/?a=1', { b: 2 }, { secure: true }))).data).toEqual({
    method: 'GET',
    target: '/any/?a=1&b=2',
    scheme: 'https',
    type: '',
    extra: 'factory',
    data: {},
  });
  const request = factory.post('/any/', { a: [1] }, { headers: { 'x-extra': 'one' } });
  for (const answer of [await view(request), await view(request)]) {
    expect(answer.data).toMatchObject({ type: 'application/json', extra: 'one', data: { a: [1] } });
  }
  expect((await view(factory.put('/any/'))).status).toBe(405);
  expect((await view(factory.post('/any/', '{', { contentType: 'application/json' }))).status).toBe(400);
});

test('a class view has its arguments, its policies and a forced user', async () => {
  const view = asView(Me, { site: tested.site });
  const request = factory.get('/me/');
  expect((await view(request)).status).toBe(403);

  forceAuthenticate(request, { user, token: 'a token' });
  expect((await view(request, { pk: '4' })).data).toEqual({ user: 'alice', auth: 'a token', params: { pk: '4' } });

  forceAuthenticate(request);
  expect((await view(request)).status).toBe(403);
});

test('an action of a viewset reads the database of the site', async () => {
  const list = asView(Users.asView({ get: 'list' }), { site: tested.site });
  expect((await list(factory.get('/users/'))).data).toEqual([{ username: 'alice' }]);

  await tested.begin();
  await db(tested.site).update(User, user.id, { username: 'bob' });
  const detail = asView(Users.asView({ get: 'retrieve' }), { site: tested.site });
  expect((await detail(factory.get('/users/1/'), { pk: String(user.id) })).data).toEqual({ username: 'bob' });
  await tested.rollback();
});

test('CSRF tokens are asked for when a test wants it', async () => {
  const { client } = { client: tested.client() };
  await client.forceLogin(user);
  const headers = { Cookie: `sessionid=${client.cookies.get('sessionid')}` };
  const view = asView(Me, { site: tested.site });
  expect((await view(factory.post('/me/', { a: 1 }, { headers }))).data).toEqual({ user: 'alice', data: { a: 1 } });

  const strict = new APIRequestFactory({ enforceCsrfChecks: true });
  const refused = await view(strict.post('/me/', {}, { headers }));
  expect([refused.status, refused.data]).toEqual([403, { detail: 'CSRF Failed: CSRF cookie not set.' }]);
});

test('what the view throws and nobody handles comes out of the call, unless a test wants the answer', async () => {
  const broken = apiView()(() => {
    throw new RangeError('broken on purpose');
  });
  await expect(asView(broken)(factory.get('/'))).rejects.toThrow(new RangeError('broken on purpose'));
  expect((await asView(broken, { raiseRequestException: false })(factory.get('/'))).status).toBe(500);
});
