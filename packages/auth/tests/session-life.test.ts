import { createHash } from 'node:crypto';
import { authUrls, createUser, getSession, Session, SessionAuthentication } from '@rf/auth';
import { db } from '@rf/orm';
import {
  APIView,
  authenticationClasses,
  path,
  permissionClasses,
  type Request,
  AllowAny,
  IsAdminUser,
} from '@rf/views';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Browser, TestServer } from './server.ts';

const MINUTE = 60_000;

let release = (): void => {};
let arrived = (): void => {};

/** Reads the session, waits to be released, and changes it. */
@authenticationClasses()
class Slow extends APIView {
  override async post(request: Request): Promise<unknown> {
    const session = await getSession(request);
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    arrived();
    await released;
    session.set('late', true);
    return {};
  }
}

@authenticationClasses()
class Visit extends APIView {
  override async get(request: Request): Promise<unknown> {
    const session = await getSession(request);
    return { seen: session.get('seen') ?? null };
  }
  override async post(request: Request): Promise<unknown> {
    (await getSession(request)).set('seen', true);
    return {};
  }
}

/** Takes what comes in the body. */
@authenticationClasses(SessionAuthentication)
@permissionClasses(AllowAny)
class Echo extends APIView {
  override post(request: Request): unknown {
    return { user: request.user.getUsername(), data: request.data };
  }
}

@authenticationClasses(SessionAuthentication)
@permissionClasses(IsAdminUser)
class Staff extends Echo {}

let server: TestServer;
let browser: Browser;

beforeAll(async () => {
  server = await TestServer.start({
    urls: [
      path('/slow/', Slow),
      path('/visit/', Visit),
      path('/echo/', Echo),
      path('/staff/', Staff),
      authUrls('/accounts/'),
    ],
    auth: { session: { idleAge: 30 * 60, age: 2 * 60 * 60, expireAtBrowserClose: true } },
  });
  await createUser(server.site, { username: 'alice', password: 'alice-pass' });
});
afterAll(() => server.close());
beforeEach(() => {
  server.now += 24 * 60 * MINUTE;
  browser = new Browser(server);
});

async function logIn(): Promise<void> {
  await browser.send('GET', '/accounts/login/');
  const json = { username: 'alice', password: 'alice-pass' };
  expect((await browser.send('POST', '/accounts/login/', { headers: browser.csrf, json })).status).toBe(200);
}

describe('a session with an idle age', () => {
  const isAlive = async () => (await browser.send('GET', '/visit/')).json.seen === true;

  test('ends when it is not used for so long', async () => {
    await browser.send('POST', '/visit/');
    server.now += 30 * MINUTE - 1000;
    expect(await isAlive()).toBe(true);
    server.now += 30 * MINUTE;
    expect(await isAlive()).toBe(false);
  });

  test('lives on while it is used, up to its age', async () => {
    await browser.send('POST', '/visit/');
    for (let minutes = 0; minutes < 2 * 60 - 20; minutes += 20) {
      server.now += 20 * MINUTE;
      expect(await isAlive()).toBe(true);
    }
    server.now += 20 * MINUTE;
    expect(await isAlive()).toBe(false);
  });
});

test('a cookie that ends with the browser has neither Max-Age nor Expires', async () => {
  const { headers } = await browser.send('POST', '/visit/');
  expect(headers.getSetCookie()[0]).toMatch(/^sessionid=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/);
});

test('a session that a logout ended stays ended, though a slower request had it open', async () => {
  await logIn();
  const key = browser.cookies.get('sessionid') as string;
  const hasArrived = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const slow = server.send('POST', '/slow/', { headers: { Cookie: `sessionid=${key}` } });
  await hasArrived;
  await browser.send('POST', '/accounts/logout/', { headers: browser.csrf });
  release();
  expect((await slow).headers.getSetCookie()[0]).toMatch(/^sessionid=; Max-Age=0/);
  const keyHash = createHash('sha256').update(key).digest('hex');
  expect(await db(server.site).findOneBy(Session, { keyHash })).toBeNull();
});

describe('the CSRF check of a session', () => {
  const post = (url: string, body: string, type: string, headers: Record<string, string> = {}) =>
    fetch(server.origin + url, {
      method: 'POST',
      body,
      headers: {
        'Content-Type': type,
        Cookie: [...browser.cookies].map((pair) => pair.join('=')).join('; '),
        ...headers,
      },
    });

  test('says first what is wrong with a body that cannot be read', async () => {
    await logIn();
    const broken = await post('/staff/', '{', 'application/json');
    expect(broken.status).toBe(400);
    expect(((await broken.json()) as { detail: string }).detail).toMatch(/^JSON parse error - /);
    expect((await post('/staff/', 'x', 'text/plain')).status).toBe(415);
  });

  test('finds the token of a form, and leaves the form to the view', async () => {
    await logIn();
    const form = `csrfmiddlewaretoken=${browser.cookies.get('csrftoken')}&title=x`;
    const answer = await post('/echo/', form, 'application/x-www-form-urlencoded');
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ user: 'alice' });
  });

  test('takes no token out of a JSON body', async () => {
    await logIn();
    const answer = await browser.send('POST', '/echo/', {
      json: { csrfmiddlewaretoken: browser.cookies.get('csrftoken') },
    });
    expect(answer.json).toEqual({ detail: 'CSRF Failed: CSRF token missing.' });
  });
});

describe('the pages', () => {
  test.each([
    ['/accounts/login/', false],
    ['/accounts/password-change/', true],
  ])('%s keeps what follows its form on this origin: %s', async (target, stays) => {
    // The login may lead on to an authorization page and from there to the client, and Chromium would stop it there.
    await logIn();
    const { status, headers } = await browser.send('GET', target, { headers: { Accept: 'text/html' } });
    expect(status).toBe(200);
    expect(headers.get('content-security-policy')?.includes("form-action 'self'")).toBe(stays);
  });

  test('are shown to a client that takes HTML only', async () => {
    const page = await browser.send('GET', '/accounts/login/', { headers: { Accept: 'text/html' } });
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  });

  test('give a program the CSRF token', async () => {
    const { json } = await browser.send('GET', '/accounts/login/', { headers: { Accept: 'application/json' } });
    expect(json.csrfToken).toMatch(/^[A-Za-z0-9]{64}$/);
    const answer = await browser.send('POST', '/accounts/login/', {
      headers: { 'X-CSRFToken': json.csrfToken },
      json: { username: 'alice', password: 'alice-pass' },
    });
    expect(answer.json).toEqual({ username: 'alice', csrfToken: expect.stringMatching(/^[A-Za-z0-9]{64}$/) });
  });

  test('refuse a form without a token by a page that nobody may frame', async () => {
    const answer = await browser.send('POST', '/accounts/login/', { form: { username: 'alice', password: 'x' } });
    expect(answer.status).toBe(403);
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(answer.text).toContain('CSRF Failed: CSRF cookie not set.');
    expect(answer.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  });
});
