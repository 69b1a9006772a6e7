import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  authorize,
  browserOf,
  CALLBACK,
  obtainTokens,
  send,
  type Server,
  startServer,
  VERIFIER,
  whoAmI,
} from './server.ts';

let server: Server;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

test('the page lists what the user allowed, with the names as text', async () => {
  const made = await server.client({ name: 'Notes <b>app</b>' });
  await obtainTokens(server, made);
  const { body, headers } = await (await browserOf(server, 'alice')).get('/oauth2/authorized_tokens/');
  expect(body).toContain('Notes &lt;b&gt;app&lt;/b&gt;');
  expect(body).toContain('read write');
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('content-security-policy')).toContain("form-action 'self'");
  expect((await (await browserOf(server, 'bob')).get('/oauth2/authorized_tokens/')).body).toContain(
    'No application may act for you.',
  );
});

test('disconnecting ends tokens, codes under way and the consent, of this user alone', async () => {
  const made = await server.client({ name: 'To go' });
  const mine = await obtainTokens(server, made);
  const theirs = await obtainTokens(server, made, { username: 'bob' });
  const code = (await authorize(server, made.client)).get('code') as string;

  const alice = await browserOf(server, 'alice');
  const page = await alice.get('/oauth2/authorized_tokens/');
  const target = `/oauth2/authorized_tokens/${made.client.id}/delete/`;
  expect(page.body).toContain(target);
  expect((await alice.submit(target, page, {})).location).toBe('/oauth2/authorized_tokens/');

  const exchange = (form: Readonly<Record<string, string>>) =>
    send(`${server.url}/oauth2/token/`, form, { basic: `${made.client.clientId}:${made.secret}` });
  expect((await whoAmI(server, mine.access_token)).status).toBe(401);
  expect((await exchange({ grant_type: 'refresh_token', refresh_token: mine.refresh_token })).status).toBe(400);
  const redeem = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: VERIFIER };
  expect((await exchange(redeem)).status).toBe(400);
  expect((await whoAmI(server, theirs.access_token)).status).toBe(200);
  expect((await alice.get('/oauth2/authorized_tokens/')).body).not.toContain('To go');

  const again = await authorize(server, made.client, { decision: 'deny' });
  expect(again.get('error')).toBe('access_denied');
});

test('disconnecting needs a CSRF token, and a login', async () => {
  const { client } = await server.client();
  const target = `/oauth2/authorized_tokens/${client.id}/delete/`;
  expect((await (await browserOf(server, 'alice')).post(target, {})).status).toBe(403);
  const stranger = server.browser();
  expect((await stranger.post(target, {})).status).toBe(403);
  expect((await stranger.submit(target, await stranger.get('/login/'), {})).location).toBe(
    '/login/?next=%2Foauth2%2Fauthorized_tokens%2F',
  );
});
