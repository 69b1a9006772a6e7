import { jwtUrls } from '@rf/jwt';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Answer, TestServer } from './server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await TestServer.start({
    auth: { loginThrottle: null },
    jwt: { cookies: { refreshPath: '/browser/' } },
    urls: [jwtUrls('/browser/', { transport: 'cookie' })],
  });
});
beforeEach(() => server.reset());
afterAll(() => server.close());

/** What a browser would do with cookies: keep them by path, send them where it fits, drop them when told. */
class Browser {
  readonly cookies = new Map<string, { value: string; path: string; text: string }>();

  async send(method: string, target: string, body?: object, headers: Record<string, string> = {}): Promise<Answer> {
    const cookie = [...this.cookies]
      .filter(([, { path }]) => target.startsWith(path))
      .map(([name, { value }]) => `${name}=${value}`)
      .join('; ');
    const answer = await server.request(method, target, {
      headers: { cookie, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    for (const text of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(text) as unknown as [string, string, string];
      if (/Max-Age=0/.test(text)) this.cookies.delete(name);
      else this.cookies.set(name, { value, path: /Path=([^;]*)/.exec(text)?.[1] as string, text });
    }
    return answer;
  }

  get csrf(): Record<string, string> {
    return { 'x-csrftoken': this.cookies.get('csrftoken')?.value ?? '' };
  }

  async logIn(): Promise<Answer> {
    await this.send('GET', '/browser/csrf/');
    return this.send('POST', '/browser/', { username: 'alice', password: 'pw' }, this.csrf);
  }
}

let browser: Browser;
beforeEach(() => {
  browser = new Browser();
});

describe('the cookie transport', () => {
  test('hands tokens over in HttpOnly cookies and not in the body', async () => {
    const { status, body } = await browser.logIn();
    expect([status, body]).toEqual([200, {}]);
    expect(browser.cookies.get('access_token')?.text).toMatch(/; Max-Age=300; Path=\/; HttpOnly; SameSite=Lax$/);
    expect(browser.cookies.get('refresh_token')?.text).toMatch(
      /; Max-Age=86400; Path=\/browser\/; HttpOnly; SameSite=Lax$/,
    );
    expect((await browser.send('GET', '/me/')).body).toEqual({ user: 'alice', auth: 'AccessToken' });
  });

  test('takes a new CSRF secret at log-in', async () => {
    await browser.send('GET', '/browser/csrf/');
    const before = browser.cookies.get('csrftoken')?.value;
    await browser.send('POST', '/browser/', { username: 'alice', password: 'pw' }, browser.csrf);
    expect(browser.cookies.get('csrftoken')?.value).not.toBe(before);
  });

  test('wants the CSRF token to log in, to refresh, to log out and for methods that change something', async () => {
    const refused = await browser.send('POST', '/browser/', { username: 'alice', password: 'pw' });
    expect([refused.status, refused.body]).toEqual([403, { detail: 'CSRF Failed: CSRF cookie not set.' }]);
    await browser.logIn();
    for (const target of ['/browser/refresh/', '/browser/blacklist/', '/me/']) {
      const { status, body } = await browser.send('POST', target, {});
      expect([status, body]).toEqual([403, { detail: 'CSRF Failed: CSRF token missing.' }]);
      const wrong = await browser.send('POST', target, {}, { 'x-csrftoken': 'a'.repeat(32) });
      expect(wrong.status).toBe(403);
    }
    expect((await browser.send('POST', '/me/', {}, browser.csrf)).status).toBe(200);
  });

  test('does not ask who sends the token in the header, which no other site can make a browser do', async () => {
    const { access } = await server.obtain();
    expect((await server.post('/me/', {}, { authorization: `Bearer ${access}` })).status).toBe(200);
  });

  test('refreshes both cookies from the refresh cookie', async () => {
    await browser.logIn();
    const before = browser.cookies.get('refresh_token')?.value;
    const { status, body } = await browser.send('POST', '/browser/refresh/', {}, browser.csrf);
    expect([status, body]).toEqual([200, {}]);
    expect(browser.cookies.get('refresh_token')?.value).not.toBe(before);
    expect((await browser.send('GET', '/me/')).status).toBe(200);
  });

  test('is 401 and forgets both cookies when the refresh token was used before', async () => {
    await browser.logIn();
    const stolen = browser.cookies.get('refresh_token');
    await browser.send('POST', '/browser/refresh/', {}, browser.csrf);
    browser.cookies.set('refresh_token', stolen as NonNullable<typeof stolen>);
    const { status, body } = await browser.send('POST', '/browser/refresh/', {}, browser.csrf);
    expect([status, body]).toEqual([401, { detail: 'Token is blacklisted', code: 'token_not_valid' }]);
    expect([...browser.cookies.keys()]).toEqual(['csrftoken']);
  });

  test('is 401 without a refresh cookie', async () => {
    await browser.send('GET', '/browser/csrf/');
    const { status, body } = await browser.send('POST', '/browser/refresh/', {}, browser.csrf);
    expect([status, body]).toEqual([401, { detail: 'Authentication credentials were not provided.' }]);
  });

  test('logs out: the refresh token ends and both cookies go', async () => {
    await browser.logIn();
    const { value = '' } = browser.cookies.get('refresh_token') ?? {};
    const { status, body } = await browser.send('POST', '/browser/blacklist/', {}, browser.csrf);
    expect([status, body]).toEqual([200, {}]);
    expect([...browser.cookies.keys()]).toEqual(['csrftoken']);
    expect((await server.refresh(value)).status).toBe(401);
    expect((await browser.send('GET', '/me/')).status).toBe(401);
    expect((await browser.send('POST', '/browser/blacklist/', {}, browser.csrf)).status).toBe(200);
  });

  test('sends the refresh cookie nowhere else', async () => {
    await browser.logIn();
    const path = browser.cookies.get('refresh_token')?.path as string;
    expect(['/me/', '/', '/api/token/refresh/'].some((target) => target.startsWith(path))).toBe(false);
  });
});
