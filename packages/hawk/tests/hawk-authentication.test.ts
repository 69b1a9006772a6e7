import { request as httpRequest } from 'node:http';
import { createUser, TokenHasScope, users } from '@rf/auth';
import {
  createHawkCredential,
  type HawkArtifacts,
  HawkAuthentication,
  HawkCredential,
  type HawkSettings,
  hawk,
  hawkMac,
  hawkPayloadHash,
  hawkTimestampMac,
  writeBewit,
} from '@rf/hawk';
import { db } from '@rf/orm';
import { APIView, authenticationClasses, IsAuthenticated, path, permissionClasses, type Request } from '@rf/views';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, TestServer } from '../../auth/tests/server.ts';

@authenticationClasses(HawkAuthentication)
@permissionClasses(IsAuthenticated)
class Me extends APIView {
  override get(request: Request): unknown {
    return { user: request.user.getUsername(), auth: String(request.auth) };
  }
  override post(request: Request): unknown {
    return { user: request.user.getUsername(), data: request.data };
  }
}

@authenticationClasses(HawkAuthentication)
@permissionClasses(TokenHasScope)
class Stock extends APIView {
  requiredScopes = ['stock'];
  override get(): unknown {
    return {};
  }
}

/** Writes a row, then fails: with `atomicRequests` nothing of its transaction is kept. */
@authenticationClasses(HawkAuthentication)
@permissionClasses(IsAuthenticated)
class Broken extends APIView {
  override async get(request: Request): Promise<never> {
    await db(request).query("UPDATE auth_user SET email = 'changed@example.com' WHERE username = 'alice'");
    throw new Error('the handler failed');
  }
}

interface Known {
  readonly id: string;
  readonly key: string;
  readonly algorithm?: 'sha256' | 'sha1';
}

const ALICE: Known = { id: 'alice-key', key: 'werxhqb98rpaxn39848xrunpaw3489ruxnpa98w4rxn' };
const INA: Known = { id: 'ina-key', key: 'another key that is long enough for this' };
const OLD: Known = { id: 'old-key', key: 'a key for a client that knows SHA-1 only', algorithm: 'sha1' };

async function start(settings: HawkSettings = {}): Promise<TestServer> {
  const server = await TestServer.start({
    urls: [path('/me/', Me), path('/stock/', Stock), path('/broken/', Broken)],
    apps: [hawk(settings)],
    settings: { atomicRequests: true },
  });
  const alice = await createUser(server.site, { username: 'alice', password: 'pw' });
  const ina = await createUser(server.site, { username: 'ina', password: 'pw', isActive: false });
  await createHawkCredential(server.site, alice, { keyId: ALICE.id, key: ALICE.key, scopes: ['stock'] });
  await createHawkCredential(server.site, ina, { keyId: INA.id, key: INA.key });
  await createHawkCredential(server.site, alice, { keyId: OLD.id, key: OLD.key, algorithm: 'sha1' });
  return server;
}

interface SignOptions extends Partial<HawkArtifacts> {
  readonly as?: Known;
  /** Covered by a hash, as this media type. */
  readonly payload?: string;
  readonly type?: string;
}

let counted = 0;

/** A header as a client makes it, with what it signed. */
function sign(server: TestServer, options: SignOptions = {}): { header: string; artifacts: HawkArtifacts } {
  const { as = ALICE, payload, type = 'application/json', ...given } = options;
  const { hostname, port } = new URL(server.origin);
  const algorithm = as.algorithm ?? 'sha256';
  counted += 1;
  const artifacts: HawkArtifacts = {
    ts: Math.floor(server.now / 1000),
    nonce: `n${counted}`,
    method: 'GET',
    resource: '/me/',
    host: hostname,
    port,
    ...(payload !== undefined && { hash: hawkPayloadHash(payload, type, algorithm) }),
    ...given,
  };
  const shown = { id: as.id, ts: artifacts.ts, nonce: artifacts.nonce, hash: artifacts.hash, ext: artifacts.ext };
  const rest = { app: artifacts.app, dlg: artifacts.dlg, mac: hawkMac('header', artifacts, as.key, algorithm) };
  const pairs = Object.entries({ ...shown, ...rest }).filter(([, value]) => value !== undefined);
  return { header: `Hawk ${pairs.map(([name, value]) => `${name}="${value}"`).join(', ')}`, artifacts };
}

const ask = (server: TestServer, authorization: string, target = '/me/'): Promise<Answer> =>
  server.send('GET', target, { headers: { Authorization: authorization } });

const post = (server: TestServer, json: unknown, header: string): Promise<Answer> =>
  server.send('POST', '/me/', { json, headers: { Authorization: header } });

/** The text with each of its bits changed. */
const bitChanges = (text: string): string[] =>
  Array.from({ length: text.length * 8 }, (_none, bit) => {
    const changed = Buffer.from(text, 'latin1');
    changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
    return changed.toString('latin1');
  });

/** Sends many texts, a few at a time. */
async function inTurn(texts: readonly string[], send: (text: string) => Promise<Answer>): Promise<[string, Answer][]> {
  const found: [string, Answer][] = [];
  for (let at = 0; at < texts.length; at += 50) {
    const asked = texts.slice(at, at + 50).map(async (text): Promise<[string, Answer]> => [text, await send(text)]);
    found.push(...(await Promise.all(asked)));
  }
  return found;
}

let server: TestServer;
beforeAll(async () => {
  server = await start();
});
afterAll(() => server.close());

describe('a signed request', () => {
  test('says who it is, and with which credential', async () => {
    expect((await ask(server, sign(server).header)).json).toEqual({ user: 'alice', auth: 'alice-key' });
  });

  test('covers ext, app and dlg where it has them', async () => {
    const { header } = sign(server, { ext: 'some-app-data', app: 'app-id', dlg: 'delegate' });
    expect((await ask(server, header)).status).toBe(200);
    for (const [name, value] of [
      ['ext', 'other'],
      ['app', 'other'],
      ['dlg', 'other'],
    ]) {
      const changed = sign(server, { ext: 'some-app-data', app: 'app-id', dlg: 'delegate' }).header;
      const wrong = changed.replace(new RegExp(`${name}="[^"]*"`), `${name}="${value}"`);
      expect([name, (await ask(server, wrong)).status]).toEqual([name, 401]);
    }
  });

  test('may do what the scopes of its credential say', async () => {
    expect((await ask(server, sign(server, { resource: '/stock/' }).header, '/stock/')).status).toBe(200);
    await db(server.site).update(HawkCredential, { keyId: ALICE.id }, { scopeList: [] });
    expect((await ask(server, sign(server, { resource: '/stock/' }).header, '/stock/')).status).toBe(403);
    await db(server.site).update(HawkCredential, { keyId: ALICE.id }, { scopeList: ['stock'] });
  });

  test('carries its body, which the view then still reads', async () => {
    const payload = JSON.stringify({ title: 'one' });
    const { header } = sign(server, { method: 'POST', payload });
    expect((await post(server, { title: 'one' }, header)).json).toEqual({ user: 'alice', data: { title: 'one' } });
  });

  test('covers the target as it was sent, with its query and its spelling', async () => {
    const resource = '/me/?a=%62&c';
    expect((await ask(server, sign(server, { resource }).header, resource)).status).toBe(200);
    for (const other of ['/me/?a=b&c', '/me/?c&a=%62', '/me/']) {
      expect([other, (await ask(server, sign(server, { resource }).header, other)).status]).toEqual([other, 401]);
    }
  });

  test('notes the use of its credential, at most once a minute', async () => {
    const lastUsed = async () => (await db(server.site).findOneByOrFail(HawkCredential, { keyId: ALICE.id })).lastUsed;
    server.now += 120_000;
    await ask(server, sign(server).header);
    const first = await lastUsed();
    expect(first?.getTime()).toBe(server.now);
    server.now += 59_000;
    await ask(server, sign(server).header);
    expect(await lastUsed()).toEqual(first);
  });
});

describe('an answer', () => {
  test('is signed with the nonce of the request, errors included', async () => {
    const { header, artifacts } = sign(server, { resource: '/broken/', ext: 'of the request' });
    const good = sign(server, { ext: 'of the request' });
    for (const [answer, signed] of [
      [await ask(server, good.header), good.artifacts],
      [await ask(server, header, '/broken/'), artifacts],
    ] as const) {
      const hash = hawkPayloadHash(answer.text, 'application/json', 'sha256');
      const mac = hawkMac('response', { ...signed, hash, ext: undefined }, ALICE.key, 'sha256');
      expect(answer.headers.get('server-authorization')).toBe(`Hawk mac="${mac}", hash="${hash}"`);
    }
  });

  test('to HEAD is signed as the empty body that it is', async () => {
    const { header, artifacts } = sign(server, { method: 'HEAD' });
    const { headers } = await server.send('HEAD', '/me/', { headers: { Authorization: header } });
    const hash = hawkPayloadHash('', headers.get('content-type') ?? '', 'sha256');
    const mac = hawkMac('response', { ...artifacts, hash, ext: undefined }, ALICE.key, 'sha256');
    expect(headers.get('server-authorization')).toBe(`Hawk mac="${mac}", hash="${hash}"`);
  });

  test('to a stranger is not', async () => {
    expect(
      (await ask(server, sign(server, { as: { ...ALICE, key: 'wrong' } }).header)).headers.get('server-authorization'),
    ).toBeNull();
  });
});

describe('refused', () => {
  test('is every change of one bit, but for the case of names', async () => {
    const { header } = sign(server, { ext: 'data', app: 'app-id', dlg: 'dlg' });
    // RFC 9110, sections 11.1 and 11.2: scheme and names are compared without case.
    const folded = (value: string) => value.replace(/^\w+|\b\w+(?==")/g, (word) => word.toLowerCase());
    const changes = bitChanges(header).filter((text) => /^[\x20-\x7e\x80-\xff]+$/.test(text) && text.trim() === text);
    for (const [text, { status }] of await inTurn(changes, (text) => ask(server, text))) {
      if (folded(text) !== folded(header)) expect([text, status]).toEqual([text, 401]);
    }
    await db(server.site).query('DELETE FROM auth_replay');
    expect((await ask(server, header)).status).toBe(200);
  });

  test.each<[string, SignOptions]>([
    ['a wrong key', { as: { id: ALICE.id, key: 'wrong' } }],
    ['an unknown id', { as: { id: 'nobody', key: ALICE.key } }],
    ['another method', { method: 'POST' }],
    ['another path', { resource: '/you/' }],
    ['another host', { host: 'example.com' }],
    ['another port', { port: 1 }],
    ['SHA-1 where it is not allowed', { as: OLD }],
  ])('is %s, in the same words', async (_what, options) => {
    const { status, headers, json } = await ask(server, sign(server, options).header);
    expect([status, json]).toEqual([401, { detail: 'Hawk authentication failed' }]);
    expect(headers.get('www-authenticate')).toBe('Hawk');
  });

  test.each([
    ['nothing but the word', 'Hawk'],
    ['an unknown attribute', 'Hawk id="a", ts="1", nonce="n", mac="m", x="y"'],
    ['an attribute twice', 'Hawk id="a", id="a", ts="1", nonce="n", mac="m"'],
    ['a time that is no number', 'Hawk id="a", ts="abc", nonce="n", mac="m"'],
    ['a time that is no whole number', 'Hawk id="a", ts="1.5", nonce="n", mac="m"'],
    ['an empty value', 'Hawk id="", ts="1", nonce="n", mac="m"'],
    ['dlg without app, which no MAC covers', 'Hawk id="a", ts="1", nonce="n", mac="m", dlg="d"'],
    ['a header beyond 4 KiB', `Hawk id="${'a'.repeat(4100)}", ts="1", nonce="n", mac="m"`],
  ])('is %s', async (_what, header) => {
    const { status, json } = await ask(server, header);
    expect([status, json]).toEqual([401, { detail: 'Hawk authentication failed: The request header was malformed' }]);
  });

  test('is a body that is not covered, or not the one that was signed', async () => {
    const payload = JSON.stringify({ title: 'one' });
    const signed = () => sign(server, { method: 'POST', payload });
    expect((await post(server, { title: 'two' }, signed().header)).status).toBe(401);
    expect((await post(server, { title: 'one' }, sign(server, { method: 'POST' }).header)).status).toBe(401);
    // The hash is the other body's, and not covered by the MAC.
    const hash = hawkPayloadHash('{"title":"two"}', 'application/json', 'sha256');
    const swapped = signed().header.replace(/hash="[^"]*"/, `hash="${hash}"`);
    expect((await post(server, { title: 'two' }, swapped)).status).toBe(401);
    expect(
      (await post(server, { title: 'one' }, sign(server, { method: 'POST', payload, type: 'text/plain' }).header))
        .status,
    ).toBe(401);
  });

  test('are two Host lines, and a host that only X-Forwarded-Host names', async () => {
    const { header } = sign(server);
    const { port, host } = new URL(server.origin);
    const status = await new Promise((resolve, reject) => {
      const headers = ['Host', host, 'Host', 'example.com', 'Authorization', header];
      httpRequest({ host: '127.0.0.1', port, path: '/me/', headers, agent: false }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect([400, 401]).toContain(status);
    const aimed = sign(server, { host: 'example.com', port: 80 }).header;
    const headers = { Authorization: aimed, 'X-Forwarded-Host': 'example.com' };
    expect((await server.send('GET', '/me/', { headers })).status).toBe(401);
  });

  test('is the same request twice', async () => {
    const { header } = sign(server);
    expect((await ask(server, header)).status).toBe(200);
    expect((await ask(server, header)).status).toBe(401);
  });

  test('is the same request twice though the first was rolled back after it had authenticated', async () => {
    const { header } = sign(server, { resource: '/broken/' });
    expect((await ask(server, header, '/broken/')).status).toBe(500);
    expect((await users(server.site).findOneByOrFail({ username: 'alice' })).email).not.toBe('changed@example.com');
    expect((await ask(server, header, '/broken/')).status).toBe(401);
  });

  test('are all but one of many at once', async () => {
    const { header } = sign(server);
    const answers = await Promise.all(Array.from({ length: 12 }, () => ask(server, header)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(11).fill(401)]);
  });

  test('is an inactive user, and one who was deleted', async () => {
    const { status, json } = await ask(server, sign(server, { as: INA }).header);
    expect([status, json]).toEqual([401, { detail: 'User inactive or deleted.' }]);
    const user = await createUser(server.site, { username: 'del', password: 'x' });
    const { credential, key } = await createHawkCredential(server.site, user);
    const as = { id: credential.keyId, key };
    expect((await ask(server, sign(server, { as }).header)).status).toBe(200);
    await users(server.site).remove(user);
    expect((await ask(server, sign(server, { as }).header)).status).toBe(401);
  });

  test('is a credential that is switched off, and one that has ended', async () => {
    const alice = await users(server.site).findOneByOrFail({ username: 'alice' });
    const { credential, key } = await createHawkCredential(server.site, alice, { lifetime: 600 });
    const as = { id: credential.keyId, key };
    const ends = server.now + 600_000;
    server.now = ends - 1;
    expect((await ask(server, sign(server, { as }).header)).status).toBe(200);
    server.now = ends;
    expect((await ask(server, sign(server, { as }).header)).status).toBe(401);
    await db(server.site).update(HawkCredential, credential.id, { expires: null });
    expect((await ask(server, sign(server, { as }).header)).status).toBe(200);
    await db(server.site).update(HawkCredential, credential.id, { active: false });
    expect((await ask(server, sign(server, { as }).header)).status).toBe(401);
  });
});

describe('the time', () => {
  test.each([-60, 60])('may be %i seconds off', async (seconds) => {
    server.now = Math.ceil(server.now / 1000) * 1000;
    const ts = server.now / 1000 + seconds;
    const { header } = sign(server, { ts });
    expect((await ask(server, header)).status).toBe(200);
    // To its last moment it is remembered.
    server.now += seconds > 0 ? 120_000 : 0;
    expect((await ask(server, header)).json.detail).toBe('Hawk authentication failed');
  });

  test.each([-61, 61])(
    '%i seconds off is refused, with our time and its MAC, by which a client sets its clock',
    async (seconds) => {
      server.now = Math.ceil(server.now / 1000) * 1000;
      const now = server.now / 1000;
      const { status, headers, json } = await ask(server, sign(server, { ts: now + seconds }).header);
      const detail = 'Hawk authentication failed: The token has expired. Is your system clock correct?';
      expect([status, json]).toEqual([401, { detail }]);
      const tsm = hawkTimestampMac(now, ALICE.key, 'sha256');
      expect(headers.get('www-authenticate')).toBe(`Hawk ts="${now}", tsm="${tsm}", error="Stale timestamp"`);
      expect((await ask(server, sign(server, { ts: now }).header)).status).toBe(200);
    },
  );

  test('is told to nobody who does not have the key, and stale requests fill no table', async () => {
    const count = () => db(server.site).query('SELECT count(*)::int AS n FROM auth_replay');
    const before = await count();
    const ts = Math.floor(server.now / 1000) - 100;
    const { headers } = await ask(server, sign(server, { ts, as: { ...ALICE, key: 'wrong' } }).header);
    expect(headers.get('www-authenticate')).toBe('Hawk');
    await ask(server, sign(server, { ts }).header);
    expect(await count()).toEqual(before);
  });
});

test('no log line holds key, MAC, nonce or hash, and what is stored is sealed', async () => {
  const payload = JSON.stringify({ title: 'one' });
  const { header, artifacts } = sign(server, { method: 'POST', payload, nonce: 'a-nonce-to-look-for' });
  await post(server, { title: 'one' }, header);
  await post(server, { title: 'one' }, header);
  const log = [...server.log, ...server.serverLog].join('\n');
  expect(log).toContain('/me/');
  const mac = hawkMac('header', artifacts, ALICE.key, 'sha256');
  for (const secret of [mac, artifacts.nonce, String(artifacts.hash), ALICE.key]) expect(log).not.toContain(secret);
  expect(JSON.stringify(await db(server.site).query('SELECT * FROM hawk_credential'))).not.toContain(ALICE.key);
});

describe('a bewit', () => {
  let wide: TestServer;
  beforeAll(async () => {
    wide = await start({ bewit: true, sha1: true, payloadRequired: false, signResponses: false, skew: 5 });
  });
  afterAll(() => wide.close());

  function ticket(options: { as?: Known; resource?: string; expires?: number; ext?: string } = {}): string {
    const { as = ALICE, resource = '/me/', expires = Math.floor(wide.now / 1000) + 60, ext = '' } = options;
    const { hostname: host, port } = new URL(wide.origin);
    const artifacts = { ts: expires, nonce: '', method: 'GET', resource, host, port, ext };
    const mac = hawkMac('bewit', artifacts, as.key, as.algorithm ?? 'sha256');
    return writeBewit({ id: as.id, expires: String(expires), mac, ext });
  }
  const visit = (target: string, method = 'GET', headers = {}) => wide.send(method, target, { headers });

  test('opens one URL until it ends, again and again, wherever it stands in the query', async () => {
    const bewit = ticket({ resource: '/me/?a=1&b=2', ext: 'data' });
    for (const target of [
      `/me/?bewit=${bewit}&a=1&b=2`,
      `/me/?a=1&bewit=${bewit}&b=2`,
      `/me/?a=1&b=2&bewit=${bewit}`,
    ]) {
      expect([target, (await visit(target)).status]).toEqual([target, 200]);
      expect((await visit(target, 'HEAD')).status).toBe(200);
    }
    expect((await visit(`/me/?bewit=${ticket()}`)).json.user).toBe('alice');
    expect((await visit(`/me/?a=2&b=2&bewit=${bewit}`)).status).toBe(401);
    expect((await visit(`/stock/?bewit=${ticket()}`)).status).toBe(401);
  });

  test('ends at its second', async () => {
    const expires = Math.floor(wide.now / 1000) + 60;
    const target = `/me/?bewit=${ticket({ expires })}`;
    wide.now = expires * 1000 - 1;
    expect((await visit(target)).status).toBe(200);
    wide.now = expires * 1000;
    expect((await visit(target)).status).toBe(401);
  });

  test('with one bit changed opens nothing', async () => {
    const bewit = ticket({ ext: 'x' });
    const changes = bitChanges(bewit).filter((text) => /^[\x21-\x7e]+$/.test(text) && !/[#?&]/.test(text));
    for (const [text, { status }] of await inTurn(changes, (text) => visit(`/me/?bewit=${text}`))) {
      expect([text, status]).toEqual([text, 401]);
    }
    const junk = Buffer.from('\0\\1\\mac\\').toString('base64url');
    expect((await visit(`/me/?bewit=${junk}`)).status).toBe(401);
    expect((await visit('/me/?bewit=')).status).toBe(401);
  });

  test('is refused for other methods, beside a header, and of inactive users', async () => {
    expect((await visit(`/me/?bewit=${ticket()}`, 'POST')).status).toBe(401);
    const resource = `/me/?bewit=${ticket()}`;
    expect((await visit(resource, 'GET', { Authorization: sign(wide, { resource }).header })).status).toBe(401);
    expect((await visit(`/me/?bewit=${ticket({ as: INA })}`)).status).toBe(401);
  });

  test('appears in no log line', async () => {
    const bewit = ticket();
    await visit(`/me/?bewit=${bewit}`);
    const log = [...wide.log, ...wide.serverLog].join('\n');
    expect(log).toContain('/me/?bewit=[redacted]');
    expect(log).not.toContain(bewit);
  });

  test('is no ticket where the project did not ask for it', async () => {
    const { hostname: host, port } = new URL(server.origin);
    const expires = Math.floor(server.now / 1000) + 60;
    const mac = hawkMac(
      'bewit',
      { ts: expires, nonce: '', method: 'GET', resource: '/me/', host, port },
      ALICE.key,
      'sha256',
    );
    const bewit = writeBewit({ id: ALICE.id, expires: String(expires), mac, ext: '' });
    const { status, json } = await server.send('GET', `/me/?bewit=${bewit}`);
    expect([status, json]).toEqual([401, { detail: 'Authentication credentials were not provided.' }]);
  });

  test('and the other options do what they say: SHA-1, bodies without hash, no signed answers, another skew', async () => {
    const { status, headers } = await ask(wide, sign(wide, { as: OLD }).header);
    expect([status, headers.get('server-authorization')]).toEqual([200, null]);
    expect((await post(wide, { title: 'one' }, sign(wide, { method: 'POST' }).header)).status).toBe(200);
    wide.now = Math.ceil(wide.now / 1000) * 1000;
    expect((await ask(wide, sign(wide, { ts: wide.now / 1000 - 5 }).header)).status).toBe(200);
    expect((await ask(wide, sign(wide, { ts: wide.now / 1000 - 6 }).header)).status).toBe(401);
  });
});
