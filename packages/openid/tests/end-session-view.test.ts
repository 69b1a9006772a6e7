import type { ClientWithSecret } from '@rf/oauth2';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type Browser,
  changeClient,
  configuration,
  obtainIdToken,
  type OpenIdServerOptions,
  type Page,
  partsOf,
  refresh,
  requestFor,
  type Server,
  startOpenId,
  userInfo,
} from './server.ts';

const AFTER = 'https://client.example/bye?from=shop';

let server: Server;
let made: ClientWithSecret;
let browser: Browser;
beforeAll(async () => {
  server = await startOpenId();
});
afterAll(() => server.close());
beforeEach(async () => {
  // Log-ins are throttled by the clock.
  server.clock.now += 60_000;
  made = await server.client({ postLogoutRedirectUris: [AFTER] });
  browser = server.browser();
  await browser.login('alice');
});

const target = (params: Readonly<Record<string, string>> = {}): string =>
  `/oauth2/logout/?${new URLSearchParams(params)}`;

const hintOf = async (username = 'alice', client = made, on = server): Promise<string> =>
  (await obtainIdToken(on, client, {}, username)).id_token;

/** Whether the browser has a session, as the authorization endpoint sees it. */
async function isLoggedIn(who = browser): Promise<boolean> {
  const page = await who.get(requestFor(made.client));
  return page.location?.startsWith('/login/') !== true;
}

const asksFirst = (page: Page): boolean => page.status === 200 && page.body.includes('name="decision"');

describe('with an ID token of the user who is logged in', () => {
  test('the session ends, and the browser goes where the client is registered, with its state', async () => {
    const page = await browser.get(
      target({ id_token_hint: await hintOf(), post_logout_redirect_uri: AFTER, state: 'a b&c' }),
    );
    expect([page.status, page.location]).toEqual([302, `${AFTER}&state=a+b%26c`]);
    expect(await isLoggedIn()).toBe(false);
  });

  test('a page says so where there is no address', async () => {
    const page = await browser.get(target({ id_token_hint: await hintOf(), state: 'x' }));
    expect([page.status, page.location]).toEqual([200, null]);
    expect(page.body).toContain('You are logged out.');
    expect(await isLoggedIn()).toBe(false);
  });

  test('one that has expired counts as well, and its client may be named beside it', async () => {
    const hint = await hintOf();
    server.clock.now += 7200_000;
    await browser.login('alice');
    const page = await browser.get(
      target({ id_token_hint: hint, client_id: made.client.clientId, post_logout_redirect_uri: AFTER }),
    );
    expect(page.location).toBe(AFTER);
  });

  test('POST does the same, without a CSRF token, as the form of another page of the site sends it', async () => {
    const page = await browser.post('/oauth2/logout/', {
      id_token_hint: await hintOf(),
      post_logout_redirect_uri: AFTER,
    });
    expect([page.status, page.location]).toEqual([302, AFTER]);
    expect(await isLoggedIn()).toBe(false);
  });
});

describe('the user is asked first', () => {
  test.each<[string, () => Promise<Record<string, string>>]>([
    ['without an ID token', async () => ({ client_id: made.client.clientId })],
    ['without anything', async () => ({})],
    ['with the ID token of another user', async () => ({ id_token_hint: await hintOf('bob') })],
    ['with a forged one', async () => ({ id_token_hint: `${(await hintOf()).slice(0, -8)}AAAAAAAA` })],
    ['with an access token', async () => ({ id_token_hint: (await obtainIdToken(server, made)).access_token })],
    ['with nonsense', async () => ({ id_token_hint: '\0' })],
  ])('%s', async (_case, params) => {
    const page = await browser.get(target(await params()));
    expect(asksFirst(page)).toBe(true);
    expect(await isLoggedIn()).toBe(true);
    const gone = await browser.submit('/oauth2/logout/', page, { decision: 'logout' });
    expect([gone.status, gone.location]).toEqual([200, null]);
    expect(await isLoggedIn()).toBe(false);
  });

  test('and goes back to the client after the answer', async () => {
    const page = await browser.get(
      target({ client_id: made.client.clientId, post_logout_redirect_uri: AFTER, state: 's' }),
    );
    expect(page.body).toContain('Notes app');
    expect(page.headers.get('content-security-policy')).toMatch(/frame-ancestors 'none'/);
    const gone = await browser.submit('/oauth2/logout/', page, { decision: 'logout' });
    expect(gone.location).toBe(`${AFTER}&state=s`);
    expect(await isLoggedIn()).toBe(false);
  });

  test('and stays who says so, on a page', async () => {
    const page = await browser.get(target({ client_id: made.client.clientId, post_logout_redirect_uri: AFTER }));
    const stayed = await browser.submit('/oauth2/logout/', page, { decision: 'stay' });
    expect([stayed.status, stayed.location]).toEqual([200, null]);
    expect(await isLoggedIn()).toBe(true);
  });

  test('and the answer needs a CSRF token', async () => {
    const refused = await browser.post('/oauth2/logout/', {
      client_id: made.client.clientId,
      post_logout_redirect_uri: AFTER,
      decision: 'logout',
    });
    expect([refused.status, refused.location]).toEqual([403, null]);
    expect(await isLoggedIn()).toBe(true);
  });

  test('where the session does not come along, as from the page of another site by POST', async () => {
    const stranger = server.browser();
    const page = await stranger.post('/oauth2/logout/', {
      id_token_hint: await hintOf(),
      post_logout_redirect_uri: AFTER,
    });
    expect(asksFirst(page)).toBe(true);
    expect(page.body).toContain(`value="${AFTER}"`);
  });
});

test('nobody who is not logged in is asked: they are sent on', async () => {
  const stranger = server.browser();
  const page = await stranger.get(target({ id_token_hint: await hintOf(), post_logout_redirect_uri: AFTER }));
  expect(page.location).toBe(AFTER);
  expect((await stranger.get(target())).body).toContain('You are logged out.');
});

describe('a page says what is wrong, the session stays, and nobody is sent anywhere', () => {
  test.each<[string, () => Promise<Record<string, string>>]>([
    ['for an address that is not registered', async () => ({ post_logout_redirect_uri: 'https://evil.example/' })],
    ['for one that has more', async () => ({ post_logout_redirect_uri: `${AFTER}&x=1` })],
    [
      'for one that differs in a slash',
      async () => ({ post_logout_redirect_uri: 'https://client.example/bye/?from=shop' }),
    ],
    ['for a redirect URI of the code grant', async () => ({ post_logout_redirect_uri: 'https://client.example/cb' })],
    [
      'for another client than that of the ID token',
      async () => ({ client_id: (await server.client()).client.clientId }),
    ],
    ['for an unknown client', async () => ({ client_id: 'nobody-at-all' })],
    ['for a client with a NUL', async () => ({ client_id: 'a\0' })],
  ])('%s', async (_case, params) => {
    const page = await browser.get(target({ id_token_hint: await hintOf(), ...(await params()) }));
    expect([page.status, page.location]).toEqual([400, null]);
    expect(await isLoggedIn()).toBe(true);
  });

  test('for an address without a client', async () => {
    const page = await browser.get(target({ post_logout_redirect_uri: AFTER }));
    expect([page.status, page.location]).toEqual([400, null]);
  });

  test('for a parameter that comes twice', async () => {
    const page = await browser.get(`${target({ id_token_hint: await hintOf() })}&state=1&state=2`);
    expect([page.status, page.location]).toEqual([400, null]);
  });

  test('for a client that is no longer active', async () => {
    const hint = await hintOf();
    await changeClient(server, made.client, { active: false });
    const page = await browser.get(target({ id_token_hint: hint, post_logout_redirect_uri: AFTER }));
    expect([page.status, page.location]).toEqual([400, null]);
  });

  test('for a body that is no form', async () => {
    const response = await fetch(`${server.url}/oauth2/logout/`, {
      method: 'POST',
      body: '{"id_token_hint":1}',
      headers: { 'content-type': 'application/json' },
    });
    expect([response.status, response.headers.get('location')]).toEqual([415, null]);
  });
});

describe('logoutRevokes', () => {
  /** Which tokens are still good after a log-out for `client`: of it, of another of the same user, of another user. */
  async function survivors(options: OpenIdServerOptions): Promise<boolean[]> {
    const own = await startOpenId(options);
    const [first, second] = [await own.client(), await own.client()];
    const tokens = [
      [first, await obtainIdToken(own, first)],
      [second, await obtainIdToken(own, second)],
      [first, await obtainIdToken(own, first, {}, 'bob')],
    ] as const;
    own.clock.now += 60_000;
    const person = own.browser();
    await person.login('alice');
    await person.get(target({ id_token_hint: tokens[0][1].id_token }));
    const good: boolean[] = [];
    for (const [client, { access_token: access, refresh_token: again }] of tokens) {
      const isGood = (await userInfo(own, access)).status === 200;
      expect((await refresh(own, client, again)).status === 200).toBe(isGood);
      good.push(isGood);
    }
    await own.close();
    return good;
  }

  test('client, the default, ends the tokens of the client that asked', async () => {
    expect(await survivors({})).toEqual([false, true, true]);
  });

  test('all ends those of every client of the user', async () => {
    expect(await survivors({ openid: { logoutRevokes: 'all' } })).toEqual([false, false, true]);
  });

  test('nothing keeps them', async () => {
    expect(await survivors({ openid: { logoutRevokes: 'nothing' } })).toEqual([true, true, true]);
  });
});

test('confirmLogout asks always, and acceptExpiredHints false makes an old ID token as good as none', async () => {
  for (const openid of [{ confirmLogout: true }, { acceptExpiredHints: false }]) {
    const own = await startOpenId({ openid });
    const hint = await hintOf('alice', await own.client(), own);
    own.clock.now += 3600_000;
    const person = own.browser();
    await person.login('alice');
    expect(asksFirst(await person.get(target({ id_token_hint: hint })))).toBe(true);
    await own.close();
  }
});

test('what a user consented to stays, so that the next log-in asks for nothing more', async () => {
  const hint = await hintOf();
  expect(partsOf(hint).claims.aud).toBe(made.client.clientId);
  await browser.get(target({ id_token_hint: hint }));
  server.clock.now += 60_000;
  await browser.login('alice');
  const { location } = await browser.get(requestFor(made.client));
  expect(new URL(location ?? '').searchParams.has('code')).toBe(true);
});

test('discovery names the endpoint', async () => {
  expect((await configuration(server)).end_session_endpoint).toBe(`${server.url}/oauth2/logout/`);
});
