import { createUser, ScryptPasswordHasher, auth, SessionAuthentication, authUrls, users } from '@rf/auth';
import { defineProject } from '@rf/project';
import { APIClient, openTestProject, type TestProject } from '@rf/testing';
import {
  APIView,
  AllowAny,
  authenticationClasses,
  BaseAuthentication,
  BaseRenderer,
  HttpResponse,
  HttpResponseRedirect,
  IsAdminUser,
  IsAuthenticated,
  MultiValueDict,
  path,
  permissionClasses,
  type Request,
  Response,
  UploadedFile,
} from '@rf/views';
import Fastify from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

/** Says what came. */
@permissionClasses(AllowAny)
@authenticationClasses()
class Echo extends APIView {
  override get(request: Request) {
    const { data } = request;
    return new Response({
      method: request.method,
      target: request.target,
      scheme: request.scheme,
      host: request.host,
      remoteAddress: request.remoteAddress,
      contentType: request.contentType.replace(/boundary=[\w-]+/, 'boundary=…'),
      authorization: request.headers.authorization ?? null,
      extra: request.headers['x-extra'] ?? null,
      cookies: { ...request.cookies },
      data: data instanceof MultiValueDict ? shown(data) : data,
    });
  }
  override post = this.get;
  override put = this.get;
  override patch = this.get;
  override delete = this.get;
  override options = this.get;
}

function shown(data: MultiValueDict<unknown>): Record<string, unknown> {
  const file = (value: unknown) =>
    value instanceof UploadedFile ? { name: value.name, type: value.contentType, text: value.text() } : value;
  return Object.fromEntries([...data].map(([name, values]) => [name, values.map(file)]));
}

/** Says who came. */
@authenticationClasses(SessionAuthentication)
@permissionClasses(IsAuthenticated)
class Me extends APIView {
  override get(request: Request) {
    return new Response({ user: request.user.getUsername(), auth: request.auth });
  }
  override post = this.get;
}

class NeverAsked extends BaseAuthentication {
  override authenticate(): never {
    throw new Error('was asked');
  }

  override authenticateHeader(): string {
    return 'Never';
  }
}

@authenticationClasses(NeverAsked)
@permissionClasses(IsAdminUser)
class ForAdmins extends APIView {
  override get(request: Request) {
    return new Response({ user: request.user.getUsername(), auth: request.auth });
  }
}

@permissionClasses(AllowAny)
class Redirects extends APIView {
  override get(request: Request) {
    const { to, status, cookie } = Object.fromEntries(request.queryParams.entries());
    const response = new HttpResponseRedirect(to ?? '', Number(status ?? 302) as 302);
    if (cookie !== undefined) response.setCookie('seen', cookie, { path: '/echo/' });
    return response;
  }
  override post = this.get;
}

@permissionClasses(AllowAny)
class Broken extends APIView {
  override get(): never {
    throw new RangeError('broken on purpose');
  }
}

@permissionClasses(AllowAny)
class Bodies extends APIView {
  override get(request: Request) {
    const kind = request.queryParams.get('kind');
    if (kind === 'none') return new Response(undefined, { status: 204 });
    if (kind === 'bytes') return new HttpResponse(Buffer.from([1, 2]), { contentType: 'application/octet-stream' });
    return new HttpResponse('<p>Hi</p>');
  }
}

/** A format of our own: `name=value` lines. */
class LinesRenderer extends BaseRenderer {
  readonly mediaType = 'text/x-lines';
  readonly format = 'lines';
  override readonly charset = null;

  override render(data: unknown): string {
    return Object.entries(data as object)
      .map(([name, value]) => `${name}=${value}`)
      .join('\n');
  }
}

let tested: TestProject;
let client: APIClient;

beforeAll(async () => {
  tested = await openTestProject(
    defineProject({
      apps: [auth({ passwordHashers: [new ScryptPasswordHasher({ N: 16, r: 1, p: 1 })] })],
      database: 'pglite://memory',
      urls: [
        path('/echo/', Echo),
        path('/me/', Me),
        path('/admins/', ForAdmins),
        path('/redirects/', Redirects),
        path('/broken/', Broken),
        path('/bodies/', Bodies),
        authUrls('/accounts/'),
      ],
      settings: { allowedHosts: ['notes.example.com'] },
    }),
  );
  await createUser(tested.site, { username: 'alice', password: 'secret' });
});

beforeEach(() => {
  client = tested.client();
});

afterAll(() => tested.close());

const alice = async () => await users(tested.site).findOneByOrFail({ username: 'alice' });

describe('requests', () => {
  test('each method arrives with path, query, data and what the client is', async () => {
    const page = await client.get('/echo/?a=1', { b: [2, 3], none: null, day: new Date(0) });
    expect(page.status).toBe(200);
    expect(page.data).toMatchObject({
      method: 'GET',
      target: '/echo/?a=1&b=2&b=3&day=1970-01-01T00%3A00%3A00.000Z',
      scheme: 'http',
      host: 'testserver',
      remoteAddress: '127.0.0.1',
    });
    const sent = { title: 'Milk' };
    for (const method of ['post', 'put', 'patch', 'delete', 'options'] as const) {
      const { data } = await client[method]('/echo/', sent, { format: 'json', query: { q: 'x' } });
      expect(data).toMatchObject({ method: method.toUpperCase(), target: '/echo/?q=x', data: sent });
    }
    const head = await client.head('/echo/', { a: 1 });
    expect([head.status, head.data, head.headers.get('allow')]).toEqual([
      200,
      null,
      'GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS',
    ]);
    expect((await client.generic('PROPFIND', '/echo/')).status).toBe(405);
  });

  test('options of the client hold for every request, options of a request count more', async () => {
    const browser = tested.client({
      headers: { 'X-Extra': 'client' },
      host: 'notes.example.com',
      secure: true,
      remoteAddress: '10.0.0.7',
    });
    expect((await browser.get('/echo/')).data).toMatchObject({
      extra: 'client',
      scheme: 'https',
      host: 'notes.example.com',
      remoteAddress: '10.0.0.7',
    });
    const one = { headers: { 'x-extra': 'one' }, secure: false, remoteAddress: '10.0.0.8' };
    expect((await browser.get('/echo/', null, one)).data).toMatchObject({
      extra: 'one',
      scheme: 'http',
      remoteAddress: '10.0.0.8',
    });
    expect((await browser.get('https://other.example.com/echo/')).status).toBe(400);
  });

  test('a server without a project is refused with the line to write', async () => {
    await expect(new APIClient(Fastify() as never).get('/')).rejects.toThrow(
      'await app.register(restFramework, { project })',
    );
  });
});

describe('bodies', () => {
  test('the default format is a form, with files and several values of one name', async () => {
    const { data } = await client.post('/echo/', {
      title: 'Milk "fresh"',
      tags: ['a', 'b'],
      done: true,
      scan: new File(['pixels'], 'scan.png', { type: 'image/png' }),
      log: [new Blob(['lines']), new UploadedFile('b.txt', 'text/plain', Buffer.from('more'))],
    });
    expect(data.contentType).toBe('multipart/form-data; boundary=…; charset=utf-8');
    expect(data.data).toEqual({
      title: ['Milk "fresh"'],
      tags: ['a', 'b'],
      done: ['true'],
      scan: [{ name: 'scan.png', type: 'image/png', text: 'pixels' }],
      log: [
        { name: 'log', type: 'application/octet-stream', text: 'lines' },
        { name: 'b.txt', type: 'text/plain', text: 'more' },
      ],
    });
    const form = new FormData();
    form.append('title', 'Milk');
    form.append('scan', new File(['pixels'], 'scan.png', { type: 'image/png' }));
    expect((await client.put('/echo/', form)).data.data).toEqual({
      title: ['Milk'],
      scan: [{ name: 'scan.png', type: 'image/png', text: 'pixels' }],
    });
  });

  test('what a form cannot hold is refused before it is sent', async () => {
    await expect(client.post('/echo/', { author: { name: 'Jane' } })).rejects.toThrow(
      "Send it as JSON: format: 'json'",
    );
    await expect(client.post('/echo/', { title: null })).rejects.toThrow('A form cannot hold null for "title"');
    await expect(client.post('/echo/', [1])).rejects.toThrow('it was given a list');
  });

  test('JSON is one format, text and bytes with a contentType are sent as they are', async () => {
    const nested = { author: { name: 'Jane' }, none: null };
    expect((await client.post('/echo/', nested, { format: 'json' })).data).toMatchObject({
      contentType: 'application/json',
      data: nested,
    });
    const contentType = 'application/json';
    expect((await client.post('/echo/', '{"a":[1]}', { contentType })).data.data).toEqual({ a: [1] });
    expect((await client.post('/echo/', Buffer.from('{broken'), { contentType })).status).toBe(400);
    expect((await client.post('/echo/', 'a=1', { contentType: 'text/csv' })).status).toBe(415);
    expect((await client.post('/echo/')).data).toMatchObject({ contentType: '', data: {} });
  });

  test('the default format and others come from the settings', async () => {
    const other = await openTestProject(tested.project, {
      settings: { testRequestDefaultFormat: 'lines', testRequestRendererClasses: [LinesRenderer] },
    });
    try {
      const [answer, refusal] = [
        await other.client().post('/echo/', { a: 1 }),
        other.client().post('/echo/', {}, { format: 'json' }),
      ];
      expect(answer.status).toBe(415);
      expect(answer.data.detail).toContain('text/x-lines');
      await expect(refusal).rejects.toThrow('Available are lines');
    } finally {
      await other.close();
    }
    const json = tested.client({ format: 'json' });
    expect((await json.post('/echo/', { a: 1 })).data).toMatchObject({
      contentType: 'application/json',
      data: { a: 1 },
    });
    expect((await json.post('/echo/', 'x', { contentType: 'text/plain' })).status).toBe(415);
    await expect(client.post('/echo/', 'x', { format: 'json', contentType: 'text/plain' })).rejects.toThrow('not both');
    await expect(client.post('/echo/', {}, { contentType: 'text/plain' })).rejects.toThrow('text or bytes');
  });
});

describe('answers', () => {
  test('data is JSON as values, text as text, bytes as bytes, null for none', async () => {
    const [none, bytes, html] = await Promise.all(
      ['none', 'bytes', 'html'].map((kind) => client.get('/bodies/', { kind })),
    );
    expect([none?.status, none?.data, none?.statusText, none?.ok]).toEqual([204, null, 'No Content', true]);
    expect([bytes?.data, bytes?.mediaType]).toEqual([Buffer.from([1, 2]), 'application/octet-stream']);
    expect([html?.data, html?.headers.get('Content-Type')]).toEqual(['<p>Hi</p>', 'text/html; charset=utf-8']);
    expect(() => html?.json()).toThrow('The answer 200 to /bodies/?kind=html is no JSON but text/html: "<p>Hi</p>"');
    expect((await client.get('/nowhere/')).json()).toEqual({ detail: 'Not found.' });
  });

  test('what a view throws and nobody handles comes out of the client, unless a test wants the answer', async () => {
    await expect(client.get('/broken/')).rejects.toThrow(new RangeError('broken on purpose'));
    client.raiseRequestException = false;
    const answer = await client.get('/broken/');
    expect([answer.status, answer.data]).toEqual([500, { detail: 'A server error occurred.' }]);
  });
});

describe('redirects', () => {
  const to = (to: string, more: object = {}) => ({ to, ...more });

  test('are answers unless they are to be followed', async () => {
    const redirect = await client.get('/redirects/', to('/echo/'));
    expect([redirect.status, redirect.headers.get('location'), redirect.redirectChain]).toEqual([302, '/echo/', []]);

    const page = await client.get('/redirects/', to('/echo/?b=1', { cookie: 'yes' }), { follow: true });
    expect([page.status, page.url, page.data.cookies]).toEqual([200, '/echo/?b=1', { seen: 'yes' }]);
    expect(page.redirectChain).toEqual([{ url: '/echo/?b=1', status: 302 }]);
  });

  test('307 and 308 send method and body again, others become GET', async () => {
    const options = { follow: true, format: 'json', headers: { 'X-Extra': 'kept' } } as const;
    const data = { a: 1 };
    for (const status of [307, 308]) {
      const again = await client.post('/redirects/', data, { ...options, query: to('/echo/', { status }) });
      expect(again.data).toMatchObject({ method: 'POST', data, extra: 'kept' });
    }
    for (const status of [301, 302, 303]) {
      const page = await client.post('/redirects/', data, { ...options, query: to('../echo/', { status }) });
      expect(page.data).toMatchObject({ method: 'GET', contentType: '', data: {}, extra: 'kept' });
    }
  });

  test('to another scheme change the scheme, and those without end are an error', async () => {
    const page = await client.get('/redirects/', to('https://notes.example.com/echo/'), { follow: true });
    expect(page.data).toMatchObject({ scheme: 'https', host: 'notes.example.com' });
    const loop = `/redirects/?to=${encodeURIComponent('/redirects/?to=%2Fredirects%2F')}`;
    await expect(client.get(loop, null, { follow: true })).rejects.toThrow('Too many redirects');
  });
});

describe('who it is', () => {
  test('credentials are sent until they are replaced', async () => {
    client.credentials({ Authorization: 'Token abc' });
    expect((await client.get('/echo/')).data.authorization).toBe('Token abc');
    client.credentials({ 'X-Extra': 'other' });
    expect((await client.get('/echo/')).data).toMatchObject({ authorization: null, extra: 'other' });
    client.credentials();
    expect((await client.get('/echo/')).data.extra).toBeNull();
  });

  test('login keeps a session that the database knows, logout ends it', async () => {
    expect((await client.get('/me/')).status).toBe(403);
    expect(await client.login({ username: 'alice', password: 'wrong' })).toBe(false);
    expect((await client.get('/me/')).status).toBe(403);

    expect(await client.login({ username: 'alice', password: 'secret' })).toBe(true);
    expect((await client.get('/me/')).data).toEqual({ user: 'alice', auth: null });
    const stolen = client.cookies.get('sessionid') as string;

    client.credentials({ 'X-Extra': 'gone after logout' });
    await client.logout();
    expect(client.cookies.names()).toEqual([]);
    expect((await client.get('/echo/')).data.extra).toBeNull();
    client.cookies.set('sessionid', stolen);
    expect((await client.get('/me/')).status).toBe(403);
  });

  test('forceLogin needs no password', async () => {
    await client.forceLogin(await alice());
    expect((await client.post('/me/')).data.user).toBe('alice');
  });

  test('a page that logs in leaves its cookies with the client', async () => {
    const answer = await client.post('/accounts/login/', { username: 'alice', password: 'secret' }, { format: 'json' });
    expect(answer.status).toBe(200);
    expect((await client.get('/me/')).data.user).toBe('alice');
  });

  test('a forced user comes without the classes being asked, and is permitted what it may', async () => {
    const user = await alice();
    await expect(client.get('/admins/')).rejects.toThrow('was asked');
    client.forceAuthenticate({ user, token: 'a token' });
    expect((await client.get('/me/')).data).toEqual({ user: 'alice', auth: 'a token' });
    const refused = await client.get('/admins/');
    // It is known who came, so there is no challenge.
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([403, null]);
    expect((await client.post('/me/')).status).toBe(200);

    client.forceAuthenticate({ token: 'only a token' });
    expect((await client.get('/me/')).status).toBe(403);

    client.forceAuthenticate({ user });
    client.forceAuthenticate();
    expect((await client.get('/me/')).status).toBe(403);
  });

  test('two clients at once are two people', async () => {
    const user = await alice();
    const other = Object.assign(await alice(), { username: 'bob' });
    const clients = [tested.client(), tested.client(), tested.client()];
    clients[0]?.forceAuthenticate({ user });
    clients[1]?.forceAuthenticate({ user: other });
    const answers = await Promise.all(clients.map((each) => each.get('/me/')));
    expect(answers.map(({ data }) => data.user)).toEqual(['alice', 'bob', undefined]);
  });

  test('CSRF tokens are asked for when a test wants it', async () => {
    await client.login({ username: 'alice', password: 'secret' });
    expect((await client.post('/me/')).status).toBe(200);

    client.enforceCsrfChecks = true;
    const refused = await client.post('/me/');
    expect([refused.status, refused.data]).toEqual([403, { detail: 'CSRF Failed: CSRF token missing.' }]);
    const headers = { 'X-CSRFToken': client.cookies.get('csrftoken') as string };
    expect((await client.post('/me/', {}, { headers })).status).toBe(200);
  });
});
