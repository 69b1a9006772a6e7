import { createHash } from 'node:crypto';
import type { ClientWithSecret } from '@rf/oauth2';
import { AccessToken, JWTAuthentication } from '@rf/jwt';
import { users } from '@rf/auth';
import { APIView, authenticationClasses, path, type Request } from '@rf/views';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  authorize,
  browserOf,
  configuration,
  obtainIdToken,
  obtainTokens,
  partsOf,
  refresh,
  requestFor,
  send,
  type Server,
  startOpenId,
  verifiedClaims,
} from './server.ts';

@authenticationClasses(JWTAuthentication)
class ByJwt extends APIView {
  override get(request: Request) {
    return { user: request.user.getUsername() };
  }
}

let server: Server;
let made: ClientWithSecret;
beforeAll(async () => {
  server = await startOpenId({ urls: [path('/by-jwt/', ByJwt)] });
  made = await server.client();
});
afterAll(() => server.close());

const half = (algorithm: string, text: string): string => {
  const digest = createHash(algorithm).update(text).digest();
  return digest.subarray(0, digest.length / 2).toString('base64url');
};

describe('the code grant with the scope openid', () => {
  test('gives an ID token for the client about the user, signed with a published key', async () => {
    const alice = await users(server.site).findOneByOrFail({ username: 'alice' });
    const browser = await browserOf(server, 'alice');
    await browser.login('alice');
    const loggedIn = Math.floor(server.clock.now / 1000);
    server.clock.now += 30_000;
    const now = Math.floor(server.clock.now / 1000);
    const tokens = await obtainIdToken(server, made, { nonce: 'n-0S6_WzA2Mj' });
    expect(await verifiedClaims(server, tokens.id_token)).toEqual({
      token_type: 'id',
      iss: server.url,
      sub: String(alice.id),
      aud: made.client.clientId,
      iat: now,
      exp: now + 3600,
      auth_time: loggedIn,
      nonce: 'n-0S6_WzA2Mj',
      at_hash: half('sha256', tokens.access_token),
      jti: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    expect(partsOf(tokens.id_token).header).toMatchObject({ alg: 'RS256', typ: 'JWT', kid: expect.any(String) });
    expect(tokens.scope).toBe('openid');
  });

  test('leaves the nonce out when none was sent', async () => {
    const { id_token: idToken } = await obtainIdToken(server, made);
    expect(partsOf(idToken).claims).not.toHaveProperty('nonce');
  });

  test('needs the scope: without it there is no ID token', async () => {
    expect(await obtainTokens(server, made, { params: { scope: 'read' } })).not.toHaveProperty('id_token');
  });

  test('is not what a request without a scope gets', async () => {
    const tokens = await obtainTokens(server, made, { params: { scope: '' } });
    expect(tokens).not.toHaveProperty('id_token');
    expect(tokens.scope).toBe('read write notes:read');
  });
});

describe('a refresh', () => {
  test('gives an ID token with the same subject and log-in, of now and without the nonce', async () => {
    const tokens = await obtainIdToken(server, made, { nonce: 'once' });
    const first = await verifiedClaims(server, tokens.id_token);
    server.clock.now += 600_000;
    const { body } = await refresh(server, made, tokens.refresh_token);
    const second = await verifiedClaims(server, body.id_token);
    const { sub, aud, iss, auth_time } = first;
    expect(second).toMatchObject({ sub, aud, iss, auth_time, iat: first.iat + 600 });
    expect(second.at_hash).toBe(half('sha256', body.access_token));
    expect(second.jti).not.toBe(first.jti);
    expect(second).not.toHaveProperty('nonce');
    const third = await refresh(server, made, body.refresh_token);
    expect(partsOf(third.body.id_token).claims.auth_time).toBe(auth_time);
  });

  test('for less than openid gives none', async () => {
    const tokens = await obtainIdToken(server, made, { scope: 'openid read' });
    const { body } = await refresh(server, made, tokens.refresh_token, { scope: 'read' });
    expect(body).not.toHaveProperty('id_token');
  });

  test('of a user who is inactive by now is refused', async () => {
    const tokens = await obtainIdToken(server, made, {}, 'bob');
    await users(server.site).update({ username: 'bob' }, { isActive: false });
    const { status, body } = await refresh(server, made, tokens.refresh_token);
    await users(server.site).update({ username: 'bob' }, { isActive: true });
    expect([status, body]).toEqual([400, { error: 'invalid_grant' }]);
  });
});

const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code';

test('a device gets an ID token that says when its user had logged in', async () => {
  const { client } = await server.client({ clientType: 'public', grants: [DEVICE], redirectUris: [] });
  const browser = await browserOf(server, 'alice');
  await browser.login('alice');
  const loggedIn = Math.floor(server.clock.now / 1000);
  server.clock.now += 60_000;
  const started = await send(`${server.url}/oauth2/device-authorization/`, {
    client_id: client.clientId,
    scope: 'openid',
  });
  const { user_code: userCode, device_code: deviceCode } = started.body;
  const consent = await browser.submit('/oauth2/device/', await browser.get('/oauth2/device/'), {
    user_code: userCode,
  });
  await browser.submit('/oauth2/device/', consent, { decision: 'allow' });
  const { body } = await send(`${server.url}/oauth2/token/`, {
    grant_type: DEVICE,
    device_code: deviceCode,
    client_id: client.clientId,
  });
  expect(await verifiedClaims(server, body.id_token)).toMatchObject({ aud: client.clientId, auth_time: loggedIn });
});

describe('there is no ID token', () => {
  test('for a client that acts for itself', async () => {
    const machine = await server.client({ grants: ['client_credentials'], redirectUris: [] });
    const { status, body } = await send(`${server.url}/oauth2/token/`, {
      grant_type: 'client_credentials',
      scope: 'openid read',
      client_id: machine.client.clientId,
      client_secret: machine.secret ?? '',
    });
    expect(status).toBe(200);
    expect(body).not.toHaveProperty('id_token');
  });

  test('for a password, nor when its tokens are refreshed', async () => {
    const own = await startOpenId({ oauth2: { allowPasswordGrant: true } });
    const legacy = await own.client({ grants: ['password', 'refresh_token'], redirectUris: [] });
    const { body } = await send(`${own.url}/oauth2/token/`, {
      grant_type: 'password',
      username: 'alice',
      password: 'pw',
      scope: 'openid',
      client_id: legacy.client.clientId,
      client_secret: legacy.secret ?? '',
    });
    expect(body).toMatchObject({ scope: 'openid' });
    expect(body).not.toHaveProperty('id_token');
    expect((await refresh(own, legacy, body.refresh_token)).body).not.toHaveProperty('id_token');
    await own.close();
  });
});

describe('an ID token is no access token', () => {
  test('JWTAuthentication refuses it, though the same key signed it', async () => {
    const { id_token: idToken } = await obtainIdToken(server, made);
    const response = await fetch(`${server.url}/by-jwt/`, { headers: { authorization: `Bearer ${idToken}` } });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ code: 'token_not_valid' });
  });

  test('also where jwt() takes the client for its audience and asks for no issuer', async () => {
    const own = await startOpenId({
      jwt: { keys: 'table', audience: 'the-client-itself' },
      urls: [path('/by-jwt/', ByJwt)],
    });
    const client = await own.client({ clientId: 'the-client-itself' });
    const { id_token: idToken } = await obtainIdToken(own, client);
    const response = await fetch(`${own.url}/by-jwt/`, { headers: { authorization: `Bearer ${idToken}` } });
    expect(response.status).toBe(401);
    expect(JSON.stringify(await response.json())).toContain('Token has wrong type');
    await own.close();
  });

  test('and an access token of jwt() is no id_token_hint', async () => {
    const alice = await users(server.site).findOneByOrFail({ username: 'alice' });
    const access = await AccessToken.forUser(server.site, alice);
    access.set('iss', server.url).set('sub', String(alice.id)).set('aud', made.client.clientId);
    const target = requestFor(made.client, { id_token_hint: await access.encode() });
    const { location } = await (await browserOf(server, 'alice')).get(target);
    expect(new URL(location ?? '').searchParams.get('error')).toBe('invalid_request');
  });
});

describe('the algorithm', () => {
  test.each(['ES256', 'PS256', 'EdDSA', 'ES384'] as const)('%s signs for a client that has chosen it', async (name) => {
    const own = await startOpenId({ keys: ['RS256', name] });
    const chosen = await own.client({ idTokenAlgorithm: name });
    const tokens = await obtainIdToken(own, chosen);
    expect(partsOf(tokens.id_token).header.alg).toBe(name);
    const { at_hash: hash } = await verifiedClaims(own, tokens.id_token);
    const digest = { ES256: 'sha256', PS256: 'sha256', EdDSA: 'sha512', ES384: 'sha384' }[name];
    expect(hash).toBe(half(digest, tokens.access_token));
    const usual = await obtainIdToken(own, await own.client());
    expect(partsOf(usual.id_token).header.alg).toBe('RS256');
    expect((await configuration(own)).id_token_signing_alg_values_supported).toEqual([name, 'RS256']);
    await own.close();
  });

  test('is the one that there is a key for, where RS256 has none', async () => {
    const own = await startOpenId({ keys: ['ES256'] });
    const tokens = await obtainIdToken(own, await own.client());
    expect(partsOf(tokens.id_token).header.alg).toBe('ES256');
    await verifiedClaims(own, tokens.id_token);
    await own.close();
  });

  test.each([
    ['HS256', 'of which only a hash is kept'],
    ['none', 'none is none of RS256'],
    ['RS1', 'RS1 is none of RS256'],
  ])('%s is refused for a client', async (idTokenAlgorithm, text) => {
    await expect(server.client({ idTokenAlgorithm })).rejects.toThrow(text);
  });
});

test('two clients get ID tokens of their own, and another user another subject', async () => {
  const other = await server.client();
  const [first, second] = [await obtainIdToken(server, made), await obtainIdToken(server, other, {}, 'bob')];
  expect(partsOf(first.id_token).claims.aud).not.toBe(partsOf(second.id_token).claims.aud);
  expect(partsOf(first.id_token).claims.sub).not.toBe(partsOf(second.id_token).claims.sub);
});

test('a code that is redeemed twice gives one ID token', async () => {
  const answer = await authorize(server, made.client, { params: { scope: 'openid' } });
  const redeem = () =>
    send(`${server.url}/oauth2/token/`, {
      grant_type: 'authorization_code',
      code: answer.get('code') ?? '',
      redirect_uri: 'https://client.example/cb',
      code_verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
      client_id: made.client.clientId,
      client_secret: made.secret ?? '',
    });
  const answers = await Promise.all([redeem(), redeem(), redeem()]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400]);
  expect(answers.filter(({ body }) => 'id_token' in body)).toHaveLength(1);
});
