import type { ClientWithSecret } from '@rf/oauth2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, CALLBACK, obtainTokens, send, type Server, startServer, whoAmI } from './server.ts';

let server: Server;
let made: ClientWithSecret;
let machine: ClientWithSecret;
beforeAll(async () => {
  server = await startServer();
  made = await server.client();
  machine = await server.client({ grants: ['client_credentials'], redirectUris: [] });
});
afterAll(() => server.close());

type Form = Readonly<Record<string, string>>;
const ask = (endpoint: string, form: Form, by: ClientWithSecret | null = made): Promise<Answer> =>
  send(`${server.url}/oauth2/${endpoint}/`, form, by === null ? {} : { basic: `${by.client.clientId}:${by.secret}` });

describe('what only POST may do (OA08, OA13, OA14)', () => {
  test.each(['token', 'revoke_token', 'introspect', 'device-authorization'])(
    '%s answers any other method with 405, and nothing of what its URL names is done',
    async (endpoint) => {
      const { access_token: token, refresh_token: refresh } = await obtainTokens(server, made);
      const query = new URLSearchParams({
        token,
        refresh_token: refresh,
        grant_type: 'refresh_token',
        client_id: made.client.clientId,
      });
      for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH']) {
        const basic = Buffer.from(`${made.client.clientId}:${made.secret}`).toString('base64');
        const answer = await fetch(`${server.url}/oauth2/${endpoint}/?${query}`, {
          method,
          headers: { authorization: `Basic ${basic}` },
        });
        expect([method, answer.status]).toEqual([method, 405]);
        expect(answer.headers.get('allow')).toContain('POST');
        expect(await answer.text()).not.toContain('active');
      }
      expect((await whoAmI(server, token)).status).toBe(200);
      expect((await ask('token', { grant_type: 'refresh_token', refresh_token: refresh })).status).toBe(200);
    },
  );
});

describe('a client that does not prove who it is (OA07, OA13, OA14)', () => {
  test.each(['token', 'revoke_token', 'introspect'])('is 401 at %s', async (endpoint) => {
    const { access_token: token } = await obtainTokens(server, made);
    const form = { grant_type: 'client_credentials', token };
    const { clientId } = made.client;
    for (const [more, basic] of [
      [{}, undefined],
      [{ client_id: 'nobody-at-all' }, undefined],
      [{ client_id: clientId }, undefined],
      [{ client_id: clientId, client_secret: 'wrong' }, undefined],
      [{}, `${clientId}:wrong`],
      [{}, `nobody-at-all:${made.secret}`],
      [{}, `${clientId}:`],
      [{}, '%zz:%zz'],
    ] as const) {
      const answer = await send(`${server.url}/oauth2/${endpoint}/`, { ...form, ...more }, basic && { basic });
      expect([more, basic, answer.status, answer.body]).toEqual([more, basic, 401, { error: 'invalid_client' }]);
      expect(answer.headers.get('www-authenticate')).toBe('Basic realm="api"');
    }
    expect((await whoAmI(server, token)).status).toBe(200);
  });
});

describe('a request that lacks what it is about is 400 invalid_request (OA08, OA13, OA14)', () => {
  test.each<[string, Form, string]>([
    ['token', {}, 'Missing grant_type parameter.'],
    ['token', { grant_type: 'authorization_code', redirect_uri: CALLBACK }, 'Missing code parameter.'],
    ['token', { grant_type: 'refresh_token' }, 'Missing refresh_token parameter.'],
    ['revoke_token', {}, 'Missing token parameter.'],
    ['introspect', {}, 'Missing token parameter.'],
    ['introspect', { token: '' }, 'Missing token parameter.'],
  ])('%s with %j', async (endpoint, form, error_description) => {
    const { status, body, headers } = await ask(endpoint, form);
    expect([status, body]).toEqual([400, { error: 'invalid_request', error_description }]);
    expect(headers.get('cache-control')).toBe('no-store');
  });
});

describe('a grant (OA08)', () => {
  test.each(['nope', 'implicit', 'password', 'toString', '__proto__'])('%j is not supported', async (grant_type) => {
    const { status, body } = await ask('token', { grant_type });
    expect([status, body]).toEqual([400, { error: 'unsupported_grant_type' }]);
  });

  test('that the client does not have is unauthorized_client', async () => {
    const { status, body } = await ask('token', { grant_type: 'client_credentials' });
    expect([status, body]).toEqual([400, { error: 'unauthorized_client' }]);
    const code = { grant_type: 'authorization_code', code: 'x', redirect_uri: CALLBACK };
    expect((await ask('token', code, machine)).body).toEqual({ error: 'unauthorized_client' });
  });

  test('comes as a form: JSON is no form', async () => {
    const answer = await fetch(`${server.url}/oauth2/token/`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ grant_type: 'client_credentials', client_id: machine.client.clientId }),
    });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(await answer.text()).not.toContain('access_token');
  });
});

describe('a hint about a token (OA13)', () => {
  test.each(['access_token', 'refresh_token', 'zzz', ''])('such as %j is a hint only', async (token_type_hint) => {
    const tokens = await obtainTokens(server, made);
    expect((await ask('revoke_token', { token: tokens.access_token, token_type_hint })).status).toBe(200);
    expect((await whoAmI(server, tokens.access_token)).status).toBe(401);
    expect((await ask('revoke_token', { token: tokens.refresh_token, token_type_hint })).status).toBe(200);
    const refreshed = await ask('token', { grant_type: 'refresh_token', refresh_token: tokens.refresh_token });
    expect(refreshed.body).toEqual({ error: 'invalid_grant' });
  });

  test('and an unknown token are answered alike', async () => {
    const { status, body } = await ask('revoke_token', { token: 'nope' });
    expect([status, body]).toEqual([200, null]);
  });
});
