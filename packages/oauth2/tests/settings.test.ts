import type { GrantType } from '@rf/oauth2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { authorize, browserOf, obtainTokens, send, type Server, startServer, whoAmI } from './server.ts';

const DEVICE: GrantType = 'urn:ietf:params:oauth:grant-type:device_code';

let server: Server;
beforeAll(async () => {
  server = await startServer({
    oauth2: {
      realm: 'shop "2"',
      issuer: 'https://login.example.com',
      defaultScopes: ['write', 'read'],
      lifetimes: { code: 10, accessToken: 100, refreshToken: 1000, refreshFamily: 1500, deviceCode: 90 },
      devicePollSeconds: 30,
      rememberConsent: false,
      localhostPorts: false,
      selfServiceGrants: ['client_credentials'],
    },
  });
});
afterAll(() => server.close());

test('realm is named in every challenge', async () => {
  const realm = 'realm="shop \\"2\\""';
  expect((await whoAmI(server, null)).headers.get('www-authenticate')).toBe(`Bearer ${realm}`);
  const { status, headers } = await send(`${server.url}/oauth2/token/`, { grant_type: 'refresh_token' });
  expect([status, headers.get('www-authenticate')]).toEqual([401, `Basic ${realm}`]);
  const asked = await send(
    `${server.url}/oauth2/introspect/`,
    { token: 'x' },
    { headers: { authorization: 'Bearer x' } },
  );
  expect(asked.headers.get('www-authenticate')).toBe(`Bearer ${realm},error="invalid_token"`);
});

test('defaultScopes are what a request without a scope gets, as far as its client may', async () => {
  const machine = await server.client({
    grants: ['client_credentials'],
    redirectUris: [],
    scopes: ['read', 'notes:read'],
  });
  const basic = `${machine.client.clientId}:${machine.secret}`;
  const { body } = await send(`${server.url}/oauth2/token/`, { grant_type: 'client_credentials' }, { basic });
  expect([body.scope, body.expires_in]).toEqual(['read', 100]);
});

test('lifetimes say when codes and tokens end', async () => {
  const made = await server.client();
  const basic = `${made.client.clientId}:${made.secret}`;
  const refresh = (refresh_token: string) =>
    send(`${server.url}/oauth2/token/`, { grant_type: 'refresh_token', refresh_token }, { basic });
  let tokens = await obtainTokens(server, made);
  server.clock.now += 99_999;
  expect((await whoAmI(server, tokens.access_token)).status).toBe(200);
  server.clock.now += 1;
  expect((await whoAmI(server, tokens.access_token)).status).toBe(401);
  server.clock.now += 899_999;
  tokens = (await refresh(tokens.refresh_token)).body;
  // Half a second before the end of the family, and at it.
  server.clock.now += 499_500;
  tokens = (await refresh(tokens.refresh_token)).body;
  expect(tokens.expires_in).toBe(100);
  server.clock.now += 501;
  expect((await refresh(tokens.refresh_token)).body).toEqual({ error: 'invalid_grant' });

  const answer = await authorize(server, made.client);
  server.clock.now += 10_000;
  const form = { grant_type: 'authorization_code', code: answer.get('code') ?? '' };
  expect((await send(`${server.url}/oauth2/token/`, form, { basic })).body).toEqual({ error: 'invalid_grant' });
});

test('lifetimes and devicePollSeconds are told to devices, and hold', async () => {
  const { client } = await server.client({ clientType: 'public', grants: [DEVICE], redirectUris: [] });
  const { clientId: client_id } = client;
  const { body } = await send(`${server.url}/oauth2/device-authorization/`, { client_id });
  expect(body).toMatchObject({ expires_in: 90, interval: 30 });
  const poll = async () =>
    (await send(`${server.url}/oauth2/token/`, { grant_type: DEVICE, device_code: body.device_code, client_id })).body;
  expect(await poll()).toEqual({ error: 'authorization_pending' });
  server.clock.now += 29_999;
  expect(await poll()).toEqual({ error: 'slow_down' });
  server.clock.now += 60_001;
  expect(await poll()).toEqual({ error: 'expired_token' });
});

test('rememberConsent false asks each time', async () => {
  const { client } = await server.client();
  for (let count = 0; count < 2; count += 1) {
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: client.clientId,
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
    });
    const page = await (await browserOf(server, 'alice')).get(`/oauth2/authorize/?${query}`);
    expect(page.status).toBe(200);
    await authorize(server, client);
  }
});

test('localhostPorts false binds localhost to its port, and leaves the addresses of the own machine theirs', async () => {
  const { client } = await server.client({
    clientType: 'public',
    redirectUris: ['http://localhost:8000/cb', 'http://127.0.0.1/cb'],
  });
  const answer = (redirect_uri: string) => authorize(server, client, { params: { redirect_uri } });
  await expect(answer('http://localhost:8001/cb')).rejects.toThrow('Mismatching redirect URI.');
  expect((await answer('http://localhost:8000/cb')).has('code')).toBe(true);
  expect((await answer('http://127.0.0.1:8001/cb')).has('code')).toBe(true);
});

test('selfServiceGrants are what users may choose for applications of their own', async () => {
  const page = await (await browserOf(server, 'alice')).get('/oauth2/applications/register/');
  const offered = [...page.body.matchAll(/name="grants" value="([^"]*)"/g)].map(([, grant]) => grant);
  expect(offered).toContain('client_credentials');
  expect(offered).not.toContain(DEVICE);
});

test('issuer is named in answers and in the metadata, and is where the endpoints are', async () => {
  const answer = await authorize(server, (await server.client()).client);
  expect(answer.get('iss')).toBe('https://login.example.com');
  const metadata = await fetch(`${server.url}/.well-known/oauth-authorization-server`);
  expect(await metadata.json()).toMatchObject({
    issuer: 'https://login.example.com',
    token_endpoint: 'https://login.example.com/oauth2/token/',
  });
});
