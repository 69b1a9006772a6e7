import { users } from '@rf/auth';
import { type ClientWithSecret, OAuth2Consent } from '@rf/oauth2';
import { db } from '@rf/orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  authorize,
  type Browser,
  CALLBACK,
  configuration,
  obtainIdToken,
  type Page,
  partsOf,
  requestFor,
  send,
  type Server,
  startOpenId,
  VERIFIER,
  verifiedClaims,
} from './server.ts';

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
  made = await server.client();
  browser = server.browser();
});

const answerOf = ({ location }: Page): Record<string, string> =>
  location?.startsWith(CALLBACK) === true ? Object.fromEntries(new URL(location).searchParams) : {};

/** Where the login page is to lead back; null when the browser was not sent there. */
function nextOf({ location }: Page): string | null {
  const url = new URL(location ?? 'about:blank', server.url);
  return url.pathname === '/login/' ? url.searchParams.get('next') : null;
}

/** Logs in on the page that the browser was sent to, and follows it back. */
async function loginAgain(page: Page, username = 'alice', who = browser): Promise<Page> {
  const form = await who.get(page.location ?? '');
  const back = await who.submit('/login/', form, { username, password: 'pw' });
  return who.get(back.location ?? '');
}

const allow = (page: Page, target: string): Promise<Page> => browser.submit(target, page, { decision: 'allow' });

/** The claims of the ID token for a code. */
async function claimsFor(page: Page): Promise<any> {
  const { body } = await send(`${server.url}/oauth2/token/`, {
    grant_type: 'authorization_code',
    code: answerOf(page).code ?? '',
    redirect_uri: CALLBACK,
    code_verifier: VERIFIER,
    client_id: made.client.clientId,
    client_secret: made.secret ?? '',
  });
  return verifiedClaims(server, body.id_token);
}

describe('prompt=login', () => {
  const target = (): string => requestFor(made.client, { prompt: 'login' });

  test('asks once who is not logged in, and goes on', async () => {
    const page = await browser.get(target());
    expect(nextOf(page)).not.toContain('prompt');
    expect((await loginAgain(page)).status).toBe(200);
  });

  test('asks who is logged in once more, and the ID token says when', async () => {
    await browser.login('alice');
    server.clock.now += 60_000;
    const asked = await browser.get(target());
    server.clock.now += 5_000;
    const consent = await loginAgain(asked);
    const back = await allow(consent, nextOf(asked) ?? '');
    expect((await claimsFor(back)).auth_time).toBe(server.clock.now / 1000);
  });

  test('is not passed by leaving the login page for the address that it leads back to', async () => {
    await browser.login('alice');
    server.clock.now += 60_000;
    const asked = await browser.get(target());
    const skipped = await browser.get(nextOf(asked) ?? '');
    expect(nextOf(skipped)).not.toBeNull();
    expect(answerOf(skipped)).toEqual({});
    expect((await loginAgain(skipped)).status).toBe(200);
  });

  test('nor by sending the consent form of such an address', async () => {
    const other = server.browser();
    await other.login('alice');
    const form = await other.get(requestFor(made.client));
    server.clock.now += 60_000;
    const asked = await other.get(target());
    const params = new URL(nextOf(asked) ?? '', server.url).searchParams;
    const sent = await other.submit('/oauth2/authorize/', form, { ...Object.fromEntries(params), decision: 'allow' });
    expect(nextOf(sent)).not.toBeNull();
  });

  test('nor by going back: the first address asks again, the second is good for minutes', async () => {
    await browser.login('alice');
    server.clock.now += 60_000;
    const asked = await browser.get(target());
    const next = nextOf(asked) ?? '';
    expect((await loginAgain(asked)).status).toBe(200);
    expect(nextOf(await browser.get(target()))).not.toBeNull();
    expect((await browser.get(next)).status).toBe(200);
    server.clock.now += 900_000;
    expect(nextOf(await browser.get(next))).not.toBeNull();
  });

  test.each([
    ['made up', '1700000000000.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'],
    ['malformed', '\0'],
    ['of long ago', '0.'],
  ])('nor by a mark that is %s', async (_case, mark) => {
    await browser.login('alice');
    const page = await browser.get(requestFor(made.client, { reauthenticated_since: mark }));
    expect(nextOf(page)).not.toBeNull();
    expect((await loginAgain(page)).status).toBe(200);
  });

  test('nor by the mark of another request', async () => {
    await browser.login('alice');
    const asked = await browser.get(requestFor(made.client, { prompt: 'login', state: 'one' }));
    const next = nextOf(asked) ?? '';
    await loginAgain(asked);
    expect((await browser.get(next)).status).toBe(200);
    const mark = new URL(next, server.url).searchParams.get('reauthenticated_since') ?? '';
    const page = await browser.get(requestFor(made.client, { state: 'two', reauthenticated_since: mark }));
    expect(nextOf(page)).not.toBeNull();
  });

  test('lets another user log in, and goes on for them', async () => {
    await browser.login('alice');
    server.clock.now += 60_000;
    const consent = await loginAgain(await browser.get(target()), 'bob');
    expect(consent.body).toContain('bob');
  });

  test('with consent asks for both', async () => {
    await authorize(server, made.client, { params: { scope: 'openid' }, browser: await loggedIn('alice') });
    await browser.login('alice');
    const asked = await browser.get(requestFor(made.client, { prompt: 'login consent' }));
    expect(nextOf(asked)).toContain('prompt=consent');
    expect((await loginAgain(asked)).status).toBe(200);
  });

  test('select_account does the same', async () => {
    await browser.login('alice');
    server.clock.now += 60_000;
    expect(nextOf(await browser.get(requestFor(made.client, { prompt: 'select_account' })))).not.toBeNull();
  });
});

async function loggedIn(username: string): Promise<Browser> {
  const own = server.browser();
  await own.login(username);
  return own;
}

describe('max_age', () => {
  test('is kept by a log-in that is new enough', async () => {
    await browser.login('alice');
    server.clock.now += 60_000;
    expect((await browser.get(requestFor(made.client, { max_age: '60' }))).status).toBe(200);
    expect((await browser.get(requestFor(made.client, { max_age: '999999999' }))).status).toBe(200);
  });

  test('else asks for another, once', async () => {
    await browser.login('alice');
    server.clock.now += 61_000;
    const asked = await browser.get(requestFor(made.client, { max_age: '60' }));
    expect(nextOf(asked)).not.toBeNull();
    const consent = await loginAgain(asked);
    expect(consent.status).toBe(200);
    const claims = await claimsFor(await allow(consent, nextOf(asked) ?? ''));
    expect(claims.auth_time).toBe(server.clock.now / 1000);
  });

  test('is looked at again when the consent form comes back late', async () => {
    await browser.login('alice');
    const target = requestFor(made.client, { max_age: '60' });
    const form = await browser.get(target);
    server.clock.now += 3600_000;
    expect(nextOf(await allow(form, target))).not.toBeNull();
  });

  test('of 0 is prompt=login, without a loop', async () => {
    await browser.login('alice');
    server.clock.now += 1000;
    const asked = await browser.get(requestFor(made.client, { max_age: '0' }));
    server.clock.now += 1000;
    const form = await browser.get(asked.location ?? '');
    const back = await browser.submit('/login/', form, { username: 'alice', password: 'pw' });
    server.clock.now += 1000;
    expect((await browser.get(back.location ?? '')).status).toBe(200);
  });

  test('and prompt=none together are login_required', async () => {
    await browser.login('alice');
    server.clock.now += 61_000;
    const page = await browser.get(requestFor(made.client, { max_age: '60', prompt: 'none' }));
    expect(answerOf(page).error).toBe('login_required');
  });

  test('a session of before log-in times were kept has to log in', async () => {
    await browser.login('alice');
    await db(server.site).query("UPDATE auth_session SET data = data - '_auth_login_time'");
    expect((await browser.get(requestFor(made.client))).status).toBe(200);
    expect(nextOf(await browser.get(requestFor(made.client, { max_age: '999999' })))).not.toBeNull();
  });

  test.each(['-1', '1.5', 'x', '\0', '1e3', '9999999999999'])('%j is refused', async (maxAge) => {
    await browser.login('alice');
    expect(answerOf(await browser.get(requestFor(made.client, { max_age: maxAge }))).error).toBe('invalid_request');
  });
});

describe('prompt=none', () => {
  const open = (params: Readonly<Record<string, string>> = {}): Promise<Page> =>
    browser.get(requestFor(made.client, { prompt: 'none', ...params }));

  test('is login_required without a session', async () => {
    expect(answerOf(await open())).toEqual({ error: 'login_required', state: 'st', iss: server.url });
  });

  test('is consent_required where there is no consent, and a code where there is', async () => {
    await browser.login('alice');
    expect(answerOf(await open()).error).toBe('consent_required');
    await authorize(server, made.client, { params: { scope: 'openid' }, browser });
    expect(answerOf(await open())).toHaveProperty('code');
    expect(answerOf(await open({ scope: 'openid email' })).error).toBe('consent_required');
  });
});

describe('id_token_hint', () => {
  test('of the user who is logged in goes on', async () => {
    const { id_token: hint } = await obtainIdToken(server, made);
    await browser.login('alice');
    const page = await browser.get(requestFor(made.client, { prompt: 'none', id_token_hint: hint }));
    expect(answerOf(page)).toHaveProperty('code');
  });

  test('of another user is login_required', async () => {
    const { id_token: hint } = await obtainIdToken(server, made);
    await browser.login('bob');
    for (const more of [{ prompt: 'none' }, {}] as Record<string, string>[]) {
      const page = await browser.get(requestFor(made.client, { id_token_hint: hint, ...more }));
      expect(answerOf(page).error).toBe('login_required');
    }
  });

  test('is looked at again after the log-in, and when the consent form comes back', async () => {
    const { id_token: hint } = await obtainIdToken(server, made);
    const target = requestFor(made.client, { id_token_hint: hint, prompt: 'consent' });
    expect(answerOf(await loginAgain(await browser.get(target), 'bob')).error).toBe('login_required');
    const other = await loggedIn('alice');
    const form = await other.get(target);
    const fields = Object.fromEntries(new URL(target, server.url).searchParams);
    expect(form.body).toContain('name="id_token_hint"');
    const bob = await loggedIn('bob');
    const sent = await bob.submit(target, await bob.get(requestFor(made.client)), { ...fields, decision: 'allow' });
    expect(answerOf(sent).error).toBe('login_required');
  });

  test('that has expired is taken, unless the provider does not', async () => {
    const own = await startOpenId({ openid: { acceptExpiredHints: false } });
    const client = await own.client();
    const { id_token: hint } = await obtainIdToken(own, client);
    const ask = async (): Promise<string | null> => {
      const { location } = await own.browser().get(requestFor(client.client, { prompt: 'none', id_token_hint: hint }));
      return new URL(location ?? '').searchParams.get('error');
    };
    expect(await ask()).toBe('login_required');
    own.clock.now += 3600_000;
    expect(await ask()).toBe('invalid_request');
    await own.close();
    const { id_token: old } = await obtainIdToken(server, made);
    server.clock.now += 7200_000;
    const page = await browser.get(requestFor(made.client, { prompt: 'none', id_token_hint: old }));
    expect(answerOf(page).error).toBe('login_required');
  });

  test('of another client, forged, unsigned or no token at all is invalid_request', async () => {
    const { id_token: foreign } = await obtainIdToken(server, await server.client());
    const { id_token: own } = await obtainIdToken(server, made);
    const [header = '', , signature = ''] = own.split('.');
    const { claims } = partsOf(own);
    const forged = Buffer.from(JSON.stringify({ ...claims, sub: '2' })).toString('base64url');
    const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url');
    const tokens = [
      foreign,
      `${header}.${forged}.${signature}`,
      `${none}.${own.split('.')[1]}.`,
      'x',
      '\0',
      'a'.repeat(9000),
    ];
    await browser.login('alice');
    for (const hint of tokens) {
      const page = await browser.get(requestFor(made.client, { id_token_hint: hint }));
      expect(answerOf(page).error).toBe('invalid_request');
    }
  });
});

test('login_hint fills in the form, as text', async () => {
  const page = await browser.get(requestFor(made.client, { login_hint: '"><b>al' }));
  const form = await browser.get(page.location ?? '');
  expect(form.body).toContain('value="&quot;&gt;&lt;b&gt;al"');
  expect(form.body).not.toContain('<b>al');
  const without = await browser.get(requestFor(made.client, { login_hint: 'a\0b' }));
  expect(without.location).not.toContain('login_hint=');
});

test.each([
  ['request', 'request_not_supported'],
  ['request_uri', 'request_uri_not_supported'],
  ['registration', 'registration_not_supported'],
])('%s is answered %s, before anybody is asked to log in', async (name, error) => {
  const page = await browser.get(requestFor(made.client, { [name]: 'https://client.example/x' }));
  expect(answerOf(page).error).toBe(error);
});

test('display, ui_locales, claims_locales, acr_values and claims change nothing', async () => {
  await browser.login('alice');
  const ignored = { display: 'popup', ui_locales: 'de fr', claims_locales: 'de', acr_values: '1', claims: '{"x":' };
  expect((await browser.get(requestFor(made.client, ignored))).status).toBe(200);
});

describe('prompt=create', () => {
  test('is refused and not named without a sign-up page', async () => {
    expect(answerOf(await browser.get(requestFor(made.client, { prompt: 'create' }))).error).toBe('invalid_request');
    expect((await configuration(server)).prompt_values_supported).not.toContain('create');
  });

  test('leads to the sign-up page, which leads back to the request', async () => {
    const own = await startOpenId({ openid: { registrationUrl: '/sign-up/?from=login' } });
    const { client } = await own.client();
    const person = own.browser();
    const { location } = await person.get(requestFor(client, { prompt: 'create', nonce: 'n' }));
    expect(location).toMatch(/^\/sign-up\/\?from=login&next=/);
    const next = new URL(location ?? '', own.url).searchParams.get('next') ?? '';
    expect(next).not.toContain('prompt');
    expect(next).toContain('nonce=n');
    // The page has logged its new user in.
    await person.login('bob');
    expect((await person.get(next)).status).toBe(200);
    expect((await configuration(own)).prompt_values_supported).toContain('create');
    const none = await person.get(requestFor(client, { prompt: 'none create' }));
    expect(new URL(none.location ?? '').searchParams.get('error')).toBe('invalid_request');
    await own.close();
  });
});

test('a user who is deactivated after the consent gets no code any more', async () => {
  await browser.login('bob');
  const target = requestFor(made.client);
  const form = await browser.get(target);
  await users(server.site).update({ username: 'bob' }, { isActive: false });
  const sent = await allow(form, target);
  await users(server.site).update({ username: 'bob' }, { isActive: true });
  expect(nextOf(sent)).not.toBeNull();
  expect(await db(server.site).countBy(OAuth2Consent, { client: { id: made.client.id } })).toBe(0);
});
