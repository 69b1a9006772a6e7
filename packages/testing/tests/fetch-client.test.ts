import { auth, authUrls, createUser, SessionAuthentication } from '@rf/auth';
import { defineProject } from '@rf/project';
import { FetchClient, openTestProject } from '@rf/testing';
import {
  APIView,
  authenticationClasses,
  HttpResponseRedirect,
  IsAuthenticated,
  path,
  permissionClasses,
  type Request as ViewRequest,
  Response as ViewResponse,
} from '@rf/views';
import { afterAll, beforeEach, expect, test } from 'vitest';

@authenticationClasses(SessionAuthentication)
@permissionClasses(IsAuthenticated)
class Me extends APIView {
  override get(request: ViewRequest) {
    return new ViewResponse({ user: request.user.getUsername(), host: request.host });
  }
  override post(request: ViewRequest) {
    return new ViewResponse(request.data, { status: 201 });
  }
  override delete() {
    return new ViewResponse(undefined, { status: 204 });
  }
}

class Away extends APIView {
  override get() {
    return new HttpResponseRedirect('/me/');
  }
}

class Broken extends APIView {
  override get(): never {
    throw new Error('broken on purpose');
  }
}

const urls = [path('/me/', Me), path('/away/', Away), path('/broken/', Broken), authUrls('/accounts/')];
const tested = await openTestProject(defineProject({ apps: [auth()], database: 'pglite://memory', urls }));
afterAll(() => tested.close());
await createUser(tested.site, { username: 'alice', password: 'secret' });

let client: FetchClient;
beforeEach(() => {
  client = new FetchClient(tested);
});

const json = (data: object, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  headers: { 'Content-Type': 'application/json', ...headers },
  body: JSON.stringify(data),
});

test('a browser logs in by the page, keeps its cookies and sends CSRF tokens', async () => {
  const { fetch } = client;
  const page = await fetch('http://testserver/accounts/login/', { headers: { Accept: 'application/json' } });
  const { csrfToken } = (await page.json()) as { csrfToken: string };
  const answer = await fetch(
    'http://testserver/accounts/login/',
    json({ username: 'alice', password: 'secret' }, { 'X-CSRFToken': csrfToken }),
  );
  expect(answer.status).toBe(200);
  expect(await (await fetch('https://notes.example.com:8443/me/')).json()).toEqual({
    user: 'alice',
    host: 'notes.example.com:8443',
  });

  expect((await fetch('/me/', json({ a: 1 }))).status).toBe(403);
  const token = client.cookies.get('csrftoken') as string;
  const made = await fetch(new Request('http://testserver/me/', json({ a: 1 }, { 'X-CSRFToken': token })));
  expect([made.status, made.statusText, await made.json()]).toEqual([201, 'Created', { a: 1 }]);
  const gone = await fetch('/me/', { method: 'DELETE', headers: { 'X-CSRFToken': token } });
  expect([gone.status, gone.body]).toEqual([204, null]);
});

test('redirects are followed, given back, or an error, as the request says', async () => {
  const { fetch } = client;
  expect((await fetch('/away/')).status).toBe(403);
  const manual = await fetch('/away/', { redirect: 'manual' });
  expect([manual.status, manual.headers.get('location')]).toEqual([302, '/me/']);
  await expect(fetch('/away/', { redirect: 'error' })).rejects.toThrow(TypeError);
});

test('an error that nobody handled is the answer 500, and an aborted request is not sent', async () => {
  expect((await client.fetch('/broken/')).status).toBe(500);
  await expect(client.fetch('/me/', { signal: AbortSignal.abort() })).rejects.toThrow('aborted');
});

test('a project that listens answers real clients', async () => {
  const origin = await tested.listen();
  expect((await fetch(`${origin}/me/`)).status).toBe(403);
});
