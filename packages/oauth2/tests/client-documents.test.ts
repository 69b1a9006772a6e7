import { OAuth2Client, type OAuth2Options } from '@rf/oauth2';
import { db } from '@rf/orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Answerer, CA, type DocumentHost, json, startDocumentHost } from './document-host.ts';
import {
  authorize,
  browserOf,
  CALLBACK,
  CHALLENGE,
  obtainTokens,
  type Page,
  send,
  type Server,
  startServer,
  startTwin,
  VERIFIER,
  whoAmI,
} from './server.ts';

const DAY = 86_400_000;
const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code';

let host: DocumentHost;
let server: Server;
/** Hosts that were looked up. */
const lookups: string[] = [];
const DOCUMENTS: OAuth2Options['clientIdMetadataDocuments'] = {
  ca: CA,
  allowPrivateNetworks: true,
  timeoutSeconds: 2,
  resolve: async (hostname) => {
    lookups.push(hostname);
    return ['127.0.0.1'];
  },
};
beforeAll(async () => {
  host = await startDocumentHost();
  server = await startServer({ oauth2: { clientIdMetadataDocuments: DOCUMENTS } });
});
afterAll(async () => {
  await server.close();
  await host.close();
});
// What was fetched, and what failed, a test before does not count in this one.
beforeEach(() => {
  server.clock.now += 61_000;
});

let count = 0;

/** The id of a client whose document is as told; `client_id` is right unless it is told as well. */
function publish(members: object = {}, headers: Readonly<Record<string, string>> = {}, path = nextPath()): string {
  const clientId = host.origin + path;
  const document = { client_id: clientId, client_name: 'Reader', redirect_uris: [CALLBACK], ...members };
  host.pages.set(path, json(document, headers));
  return clientId;
}

function nextPath(): string {
  count += 1;
  return `/client-${count}.json`;
}

const queryOf = (clientId: string, more: Readonly<Record<string, string>> = {}): URLSearchParams =>
  new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: CALLBACK,
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
    ...more,
  });

async function consentPage(clientId: string, on = server, more: Readonly<Record<string, string>> = {}): Promise<Page> {
  return (await browserOf(on, 'alice')).get(`/oauth2/authorize/?${queryOf(clientId, more)}`);
}

const rowOf = (clientId: string, on = server): Promise<OAuth2Client | null> =>
  db(on.site).findOneBy(OAuth2Client, { clientId });

const fetched = (clientId: string): number => {
  const { pathname, search } = new URL(clientId);
  return host.asked.filter((path) => path === pathname + search).length;
};

async function expectUnknown(page: Page): Promise<void> {
  expect([page.status, page.location]).toEqual([400, null]);
  expect(page.body).toContain('Unknown client.');
}

describe('a client whose id is the address of its document', () => {
  test('is allowed and gets tokens without being registered', async () => {
    const clientId = publish({
      grant_types: ['authorization_code', 'refresh_token'],
      logo_uri: 'https://elsewhere.example/logo',
    });
    const page = await consentPage(clientId);
    expect(page.status).toBe(200);
    expect(page.body).toContain('<strong>Reader</strong>');
    expect(page.body).toContain(`known only by its address at ${new URL(clientId).host}.`);
    expect(page.body).not.toContain('elsewhere.example');
    const client = (await rowOf(clientId)) as OAuth2Client;
    const tokens = await obtainTokens(server, { client, secret: null });
    expect((await whoAmI(server, tokens.access_token)).body.user).toBe('alice');
    const refresh = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token, client_id: clientId };
    const refreshed = await send(`${server.url}/oauth2/token/`, refresh);
    expect(refreshed.status).toBe(200);
    const revoked = await send(`${server.url}/oauth2/revoke_token/`, {
      token: refreshed.body.access_token,
      client_id: clientId,
    });
    expect(revoked.status).toBe(200);
    expect((await whoAmI(server, refreshed.body.access_token)).status).toBe(401);
    expect(client).toMatchObject({ source: 'document', clientType: 'public', authMethod: 'none', owner: undefined });
    expect([client.firstParty, client.skipConsent, client.isResourceServer]).toEqual([false, false, false]);
    expect(fetched(clientId)).toBe(1);
  });

  test('has no more than such clients may have, and its document may say more than is known here', async () => {
    const clientId = publish({
      grant_types: ['authorization_code', DEVICE, 'client_credentials', 'implicit'],
      response_types: ['code', 'token'],
      scope: 'read nonsense',
      redirect_uris: ['app://callback', CALLBACK, 'http://client.example/cb'],
      software_statement: 'ey.ey.sig',
      jwks: { keys: [{ kty: 'EC', crv: 'P-256', x: 'x', y: 'y' }] },
      client_name: null,
      'client_name#de': 'Leser',
    });
    expect((await consentPage(clientId)).status).toBe(200);
    expect(await rowOf(clientId)).toMatchObject({
      name: clientId,
      grants: ['authorization_code'],
      scopes: ['read'],
      redirectUris: [CALLBACK],
    });
  });

  test('may be called any JSON', async () => {
    const clientId = publish({}, { 'content-type': 'application/client-metadata+json; charset=utf-8' });
    expect((await consentPage(clientId)).status).toBe(200);
  });

  test('may have a query, and its port may be named', async () => {
    const clientId = publish({}, {}, '/by-query?client=1');
    expect((await consentPage(clientId)).status).toBe(200);
  });

  test('is asked for by nobody who is not logged in', async () => {
    const clientId = publish();
    const stranger = await server.browser().get(`/oauth2/authorize/?${queryOf(clientId)}`);
    expect(stranger.location).toContain('/login/?next=');
    const silent = await server.browser().get(`/oauth2/authorize/?${queryOf(clientId, { prompt: 'none' })}`);
    await expectUnknown(silent);
    const { status, body } = await send(`${server.url}/oauth2/token/`, {
      grant_type: 'authorization_code',
      code: 'x',
      client_id: clientId,
    });
    expect([status, body]).toEqual([401, { error: 'invalid_client' }]);
    expect((await send(`${server.url}/oauth2/device-authorization/`, { client_id: clientId })).status).toBe(401);
    expect(fetched(clientId)).toBe(0);
    expect((await consentPage(clientId)).status).toBe(200);
    const known = await server.browser().get(`/oauth2/authorize/?${queryOf(clientId, { prompt: 'none' })}`);
    expect(known.location).toContain('error=login_required');
  });

  test('is looked at again when the form comes back late', async () => {
    const clientId = publish();
    await authorize(server, { clientId });
    host.pages.delete(new URL(clientId).pathname);
    server.clock.now += 2 * DAY;
    await expect(authorize(server, { clientId })).rejects.toThrow('Unknown client.');
  });
});

describe('a document counts as long as its host says, within bounds', () => {
  test.each<[string, Record<string, string>, number]>([
    ['nothing', {}, 3600],
    ['max-age', { 'cache-control': 'public, max-age=1800' }, 1800],
    ['little', { 'cache-control': 'max-age=1' }, 300],
    ['never', { 'cache-control': 'no-store' }, 300],
    ['never without asking', { 'cache-control': 'no-cache, max-age=9000' }, 300],
    ['for ever', { 'cache-control': 'max-age=9999999999' }, 86_400],
    ['nonsense', { 'cache-control': 'max-age=soon' }, 3600],
  ])('which says %s', async (_what, headers, seconds) => {
    const clientId = publish({}, headers);
    await consentPage(clientId);
    server.clock.now += seconds * 1000 - 1;
    await consentPage(clientId);
    expect(fetched(clientId)).toBe(1);
    server.clock.now += 1;
    await consentPage(clientId);
    expect(fetched(clientId)).toBe(2);
  });

  test('and what it says then takes effect; tokens stay', async () => {
    const clientId = publish();
    await consentPage(clientId);
    const client = (await rowOf(clientId)) as OAuth2Client;
    const tokens = await obtainTokens(server, { client, secret: null });
    publish({ redirect_uris: ['https://client.example/new'] }, {}, new URL(clientId).pathname);
    expect((await consentPage(clientId)).status).toBe(200);
    server.clock.now += 3_600_000 - 1;
    expect((await whoAmI(server, tokens.access_token)).status).toBe(200);
    server.clock.now += 1;
    const page = await consentPage(clientId);
    expect([page.status, page.body.includes('Mismatching redirect URI.')]).toEqual([400, true]);
    expect((await consentPage(clientId, server, { redirect_uri: 'https://client.example/new' })).status).toBe(200);
    expect((await rowOf(clientId))?.id).toBe(client.id);
  });

  test('and one that is gone ends new authorizations, not those there are', async () => {
    const clientId = publish({ grant_types: ['authorization_code', 'refresh_token'] });
    await consentPage(clientId);
    const client = (await rowOf(clientId)) as OAuth2Client;
    const tokens = await obtainTokens(server, { client, secret: null });
    host.pages.delete(new URL(clientId).pathname);
    server.clock.now += 3_600_000;
    await expectUnknown(await consentPage(clientId));
    const refresh = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token, client_id: clientId };
    expect((await send(`${server.url}/oauth2/token/`, refresh)).status).toBe(200);
  });
});

describe('is unknown', () => {
  test.each<[string, object]>([
    ['without a client_id', { client_id: undefined }],
    ['with the client_id of another', { client_id: 'https://client.example/other.json' }],
    ['with a client_id that is no text', { client_id: ['x'] }],
    ['with a secret', { client_secret: 'ocs_x' }],
    ['with an end of its secret', { client_secret_expires_at: 0 }],
    ['that shows a secret by header', { token_endpoint_auth_method: 'client_secret_basic' }],
    ['that shows a secret in the body', { token_endpoint_auth_method: 'client_secret_post' }],
    ['that signs with a secret', { token_endpoint_auth_method: 'client_secret_jwt' }],
    ['that signs with a key', { token_endpoint_auth_method: 'private_key_jwt' }],
    ['with a method that is no text', { token_endpoint_auth_method: 1 }],
    ['with a private key', { jwks: { keys: [{ kty: 'EC', d: 'x' }] } }],
    ['with a shared key', { jwks: { keys: [{ kty: 'oct', k: 'x' }] } }],
    ['without redirect URIs', { redirect_uris: undefined }],
    ['with redirect URIs of which none may be', { redirect_uris: ['http://client.example/cb'] }],
    ['with redirect URIs that are no list', { redirect_uris: CALLBACK }],
    ['with redirect URIs that are no texts', { redirect_uris: [1] }],
    ['with grants that are no list', { grant_types: 'authorization_code' }],
    ['with grants of which none may be', { grant_types: ['client_credentials'] }],
    ['without the response type code', { response_types: ['token'] }],
    ['with response types that are no list', { response_types: 'code' }],
    ['with scopes of which none may be', { scope: 'nonsense' }],
    ['with a scope that is no text', { scope: 1 }],
    ['with a name that is no text', { client_name: {} }],
    ['with NUL in its name', { client_name: 'a\0b' }],
    ['with half a character in its name', { client_name: '\ud800' }],
    ['with a script for its home', { client_uri: 'javascript:alert(1)' }],
  ])('%s in its document', async (_what, members) => {
    const clientId = publish(members);
    await expectUnknown(await consentPage(clientId));
    expect(fetched(clientId)).toBe(1);
    expect(await rowOf(clientId)).toBeNull();
  });

  const text =
    (body: string | Buffer, type = 'application/json'): Answerer =>
    (_request, response) => {
      response.writeHead(200, { 'content-type': type }).end(body);
    };
  test.each<[string, Answerer]>([
    ['404', (_request, response) => void response.writeHead(404).end('{}')],
    ['500', (_request, response) => void response.writeHead(500).end('{}')],
    ['201', (_request, response) => void response.writeHead(201, { 'content-type': 'application/json' }).end('{}')],
    [
      'a redirect',
      (_request, response) => void response.writeHead(302, { location: `${host.origin}/elsewhere` }).end(),
    ],
    ['HTML', text('<html>', 'text/html')],
    ['JSON that is called text', text('{}', 'text/plain')],
    ['what is only almost called JSON', text('{}', 'application/jsonp')],
    ['what has no type', (_request, response) => void response.writeHead(200).end('{}')],
    ['no JSON', text('{')],
    ['nothing', text('')],
    ['no UTF-8', text(Buffer.from([0x22, 0xff, 0x22]))],
    ['a list', text('[]')],
    ['null', text('null')],
    ['a number', text('1')],
    ['deep nesting', text('['.repeat(5000))],
    [
      'a break',
      (_request, response) =>
        void response.writeHead(200, { 'content-type': 'application/json' }).write('{', () => response.destroy()),
    ],
    ['an end of the connection', (request) => void request.socket.destroy()],
    [
      'headers without an end',
      (_request, response) => void response.writeHead(200, { 'x-much': 'x'.repeat(100_000) }).end('{}'),
    ],
  ])('when its host answers %s', async (_what, answer) => {
    const path = nextPath();
    host.pages.set(path, answer);
    await expectUnknown(await consentPage(host.origin + path));
    expect(host.asked.filter((asked) => asked === path)).toEqual([path]);
    expect(host.asked).not.toContain('/elsewhere');
  });

  test('when its document is too long, however it comes', async () => {
    const short = publish({ padding: 'x'.repeat(4800) });
    expect((await consentPage(short)).status).toBe(200);
    await expectUnknown(await consentPage(publish({ padding: 'x'.repeat(5120) })));
    const path = nextPath();
    host.pages.set(path, (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const timer = setInterval(() => response.write(`"${'x'.repeat(1000)}",`), 5);
      response.on('close', () => clearInterval(timer));
    });
    await expectUnknown(await consentPage(host.origin + path));
  });

  test.each<[string, Answerer]>([
    ['does not answer', () => {}],
    [
      'answers a byte now and then',
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const timer = setInterval(() => response.write(' '), 100);
        response.on('close', () => clearInterval(timer));
      },
    ],
  ])('when its host %s', async (_what, answer) => {
    const path = nextPath();
    host.pages.set(path, answer);
    await expectUnknown(await consentPage(host.origin + path));
    expect(server.log.join('\n')).toContain('there was no answer in 2 seconds');
  });

  test.each([
    'http://client.example/client.json',
    'https://client.example',
    'https://client.example/a/../client.json',
    'https://user:pw@client.example/client.json',
    'https://client.example/client.json#x',
    'https://CLIENT.example/client.json',
    'https://127.1/client.json',
    'https://client.example/%00'.replace('%00', '\0'),
    `https://client.example/${'x'.repeat(300)}`,
  ])('with the id %j, which nobody looks up', async (clientId) => {
    const before = lookups.length;
    await expectUnknown(await consentPage(clientId));
    expect(lookups.length).toBe(before);
  });

  test('when it was deactivated, and its document is not asked for again', async () => {
    const clientId = publish();
    await consentPage(clientId);
    const client = (await rowOf(clientId)) as OAuth2Client;
    const tokens = await obtainTokens(server, { client, secret: null });
    await db(server.site).update(OAuth2Client, { clientId }, { active: false });
    await expectUnknown(await consentPage(clientId));
    server.clock.now += 2 * DAY;
    await expectUnknown(await consentPage(clientId));
    expect(fetched(clientId)).toBe(1);
    expect((await whoAmI(server, tokens.access_token)).status).toBe(401);
    expect((await rowOf(clientId))?.active).toBe(false);
  });
});

describe('hosts that are only ours to see', () => {
  let strict: Server;
  let addresses: readonly string[] = [];
  beforeAll(async () => {
    strict = await startServer({ oauth2: { clientIdMetadataDocuments: { ca: CA, resolve: async () => addresses } } });
  });
  afterAll(() => strict.close());

  const expectUnasked = async (clientId: string, on = strict): Promise<void> => {
    const [connections, lines] = [host.connections(), on.log.length];
    await expectUnknown(await consentPage(clientId, on));
    expect(host.connections()).toBe(connections);
    expect(on.log.slice(lines).join('\n')).toContain('not of the public internet');
  };

  test.each([
    [['127.0.0.1']],
    [['::1']],
    [['::ffff:127.0.0.1']],
    [['64:ff9b::7f00:1']],
    [['169.254.169.254']],
    [['93.184.215.14', '127.0.0.1']],
    [['127.0.0.1', '93.184.215.14']],
    [['nonsense']],
  ])('are not asked, though a name leads to %j', async (found) => {
    addresses = found;
    await expectUnasked(publish());
  });

  test('are not asked by their address either', async () => {
    await expectUnasked(`https://127.0.0.1:${host.port}/client.json`);
    await expectUnasked(`https://[::1]:${host.port}/client.json`);
  });

  test('are not asked where the system says what a name leads to', async () => {
    const usual = await startServer({ oauth2: { clientIdMetadataDocuments: { ca: CA } } });
    await expectUnasked(`https://localhost:${host.port}/client.json`, usual);
    await usual.close();
  });

  test('are told apart by nothing: the page is the same for what is there and what is not', async () => {
    const bodyOf = async (clientId: string): Promise<string> =>
      (await consentPage(clientId)).body.replaceAll(/value="[^"]*"/g, '');
    const missing = await bodyOf(`${host.origin}/nowhere.json`);
    expect(await bodyOf(`https://client.example:1/closed.json`)).toBe(missing);
    expect(await bodyOf(publish({ client_id: 'x' }))).toBe(missing);
    expect(await bodyOf('no-such-client')).toBe(missing);
  });
});

test('a host is looked up once for each fetch, and the connection goes where that led', async () => {
  const answers = ['127.0.0.1', '127.0.0.9'];
  const seen: string[] = [];
  const rebinding = await startServer({
    oauth2: {
      clientIdMetadataDocuments: {
        ...DOCUMENTS,
        resolve: async () => {
          const address = answers[seen.length] ?? '127.0.0.9';
          seen.push(address);
          return [address];
        },
      },
    },
  });
  try {
    const clientId = publish();
    expect((await consentPage(clientId, rebinding)).status).toBe(200);
    expect(seen).toEqual(['127.0.0.1']);
    // Nobody listens at the second address: it is asked there, and nowhere else.
    rebinding.clock.now += 2 * DAY;
    await expectUnknown(await consentPage(clientId, rebinding));
    expect([seen, fetched(clientId)]).toEqual([['127.0.0.1', '127.0.0.9'], 1]);
  } finally {
    await rebinding.close();
  }
});

test('a certificate of an authority that is not trusted, or of another host, is no proof', async () => {
  const wary = await startServer({ oauth2: { clientIdMetadataDocuments: { ...DOCUMENTS, ca: undefined as never } } });
  try {
    const clientId = publish();
    await expectUnknown(await consentPage(clientId, wary));
    const other = `https://other.example:${host.port}${new URL(clientId).pathname}`;
    host.pages.set(new URL(clientId).pathname, json({ client_id: other, redirect_uris: [CALLBACK] }));
    await expectUnknown(await consentPage(other));
    expect(fetched(clientId)).toBe(0);
  } finally {
    await wary.close();
  }
});

test('a name server that does not answer, or knows nothing, makes a client unknown', async () => {
  for (const resolve of [
    () => new Promise<never>(() => {}),
    async () => [],
    async () => {
      throw Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' });
    },
  ]) {
    const lost = await startServer({
      oauth2: { clientIdMetadataDocuments: { ...DOCUMENTS, timeoutSeconds: 0.5, resolve } },
    });
    await expectUnknown(await consentPage(publish(), lost));
    await lost.close();
  }
});

describe('nobody makes us hammer a host', () => {
  test('an address that failed is left alone for a while', async () => {
    const path = nextPath();
    for (let n = 0; n < 3; n += 1) await expectUnknown(await consentPage(host.origin + path));
    expect(host.asked.filter((asked) => asked === path)).toHaveLength(1);
    publish({}, {}, path);
    server.clock.now += 30_000;
    expect((await consentPage(host.origin + path)).status).toBe(200);
  });

  test('requests for one document share one fetch', async () => {
    const path = nextPath();
    const clientId = host.origin + path;
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const document = json({ client_id: clientId, redirect_uris: [CALLBACK] });
    host.pages.set(path, (request, response) => void held.then(() => document(request, response)));
    const pages = Promise.all(Array.from({ length: 5 }, () => consentPage(clientId)));
    while (fetched(clientId) === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    release();
    expect((await pages).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(await db(server.site).countBy(OAuth2Client, { clientId })).toBe(1);
  });

  test('processes that meet a client at once make one row', async () => {
    const twin = await startTwin(server);
    const clientId = publish();
    const browser = await browserOf(server, 'alice');
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const ask = async (url: string): Promise<number> =>
      (await fetch(`${url}/oauth2/authorize/?${queryOf(clientId)}`, { headers: { cookie }, redirect: 'manual' }))
        .status;
    expect(await Promise.all([ask(server.url), ask(twin.url), ask(server.url), ask(twin.url)])).toEqual([
      200, 200, 200, 200,
    ]);
    await twin.close();
    expect(await db(server.site).countBy(OAuth2Client, { clientId })).toBe(1);
  });

  test('a process fetches so many at once', async () => {
    const busy = await startServer({ oauth2: { clientIdMetadataDocuments: { ...DOCUMENTS, maxFetches: 1 } } });
    const path = nextPath();
    let release = (): void => {};
    host.pages.set(path, (_request, response) => {
      release = () => void response.writeHead(404).end();
    });
    await browserOf(busy, 'alice');
    const first = consentPage(host.origin + path, busy);
    while (!host.asked.includes(path)) await new Promise((resolve) => setTimeout(resolve, 10));
    expect((await consentPage(publish(), busy)).status).toBe(429);
    release();
    await expectUnknown(await first);
    await busy.close();
  });

  test('a user has so many fetched in a minute', async () => {
    const statuses: number[] = [];
    for (let n = 0; n < 21; n += 1) statuses.push((await consentPage(publish())).status);
    expect(statuses).toEqual([...Array.from({ length: 20 }, () => 200), 429]);
  });
});

describe('which clients are let in', () => {
  test('is told by the hosts that are named', async () => {
    const named = (hosts: string[]) => startServer({ oauth2: { clientIdMetadataDocuments: { ...DOCUMENTS, hosts } } });
    const at = (hostname: string): string => {
      const path = nextPath();
      const clientId = `https://${hostname}:${host.port}${path}`;
      host.pages.set(path, json({ client_id: clientId, redirect_uris: [CALLBACK] }));
      return clientId;
    };
    const exact = await named(['client.example']);
    expect((await consentPage(at('client.example'), exact)).status).toBe(200);
    const before = lookups.length;
    await expectUnknown(await consentPage(at('sub.client.example'), exact));
    await expectUnknown(await consentPage(at('notclient.example'), exact));
    expect(lookups.length).toBe(before);
    await exact.close();
    const below = await named(['.client.example']);
    expect((await consentPage(at('client.example'), below)).status).toBe(200);
    expect((await consentPage(at('sub.client.example'), below)).status).toBe(200);
    await expectUnknown(await consentPage(at('notclient.example'), below));
    await below.close();
  });

  test('is none while the option is left out, not even those of a time when it was not', async () => {
    const closed = await startServer();
    const clientId = publish();
    await expectUnknown(await consentPage(clientId, closed));
    const { client } = await closed.client({ clientType: 'public' });
    await db(closed.site).update(OAuth2Client, { id: client.id }, { clientId, source: 'document' });
    await expectUnknown(await consentPage(clientId, closed));
    const { status, body } = await send(`${closed.url}/oauth2/token/`, {
      grant_type: 'refresh_token',
      refresh_token: 'x',
      client_id: clientId,
    });
    expect([status, body]).toEqual([401, { error: 'invalid_client' }]);
    expect(fetched(clientId)).toBe(0);
    const metadata = await fetch(`${closed.url}/.well-known/oauth-authorization-server`);
    expect(await metadata.json()).not.toHaveProperty('client_id_metadata_document_supported');
    await closed.close();
  });

  test('leaves clients alone whose address somebody registered', async () => {
    const clientId = publish();
    const { client } = await server.client({ clientType: 'public' });
    await db(server.site).update(OAuth2Client, { id: client.id }, { clientId });
    expect((await consentPage(clientId)).body).toContain('<strong>Notes app</strong>');
    expect(fetched(clientId)).toBe(0);
  });
});

test('the metadata says that documents are looked at', async () => {
  const metadata = await fetch(`${server.url}/.well-known/oauth-authorization-server`);
  expect(await metadata.json()).toMatchObject({ client_id_metadata_document_supported: true });
});

test('clear-oauth2-clients deletes clients with a document who hold nothing any more, but none that was deactivated', async () => {
  const [gone, blocked, used] = [
    publish(),
    publish(),
    publish({ grant_types: ['authorization_code', 'refresh_token'] }),
  ];
  for (const clientId of [gone, blocked, used]) await consentPage(clientId);
  await db(server.site).update(OAuth2Client, { clientId: blocked }, { active: false });
  const command = server.site.project.apps
    .flatMap((app) => app.commands)
    .find(({ name }) => name === 'clear-oauth2-clients');
  const clear = (days: string) =>
    command?.run({ site: async () => server.site, args: {}, options: { days }, stdout: () => {} } as never);
  await clear('1');
  expect(await rowOf(gone)).not.toBeNull();
  server.clock.now += 3 * DAY;
  const client = (await rowOf(used)) as OAuth2Client;
  const { refresh_token } = await obtainTokens(server, { client, secret: null });
  server.clock.now += 3 * DAY;
  await clear('1');
  expect([await rowOf(gone), (await rowOf(blocked))?.active]).toEqual([null, false]);
  const refresh = { grant_type: 'refresh_token', refresh_token, client_id: used };
  expect((await send(`${server.url}/oauth2/token/`, refresh)).status).toBe(200);
  expect((await consentPage(gone)).status).toBe(200);
  const redeem = { grant_type: 'authorization_code', code: 'x', code_verifier: VERIFIER, client_id: gone };
  expect((await send(`${server.url}/oauth2/token/`, redeem)).body).toEqual({ error: 'invalid_grant' });
});
