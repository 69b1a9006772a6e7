import { OAuth2Client } from '@rf/oauth2';
import { db } from '@rf/orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServer } from '../../oauth2/tests/server.ts';
import { AllowAny } from '@rf/views';
import { type Browser, CALLBACK, obtainIdToken, type Server, startOpenId } from './server.ts';

let server: Server;
let browser: Browser;
beforeAll(async () => {
  server = await startOpenId();
  browser = server.browser();
  await browser.login('alice');
});
afterAll(() => server.close());

const AFTER = 'https://client.example/bye';

const FORM: readonly (readonly [string, string])[] = [
  ['name', 'Shop'],
  ['client_type', 'confidential'],
  ['redirect_uris', 'https://client.example/cb'],
  ['grants', 'authorization_code'],
  ['scopes', 'openid'],
];

/** The form with the CSRF token of its page. */
async function submit(path: string, more: readonly (readonly [string, string])[]): Promise<any> {
  const { body } = await browser.get(path);
  const token = /name="csrfmiddlewaretoken" value="([^"]*)"/.exec(body)?.[1] ?? '';
  return browser.post(path, [...FORM, ...more, ['csrfmiddlewaretoken', token]]);
}

const stored = (): Promise<OAuth2Client> =>
  db(server.site).findOneOrFail(OAuth2Client, { where: { name: 'Shop' }, order: { id: 'DESC' } });

test('an application is registered and changed with its addresses after the log-out', async () => {
  const made = await submit('/oauth2/applications/register/', [['post_logout_redirect_uris', `${AFTER}\n${AFTER}/2`]]);
  expect([made.status, made.body.includes(`<code>${AFTER}/2</code>`)]).toEqual([200, true]);
  expect((await stored()).postLogoutRedirectUris).toEqual([AFTER, `${AFTER}/2`]);
  const changed = await submit(`/oauth2/applications/${(await stored()).id}/update/`, [
    ['post_logout_redirect_uris', AFTER],
  ]);
  expect(changed.status).toBe(302);
  expect((await stored()).postLogoutRedirectUris).toEqual([AFTER]);
});

test.each(['http://client.example/bye', 'javascript:alert(1)', 'https://*.example/', 'https://client.example/#x'])(
  '%s is no such address',
  async (uri) => {
    const { status, body } = await submit('/oauth2/applications/register/', [['post_logout_redirect_uris', uri]]);
    expect(status).toBe(400);
    expect(body).toContain('class="error"');
  },
);

test('the form asks for none where nothing ends sessions', async () => {
  const plain = await startServer();
  const person = plain.browser();
  await person.login('alice');
  expect((await person.get('/oauth2/applications/register/')).body).not.toContain('post_logout_redirect_uris');
  await plain.close();
  expect((await browser.get('/oauth2/applications/register/')).body).toContain('post_logout_redirect_uris');
});

test('a client that registers itself may have the scopes of OpenID Connect and addresses after the log-out', async () => {
  const own = await startOpenId({
    oauth2: { registration: { authenticationClasses: [], permissionClasses: [AllowAny], scopes: ['read', 'openid'] } },
  });
  const register = async (members: object): Promise<any> => {
    const response = await fetch(`${own.url}/oauth2/register/`, {
      method: 'POST',
      body: JSON.stringify({ redirect_uris: [CALLBACK], scope: 'openid write read', ...members }),
      headers: { 'content-type': 'application/json' },
    });
    return { status: response.status, body: await response.json() };
  };
  const { status, body } = await register({ post_logout_redirect_uris: [AFTER] });
  expect(status).toBe(201);
  expect(body).toMatchObject({ post_logout_redirect_uris: [AFTER], scope: 'openid read' });
  const client = await db(own.site).findOneByOrFail(OAuth2Client, { clientId: body.client_id });
  const tokens = await obtainIdToken(own, { client, secret: body.client_secret });
  expect(tokens).toHaveProperty('id_token');
  for (const uris of ['x', [1], ['http://client.example/'], Array(50).fill(AFTER), [`${AFTER}\0`]]) {
    const refused = await register({ post_logout_redirect_uris: uris });
    expect([refused.status, refused.body.error]).toEqual([400, 'invalid_redirect_uri']);
  }
  const changed = await fetch(body.registration_client_uri, {
    method: 'PUT',
    body: JSON.stringify({
      client_id: body.client_id,
      redirect_uris: [CALLBACK],
      scope: 'openid',
      post_logout_redirect_uris: [`${AFTER}/2`],
    }),
    headers: { 'content-type': 'application/json', authorization: `Bearer ${body.registration_access_token}` },
  });
  expect(await changed.json()).toMatchObject({ post_logout_redirect_uris: [`${AFTER}/2`], scope: 'openid' });
  await own.close();
});

test('rf create-oauth2-client takes addresses after the log-out and an algorithm, and refuses HS256', async () => {
  const command = server.site.project.apps
    .flatMap((app) => app.commands)
    .find((one) => one.name === 'create-oauth2-client');
  const create = async (algorithm: string): Promise<void> => {
    await command?.run({
      site: async () => server.site,
      args: { name: 'Wiki' },
      options: {
        grant: [],
        scope: [],
        'redirect-uri': [CALLBACK],
        'post-logout-redirect-uri': [AFTER],
        'id-token-algorithm': algorithm,
      },
      stdout: () => {},
    } as never);
  };
  await create('ES256');
  expect(await db(server.site).findOneByOrFail(OAuth2Client, { name: 'Wiki' })).toMatchObject({
    postLogoutRedirectUris: [AFTER],
    idTokenAlgorithm: 'ES256',
  });
  await expect(create('HS256')).rejects.toThrow('of which only a hash is kept');
});

test('the scopes of OpenID Connect may be chosen', async () => {
  const { body } = await browser.get('/oauth2/applications/register/');
  for (const name of ['openid', 'profile', 'email', 'read']) expect(body).toContain(`name="scopes" value="${name}"`);
});
