import { request } from 'node:http';
import type { ClientWithSecret } from '@rf/oauth2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bitChanges } from '../../auth/tests/bit-changes.ts';
import { type Answer, obtainTokens, send, type Server, startServer, whoAmI } from './server.ts';

let server: Server;
let made: ClientWithSecret;
let other: ClientWithSecret;
beforeAll(async () => {
  server = await startServer({
    oauth2: {
      scopes: { read: 'Read your notes', write: 'Change your notes', introspection: 'Ask about tokens' },
    },
  });
  made = await server.client();
  other = await server.client();
});
afterAll(() => server.close());

const ask = (endpoint: string, form: Readonly<Record<string, string>>, by = made): Promise<Answer> =>
  send(`${server.url}/oauth2/${endpoint}/`, form, { basic: `${by.client.clientId}:${by.secret}` });
const revoke = (token: string, by = made): Promise<Answer> => ask('revoke_token', { token }, by);
const introspect = (token: string, by = made): Promise<Answer> => ask('introspect', { token }, by);
const refresh = (token: string): Promise<Answer> => ask('token', { grant_type: 'refresh_token', refresh_token: token });

describe('revocation', () => {
  test('of an access token ends it alone', async () => {
    const tokens = await obtainTokens(server, made);
    const { status, body, headers } = await revoke(tokens.access_token);
    expect([status, body]).toEqual([200, null]);
    expect(headers.get('cache-control')).toBe('no-store');
    expect((await whoAmI(server, tokens.access_token)).status).toBe(401);
    expect((await refresh(tokens.refresh_token)).status).toBe(200);
  });

  test('of a refresh token, used or not, ends its family', async () => {
    const tokens = await obtainTokens(server, made);
    const next = (await refresh(tokens.refresh_token)).body;
    expect((await revoke(tokens.refresh_token)).status).toBe(200);
    expect((await whoAmI(server, next.access_token)).status).toBe(401);
    expect((await refresh(next.refresh_token)).status).toBe(400);
  });

  test('by another client changes nothing and is not told', async () => {
    const tokens = await obtainTokens(server, made);
    expect((await revoke(tokens.access_token, other)).status).toBe(200);
    expect((await revoke(tokens.refresh_token, other)).status).toBe(200);
    expect((await whoAmI(server, tokens.access_token)).status).toBe(200);
  });

  test('by a public client needs its id alone', async () => {
    const open = await server.client({ clientType: 'public' });
    const tokens = await obtainTokens(server, open);
    const form = { token: tokens.access_token, client_id: open.client.clientId };
    expect((await send(`${server.url}/oauth2/revoke_token/`, form)).status).toBe(200);
    expect((await whoAmI(server, tokens.access_token)).status).toBe(401);
  });

  test('twice is the same as once', async () => {
    const tokens = await obtainTokens(server, made);
    await revoke(tokens.access_token);
    expect((await revoke(tokens.access_token)).status).toBe(200);
  });
});

describe('introspection', () => {
  test('tells a client of its own tokens', async () => {
    const tokens = await obtainTokens(server, made);
    const now = Math.floor(server.clock.now / 1000);
    const common = { active: true, scope: 'read write', client_id: made.client.clientId, username: 'alice', iat: now };
    expect((await introspect(tokens.access_token)).body).toEqual({ ...common, exp: now + 3600, token_type: 'Bearer' });
    expect((await introspect(tokens.refresh_token)).body).toEqual({ ...common, exp: now + 14 * 86_400 });
  });

  test('tells a resource server of the access tokens of all, and of no refresh token', async () => {
    const resource = await server.client({ isResourceServer: true });
    const tokens = await obtainTokens(server, made);
    expect((await introspect(tokens.access_token, resource)).body).toMatchObject({ active: true, username: 'alice' });
    expect((await introspect(tokens.refresh_token, resource)).body).toEqual({ active: false });
  });

  test('tells a resource server of no refresh token, not even of its own', async () => {
    const resource = await server.client({ isResourceServer: true });
    const tokens = await obtainTokens(server, resource);
    expect((await introspect(tokens.access_token, resource)).body).toMatchObject({ active: true });
    expect((await introspect(tokens.refresh_token, resource)).body).toEqual({ active: false });
  });

  test('tells nobody else anything', async () => {
    const tokens = await obtainTokens(server, made);
    expect((await introspect(tokens.access_token, other)).body).toEqual({ active: false });
    expect((await introspect('nope')).body).toEqual({ active: false });
    await refresh(tokens.refresh_token);
    expect((await introspect(tokens.refresh_token)).body).toEqual({ active: false });
  });

  test('of a token without a user names none', async () => {
    const machine = await server.client({ grants: ['client_credentials'], redirectUris: [] });
    const { body } = await ask('token', { grant_type: 'client_credentials', scope: 'read' }, machine);
    expect((await introspect(body.access_token, machine)).body).not.toHaveProperty('username');
  });
});

describe('introspection by a token', () => {
  const byToken = (bearer: string, form: Readonly<Record<string, string>>): Promise<Answer> =>
    send(`${server.url}/oauth2/introspect/`, form, { headers: { authorization: `Bearer ${bearer}` } });

  async function tokenOf(wanted: Parameters<Server['client']>[0], scope = 'introspection'): Promise<string> {
    const asking = await server.client({ grants: ['client_credentials'], redirectUris: [], ...wanted });
    return (await ask('token', { grant_type: 'client_credentials', scope }, asking)).body.access_token;
  }

  test('with the scope introspection tells what its client may know', async () => {
    const { access_token: token, refresh_token: refresh } = await obtainTokens(server, made);
    const resource = await tokenOf({ isResourceServer: true });
    expect((await byToken(resource, { token })).body).toMatchObject({ active: true, username: 'alice' });
    expect((await byToken(resource, { token: refresh })).body).toEqual({ active: false });
    expect((await byToken(await tokenOf({}), { token })).body).toEqual({ active: false });
  });

  test('without the scope is 403', async () => {
    const answer = await byToken(await tokenOf({ isResourceServer: true }, 'read'), { token: 'x' });
    expect([answer.status, answer.body]).toEqual([403, { error: 'insufficient_scope' }]);
    expect(answer.headers.get('www-authenticate')).toBe(
      'Bearer realm="api",error="insufficient_scope",scope="introspection"',
    );
  });

  test('that is not live is 401', async () => {
    const bearer = await tokenOf({ isResourceServer: true });
    server.clock.now += 3_600_000;
    for (const dead of [bearer, 'nope']) {
      const answer = await byToken(dead, { token: 'x' });
      expect([answer.status, answer.body]).toEqual([401, { error: 'invalid_token' }]);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="api",error="invalid_token"');
    }
  });

  test('and by a secret at once is refused', async () => {
    const bearer = await tokenOf({ isResourceServer: true });
    const answer = await byToken(bearer, { token: 'x', client_id: 'a', client_secret: 'b' });
    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_request']);
  });

  test('is in the metadata where the scope exists', async () => {
    const response = await fetch(`${server.url}/.well-known/oauth-authorization-server`);
    expect(((await response.json()) as any).introspection_endpoint_auth_methods_supported).toEqual([
      'client_secret_basic',
      'client_secret_post',
      'Bearer',
    ]);
  });
});

describe('client authentication', () => {
  test('a secret with a bit changed, a longer or a shorter one is refused', async () => {
    const secret = made.secret as string;
    const wrong = [`${secret}x`, secret.slice(0, -1), secret.toLowerCase(), ...bitChanges(secret)];
    for (const one of wrong) {
      const answer = await ask('introspect', { token: 'x' }, { client: made.client, secret: one });
      expect([answer.status, answer.body]).toEqual([401, { error: 'invalid_client' }]);
      expect(answer.headers.get('www-authenticate')).toBe('Basic realm="api"');
    }
  });

  test('two Authorization lines are refused', async () => {
    const basic = `Basic ${Buffer.from(`${made.client.clientId}:${made.secret}`).toString('base64')}`;
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const sent = request(`${server.url}/oauth2/introspect/`, { method: 'POST' }, (response) => {
        resolve(response.resume().statusCode);
      });
      sent.setHeader('authorization', [basic, basic]);
      sent.setHeader('content-type', 'application/x-www-form-urlencoded');
      sent.on('error', reject);
      sent.end('token=x');
    });
    expect(status).toBe(401);
  });

  test('a client that is registered for one way may not use another', async () => {
    const strict = await server.client({ authMethod: 'client_secret_basic' });
    expect((await ask('introspect', { token: 'x' }, strict)).status).toBe(200);
    const form = { token: 'x', client_id: strict.client.clientId, client_secret: strict.secret as string };
    expect((await send(`${server.url}/oauth2/introspect/`, form)).status).toBe(401);
  });

  test('a public client that shows a secret is refused', async () => {
    const open = await server.client({ clientType: 'public' });
    const form = { token: 'x', client_id: open.client.clientId, client_secret: 'x' };
    expect((await send(`${server.url}/oauth2/revoke_token/`, form)).status).toBe(401);
  });

  test('a secret in the URL is refused', async () => {
    const answer = await send(`${server.url}/oauth2/token/?client_secret=${made.secret}`, {
      client_id: made.client.clientId,
    });
    expect(answer.body.error).toBe('invalid_request');
  });
});
