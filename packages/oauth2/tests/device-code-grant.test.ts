import { createUser, users } from '@rf/auth';
import type { ClientWithSecret } from '@rf/oauth2';
import { OAuth2DeviceCode } from '@rf/oauth2';
import { db } from '@rf/orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bitChanges } from '../../auth/tests/bit-changes.ts';
import { type Answer, browserOf, type Page, send, type Server, startServer, startTwin, whoAmI } from './server.ts';

const GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

let server: Server;
let device: ClientWithSecret;
beforeAll(async () => {
  server = await startServer();
  device = await server.client({
    name: 'Television',
    clientType: 'public',
    grants: [GRANT, 'refresh_token'],
    redirectUris: [],
  });
});
afterAll(() => server.close());

const start = (form: Readonly<Record<string, string>> = {}): Promise<Answer> =>
  send(`${server.url}/oauth2/device-authorization/`, { client_id: device.client.clientId, scope: 'read', ...form });

function poll(code: string, url = server.url): Promise<Answer> {
  return send(`${url}/oauth2/token/`, { grant_type: GRANT, device_code: code, client_id: device.client.clientId });
}

async function decide(userCode: string, decision: string, username = 'alice'): Promise<Page> {
  // The pages count attempts by minute.
  server.clock.now += 60_000;
  const browser = await browserOf(server, username);
  const form = await browser.get('/oauth2/device/');
  const consent = await browser.submit('/oauth2/device/', form, { user_code: userCode });
  if (consent.status !== 200) return consent;
  return browser.submit('/oauth2/device/', consent, { decision });
}

test('a device gets codes, and the address to send a person to', async () => {
  const { status, body } = await start();
  expect(status).toBe(200);
  expect(body).toEqual({
    device_code: expect.stringMatching(/^odc_/),
    user_code: expect.stringMatching(/^[A-Z]{4}-[A-Z]{4}$/),
    verification_uri: `${server.url}/oauth2/device/`,
    verification_uri_complete: `${server.url}/oauth2/device/?user_code=${body.user_code}`,
    expires_in: 1800,
    interval: 5,
  });
});

test('it waits until the person allows it, then gets tokens once', async () => {
  const { body } = await start();
  expect((await poll(body.device_code)).body).toEqual({ error: 'authorization_pending' });
  await decide(body.user_code, 'allow');
  const { status, body: tokens } = await poll(body.device_code);
  expect(status).toBe(200);
  expect(tokens.scope).toBe('read');
  expect(tokens.refresh_token).toMatch(/^ort_/);
  expect((await whoAmI(server, tokens.access_token)).body.user).toBe('alice');
  server.clock.now += 5_000;
  expect((await poll(body.device_code)).body).toEqual({ error: 'invalid_grant' });
});

test('it is told when the person refuses', async () => {
  const { body } = await start();
  await decide(body.user_code, 'deny');
  expect((await poll(body.device_code)).body).toEqual({ error: 'access_denied' });
});

test('polling too early slows it down by five seconds each time', async () => {
  const { body } = await start();
  await poll(body.device_code);
  server.clock.now += 4_999;
  expect((await poll(body.device_code)).body).toEqual({ error: 'slow_down' });
  server.clock.now += 9_999;
  expect((await poll(body.device_code)).body).toEqual({ error: 'slow_down' });
  server.clock.now += 15_000;
  expect((await poll(body.device_code)).body).toEqual({ error: 'authorization_pending' });
});

test('codes live for half an hour', async () => {
  const { body } = await start();
  server.clock.now += 1_799_999;
  expect((await poll(body.device_code)).body).toEqual({ error: 'authorization_pending' });
  server.clock.now += 1;
  expect((await poll(body.device_code)).body).toEqual({ error: 'expired_token' });
  expect((await decide(body.user_code, 'allow')).body).toContain('This code is not valid, or no longer.');
});

test('a device code with a bit changed is refused', async () => {
  const { body } = await start();
  for (const changed of bitChanges(body.device_code)) expect((await poll(changed)).body.error).toBe('invalid_grant');
});

test('a person who is inactive or was deleted meanwhile allows nothing', async () => {
  await createUser(server.site, { username: 'leaver', password: 'pw' });
  const [first, second] = [(await start()).body, (await start()).body];
  for (const { user_code } of [first, second]) await decide(user_code, 'allow', 'leaver');
  await users(server.site).update({ username: 'leaver' }, { isActive: false });
  expect((await poll(first.device_code)).body).toEqual({ error: 'invalid_grant' });
  await users(server.site).delete({ username: 'leaver' });
  for (const { device_code } of [first, second]) {
    expect((await poll(device_code)).body).toEqual({ error: 'invalid_grant' });
  }
});

test('another client cannot use the code', async () => {
  const other = await server.client({ clientType: 'public', grants: [GRANT], redirectUris: [] });
  const { body } = await start();
  await decide(body.user_code, 'allow');
  const form = { grant_type: GRANT, device_code: body.device_code, client_id: other.client.clientId };
  expect((await send(`${server.url}/oauth2/token/`, form)).body).toEqual({ error: 'invalid_grant' });
});

test('two polls at once, through two servers on one database, get tokens once', async () => {
  const twin = await startTwin(server);
  const { body } = await start();
  await decide(body.user_code, 'allow');
  const answers = await Promise.all([server.url, twin.url, server.url].map((url) => poll(body.device_code, url)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  await twin.close();
});

test('neither code is kept in clear', async () => {
  const { body } = await start();
  const rows = JSON.stringify(await db(server.site).find(OAuth2DeviceCode));
  expect(rows).not.toContain(body.user_code);
  expect(rows).not.toContain(body.user_code.replace('-', ''));
  expect(rows).not.toContain(body.device_code);
});

test('a client without the grant, an unknown scope, an unknown client are refused', async () => {
  const other = await server.client({ clientType: 'public' });
  expect((await start({ client_id: other.client.clientId })).body).toEqual({ error: 'unauthorized_client' });
  expect((await start({ scope: 'nope' })).body).toEqual({ error: 'invalid_scope' });
  expect((await start({ client_id: 'nobody-at-all' })).body).toEqual({ error: 'invalid_client' });
});

describe('the page', () => {
  test('sends who is not logged in to the login page, and back', async () => {
    const page = await server.browser().get('/oauth2/device/?user_code=WDJB-MJHT');
    expect(page.location).toBe('/login/?next=%2Foauth2%2Fdevice%2F%3Fuser_code%3DWDJB-MJHT');
  });

  test('shows client, user, scopes and the code before anything is allowed', async () => {
    const { body } = await start();
    const browser = await browserOf(server, 'alice');
    server.clock.now += 60_000;
    const prefilled = await browser.get(`/oauth2/device/?user_code=${body.user_code}`);
    expect(prefilled.body).toContain(`value="${body.user_code}"`);
    const page = await browser.submit('/oauth2/device/', prefilled, { user_code: body.user_code.toLowerCase() });
    for (const text of ['Television', 'alice', 'Read your notes', body.user_code]) expect(page.body).toContain(text);
    expect((await poll(body.device_code)).body).toEqual({ error: 'authorization_pending' });
  });

  test('lets nobody decide twice', async () => {
    const { body } = await start();
    expect((await decide(body.user_code, 'deny')).body).toContain('Device refused');
    expect((await decide(body.user_code, 'allow', 'bob')).status).toBe(400);
    expect((await poll(body.device_code)).body).toEqual({ error: 'access_denied' });
  });

  test('lets a person try ten codes a minute', async () => {
    server.clock.now += 60_000;
    const browser = await browserOf(server, 'bob');
    const form = await browser.get('/oauth2/device/');
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 11; attempt += 1) {
      statuses.push((await browser.submit('/oauth2/device/', form, { user_code: 'BBBB-BBBB' })).status);
    }
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 400), 429]);
  });

  test('needs a CSRF token', async () => {
    const { body } = await start();
    const browser = await browserOf(server, 'alice');
    const page = await browser.post('/oauth2/device/', { user_code: body.user_code, decision: 'allow' });
    expect(page.status).toBe(403);
    expect(page.body).toContain('CSRF Failed');
  });
});
