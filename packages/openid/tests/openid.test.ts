import { generateKeyPairSync } from 'node:crypto';
import { auth, authUrls } from '@rf/auth';
import { ImproperlyConfigured } from '@rf/exceptions';
import { createSigningKey, type JwtOptions, jwt, rotateSigningKey } from '@rf/jwt';
import { oauth2, oauth2Urls } from '@rf/oauth2';
import { type OpenIdOptions, openid, openidUrls } from '@rf/openid';
import { type App, defineProject, openProject } from '@rf/project';
import type { UrlEntry } from '@rf/views';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { configuration, obtainIdToken, partsOf, type Server, startOpenId, verifiedClaims } from './server.ts';

const provider = oauth2({ scopes: { read: 'Read' } });
const URLS = [authUrls('/'), oauth2Urls('/oauth2/'), openidUrls('/oauth2/')];

async function open(apps: readonly App[], urls: readonly UrlEntry[] = URLS): Promise<void> {
  const project = defineProject({
    apps: [auth(), ...apps],
    database: 'pglite://memory',
    urls,
    secretKey: 'a secret key of the tests, long enough',
  });
  await (await openProject(project)).close();
}

describe('a project does not open', () => {
  test.each<[string, readonly App[], string]>([
    ['without oauth2()', [jwt({ keys: 'table' }), openid()], 'openid() needs the app oauth2()'],
    ['without jwt()', [provider, openid()], 'openid() needs the app jwt()'],
    ['with a shared secret', [provider, jwt(), openid()], 'which has only a shared secret (HS256)'],
    [
      'with the keys of another issuer',
      [provider, jwt({ algorithm: 'RS256', jwksUrl: 'https://a.example/jwks' }), openid()],
      'which trusts the keys of another issuer',
    ],
    [
      'with a key that only verifies',
      [provider, jwt({ algorithm: 'RS256', verifyingKey: rsa().publicKey }), openid()],
      'which has no signingKey',
    ],
  ])('%s', async (_case, apps, text) => {
    const opening = open(apps);
    await expect(opening).rejects.toThrow(ImproperlyConfigured);
    await expect(opening).rejects.toThrow(text);
  });

  test('without its URLs', async () => {
    const apps = [provider, jwt({ keys: 'table' }), openid()];
    await expect(open(apps, [authUrls('/'), oauth2Urls('/oauth2/')])).rejects.toThrow(
      "Write openidUrls('/oauth2/') in urls.",
    );
  });

  test.each<[string, OpenIdOptions, string]>([
    ['a lifetime of nothing', { idTokenLifetime: 0 }, 'idTokenLifetime: 0 is not'],
    ['a lifetime that is no number', { idTokenLifetime: '60' as never }, 'idTokenLifetime: 60 is not'],
    ['a page elsewhere', { registrationUrl: '//evil.example' }, 'is neither a path nor a URL'],
    ['an unknown choice', { logoutRevokes: 'some' as never }, 'is none of nothing, client, all'],
  ])('with %s', (_case, options, text) => {
    expect(() => openid(options)).toThrow(ImproperlyConfigured);
    expect(() => openid(options)).toThrow(text);
  });
});

test.each<[string, (key: string) => JwtOptions]>([
  ['keys of the settings', (signingKey) => ({ algorithm: 'RS256', signingKey })],
  ['a type of its tokens', () => ({ keys: 'table', typ: 'at+jwt' })],
])('a project opens with %s, in any order of its apps', async (_case, options) => {
  await open([openid(), jwt(options(rsa().privateKey)), provider]);
});

function rsa(): { privateKey: string; publicKey: string } {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }) as string,
  };
}

describe('discovery', () => {
  let server: Server;
  beforeAll(async () => {
    server = await startOpenId();
  });
  afterAll(() => server.close());

  test('tells what is there, and nothing that is not', async () => {
    const { url } = server;
    expect(await configuration(server)).toEqual({
      issuer: url,
      authorization_endpoint: `${url}/oauth2/authorize/`,
      token_endpoint: `${url}/oauth2/token/`,
      userinfo_endpoint: `${url}/oauth2/userinfo/`,
      jwks_uri: `${url}/oauth2/.well-known/jwks.json`,
      end_session_endpoint: `${url}/oauth2/logout/`,
      revocation_endpoint: `${url}/oauth2/revoke_token/`,
      introspection_endpoint: `${url}/oauth2/introspect/`,
      device_authorization_endpoint: `${url}/oauth2/device-authorization/`,
      scopes_supported: expect.arrayContaining(['openid', 'profile', 'email', 'read', 'write', 'notes:read']),
      response_types_supported: ['code'],
      response_modes_supported: ['query'],
      grant_types_supported: expect.arrayContaining(['authorization_code', 'refresh_token']),
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
      revocation_endpoint_auth_methods_supported: expect.any(Array),
      introspection_endpoint_auth_methods_supported: expect.any(Array),
      code_challenge_methods_supported: ['S256'],
      claim_types_supported: ['normal'],
      claims_supported: expect.arrayContaining(['sub', 'iss', 'auth_time', 'nonce', 'name', 'email']),
      claims_parameter_supported: false,
      request_parameter_supported: false,
      request_uri_parameter_supported: false,
      prompt_values_supported: ['none', 'login', 'select_account', 'consent'],
      protected_resources: [url],
      authorization_response_iss_parameter_supported: true,
    });
  });

  test('is the same document as that of RFC 8414, and pages of any origin may read it', async () => {
    const metadata = await fetch(`${server.url}/.well-known/oauth-authorization-server`);
    expect(await metadata.json()).toEqual(await configuration(server));
    const { headers } = await fetch(`${server.url}/.well-known/openid-configuration`);
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(headers.get('cache-control')).toBe('public, max-age=300');
  });

  test('follows an issuer with a path', async () => {
    const own = await startOpenId({
      oauth2: { issuer: 'https://login.example.com/tenant' },
      urls: [openidUrls('/tenant/', { issuerPath: '/tenant' })],
    });
    for (const place of ['/tenant/.well-known/openid-configuration', '/.well-known/openid-configuration/tenant']) {
      const document: any = await (await fetch(own.url + place)).json();
      expect(document.issuer).toBe('https://login.example.com/tenant');
      expect(document.token_endpoint).toBe('https://login.example.com/oauth2/token/');
    }
    const tokens = await obtainIdToken(own, await own.client());
    expect(partsOf(tokens.id_token).claims.iss).toBe('https://login.example.com/tenant');
    await own.close();
  });
});

describe('the keys', () => {
  test('are published with their names, without a private member, for a while', async () => {
    const server = await startOpenId({ keys: ['RS256', 'ES256'] });
    const response = await fetch((await configuration(server)).jwks_uri);
    const { keys }: any = await response.json();
    expect(keys.map(({ kty, use, alg }: any) => [kty, use, alg]).sort()).toEqual([
      ['EC', 'sig', 'ES256'],
      ['RSA', 'sig', 'RS256'],
    ]);
    for (const key of keys) {
      expect(key.kid).toMatch(/^[\w-]{43}$/);
      expect(Object.keys(key)).not.toEqual(expect.arrayContaining(['d']));
    }
    expect(response.headers.get('cache-control')).toBe('public, max-age=300');
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    await server.close();
  });

  test('that are retired are published for as long as an ID token lives that they signed', async () => {
    const DAY = 86_400;
    const server = await startOpenId({ openid: { idTokenLifetime: 30 * DAY } });
    const client = await server.client();
    const { id_token: idToken } = await obtainIdToken(server, client);
    await rotateSigningKey(server.site, undefined);
    server.clock.now += 29 * DAY * 1000;
    await verifiedClaims(server, idToken);
    const next = await obtainIdToken(server, client);
    expect(partsOf(next.id_token).header.kid).not.toBe(partsOf(idToken).header.kid);
    server.clock.now += 2 * DAY * 1000;
    await expect(verifiedClaims(server, idToken)).rejects.toThrow('no key');
    await server.close();
  });

  test('are named in the error when there is none for a client', async () => {
    const server = await startOpenId({ keys: [] });
    const client = await server.client();
    await expect(obtainIdToken(server, client)).rejects.toThrow('token answered 500');
    expect(server.log.join('\n')).toContain('Run `rf generate-jwt-key --alg RS256`');
    await createSigningKey(server.site, 'RS256');
    server.clock.now += 60_000;
    expect(await obtainIdToken(server, client)).toHaveProperty('id_token');
    await server.close();
  });
});

test('the consent page says what the scopes of OpenID Connect mean, in the words of the project', async () => {
  const server = await startOpenId({ openid: { scopes: { email: 'See where we write to you' } } });
  const { client } = await server.client();
  const browser = server.browser();
  await browser.login('alice');
  const query = `response_type=code&client_id=${client.clientId}&scope=openid+profile+email&code_challenge=${'a'.repeat(43)}&code_challenge_method=S256`;
  const { body } = await browser.get(`/oauth2/authorize/?${query}`);
  for (const text of ['Know who you are', 'See your name', 'See where we write to you']) expect(body).toContain(text);
  await server.close();
});
