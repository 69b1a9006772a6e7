import { users } from '@rf/auth';
import { isOpaqueToken, OAuth2Client, oauth2Provider, rotateClientSecret } from '@rf/oauth2';
import { db } from '@rf/orm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { updateClient } from '../src/clients.ts';
import { type Browser, browserOf, CALLBACK, type Page, send, type Server, startServer } from './server.ts';

let server: Server;
let alice: Browser;
let bob: Browser;
beforeAll(async () => {
  server = await startServer();
  alice = await browserOf(server, 'alice');
  bob = await browserOf(server, 'bob');
});
afterAll(() => server.close());
beforeEach(() => server.tested.begin());
afterEach(() => server.tested.rollback());

const FORM: readonly (readonly [string, string])[] = [
  ['name', 'My notes'],
  ['client_type', 'confidential'],
  ['redirect_uris', `${CALLBACK}\n https://client.example/other `],
  ['grants', 'authorization_code'],
  ['grants', 'refresh_token'],
  ['scopes', 'read'],
];

async function submit(target: string, fields: readonly (readonly [string, string])[], browser = alice): Promise<Page> {
  const page = await browser.get(target);
  const token = /name="csrfmiddlewaretoken" value="([^"]*)"/.exec(page.body)?.[1] ?? '';
  return browser.post(target, [['csrfmiddlewaretoken', token], ...fields]);
}

const register = (fields = FORM, browser = alice): Promise<Page> =>
  submit('/oauth2/applications/register/', fields, browser);
const replace = (name: string, ...values: string[]): (readonly [string, string])[] => [
  ...FORM.filter(([field]) => field !== name),
  ...values.map((value) => [name, value] as const),
];
const secretOf = (page: Page): string => /id="client-secret">([^<]*)</.exec(page.body)?.[1] ?? '';
const clientIdOf = (page: Page): string => /id="client-id">([^<]*)</.exec(page.body)?.[1] ?? '';
const newest = async (): Promise<OAuth2Client> =>
  (
    await db(server.site).find(OAuth2Client, { order: { id: 'DESC' }, take: 1, relations: { owner: true } })
  )[0] as OAuth2Client;

describe('registering', () => {
  test('makes an application of the user and shows its secret once', async () => {
    const page = await register();
    expect(page.status).toBe(200);
    expect(isOpaqueToken('ocs_', secretOf(page))).toBe(true);
    const client = await newest();
    expect(client).toMatchObject({
      clientId: clientIdOf(page),
      name: 'My notes',
      clientType: 'confidential',
      redirectUris: [CALLBACK, 'https://client.example/other'],
      grants: ['authorization_code', 'refresh_token'],
      scopes: ['read'],
      skipConsent: false,
      firstParty: false,
    });
    expect(client.owner?.username).toBe('alice');
    expect(JSON.stringify(client)).not.toContain(secretOf(page));
    const again = await alice.get(`/oauth2/applications/${client.id}/`);
    expect(again.body).toContain(client.clientId);
    expect(again.body).not.toContain(secretOf(page));
  });

  test('makes a public application without a secret', async () => {
    const page = await register(replace('client_type', 'public'));
    expect(secretOf(page)).toBe('');
    expect(await newest()).toMatchObject({ clientType: 'public', secretHash: null, authMethod: 'none' });
  });

  test.each([
    ['no name', replace('name', ' '), 'Give a name of at most 255 characters.'],
    ['an http redirect URI', replace('redirect_uris', 'http://client.example/cb'), 'is http; only https is safe'],
    ['a wildcard', replace('redirect_uris', 'https://*.client.example/cb'), 'has a wildcard'],
    ['no redirect URI', replace('redirect_uris', ''), 'needs a redirect URI'],
    ['no grant', replace('grants'), 'Choose at least one grant.'],
    ['no scope', replace('scopes'), 'Choose at least one scope.'],
  ])('is refused with %s, and shows what was typed', async (_case, fields, problem) => {
    const count = await db(server.site).count(OAuth2Client);
    const page = await register(fields);
    expect(page.status).toBe(400);
    expect(page.body).toContain(problem);
    expect(page.body).toContain('value="authorization_code"');
    expect(await db(server.site).count(OAuth2Client)).toBe(count);
  });

  test.each(['client_credentials', 'password', 'nonsense'])(
    'does not give the grant %s to whoever asks',
    async (grant) => {
      await register(replace('grants', 'authorization_code', grant));
      expect((await newest()).grants).toEqual(['authorization_code']);
    },
  );

  test('does not give what only the operator may', async () => {
    await register([
      ...FORM,
      ['skip_consent', 'on'],
      ['first_party', 'on'],
      ['is_resource_server', 'on'],
      ['client_id', 'mine-all-mine'],
    ]);
    expect(await newest()).toMatchObject({ skipConsent: false, firstParty: false, isResourceServer: false });
    expect((await newest()).clientId).not.toBe('mine-all-mine');
  });

  test('shows a hostile name as text', async () => {
    const page = await register(replace('name', '<script>alert(1)</script>'));
    expect(page.body).not.toContain('<script');
    expect((await alice.get('/oauth2/applications/')).body).not.toContain('<script');
  });

  test('needs a CSRF token and a login', async () => {
    expect((await alice.post('/oauth2/applications/register/', FORM)).status).toBe(403);
    const stranger = server.browser();
    expect((await stranger.post('/oauth2/applications/register/', FORM)).status).toBe(403);
    const { location } = await stranger.submit('/oauth2/applications/register/', await stranger.get('/login/'), {});
    expect(location).toBe('/login/?next=%2Foauth2%2Fapplications%2Fregister%2F');
  });

  test('is for those whom mayRegister lets', async () => {
    const strict = await startServer({ oauth2: { mayRegister: (user) => user.isStaff } });
    const page = await (await browserOf(strict, 'alice')).get('/oauth2/applications/register/');
    expect(page.status).toBe(403);
    await strict.close();
  });
});

describe('an application', () => {
  test('is listed for its owner and hidden from everybody else', async () => {
    await register(replace('name', 'Only mine'));
    const { id } = await newest();
    expect((await alice.get('/oauth2/applications/')).body).toContain('Only mine');
    expect((await bob.get('/oauth2/applications/')).body).not.toContain('Only mine');
    for (const action of ['', 'update/', 'delete/']) {
      expect((await bob.get(`/oauth2/applications/${id}/${action}`)).status).toBe(404);
      expect((await submit(`/oauth2/applications/${id}/${action}`, FORM, bob)).status).not.toBe(200);
    }
    expect((await alice.get(`/oauth2/applications/${id}/`)).status).toBe(200);
  });

  test('gets a new secret, and the old one ends', async () => {
    const first = await register();
    const client = await newest();
    const second = await submit(`/oauth2/applications/${client.id}/`, [['action', 'rotate-secret']]);
    const ask = async (secret: string): Promise<string> => {
      const form = { grant_type: 'refresh_token', refresh_token: 'x' };
      return (await send(`${server.url}/oauth2/token/`, form, { basic: `${client.clientId}:${secret}` })).body.error;
    };
    expect(await ask(secretOf(first))).toBe('invalid_client');
    expect(await ask(secretOf(second))).toBe('invalid_grant');
  });

  test('is changed by its owner', async () => {
    await register();
    const { id, clientId, secretHash } = await newest();
    const page = await submit(`/oauth2/applications/${id}/update/`, replace('name', 'Renamed'));
    expect(page.location).toBe(`/oauth2/applications/${id}/`);
    expect(await newest()).toMatchObject({ clientId, secretHash, name: 'Renamed' });
  });

  test('keeps grants that the operator gave it, and takes no others', async () => {
    await register();
    const { id } = await newest();
    await db(server.site).update(OAuth2Client, { id }, { grants: ['authorization_code', 'client_credentials'] });
    await submit(
      `/oauth2/applications/${id}/update/`,
      replace('grants', 'authorization_code', 'client_credentials', 'password'),
    );
    expect((await newest()).grants).toEqual(['authorization_code', 'client_credentials']);
  });

  test('that becomes confidential gets a secret, one that becomes public loses it', async () => {
    await register(replace('client_type', 'public'));
    const { id } = await newest();
    const page = await submit(`/oauth2/applications/${id}/update/`, FORM);
    expect(isOpaqueToken('ocs_', secretOf(page))).toBe(true);
    await submit(`/oauth2/applications/${id}/update/`, replace('client_type', 'public'));
    expect((await newest()).secretHash).toBeNull();
  });

  test('is deleted by its owner', async () => {
    await register();
    const { id } = await newest();
    expect((await alice.get(`/oauth2/applications/${id}/delete/`)).body).toContain('Delete My notes?');
    const page = await submit(`/oauth2/applications/${id}/delete/`, []);
    expect(page.location).toBe('/oauth2/applications/');
    expect((await alice.get(`/oauth2/applications/${id}/`)).status).toBe(404);
  });

  test('that was deactivated or deleted since it was read stays so, whatever is then written of it', async () => {
    await register();
    const client = await newest();
    const manager = db(server.site);
    const provider = oauth2Provider(server.site);
    await manager.update(OAuth2Client, { id: client.id }, { active: false });
    client.name = 'Renamed';
    expect(await rotateClientSecret(manager, provider, client)).not.toBeNull();
    expect(await newest()).toMatchObject({ active: false, name: 'My notes', secretHash: client.secretHash });
    expect(await updateClient(manager, client, ['name'])).toBe(true);
    expect(await newest()).toMatchObject({ active: false, name: 'Renamed' });
    await manager.delete(OAuth2Client, { id: client.id });
    await rotateClientSecret(manager, provider, client);
    expect(await updateClient(manager, client, ['name'])).toBe(false);
    expect(await manager.countBy(OAuth2Client, { id: client.id })).toBe(0);
  });

  test('outlives its owner', async () => {
    await register(FORM, bob);
    const { id } = await newest();
    await users(server.site).delete({ username: 'bob' });
    expect(await db(server.site).findOne(OAuth2Client, { where: { id }, relations: { owner: true } })).toMatchObject({
      owner: null,
    });
  });
});

test.each(['0', '01', '99999999999999999999', 'x', '1%00'])('an id such as %s is simply not there', async (id) => {
  expect((await alice.get(`/oauth2/applications/${id}/`)).status).toBe(404);
});
