import type { ClientWithSecret } from '@rf/oauth2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, send, type Server, startServer, whoAmI } from './server.ts';

let server: Server;
let legacy: ClientWithSecret;
beforeAll(async () => {
  server = await startServer({
    oauth2: { allowPasswordGrant: true, mayUsePasswordGrant: (user) => user.username !== 'bob' },
  });
  legacy = await server.client({ grants: ['password', 'refresh_token'], redirectUris: [] });
});
afterAll(() => server.close());

function ask(form: Readonly<Record<string, string>>, made = legacy, endpoint = 'token'): Promise<Answer> {
  // The login throttle counts by minute.
  server.clock.now += 60_000;
  const credentials = { client_id: made.client.clientId, client_secret: made.secret ?? '' };
  return send(`${server.url}/oauth2/${endpoint}/`, { grant_type: 'password', ...credentials, ...form });
}

test('a password is exchanged for tokens at the address of the 2014 guide', async () => {
  const { status, body } = await ask({ username: 'alice', password: 'pw', scope: 'read' }, legacy, 'access_token');
  expect(status).toBe(200);
  expect(body).toEqual({
    access_token: expect.stringMatching(/^oat_/),
    scope: 'read',
    expires_in: 3600,
    refresh_token: expect.stringMatching(/^ort_/),
    token_type: 'Bearer',
  });
  expect((await whoAmI(server, body.access_token)).body.user).toBe('alice');
});

test.each([
  ['a wrong password', 'alice', 'x'],
  ['a password with a space', 'alice', 'pw '],
  ['an unknown user', 'nobody', 'pw'],
  ['an inactive user', 'ivan', 'pw'],
  ['a user whom the project refuses', 'bob', 'pw'],
  ['a name with a NUL', 'ali\0ce', 'pw'],
])('%s is refused in the same words', async (_case, username, password) => {
  const { status, body } = await ask({ username, password });
  expect([status, body]).toEqual([400, { error: 'invalid_grant', error_description: 'Invalid credentials given.' }]);
});

test('attempts are throttled by account before a password is looked at', async () => {
  const statuses: number[] = [];
  for (let attempt = 0; attempt < 11; attempt += 1) {
    const basic = `${legacy.client.clientId}:${legacy.secret}`;
    const form = { grant_type: 'password', username: 'mallory', password: 'x' };
    statuses.push((await send(`${server.url}/oauth2/token/`, form, { basic })).status);
  }
  expect(statuses).toEqual([...Array.from({ length: 10 }, () => 400), 429]);
});

test('a client that has not the grant is refused', async () => {
  const other = await server.client();
  expect((await ask({ username: 'alice', password: 'pw' }, other)).body).toEqual({ error: 'unauthorized_client' });
});

test('a public client cannot even be registered for it', async () => {
  await expect(server.client({ clientType: 'public', grants: ['password'] })).rejects.toThrow(
    'The password grant needs a confidential client.',
  );
});

test('the project is warned when it starts', () => {
  expect(server.log.some((line) => line.includes('the password grant is on'))).toBe(true);
});

describe('while it is off', () => {
  let safe: Server;
  let made: ClientWithSecret;
  beforeAll(async () => {
    safe = await startServer();
    made = await safe.client();
  });
  afterAll(() => safe.close());

  test('the grant is unknown and its older address is not there', async () => {
    const form = { grant_type: 'password', username: 'alice', password: 'pw' };
    const basic = `${made.client.clientId}:${made.secret}`;
    expect((await send(`${safe.url}/oauth2/token/`, form, { basic })).body).toEqual({
      error: 'unsupported_grant_type',
    });
    expect((await send(`${safe.url}/oauth2/access_token/`, form, { basic })).status).toBe(404);
  });

  test('no client can be registered for it', async () => {
    await expect(safe.client({ grants: ['password'] })).rejects.toThrow('set allowPasswordGrant in oauth2() first');
  });
});
