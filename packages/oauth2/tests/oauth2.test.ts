import { auth, authUrls } from '@rf/auth';
import { ImproperlyConfigured } from '@rf/exceptions';
import { type ClientIdMetadataDocumentOptions, OAuth2Client, type OAuth2Options, oauth2, oauth2Urls } from '@rf/oauth2';
import { db } from '@rf/orm';
import { type App, defineProject, detectChanges, migrateDatabase, MigrationGraph, runChecks } from '@rf/project';
import { AllowAny } from '@rf/views';
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

let shared: Server;
beforeAll(async () => {
  shared = await startServer({ oauth2: { browserClients: true } });
});
afterAll(() => shared.close());

const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code';
const SCOPES = { read: 'Read', write: 'Write' };

const documents = (clientIdMetadataDocuments: ClientIdMetadataDocumentOptions): Partial<OAuth2Options> => ({
  clientIdMetadataDocuments,
});

test.each<[string, Partial<OAuth2Options>, string]>([
  ['no scopes', { scopes: {} }, 'scopes is empty'],
  ['a scope with a space', { scopes: { 'a b': 'x' } }, 'is no scope name'],
  ['an unknown default scope', { defaultScopes: ['nope'] }, 'is none of scopes'],
  ['a lifetime of nothing', { lifetimes: { accessToken: 0 } }, 'lifetimes.accessToken: 0 is not'],
  ['a long grace', { refreshGraceSeconds: 3600 }, 'is not between 0 and 60'],
  ['an issuer with a query', { issuer: 'https://a.example/?x' }, 'without query and fragment'],
  ['an issuer that is no URL', { issuer: 'api.example.com' }, 'is not a URL'],
  ['an issuer in another form', { issuer: 'https://API.example.com' }, 'write https://api.example.com/'],
  ['polling all the time', { devicePollSeconds: 0 }, 'is not 1 or more'],
  [
    'registration with an unknown grant',
    { registration: { grants: ['implicit' as never] } },
    'registration.grants: "implicit" is',
  ],
  ['registration with passwords', { registration: { grants: ['password'] } }, 'registration.grants has password'],
  [
    'registration for nothing',
    { registration: { grants: ['refresh_token'] } },
    'has nothing that a refresh token could come from',
  ],
  ['registration without scopes', { registration: { scopes: [] } }, 'registration.scopes is empty'],
  ['registration by nobody knows whom', { registration: { permissionClasses: [] } }, 'Write [AllowAny]'],
  ['registration at no rate', { registration: { rate: 'often' } }, 'often'],
  ['registration of no client', { registration: { maxClientsPerUser: 0 } }, 'registration.maxClientsPerUser: 0 is not'],
  [
    'documents with an unknown grant',
    documents({ grants: ['x' as never] }),
    'clientIdMetadataDocuments.grants: "x" is none of',
  ],
  [
    'documents with client credentials',
    documents({ grants: ['authorization_code', 'client_credentials'] }),
    'no secret',
  ],
  ['documents of no host', documents({ hosts: [] }), 'hosts is empty'],
  [
    'documents of what is no host',
    documents({ hosts: ['https://client.example/'] }),
    'is no host such as client.example',
  ],
  ['documents of any host by a star', documents({ hosts: ['*'] }), 'is no host such as client.example'],
  ['documents without bytes', documents({ maxBytes: 0 }), 'maxBytes: 0 is not between'],
  ['documents of any length', documents({ maxBytes: Infinity }), 'maxBytes: Infinity is not between'],
  ['documents without an end', documents({ timeoutSeconds: 3600 }), 'timeoutSeconds: 3600 is not'],
  ['documents that never count', documents({ minCacheSeconds: 0 }), 'minCacheSeconds: 0 is not'],
  ['documents that count less than they must', documents({ maxCacheSeconds: 60 }), 'is less than minCacheSeconds, 300'],
  ['documents that are not fetched', documents({ maxFetches: 0 }), 'maxFetches: 0 is not'],
  ['an unknown grant', { selfServiceGrants: ['implicit' as never] }, 'selfServiceGrants: "implicit" is none of'],
])('oauth2() refuses %s', (_case, options, message) => {
  expect(() => oauth2({ scopes: SCOPES, ...options })).toThrow(ImproperlyConfigured);
  expect(() => oauth2({ scopes: SCOPES, ...options })).toThrow(message);
});

test.each([
  [{ registration: { scopes: ['nope'] } }, 'registration.scopes: "nope" is none of scopes (read, write, notes:read).'],
  [
    documents({ scopes: ['nope'] }),
    'clientIdMetadataDocuments.scopes: "nope" is none of scopes (read, write, notes:read).',
  ],
])('a server does not start with %j, a scope that there is not', async (options, message) => {
  await expect(startServer({ oauth2: options })).rejects.toThrow(message);
});

async function idsOf(
  options: Partial<OAuth2Options>,
  urls = [oauth2Urls(), authUrls('/accounts/')],
): Promise<string[]> {
  const project = defineProject({
    apps: [auth(), oauth2({ scopes: SCOPES, ...options })],
    database: 'pglite://memory',
    urls,
    secretKey: 'a secret key of the tests, long enough',
  });
  const found = await runChecks(project, { deploy: true });
  return found.map(({ id }) => id).filter((id) => id.startsWith('oauth2.'));
}

test('rf check --deploy names what is unsafe', async () => {
  expect(await idsOf({ issuer: 'https://api.example.com' })).toEqual([]);
  expect(await idsOf({})).toEqual(['oauth2.E001']);
  expect(await idsOf({ issuer: 'http://api.example.com' })).toEqual(['oauth2.E002']);
  expect(
    await idsOf({ issuer: 'https://api.example.com', allowPasswordGrant: true, pkceRequired: false, bodyTokens: true }),
  ).toEqual(['oauth2.W003', 'oauth2.W004', 'oauth2.W005']);
  const issuer = 'https://api.example.com';
  expect(await idsOf({ issuer, registration: {} })).toEqual([]);
  expect(await idsOf({ issuer, registration: { permissionClasses: [AllowAny] } })).toEqual(['oauth2.W006']);
  expect(await idsOf({ issuer, clientIdMetadataDocuments: {} })).toEqual([]);
  expect(await idsOf({ issuer, ...documents({ allowPrivateNetworks: true }) })).toEqual(['oauth2.W007']);
});

test('rf check misses URLs and the login page', async () => {
  expect(await idsOf({ issuer: 'https://api.example.com' }, [])).toEqual(['oauth2.W001']);
  expect(await idsOf({ issuer: 'https://api.example.com' }, [oauth2Urls()])).toEqual(['oauth2.E003']);
  expect(await idsOf({ issuer: 'https://api.example.com', loginUrl: '/log-in/' }, [oauth2Urls()])).toEqual([]);
});

test('no secret, code or token appears in any log line', async () => {
  const server = await startServer({ oauth2: { allowPasswordGrant: true } });
  const made = await server.client({ grants: ['authorization_code', 'refresh_token', 'password'] });
  const basic = `${made.client.clientId}:${made.secret}`;
  const exchange = (form: Readonly<Record<string, string>>) => send(`${server.url}/oauth2/token/`, form, { basic });
  const code = (await authorize(server, made.client)).get('code') as string;
  const redeem = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: VERIFIER };
  const first = (await exchange(redeem)).body;
  await whoAmI(server, first.access_token);
  const second = (await exchange({ grant_type: 'refresh_token', refresh_token: first.refresh_token })).body;
  // What is logged is mostly what goes wrong.
  await exchange({ grant_type: 'refresh_token', refresh_token: first.refresh_token });
  await exchange(redeem);
  await whoAmI(server, first.access_token);
  const form = { grant_type: 'password', username: 'alice', password: 'correct horse battery' };
  await exchange(form);
  const others = await obtainTokens(server, made);

  const secrets = [made.secret, code, VERIFIER, form.password, Buffer.from(basic).toString('base64')];
  for (const { access_token: access, refresh_token: refresh } of [first, second, others]) secrets.push(access, refresh);
  const log = server.log.join('\n');
  expect(log).toContain('A refresh token was used again');
  for (const secret of secrets) expect(log).not.toContain(secret);
  await server.close();
});

test('everything works where every request is one transaction', async () => {
  const server = await startServer({ settings: { atomicRequests: true } });
  const made = await server.client({ grants: ['authorization_code', 'refresh_token', DEVICE] });
  const basic = `${made.client.clientId}:${made.secret}`;
  const { access_token: token } = await obtainTokens(server, made);
  expect((await whoAmI(server, token)).status).toBe(200);

  const started = await send(`${server.url}/oauth2/device-authorization/`, { scope: 'read' }, { basic });
  const alice = await browserOf(server, 'alice');
  const form = await alice.get('/oauth2/device/');
  const consent = await alice.submit('/oauth2/device/', form, { user_code: started.body.user_code });
  await alice.submit('/oauth2/device/', consent, { decision: 'allow' });
  const poll = { grant_type: DEVICE, device_code: started.body.device_code };
  expect((await send(`${server.url}/oauth2/token/`, poll, { basic })).status).toBe(200);

  const page = await alice.get('/oauth2/authorized_tokens/');
  await alice.submit(`/oauth2/authorized_tokens/${made.client.id}/delete/`, page, {});
  expect((await whoAmI(server, token)).status).toBe(401);
  await server.close();
});

test('pages of other origins may speak to the token endpoint only with browserClients', async () => {
  const ask = async ({ url }: Server) => {
    const preflight = await fetch(`${url}/oauth2/token/`, {
      method: 'OPTIONS',
      headers: { origin: 'https://app.example', 'access-control-request-method': 'POST' },
    });
    const answer = await send(`${url}/oauth2/token/`, { client_id: 'nobody-at-all' });
    const allowed = [preflight, answer].map(({ headers }) => headers.get('access-control-allow-origin'));
    return [preflight.status, ...allowed];
  };
  expect(await ask(shared)).toEqual([204, '*', '*']);
  const closed = await startServer();
  expect(await ask(closed)).toEqual([405, null, null]);
  await closed.close();
});

test('the metadata names every endpoint where it is', async () => {
  const server = shared;
  const response = await fetch(`${server.url}/.well-known/oauth-authorization-server`);
  expect(response.headers.get('content-type')).toBe('application/json');
  expect(await response.json()).toEqual({
    issuer: server.url,
    authorization_endpoint: `${server.url}/oauth2/authorize/`,
    token_endpoint: `${server.url}/oauth2/token/`,
    revocation_endpoint: `${server.url}/oauth2/revoke_token/`,
    introspection_endpoint: `${server.url}/oauth2/introspect/`,
    device_authorization_endpoint: `${server.url}/oauth2/device-authorization/`,
    scopes_supported: ['read', 'write', 'notes:read'],
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: [
      'authorization_code',
      'refresh_token',
      'client_credentials',
      'urn:ietf:params:oauth:grant-type:device_code',
    ],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
    revocation_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
    introspection_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
    protected_resources: [server.url],
  });
});

test('the app is not ready with a bad redirect URI in its table', async () => {
  // What opening a project calls; the embedded database cannot be opened twice.
  const ready = async () => shared.site.project.app('oauth2')?.ready?.(shared.site);
  const { client } = await shared.client();
  const redirectUris = ['https://*.example.com/cb'];
  await db(shared.site).update(OAuth2Client, { id: client.id }, { redirectUris });
  await expect(ready()).rejects.toThrow(
    `The OAuth2 client ${client.clientId} has the redirect URI "https://*.example.com/cb", which has a wildcard`,
  );
  await db(shared.site).update(OAuth2Client, { id: client.id }, { active: false });
  await expect(ready()).resolves.toBeUndefined();
});

test('the migration makes what the entities say, and takes it back', async () => {
  const { project, dataSource } = shared.site;
  const app = project.app('oauth2') as App;
  expect(await detectChanges(project, { apps: [app] })).toEqual([]);

  const target = { app, name: 'zero' };
  await migrateDatabase(dataSource, project, await MigrationGraph.load(project), target);
  const left: unknown[] = await dataSource.query("SELECT 1 FROM pg_tables WHERE tablename LIKE 'oauth2%'");
  expect(left).toEqual([]);
});
