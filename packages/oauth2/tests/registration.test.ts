import { BasicAuthentication } from '@rf/auth';
import {
  type GrantType,
  isOpaqueToken,
  OAuth2Authentication,
  OAuth2Client,
  type OAuth2Options,
  oauth2Provider,
  tokenPrefixes,
} from '@rf/oauth2';
import { db } from '@rf/orm';
import { defineApp, runCommand } from '@rf/project';
import { AllowAny } from '@rf/views';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Answer,
  authorize,
  browserOf,
  CALLBACK,
  CHALLENGE,
  obtainTokens,
  send,
  type Server,
  startServer,
  startTwin,
  whoAmI,
} from './server.ts';

const DAY = 86_400_000;
const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code';
const SCOPES = {
  read: 'Read your notes',
  write: 'Change your notes',
  introspection: 'Ask about tokens',
  registration: 'Register applications',
};
const ANYBODY: Partial<OAuth2Options> = { scopes: SCOPES, registration: { permissionClasses: [AllowAny], rate: null } };

let server: Server;
beforeAll(async () => {
  server = await startServer({ oauth2: ANYBODY });
});
afterAll(() => server.close());

interface Call {
  readonly method?: string;
  readonly token?: string;
  readonly basic?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

async function call(
  url: string,
  body: unknown,
  { method = 'POST', token, basic, headers }: Call = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(basic !== undefined && { authorization: `Basic ${Buffer.from(basic).toString('base64')}` }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) };
}

const register = (metadata: unknown, options: Call = {}, on = server): Promise<Answer> =>
  call(`${on.url}/oauth2/register/`, metadata, options);

const WEB = {
  client_name: 'Notes reader',
  redirect_uris: [CALLBACK],
  grant_types: ['authorization_code', 'refresh_token'],
};

async function registered(metadata: object = WEB): Promise<any> {
  const { status, body } = await register(metadata);
  if (status !== 201) throw new Error(`register answered ${status}: ${JSON.stringify(body)}`);
  return body;
}

const rowOf = (clientId: string, on = server): Promise<OAuth2Client> =>
  db(on.site).findOneOrFail(OAuth2Client, { where: { clientId }, relations: { owner: true } });

async function clear(options: object = {}): Promise<string | undefined> {
  const command = server.site.project.apps
    .flatMap((app) => app.commands)
    .find(({ name }) => name === 'clear-oauth2-clients');
  const lines: string[] = [];
  await command?.run({
    site: async () => server.site,
    args: {},
    options,
    stdout: (line: string) => lines.push(line),
  } as never);
  return lines[0];
}

describe('a client that registers itself (RFC 7591)', () => {
  test('is told its id, its secret and where to manage the registration, all of it once and kept by no cache', async () => {
    const { status, body, headers } = await register({
      ...WEB,
      scope: 'read',
      client_uri: 'https://reader.example/',
      logo_uri: 'https://reader.example/logo.png',
      tos_uri: 'https://reader.example/terms',
      policy_uri: 'https://reader.example/policy',
      contacts: ['help@reader.example'],
      software_id: 'reader',
      software_version: '2.1',
      jwks_uri: 'https://reader.example/keys',
      'client_name#de': 'Notizleser',
      frequency: { of: ['something', 'else'] },
    });
    expect([status, headers.get('cache-control')]).toEqual([201, 'no-store']);
    const { client_id, client_secret, registration_access_token, ...rest } = body;
    expect(client_id).toMatch(/^[A-Za-z0-9]{32}$/);
    expect(isOpaqueToken(tokenPrefixes.clientSecret, client_secret)).toBe(true);
    expect(isOpaqueToken(tokenPrefixes.registrationToken, registration_access_token)).toBe(true);
    expect(rest).toEqual({
      client_id_issued_at: server.clock.now / 1000,
      client_secret_expires_at: 0,
      registration_client_uri: `${server.url}/oauth2/register/${client_id}/`,
      client_name: 'Notes reader',
      redirect_uris: [CALLBACK],
      token_endpoint_auth_method: 'client_secret_basic',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      scope: 'read',
      client_uri: 'https://reader.example/',
      logo_uri: 'https://reader.example/logo.png',
      tos_uri: 'https://reader.example/terms',
      policy_uri: 'https://reader.example/policy',
      contacts: ['help@reader.example'],
      software_id: 'reader',
      software_version: '2.1',
    });
    const row = await rowOf(client_id);
    expect(row).toMatchObject({
      source: 'registration',
      firstParty: false,
      skipConsent: false,
      isResourceServer: false,
    });
    expect(JSON.stringify(row)).not.toContain(client_secret);
    expect(JSON.stringify(row)).not.toContain(registration_access_token);
    expect(server.log.join('\n')).not.toContain(client_secret);
    expect(server.log.join('\n')).not.toContain(registration_access_token);
  });

  test('gets tokens as any other does, and its first use is noted', async () => {
    const body = await registered();
    expect((await rowOf(body.client_id)).firstUsed).toBeNull();
    const client = await rowOf(body.client_id);
    const tokens = await obtainTokens(server, { client, secret: body.client_secret });
    expect((await whoAmI(server, tokens.access_token)).body.user).toBe('alice');
    expect(tokens.refresh_token).toBeDefined();
    expect((await rowOf(body.client_id)).firstUsed).toEqual(new Date(server.clock.now));
  });

  test('is public when it says that it cannot keep a secret', async () => {
    const body = await registered({ redirect_uris: ['http://127.0.0.1/cb'], token_endpoint_auth_method: 'none' });
    expect(body).toMatchObject({ token_endpoint_auth_method: 'none', grant_types: ['authorization_code'] });
    expect(body).not.toHaveProperty('client_secret');
    expect(body).not.toHaveProperty('client_secret_expires_at');
    expect(body).not.toHaveProperty('client_name');
    expect((await rowOf(body.client_id)).isPublic).toBe(true);
  });

  test.each(['client_secret_basic', 'client_secret_post'] as const)(
    'shows its secret by %s alone if it says so',
    async (method) => {
      const { client_id, client_secret } = await registered({ ...WEB, token_endpoint_auth_method: method });
      const form = { grant_type: 'refresh_token', refresh_token: 'x' };
      const url = `${server.url}/oauth2/token/`;
      const byHeader = await send(url, form, { basic: `${client_id}:${client_secret}` });
      const byBody = await send(url, { ...form, client_id, client_secret });
      const right = { error: 'invalid_grant' };
      const wrong = { error: 'invalid_client' };
      expect([byHeader.body, byBody.body]).toEqual(method === 'client_secret_basic' ? [right, wrong] : [wrong, right]);
    },
  );

  test('gets what such clients may have, and is told so', async () => {
    const body = await registered({
      ...WEB,
      grant_types: ['authorization_code', 'client_credentials', 'password', DEVICE, 'nonsense'],
      scope: 'read introspection registration nonsense',
    });
    expect(body).toMatchObject({ grant_types: ['authorization_code'], scope: 'read' });
    expect((await registered()).scope).toBe('read write');
  });

  test('is shown to people as one that nobody has checked', async () => {
    const { client_id } = await registered({
      ...WEB,
      client_name: 'The <b>Bank</b>',
      client_uri: 'https://reader.example/about',
      logo_uri: 'https://reader.example/logo.png',
    });
    const query = new URLSearchParams({
      response_type: 'code',
      client_id,
      redirect_uri: CALLBACK,
      code_challenge: CHALLENGE,
      code_challenge_method: 'S256',
    });
    const page = await (await browserOf(server, 'alice')).get(`/oauth2/authorize/?${query}`);
    expect(page.body).toContain('This application registered itself. Nobody here has checked what it calls itself.');
    expect(page.body).toContain('It says that its home is reader.example.');
    expect(page.body).toContain('The &lt;b&gt;Bank&lt;/b&gt;');
    expect(page.body).not.toContain('logo.png');
    const other = await (await browserOf(server, 'alice')).get(
      `/oauth2/authorize/?${new URLSearchParams({ ...Object.fromEntries(query), client_id: (await server.client()).client.clientId })}`,
    );
    expect(other.status).toBe(200);
    expect(other.body).not.toContain('registered itself');
  });

  const refusals: [string, object, string][] = [
    ['no redirect URI', { redirect_uris: [] }, 'invalid_redirect_uri'],
    ['redirect URIs that are no list', { redirect_uris: CALLBACK }, 'invalid_redirect_uri'],
    ['a redirect URI that is no text', { redirect_uris: [7] }, 'invalid_redirect_uri'],
    ['http elsewhere', { redirect_uris: ['http://client.example/cb'] }, 'invalid_redirect_uri'],
    ['a wildcard', { redirect_uris: ['https://*.client.example/cb'] }, 'invalid_redirect_uri'],
    ['a fragment', { redirect_uris: [`${CALLBACK}#x`] }, 'invalid_redirect_uri'],
    ['a script', { redirect_uris: ['javascript:alert(1)'] }, 'invalid_redirect_uri'],
    ['NUL in a redirect URI', { redirect_uris: [`${CALLBACK}\0`] }, 'invalid_redirect_uri'],
    ['a huge redirect URI', { redirect_uris: [`${CALLBACK}?${'x'.repeat(2000)}`] }, 'invalid_redirect_uri'],
    [
      'many redirect URIs',
      { redirect_uris: Array.from({ length: 21 }, (_, n) => `${CALLBACK}/${n}`) },
      'invalid_redirect_uri',
    ],
    ['a private scheme without a dot', { redirect_uris: ['app://cb'] }, 'invalid_redirect_uri'],
    ['an assertion as its method', { token_endpoint_auth_method: 'private_key_jwt' }, 'invalid_client_metadata'],
    ['a method that is no text', { token_endpoint_auth_method: ['none'] }, 'invalid_client_metadata'],
    ['grants that are no list', { grant_types: 'authorization_code' }, 'invalid_client_metadata'],
    ['no grant', { grant_types: [] }, 'invalid_client_metadata'],
    ['only grants that it may not have', { grant_types: ['client_credentials'] }, 'invalid_client_metadata'],
    ['nothing to refresh', { grant_types: ['refresh_token'] }, 'invalid_client_metadata'],
    ['the implicit grant', { grant_types: ['implicit'], response_types: ['token'] }, 'invalid_client_metadata'],
    ['another response type', { response_types: ['code', 'token'] }, 'invalid_client_metadata'],
    ['no response type for a code', { response_types: [] }, 'invalid_client_metadata'],
    ['response types that are no list', { response_types: { code: true } }, 'invalid_client_metadata'],
    ['only scopes that it may not have', { scope: 'introspection' }, 'invalid_client_metadata'],
    ['a scope that is no text', { scope: ['read'] }, 'invalid_client_metadata'],
    ['a scope that is none', { scope: 'read  write' }, 'invalid_client_metadata'],
    ['a name that is no text', { client_name: { en: 'x' } }, 'invalid_client_metadata'],
    ['a long name', { client_name: 'x'.repeat(256) }, 'invalid_client_metadata'],
    ['NUL in the name', { client_name: 'a\0b' }, 'invalid_client_metadata'],
    ['half a character in the name', { client_name: 'a\ud800b' }, 'invalid_client_metadata'],
    ['a name that reads backwards', { client_name: 'a\u202eb' }, 'invalid_client_metadata'],
    ['a home that is no address', { client_uri: 'javascript:alert(1)' }, 'invalid_client_metadata'],
    ['a home without a host', { client_uri: 'https://' }, 'invalid_client_metadata'],
    ['a logo that is no text', { logo_uri: 1 }, 'invalid_client_metadata'],
    ['terms with a line break', { tos_uri: 'https://a.example/\nx' }, 'invalid_client_metadata'],
    ['a policy that is too long', { policy_uri: `https://a.example/${'x'.repeat(2000)}` }, 'invalid_client_metadata'],
    ['contacts that are no list', { contacts: 'help@a.example' }, 'invalid_client_metadata'],
    ['many contacts', { contacts: Array.from({ length: 11 }, () => 'a@b.example') }, 'invalid_client_metadata'],
    ['half a character among the contacts', { contacts: ['\udc00'] }, 'invalid_client_metadata'],
    ['a software id that is a number', { software_id: 1 }, 'invalid_client_metadata'],
    ['a software statement', { software_statement: 'ey.ey.sig' }, 'unapproved_software_statement'],
  ];
  test.each(refusals)('is refused with %s', async (_what, metadata, error) => {
    const before = await db(server.site).count(OAuth2Client);
    const { status, body, headers } = await register({ ...WEB, ...metadata });
    expect([status, body.error, typeof body.error_description]).toEqual([400, error, 'string']);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(await db(server.site).count(OAuth2Client)).toBe(before);
  });

  test.each<[string, unknown, Call['headers'], number]>([
    ['no JSON', '{', undefined, 400],
    ['no UTF-8', '\u00ff', { 'content-type': 'application/json; charset=us-ascii' }, 400],
    ['a list', [WEB], undefined, 400],
    ['a text', '"x"', undefined, 400],
    ['null', 'null', undefined, 400],
    ['a form', 'client_name=x', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['text', JSON.stringify(WEB), { 'content-type': 'text/plain' }, 415],
  ])('is refused with a body that is %s', async (_what, body, headers, status) => {
    const answer = await register(body, headers === undefined ? {} : { headers });
    expect([answer.status, answer.body.error]).toEqual([status, 'invalid_client_metadata']);
  });

  test('is refused with nothing at all, as one without redirect URIs', async () => {
    expect((await register(undefined)).body.error).toBe('invalid_redirect_uri');
    expect((await register({ ...WEB, redirect_uris: null })).body.error).toBe('invalid_redirect_uri');
  });

  test('comes by POST', async () => {
    for (const method of ['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      expect([method, (await register(undefined, { method })).status]).toEqual([method, 405]);
    }
  });
});

describe('who may register', () => {
  let strict: Server;
  beforeAll(async () => {
    strict = await startServer({
      oauth2: {
        scopes: SCOPES,
        registration: { maxClientsPerUser: 2 },
        mayRegister: (user) => user.getUsername() !== 'bob',
      },
      settings: { defaultAuthenticationClasses: [OAuth2Authentication, BasicAuthentication] },
    });
  });
  afterAll(() => strict.close());

  test('is who is logged in; the client is theirs, and on their page', async () => {
    const { status, body } = await register(WEB, { basic: 'alice:pw' }, strict);
    expect(status).toBe(201);
    expect((await rowOf(body.client_id, strict)).owner?.username).toBe('alice');
    expect((await (await browserOf(strict, 'alice')).get('/oauth2/applications/')).body).toContain('Notes reader');
    await db(strict.site).delete(OAuth2Client, { clientId: body.client_id });
  });

  test('is not anybody: 401 with a challenge', async () => {
    const { status, body, headers } = await register(WEB, {}, strict);
    expect([status, body.error]).toEqual([401, 'invalid_token']);
    expect(headers.get('www-authenticate')).toBe('Bearer realm="api"');
    for (const options of [{ token: 'oat_nonsense' }, { basic: 'alice:wrong' }, { basic: 'ivan:pw' }]) {
      const refused = await register(WEB, options, strict);
      expect([options, refused.status, refused.body.error]).toEqual([options, 401, 'invalid_token']);
    }
  });

  test('is not an application that may do other things for its user', async () => {
    const made = await strict.client();
    const { access_token: reads } = await obtainTokens(strict, made);
    const refused = await register(WEB, { token: reads }, strict);
    expect([refused.status, refused.body.error]).toEqual([403, 'access_denied']);
    expect(refused.headers.get('www-authenticate')).toContain('scope="registration"');
    const { access_token: registers } = await obtainTokens(strict, made, { params: { scope: 'registration' } });
    const { status, body } = await register(WEB, { token: registers }, strict);
    expect([status, body.scope]).toEqual([201, 'read write']);
    await db(strict.site).delete(OAuth2Client, { clientId: body.client_id });
  });

  test('is not whom mayRegister refuses', async () => {
    const { status, body } = await register(WEB, { basic: 'bob:pw' }, strict);
    expect([status, body.error]).toEqual([403, 'access_denied']);
  });

  test('is nobody who has as many clients as they may, though they ask at once', async () => {
    const twin = await startTwin(strict);
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, n) =>
        register(WEB, { basic: 'alice:pw' }, n % 2 === 0 ? strict : { ...strict, ...twin }),
      ),
    );
    await twin.close();
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 403, 403, 403, 403]);
    expect(answers.find(({ status }) => status === 403)?.body.error).toBe('access_denied');
  });
});

test('one address registers so many clients, and refused ones do not count', async () => {
  const limited = await startServer({
    oauth2: { ...ANYBODY, registration: { permissionClasses: [AllowAny], rate: '2/hour' } },
  });
  try {
    expect((await register({ redirect_uris: [] }, {}, limited)).status).toBe(400);
    for (const status of [201, 201]) expect((await register(WEB, {}, limited)).status).toBe(status);
    const { status, body, headers } = await register(WEB, {}, limited);
    expect([status, body.error]).toEqual([429, 'temporarily_unavailable']);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(3000);
    limited.clock.now += 3_600_001;
    expect((await register(WEB, {}, limited)).status).toBe(201);
  } finally {
    await limited.close();
  }
});

describe('a registered client manages its registration (RFC 7592)', () => {
  const manage = (body: any, options: Call & { data?: unknown } = {}): Promise<Answer> =>
    call(body.registration_client_uri, options.data, {
      method: 'GET',
      token: body.registration_access_token,
      ...options,
    });
  const replace = (body: any, data: object): Promise<Answer> =>
    manage(body, { method: 'PUT', data: { client_id: body.client_id, ...data } });

  test('GET tells what is registered, but for the secret', async () => {
    const body = await registered();
    const { client_secret, client_secret_expires_at, ...rest } = body;
    const answer = await manage(body);
    expect([answer.status, answer.body, client_secret_expires_at]).toEqual([200, rest, 0]);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(JSON.stringify(answer.body)).not.toContain(client_secret);
  });

  test('PUT replaces all of it and gives a new token, which ends the old one', async () => {
    const body = await registered({ ...WEB, client_uri: 'https://reader.example/', scope: 'read' });
    const { status, body: changed } = await replace(body, {
      client_secret: body.client_secret,
      redirect_uris: ['https://client.example/other'],
      software_id: null,
    });
    expect([status, changed.redirect_uris, changed.scope]).toEqual([
      200,
      ['https://client.example/other'],
      'read write',
    ]);
    for (const name of ['client_name', 'client_uri', 'client_secret']) expect(changed).not.toHaveProperty(name);
    expect(changed.registration_access_token).not.toBe(body.registration_access_token);
    expect((await manage(body)).status).toBe(401);
    expect((await manage(changed)).body).toMatchObject({ redirect_uris: ['https://client.example/other'] });
    const form = { grant_type: 'authorization_code', code: 'x' };
    const url = `${server.url}/oauth2/token/`;
    expect((await send(url, form, { basic: `${body.client_id}:${body.client_secret}` })).body.error).toBe(
      'invalid_grant',
    );
  });

  test('PUT gives a secret to a client that becomes confidential, and takes it from one that becomes public', async () => {
    const first = await registered({ ...WEB, token_endpoint_auth_method: 'none' });
    const { body: second } = await replace(first, WEB);
    expect(isOpaqueToken(tokenPrefixes.clientSecret, second.client_secret)).toBe(true);
    expect(second.client_secret_expires_at).toBe(0);
    const { body: third } = await replace(second, { ...WEB, token_endpoint_auth_method: 'none' });
    expect(third).not.toHaveProperty('client_secret');
    expect((await rowOf(first.client_id)).secretHash).toBeNull();
  });

  test.each<[string, (body: any) => object, string]>([
    ['without its id', () => ({ client_id: null }), 'invalid_client_metadata'],
    ['with the id of another', () => ({ client_id: 'x'.repeat(32) }), 'invalid_client_metadata'],
    ['with another secret', () => ({ client_secret: 'ocs_mine' }), 'invalid_client_metadata'],
    ['with a secret that is no text', () => ({ client_secret: 1 }), 'invalid_client_metadata'],
    [
      'with its token',
      (body) => ({ registration_access_token: body.registration_access_token }),
      'invalid_client_metadata',
    ],
    [
      'with its address',
      (body) => ({ registration_client_uri: body.registration_client_uri }),
      'invalid_client_metadata',
    ],
    ['with the end of its secret', () => ({ client_secret_expires_at: 0 }), 'invalid_client_metadata'],
    ['with its date of issue', () => ({ client_id_issued_at: 0 }), 'invalid_client_metadata'],
    ['with a bad redirect URI', () => ({ redirect_uris: ['http://client.example/'] }), 'invalid_redirect_uri'],
    ['with a bad name', () => ({ client_name: '\0' }), 'invalid_client_metadata'],
  ])('PUT %s changes nothing', async (_what, change, error) => {
    const body = await registered();
    const answer = await replace(body, { ...WEB, ...change(body) });
    expect([answer.status, answer.body.error]).toEqual([400, error]);
    expect((await manage(body)).body.redirect_uris).toEqual([CALLBACK]);
  });

  test('PUT takes no form and no list', async () => {
    const body = await registered();
    expect((await manage(body, { method: 'PUT', data: [1] })).status).toBe(400);
    const headers = { 'content-type': 'text/plain' };
    expect((await manage(body, { method: 'PUT', data: 'x', headers })).status).toBe(415);
  });

  test('of PUTs at once one counts', async () => {
    const twin = await startTwin(server);
    const body = await registered();
    const places = Array.from({ length: 12 }, (_, n) => ({
      ...body,
      registration_client_uri: `${n % 2 === 0 ? server.url : twin.url}/oauth2/register/${body.client_id}/`,
    }));
    // With connections that are open already, they come at once.
    await Promise.all(places.map((place) => manage(place)));
    const answers = await Promise.all(places.map((place) => replace(place, WEB)));
    await twin.close();
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 11 }, () => 401)]);
    const winner = answers.find(({ status }) => status === 200)?.body;
    expect((await manage(winner)).status).toBe(200);
  });

  test('DELETE ends the client with its tokens', async () => {
    const body = await registered();
    const tokens = await obtainTokens(server, { client: await rowOf(body.client_id), secret: body.client_secret });
    const { status, body: nothing } = await manage(body, { method: 'DELETE' });
    expect([status, nothing]).toEqual([204, null]);
    expect((await whoAmI(server, tokens.access_token)).status).toBe(401);
    expect(await db(server.site).countBy(OAuth2Client, { clientId: body.client_id })).toBe(0);
    for (const method of ['GET', 'DELETE']) expect((await manage(body, { method })).status).toBe(401);
    expect((await replace(body, WEB)).status).toBe(401);
  });

  test.each(['GET', 'PUT', 'DELETE'])('%s with any token but its own is 401', async (method) => {
    const [body, other] = [await registered(), await registered()];
    const { client } = await server.client();
    const data = method === 'PUT' ? { client_id: body.client_id, ...WEB } : undefined;
    for (const token of [other.registration_access_token, body.client_secret, 'ora_x', '%00']) {
      const answer = await manage(body, { method, token, data });
      expect([token, answer.status, answer.body]).toEqual([token, 401, { error: 'invalid_token' }]);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="api",error="invalid_token"');
    }
    const none = await call(body.registration_client_uri, data, { method });
    expect([none.status, none.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="api"']);
    // A client that did not register itself has no such token.
    const uri = `${server.url}/oauth2/register/${client.clientId}/`;
    expect((await call(uri, data, { method, token: body.registration_access_token })).status).toBe(401);
    expect((await manage(body)).status).toBe(200);
  });

  test('a client that was deactivated is 403', async () => {
    const body = await registered();
    await db(server.site).update(OAuth2Client, { clientId: body.client_id }, { active: false });
    for (const method of ['GET', 'DELETE']) expect((await manage(body, { method })).status).toBe(403);
    expect((await replace(body, WEB)).status).toBe(403);
    expect((await rowOf(body.client_id)).active).toBe(false);
  });

  test('an id that cannot be one is 404', async () => {
    for (const id of ['x', '%00', 'x'.repeat(33)]) {
      expect((await call(`${server.url}/oauth2/register/${id}/`, undefined, { method: 'GET' })).status).toBe(404);
    }
  });
});

describe('where clients may not register themselves', () => {
  let closed: Server;
  beforeAll(async () => {
    closed = await startServer();
  });
  afterAll(() => closed.close());

  test('there is no endpoint, and the metadata names none', async () => {
    expect((await register(WEB, {}, closed)).status).toBe(404);
    const uri = `${closed.url}/oauth2/register/${'x'.repeat(32)}/`;
    expect((await call(uri, undefined, { method: 'GET', token: 'ora_x' })).status).toBe(404);
    const metadata = await fetch(`${closed.url}/.well-known/oauth-authorization-server`);
    expect(await metadata.json()).not.toHaveProperty('registration_endpoint');
  });
});

test('the metadata names the endpoint', async () => {
  const metadata = await fetch(`${server.url}/.well-known/oauth-authorization-server`);
  expect(await metadata.json()).toMatchObject({ registration_endpoint: `${server.url}/oauth2/register/` });
});

test('what such clients may have is for the project to say', async () => {
  const registration = { permissionClasses: [AllowAny], grants: ['client_credentials' as const], scopes: ['read'] };
  const machines = await startServer({ oauth2: { scopes: SCOPES, registration } });
  try {
    const machine = { grant_types: ['client_credentials'], response_types: [] };
    const { status, body } = await register(machine, {}, machines);
    expect([status, body.response_types, body.redirect_uris, body.scope]).toEqual([201, [], [], 'read']);
    const basic = `${body.client_id}:${body.client_secret}`;
    const token = await send(`${machines.url}/oauth2/token/`, { grant_type: 'client_credentials' }, { basic });
    expect([token.status, token.body.scope]).toEqual([200, 'read']);
    for (const refused of [
      WEB,
      { ...machine, token_endpoint_auth_method: 'none' },
      { ...machine, response_types: ['code'] },
    ]) {
      const answer = await register(refused, {}, machines);
      expect([answer.status, answer.body.error]).toEqual([400, 'invalid_client_metadata']);
    }
  } finally {
    await machines.close();
  }
});

test('scopes that another app adds are for such clients as well, and may be named', async () => {
  const more = defineApp({
    label: 'more',
    ready: (site) => oauth2Provider(site).extend({ scopes: { openid: 'Know who you are' } }),
  });
  for (const [scopes, scope] of [
    [undefined, 'openid read write'],
    [['openid'], 'openid'],
  ] as const) {
    const registration = { permissionClasses: [AllowAny], ...(scopes !== undefined && { scopes }) };
    const extended = await startServer({ oauth2: { scopes: SCOPES, registration }, apps: [more] });
    try {
      expect((await register(WEB, {}, extended)).body.scope).toBe(scope);
    } finally {
      await extended.close();
    }
  }
});

test('a device that runs such a client shows people as much', async () => {
  const registration = { permissionClasses: [AllowAny], grants: [DEVICE as GrantType] };
  const devices = await startServer({ oauth2: { scopes: SCOPES, registration } });
  try {
    const metadata = { client_name: 'Television', grant_types: [DEVICE], token_endpoint_auth_method: 'none' };
    const { body: client } = await register(metadata, {}, devices);
    const { body } = await send(`${devices.url}/oauth2/device-authorization/`, { client_id: client.client_id });
    const alice = await browserOf(devices, 'alice');
    const form = await alice.get('/oauth2/device/');
    const page = await alice.submit('/oauth2/device/', form, { user_code: body.user_code });
    expect(page.body).toContain('This application registered itself. Nobody here has checked what it calls itself.');
  } finally {
    await devices.close();
  }
});

test('pages of other origins register clients only where browserClients lets them', async () => {
  const open = await startServer({ oauth2: { ...ANYBODY, browserClients: true } });
  try {
    const asked = await register(undefined, { method: 'OPTIONS' }, open);
    expect([asked.status, asked.headers.get('access-control-allow-methods')]).toEqual([204, 'POST']);
    const { headers, body } = await register(WEB, {}, open);
    expect(headers.get('access-control-allow-origin')).toBe('*');
    const managed = await call(body.registration_client_uri, undefined, { method: 'OPTIONS' });
    expect(managed.headers.get('access-control-allow-methods')).toBe('GET, PUT, DELETE');
  } finally {
    await open.close();
  }
  const guarded = await startServer({
    oauth2: { scopes: SCOPES, registration: {}, browserClients: true },
    settings: { defaultAuthenticationClasses: [BasicAuthentication] },
  });
  try {
    expect((await register(undefined, { method: 'OPTIONS' }, guarded)).status).toBe(204);
    expect((await register(WEB, {}, guarded)).status).toBe(401);
    expect((await register(WEB, { basic: 'alice:pw' }, guarded)).status).toBe(201);
  } finally {
    await guarded.close();
  }
});

test('clear-oauth2-clients deletes those that registered themselves and were never used', async () => {
  const [unused, used, underWay] = [await registered(), await registered(), await registered()];
  const { client: own } = await server.client();
  await obtainTokens(server, { client: await rowOf(used.client_id), secret: used.client_secret });
  server.clock.now += 29 * DAY;
  await clear();
  expect((await rowOf(unused.client_id)).firstUsed).toBeNull();
  server.clock.now += 2 * DAY;
  await authorize(server, await rowOf(underWay.client_id));
  expect(await clear({ days: '40' })).toBe('Deleted 0 clients.');
  expect(await clear()).toMatch(/^Deleted [1-9]\d* clients\.$/);
  const left = async ({ client_id: clientId }: { client_id: string }) =>
    db(server.site).countBy(OAuth2Client, { clientId });
  expect([await left(unused), await left(used), await left(underWay)]).toEqual([0, 1, 1]);
  expect(await left({ client_id: own.clientId })).toBe(1);
  await expect(clear({ days: '-1' })).rejects.toThrow('--days takes a number above 0');
});

test('clear-oauth2-clients explains itself', async () => {
  const command = server.site.project.apps
    .flatMap((app) => app.commands)
    .find(({ name }) => name === 'clear-oauth2-clients');
  const lines: string[] = [];
  const terminal = { stdout: (line: string) => lines.push(line), stderr: () => {}, env: {}, isInteractive: false };
  const project = server.site.project;
  const context = { project, terminal: { ...terminal, prompt: async () => '' } };
  expect(await runCommand(command as NonNullable<typeof command>, ['--help'], context)).toBe(0);
  expect(lines.join('\n')).toContain('--days');
});
