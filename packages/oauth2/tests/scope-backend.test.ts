import { type ClientWithSecret, OAuth2Client } from '@rf/oauth2';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type Answer,
  authorize,
  browserOf,
  CALLBACK,
  CHALLENGE,
  send,
  type Server,
  startServer,
  VERIFIER,
} from './server.ts';

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

/** What each user may give; the empty name is a client that acts for itself. */
let roles: Record<string, readonly string[]>;
let server: Server;
let app: ClientWithSecret;
beforeAll(async () => {
  server = await startServer({
    oauth2: {
      allowPasswordGrant: true,
      availableScopes: async (_client, user) => roles[user?.getUsername() ?? ''] ?? [],
      defaultScopes: ({ name }) => (name === 'Modest' ? ['read'] : ['read', 'write']),
    },
  });
  app = await server.client({
    grants: ['authorization_code', 'refresh_token', 'client_credentials', 'password', DEVICE_GRANT],
  });
});
afterAll(() => server.close());
beforeEach(() => {
  roles = { alice: ['read', 'write'], bob: ['read'], '': ['notes:read', 'read'] };
});

function authorizePath({ clientId }: OAuth2Client, scope: string | null): string {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: CALLBACK,
    state: 'st',
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
    ...(scope !== null && { scope }),
  });
  return `/oauth2/authorize/?${query}`;
}

const token = (form: Readonly<Record<string, string>>, { client, secret }: ClientWithSecret = app): Promise<Answer> =>
  send(`${server.url}/oauth2/token/`, form, { basic: `${client.clientId}:${secret}` });

const redeem = (code: string | null): Promise<Answer> =>
  token({ grant_type: 'authorization_code', code: code ?? '', redirect_uri: CALLBACK, code_verifier: VERIFIER });

describe('the consent page', () => {
  test('shows of the defaults what the user may give', async () => {
    const { client } = await server.client({ name: 'Fresh' });
    const forAlice = await (await browserOf(server, 'alice')).get(authorizePath(client, null));
    expect(forAlice.body).toContain('<code>read</code>');
    expect(forAlice.body).toContain('<code>write</code>');
    const forBob = await (await browserOf(server, 'bob')).get(authorizePath(client, null));
    expect(forBob.body).toContain('<code>read</code>');
    expect(forBob.body).not.toContain('<code>write</code>');
  });

  test('is not shown for a scope that the user may not give: the client is told invalid_scope', async () => {
    const browser = await browserOf(server, 'bob');
    const { location } = await browser.get(authorizePath(app.client, 'read write'));
    expect(new URL(location ?? '').searchParams.get('error')).toBe('invalid_scope');
  });

  test('gives nothing that the user may not give any more when the form comes back', async () => {
    const { client } = await server.client({ name: 'Late' });
    const browser = await browserOf(server, 'alice');
    const target = authorizePath(client, 'read write');
    const page = await browser.get(target);
    expect(page.status).toBe(200);
    roles = { alice: ['read'] };
    const { location } = await browser.submit(target, page, { decision: 'allow' });
    expect(new URL(location ?? '').searchParams.get('error')).toBe('invalid_scope');
  });

  test('comes after the login for who is not known yet', async () => {
    const { location } = await server.browser().get(authorizePath(app.client, 'read write'));
    expect(location).toMatch(/^\/login\//);
  });

  test('shows the defaults of the client', async () => {
    const { client } = await server.client({ name: 'Modest' });
    const page = await (await browserOf(server, 'alice')).get(authorizePath(client, null));
    expect(page.body).not.toContain('<code>write</code>');
  });
});

describe('what the user may give no more', () => {
  test('a code does not give', async () => {
    const answer = await authorize(server, app.client);
    roles = { alice: ['write'] };
    expect((await redeem(answer.get('code'))).body.scope).toBe('write');
    const another = await authorize(server, app.client, { params: { scope: 'write' } });
    roles = {};
    expect((await redeem(another.get('code'))).body).toEqual({ error: 'invalid_grant' });
  });

  test('a refresh token does not give, until the user may again', async () => {
    let { body } = await redeem((await authorize(server, app.client)).get('code'));
    roles = { alice: ['read'] };
    const refresh = (scope?: string) =>
      token({ grant_type: 'refresh_token', refresh_token: body.refresh_token, ...(scope !== undefined && { scope }) });
    ({ body } = await refresh());
    expect(body.scope).toBe('read');
    expect((await refresh('write')).body).toEqual({ error: 'invalid_scope' });
  });
});

test('a client that acts for itself gets what is available to no user', async () => {
  const forItself = (scope?: string) =>
    token({ grant_type: 'client_credentials', ...(scope !== undefined && { scope }) });
  expect((await forItself()).body.scope).toBe('read');
  expect((await forItself('notes:read')).body.scope).toBe('notes:read');
  expect((await forItself('write')).body).toEqual({ error: 'invalid_scope' });
});

test('a password gives what its user may give', async () => {
  const login = (username: string, scope: string, password = 'pw') =>
    token({ grant_type: 'password', username, password, scope });
  expect((await login('alice', 'write')).body.scope).toBe('write');
  expect((await login('bob', 'write')).body).toEqual({ error: 'invalid_scope' });
  // Who does not know the password learns nothing of what the user may give.
  expect((await login('bob', 'write', 'wrong')).body.error).toBe('invalid_grant');
});

describe('a device', () => {
  const start = async (scope: string): Promise<Answer['body']> =>
    (
      await send(
        `${server.url}/oauth2/device-authorization/`,
        { scope },
        { basic: `${app.client.clientId}:${app.secret}` },
      )
    ).body;

  test('gets of what it asks for what the user may give, and the page says so', async () => {
    const codes = await start('read write');
    const browser = await browserOf(server, 'bob');
    const consent = await browser.submit('/oauth2/device/', await browser.get('/oauth2/device/'), {
      user_code: codes.user_code,
    });
    expect(consent.body).toContain('<code>read</code>');
    expect(consent.body).not.toContain('<code>write</code>');
    await browser.submit('/oauth2/device/', consent, { decision: 'allow' });
    const { body } = await token({ grant_type: DEVICE_GRANT, device_code: codes.device_code });
    expect(body.scope).toBe('read');
  });

  test('is not connected by who may give nothing of it', async () => {
    const codes = await start('write');
    const browser = await browserOf(server, 'bob');
    const page = await browser.submit('/oauth2/device/', await browser.get('/oauth2/device/'), {
      user_code: codes.user_code,
    });
    expect(page.status).toBe(400);
    expect(page.body).toContain('You may allow nothing of what this device asks for.');
  });
});

test('a scope that the project does not have is a mistake of the project: 500, named in the log', async () => {
  roles = { '': ['read', 'nonsense'] };
  const { status, body } = await token({ grant_type: 'client_credentials' });
  expect([status, body]).toEqual([500, { detail: 'A server error occurred.' }]);
  expect(server.log.join('\n')).toContain('availableScopes() returned \\"nonsense\\", which is none of scopes');
});
