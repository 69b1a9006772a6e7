import {
  authUrls,
  createUser,
  getSession,
  loginTime,
  Session,
  SessionAuthentication,
  unmaskCsrfToken,
  User,
  users,
} from '@rf/auth';
import { db } from '@rf/orm';
import { APIView, authenticationClasses, IsAuthenticated, path, permissionClasses, type Request } from '@rf/views';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Browser, TestServer } from './server.ts';

@authenticationClasses(SessionAuthentication)
@permissionClasses(IsAuthenticated)
class Private extends APIView {
  override get(request: Request): unknown {
    return { user: request.user.getUsername() };
  }
  override post(request: Request): unknown {
    return this.get(request);
  }
}

@authenticationClasses()
class Counter extends APIView {
  override async post(request: Request): Promise<unknown> {
    const session = await getSession(request);
    session.set('count', (session.get<number>('count') ?? 0) + 1);
    return { count: session.get('count') };
  }
  override async delete(request: Request): Promise<unknown> {
    (await getSession(request)).flush();
    return {};
  }
}

@authenticationClasses()
class Since extends APIView {
  override async get(request: Request): Promise<unknown> {
    return { since: await loginTime(request) };
  }
}

let server: TestServer;
let browser: Browser;

beforeAll(async () => {
  server = await TestServer.start({
    urls: [
      path('/private/', Private),
      path('/counter/', Counter),
      path('/open/', Open),
      path('/since/', Since),
      authUrls('/accounts/'),
    ],
  });
  await createUser(server.site, { username: 'alice', password: 'alice-pass' });
});
afterAll(() => server.close());
beforeEach(() => server.tested.begin());
afterEach(() => server.tested.rollback());
beforeEach(() => {
  // Attempts to log in are counted by the minute.
  server.now += 60_000;
  browser = new Browser(server);
});

async function logIn(who = browser): Promise<void> {
  await who.send('GET', '/accounts/login/');
  const answer = await who.send('POST', '/accounts/login/', {
    headers: who.csrf,
    json: { username: 'alice', password: 'alice-pass' },
  });
  expect(answer.status).toBe(200);
}

describe('a session', () => {
  test('tells when its user logged in, anew after each log-in', async () => {
    expect((await browser.send('GET', '/since/')).json).toEqual({ since: null });
    await logIn();
    const first = new Date(server.now).toISOString();
    server.now += 60_000;
    expect(new Date((await browser.send('GET', '/since/')).json.since).toISOString()).toBe(first);
    await logIn();
    expect(new Date((await browser.send('GET', '/since/')).json.since).getTime()).toBe(server.now);
  });

  test('keeps values between requests, under a hash of the key in its cookie', async () => {
    expect((await browser.send('POST', '/counter/')).json).toEqual({ count: 1 });
    expect((await browser.send('POST', '/counter/')).json).toEqual({ count: 2 });
    const key = browser.cookies.get('sessionid') as string;
    const rows = await db(server.site).find(Session);
    expect(JSON.stringify(rows)).not.toContain(key);
  });

  test('sets a cookie that scripts cannot read and other sites do not send', async () => {
    const { headers } = await browser.send('POST', '/counter/');
    expect(headers.getSetCookie()[0]).toMatch(
      /^sessionid=[\w-]{43}; Max-Age=1209600; Path=\/; HttpOnly; SameSite=Lax$/,
    );
    expect(headers.get('vary')).toContain('Cookie');
  });

  test('ends after its age, and its cookie is expired by the next answer', async () => {
    await browser.send('POST', '/counter/');
    const stale = browser.cookies.get('sessionid') as string;
    server.now += 14 * 24 * 60 * 60 * 1000 - 1;
    expect((await browser.send('POST', '/counter/')).json).toEqual({ count: 2 });
    server.now += 14 * 24 * 60 * 60 * 1000;
    const again = await server.send('DELETE', '/counter/', { headers: { Cookie: `sessionid=${stale}` } });
    expect(again.headers.getSetCookie()[0]).toMatch(/^sessionid=; Max-Age=0/);
    expect((await browser.send('POST', '/counter/')).json).toEqual({ count: 1 });
  });

  test.each(['', 'short', 'x'.repeat(43), '../../etc', `${'a'.repeat(42)}%`])(
    'is new for the made-up key %j',
    async (key) => {
      const { json } = await server.send('POST', '/counter/', { headers: { Cookie: `sessionid=${key}` } });
      expect(json).toEqual({ count: 1 });
    },
  );
});

@authenticationClasses()
class Open extends APIView {
  override get(): unknown {
    return {};
  }
}

/** A view that looks at no session, and no view at all. */
const everywhere = ['/open/', '/nowhere/'];

describe('a session cookie', () => {
  test.each(['', 'x', '1234567'])('with the value %j is expired by any answer', async (key) => {
    for (const url of everywhere) {
      const { headers } = await server.send('GET', url, { headers: { Cookie: `sessionid=${key}` } });
      expect(headers.getSetCookie()).toEqual([
        'sessionid=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; SameSite=Lax',
      ]);
      expect(headers.get('vary')).toContain('Cookie');
    }
  });

  test('that could be a key is let be by who does not look at the session', async () => {
    for (const url of everywhere) {
      const { headers } = await server.send('GET', url, { headers: { Cookie: 'sessionid=12345678' } });
      expect(headers.getSetCookie()).toEqual([]);
      expect(headers.get('vary') ?? '').not.toContain('Cookie');
    }
    const { headers } = await server.send('GET', '/private/', { headers: { Cookie: 'sessionid=12345678' } });
    expect(headers.getSetCookie()).toEqual([expect.stringMatching(/^sessionid=; Max-Age=0/)]);
  });

  test('that is too short gives way to the key of a new session', async () => {
    browser.cookies.set('sessionid', 'short');
    expect((await browser.send('POST', '/counter/')).json).toEqual({ count: 1 });
    expect((await browser.send('POST', '/counter/')).json).toEqual({ count: 2 });
  });
});

describe('a CSRF cookie of no possible form', () => {
  test('refuses what is unsafe, and is replaced', async () => {
    await logIn();
    for (const [cookie, fault] of [
      ['', 'has incorrect length'],
      ['x'.repeat(33), 'has incorrect length'],
      ['-'.repeat(32), 'has invalid characters'],
      [`${'x'.repeat(63)}.`, 'has invalid characters'],
    ] as const) {
      browser.cookies.set('csrftoken', cookie);
      const refused = await browser.send('POST', '/private/', { headers: { 'X-CSRFToken': cookie }, json: {} });
      expect(refused.json).toEqual({ detail: `CSRF Failed: CSRF cookie ${fault}.` });
      expect(refused.headers.getSetCookie()).toEqual([expect.stringMatching(/^csrftoken=[A-Za-z0-9]{32};/)]);
      expect((await browser.send('POST', '/private/', { headers: browser.csrf, json: {} })).status).toBe(200);
    }
  });

  test('is replaced by any answer', async () => {
    for (const url of everywhere) {
      const { headers } = await server.send('GET', url, { headers: { Cookie: 'csrftoken=short' } });
      expect(headers.getSetCookie()).toEqual([expect.stringMatching(/^csrftoken=[A-Za-z0-9]{32};/)]);
      expect(headers.get('vary')).toContain('Cookie');
    }
  });

  test('is replaced by the one that hides behind the token of the same answer', async () => {
    browser.cookies.set('csrftoken', 'short');
    const { json } = await browser.send('GET', '/accounts/login/', { headers: { Accept: 'application/json' } });
    expect(unmaskCsrfToken(json.csrfToken)).toBe(browser.cookies.get('csrftoken'));
  });
});

describe('a login', () => {
  test('changes the session key and the CSRF secret, and keeps the values', async () => {
    await browser.send('POST', '/counter/');
    await browser.send('GET', '/accounts/login/');
    const before = new Map(browser.cookies);
    await logIn();
    expect(browser.cookies.get('sessionid')).not.toBe(before.get('sessionid'));
    expect(browser.cookies.get('csrftoken')).not.toBe(before.get('csrftoken'));
    expect((await browser.send('POST', '/counter/')).json).toEqual({ count: 2 });
    const planted = await server.send('GET', '/private/', {
      headers: { Cookie: `sessionid=${before.get('sessionid')}` },
    });
    expect(planted.status).toBe(403);
  });

  test('notes when it was', async () => {
    await logIn();
    const alice = await users(server.site).findOneByOrFail({ username: 'alice' });
    expect(alice.lastLogin?.getTime()).toBe(server.now);
  });

  test('needs a CSRF token, from JSON clients too', async () => {
    const answer = await browser.send('POST', '/accounts/login/', {
      json: { username: 'alice', password: 'alice-pass' },
    });
    expect(answer.status).toBe(403);
    expect(answer.json).toEqual({ detail: 'CSRF Failed: CSRF cookie not set.' });
  });

  test('by form leads to next on this host', async () => {
    const page = await browser.send('GET', '/accounts/login/?next=/private/');
    expect(page.text).toContain('value="/private/"');
    const token = /name="csrfmiddlewaretoken" value="(\w+)"/.exec(page.text)?.[1] as string;
    const answer = await browser.send('POST', '/accounts/login/', {
      form: { csrfmiddlewaretoken: token, username: 'alice', password: 'alice-pass', next: '/private/' },
    });
    expect([answer.status, answer.headers.get('location')]).toEqual([302, '/private/']);
    expect((await browser.send('GET', '/private/')).json).toEqual({ user: 'alice' });
  });

  test('with a wrong password shows the form again, escaped', async () => {
    const page = await browser.send('GET', '/accounts/login/');
    const token = /name="csrfmiddlewaretoken" value="(\w+)"/.exec(page.text)?.[1] as string;
    const answer = await browser.send('POST', '/accounts/login/', {
      form: { csrfmiddlewaretoken: token, username: '"><script>', password: 'x' },
    });
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('Please enter a correct user name and password.');
    expect(answer.text).not.toContain('<script>');
    expect(answer.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  });

  test('is refused for an inactive user in the words for a wrong password', async () => {
    await createUser(server.site, { username: 'ina', password: 'ina-pass', isActive: false });
    await browser.send('GET', '/accounts/login/');
    const answer = await browser.send('POST', '/accounts/login/', {
      headers: browser.csrf,
      json: { username: 'ina', password: 'ina-pass' },
    });
    expect(answer.status).toBe(400);
    expect(answer.json).toEqual({ non_field_errors: ['Unable to log in with provided credentials.'] });
  });
});

describe('a session of a user', () => {
  /** Asks with this cookie and, for unsafe methods, this CSRF token. */
  const ask = (session: string, csrf?: string) =>
    server.send(csrf === undefined ? 'GET' : 'POST', '/private/', {
      headers: {
        Cookie: `sessionid=${session}; csrftoken=${browser.cookies.get('csrftoken')}`,
        ...(csrf !== undefined && { 'X-CSRFToken': csrf }),
      },
    });
  const bitChanges = (text: string): string[] =>
    Array.from({ length: text.length * 8 }, (_none, bit) => {
      const changed = Buffer.from(text, 'latin1');
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
      return changed.toString('latin1');
      // Others cannot be sent.
    }).filter((changed) => /^[\x21-\x3a\x3c-\x7e]+$/.test(changed));

  test('is nobody’s with any one bit of its key or of its CSRF token changed', async () => {
    await logIn();
    const [session, csrf] = [browser.cookies.get('sessionid') ?? '', browser.cookies.get('csrftoken') ?? ''];
    for (const text of bitChanges(session)) expect([text, (await ask(text)).status]).toEqual([text, 403]);
    for (const text of bitChanges(csrf)) expect([text, (await ask(session, text)).status]).toEqual([text, 403]);
    expect([(await ask(session)).status, (await ask(session, csrf)).status]).toEqual([200, 200]);
  });

  test('is nobody’s when the user was deactivated, and ends with the user', async () => {
    await logIn();
    const key = browser.cookies.get('sessionid') ?? '';
    const { id } = await users(server.site).findOneByOrFail({ username: 'alice' });
    await users(server.site).update(id, { isActive: false });
    expect((await ask(key)).status).toBe(403);
    await users(server.site).update(id, { isActive: true });
    expect((await ask(key)).status).toBe(200);

    await createUser(server.site, { username: 'leaver', password: 'leaver-pass' });
    const other = new Browser(server);
    await other.send('GET', '/accounts/login/');
    const json = { username: 'leaver', password: 'leaver-pass' };
    expect((await other.send('POST', '/accounts/login/', { headers: other.csrf, json })).status).toBe(200);
    expect((await other.send('GET', '/private/')).json).toEqual({ user: 'leaver' });
    await users(server.site).delete({ username: 'leaver' });
    expect((await other.send('GET', '/private/')).status).toBe(403);
  });

  test('shows neither key, CSRF token nor password in a log', async () => {
    await logIn();
    const [session, csrf] = [browser.cookies.get('sessionid') ?? '', browser.cookies.get('csrftoken') ?? ''];
    await ask(session, csrf);
    await ask(session, 'x');
    const log = [...server.log, ...server.serverLog].join('\n');
    expect(log).toContain('/private/');
    for (const secret of [session, csrf, 'alice-pass']) expect(log).not.toContain(secret);
  });
});

test('a logout ends the session for good', async () => {
  await logIn();
  const old = browser.cookies.get('sessionid') as string;
  await browser.send('POST', '/accounts/logout/', { headers: browser.csrf });
  expect(browser.cookies.has('sessionid')).toBe(false);
  expect((await server.send('GET', '/private/', { headers: { Cookie: `sessionid=${old}` } })).status).toBe(403);
});

test("a new password ends the user's other sessions and keeps this one", async () => {
  const other = new Browser(server);
  await logIn();
  await logIn(other);
  const changed = await browser.send('POST', '/accounts/password-change/', {
    headers: browser.csrf,
    json: { oldPassword: 'alice-pass', newPassword: 'quite another thing' },
  });
  expect(changed.json).toEqual({ detail: 'New password has been saved.' });
  expect((await browser.send('GET', '/private/')).status).toBe(200);
  expect((await other.send('GET', '/private/')).status).toBe(403);
  const alice = await db(server.site).findOneByOrFail(User, { username: 'alice' });
  expect(await alice.checkPassword('quite another thing')).toBe(true);
});

test('attempts to log in are limited by account, before a password is hashed', async () => {
  server.now += 60 * 60 * 1000;
  await browser.send('GET', '/accounts/login/');
  const statuses: number[] = [];
  for (let count = 0; count < 11; count += 1) {
    const answer = await browser.send('POST', '/accounts/login/', {
      headers: browser.csrf,
      json: { username: 'mallory', password: 'guess' },
    });
    statuses.push(answer.status);
    if (answer.status === 429) expect(answer.headers.get('retry-after')).toBe('60');
  }
  expect(statuses).toEqual([...Array<number>(10).fill(400), 429]);
  server.now += 60 * 1000;
  const later = await browser.send('POST', '/accounts/login/', {
    headers: browser.csrf,
    json: { username: 'mallory', password: 'guess' },
  });
  expect(later.status).toBe(400);
});
