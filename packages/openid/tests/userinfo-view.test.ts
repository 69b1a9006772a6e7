import type { ClientWithSecret } from '@rf/oauth2';
import { users } from '@rf/auth';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { obtainIdToken, partsOf, send, type Server, startOpenId, userInfo } from './server.ts';

let server: Server;
let made: ClientWithSecret;
beforeAll(async () => {
  server = await startOpenId();
  made = await server.client();
});
afterAll(() => server.close());

describe('UserInfo answers', () => {
  test('the subject of the ID token alone for the scope openid', async () => {
    const tokens = await obtainIdToken(server, made);
    const { status, headers, body } = await userInfo(server, tokens.access_token);
    expect([status, body]).toEqual([200, { sub: partsOf(tokens.id_token).claims.sub }]);
    expect(typeof body.sub).toBe('string');
    expect(headers.get('content-type')).toMatch(/^application\/json/);
    expect(headers.get('cache-control')).toBe('no-store');
  });

  test('the claims of profile and email', async () => {
    const tokens = await obtainIdToken(server, made, { scope: 'openid profile email' });
    expect((await userInfo(server, tokens.access_token)).body).toEqual({
      sub: expect.any(String),
      name: 'Alice Liddell',
      given_name: 'Alice',
      family_name: 'Liddell',
      preferred_username: 'alice',
      email: 'alice@example.com',
    });
  });

  test('without what the user has left empty', async () => {
    const tokens = await obtainIdToken(server, made, { scope: 'openid profile email' }, 'bob');
    const { body } = await userInfo(server, tokens.access_token);
    expect(body).toEqual({ sub: expect.any(String), preferred_username: 'bob' });
  });

  test('POST as GET', async () => {
    const tokens = await obtainIdToken(server, made);
    const { status, body } = await userInfo(server, tokens.access_token, { method: 'POST' });
    expect([status, body]).toEqual([200, { sub: expect.any(String) }]);
  });
});

describe('UserInfo refuses', () => {
  test('a request without a token', async () => {
    const { status, headers } = await userInfo(server, null);
    expect([status, headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="api"']);
  });

  test.each(['oat_nonsense', 'eyJhbGciOiJub25lIn0.e30.', 'a'.repeat(3000)])('the token %.30s', async (token) => {
    const { status, headers } = await userInfo(server, token);
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toContain('error="invalid_token"');
  });

  test('an ID token', async () => {
    const tokens = await obtainIdToken(server, made);
    const { status, headers } = await userInfo(server, tokens.id_token);
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toContain('error="invalid_token"');
  });

  test('a token that has expired', async () => {
    const own = await startOpenId({ oauth2: { lifetimes: { accessToken: 60 } } });
    const tokens = await obtainIdToken(own, await own.client());
    own.clock.now += 60_000;
    const { status, headers } = await userInfo(own, tokens.access_token);
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toContain('The access token has expired.');
    await own.close();
  });

  test('a token without the scope openid, and says which it lacks', async () => {
    const tokens = await obtainIdToken(server, made, { scope: 'read profile' });
    const { status, headers } = await userInfo(server, tokens.access_token);
    expect(status).toBe(403);
    expect(headers.get('www-authenticate')).toMatch(/^Bearer .*error="insufficient_scope".*scope="openid"$/);
  });

  test('a token of a client that acts for itself', async () => {
    const machine = await server.client({ grants: ['client_credentials'], redirectUris: [] });
    const { body } = await send(`${server.url}/oauth2/token/`, {
      grant_type: 'client_credentials',
      scope: 'openid',
      client_id: machine.client.clientId,
      client_secret: machine.secret ?? '',
    });
    const { status, headers } = await userInfo(server, body.access_token);
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toContain('The access token is of no user.');
  });

  test('the token of a user who is inactive by now', async () => {
    const tokens = await obtainIdToken(server, made, {}, 'bob');
    await users(server.site).update({ username: 'bob' }, { isActive: false });
    const { status } = await userInfo(server, tokens.access_token);
    await users(server.site).update({ username: 'bob' }, { isActive: true });
    expect(status).toBe(401);
  });

  test('a token in the form body, unless the provider takes them', async () => {
    const form = (token: string): RequestInit => ({
      method: 'POST',
      body: new URLSearchParams({ access_token: token }),
    });
    const tokens = await obtainIdToken(server, made);
    expect((await userInfo(server, null, form(tokens.access_token))).status).toBe(401);
    const own = await startOpenId({ oauth2: { bodyTokens: true } });
    const others = await obtainIdToken(own, await own.client());
    expect((await userInfo(own, null, form(others.access_token))).status).toBe(200);
    expect((await userInfo(own, others.access_token, form(others.access_token))).status).toBe(400);
    await own.close();
  });

  test('other methods', async () => {
    const tokens = await obtainIdToken(server, made);
    expect((await userInfo(server, tokens.access_token, { method: 'PUT' })).status).toBe(405);
  });
});

describe('options', () => {
  test('claims adds to what UserInfo answers, never what the protocol says', async () => {
    const own = await startOpenId({
      openid: {
        claims: (user, scopes, request) => ({
          sub: 'somebody else',
          iss: 'https://evil.example',
          name: `Dr ${user.lastName}`,
          staff: user.isStaff,
          scopes: [...scopes],
          at: request.path,
        }),
      },
    });
    const tokens = await obtainIdToken(own, await own.client(), { scope: 'openid profile' });
    const { body } = await userInfo(own, tokens.access_token);
    expect(body).toMatchObject({
      sub: partsOf(tokens.id_token).claims.sub,
      name: 'Dr Liddell',
      staff: false,
      scopes: ['openid', 'profile'],
      at: '/oauth2/userinfo/',
    });
    expect(body).not.toHaveProperty('iss');
    expect(partsOf(tokens.id_token).claims).not.toHaveProperty('name');
    await own.close();
  });

  test('claimsInIdToken puts them into ID tokens, too', async () => {
    const own = await startOpenId({
      openid: {
        claimsInIdToken: true,
        claims: () => ({ aud: 'evil', token_type: 'access', nonce: 'x', color: 'red' }),
      },
    });
    const client = await own.client();
    const tokens = await obtainIdToken(own, client, { scope: 'openid email' });
    const { claims } = partsOf(tokens.id_token);
    expect(claims).toMatchObject({
      aud: client.client.clientId,
      token_type: 'id',
      color: 'red',
      email: 'alice@example.com',
    });
    expect(claims).not.toHaveProperty('nonce');
    await own.close();
  });

  test('browserClients lets pages of other origins ask', async () => {
    const own = await startOpenId({ oauth2: { browserClients: true } });
    const asked = await fetch(`${own.url}/oauth2/userinfo/`, { method: 'OPTIONS' });
    expect(asked.headers.get('access-control-allow-methods')).toBe('GET, POST');
    const refused = await userInfo(own, null);
    expect(refused.headers.get('access-control-allow-origin')).toBe('*');
    await own.close();
    expect((await userInfo(server, null)).headers.has('access-control-allow-origin')).toBe(false);
  });
});
