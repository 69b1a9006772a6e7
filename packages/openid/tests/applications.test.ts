import { OAuth2Client } from '@rf/oauth2';
import { db } from '@rf/orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServer } from '../../oauth2/tests/server.ts';
import { type Browser, type Server, startOpenId } from './server.ts';

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

test('the scopes of OpenID Connect may be chosen', async () => {
  const { body } = await browser.get('/oauth2/applications/register/');
  for (const name of ['openid', 'profile', 'email', 'read']) expect(body).toContain(`name="scopes" value="${name}"`);
});
