import { request as httpRequest } from 'node:http';
import { createUser, replayMemory, TokenHasScope, users } from '@rf/auth';
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
import { bitChanges, headerBitChanges, inTurn, targetBitChanges } from '../../auth/tests/bit-changes.ts';
import { sendExactly } from '../../auth/tests/exact-request.ts';
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
    urls: [path('/me/', Me), path('/stock/', Stock), path('/broken/', Broken), path('/files/:name/', Me)],
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

/** RFC 9110, sections 11.1 and 11.2: scheme and names are compared without case. */
const folded = (header: string): string => header.replace(/^\w+|\b\w+(?==")/g, (word) => word.toLowerCase());

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
  test('is every change of one bit: in header, host, media type, target and body', async () => {
    const [resource, host, port, payload] = ['/me/?page=2', 'api.example.com', 8080, '{"title":"one"}'];
    const signed = { method: 'POST', resource, host, port, payload, ext: 'data', app: 'app-id', dlg: 'dlg' };
    const { header } = sign(server, signed);
    const lines = { Host: `${host}:${port}`, 'Content-Type': 'application/json', Authorization: header };
    const sent = { method: 'POST', target: resource, body: payload };
    const isSame = {
      Authorization: (text: string) => folded(text) === folded(header),
      // Neither is told apart by case.
      Host: (text: string) => text.toLowerCase() === lines.Host,
      'Content-Type': (text: string) => text.toLowerCase() === lines['Content-Type'],
    };
    const changes = [
      ...(Object.keys(isSame) as (keyof typeof isSame)[]).flatMap((name) =>
        headerBitChanges(lines[name])
          .filter((text) => !isSame[name](text))
          .map((text) => ({ ...sent, headers: { ...lines, [name]: text } })),
      ),
      ...bitChanges(payload).map((body) => ({ ...sent, body, headers: lines })),
      ...targetBitChanges(resource).map((target) => ({ ...sent, target, headers: lines })),
    ];
    const answers = await inTurn(changes, async (one) => (await sendExactly(server.origin, one)).status);
    expect(answers.filter(([, status]) => status < 400 || status >= 500)).toEqual([]);
    expect(answers.length).toBeGreaterThan(1500);
    expect((await sendExactly(server.origin, { ...sent, headers: lines })).status).toBe(200);
  }, 60_000);

  test('is a body without a length that is not covered, or not the one that was signed', async () => {
    const payload = '{"title":"one"}';
    const send = (body: string, options: SignOptions) => {
      const Authorization = sign(server, { method: 'POST', ...options }).header;
      const headers = { Host: new URL(server.origin).host, 'Content-Type': 'application/json', Authorization };
      return sendExactly(server.origin, { method: 'POST', target: '/me/', headers, body, isChunked: true });
    };
    expect((await send(payload, { payload })).status).toBe(200);
    expect((await send('{"title":"two"}', { payload })).status).toBe(401);
    expect((await send(payload, {})).status).toBe(401);
  });

  test('is another spelling of the path than the one that was signed, and a whole URL even if it was signed', async () => {
    const { host } = new URL(server.origin);
    const { header } = sign(server);
    const send = (target: string, authorization: string) =>
      sendExactly(server.origin, { target, headers: { Host: host, Authorization: authorization } });
    for (const target of ['/me/../me/', '/./me/', '/x/%2e%2e/me/', '//me/', '/%6de/', '/me', '/me/?', '/me/#']) {
      const { status } = await send(target, header);
      expect([target, status >= 400 && status < 500]).toEqual([target, true]);
    }
    for (const target of [`${server.origin}/me/`, 'http://example.com/me/']) {
      expect([target, (await send(target, sign(server, { resource: target }).header)).status]).toEqual([target, 401]);
      expect([target, (await send(target, sign(server).header)).status]).toEqual([target, 401]);
    }
    expect((await send('/%6de/', sign(server, { resource: '/%6de/' }).header)).status).toBe(200);
    expect((await send('/me/', header)).status).toBe(200);
  });

  test('is a second Authorization line', async () => {
    const Authorization = [sign(server).header, sign(server).header];
    const headers = { Host: new URL(server.origin).host, Authorization };
    expect((await sendExactly(server.origin, { target: '/me/', headers })).status).toBe(401);
  });

  test.each<[string, SignOptions]>([
    ['a wrong key', { as: { id: ALICE.id, key: 'wrong' } }],
    ['an unknown id', { as: { id: 'nobody', key: ALICE.key } }],
    ['another method', { method: 'POST' }],
    ['another path', { resource: '/you/' }],
    ['another host', { host: 'example.com' }],
    ['another port', { port: 1 }],
    ['SHA-1 where it is not allowed', { as: OLD }],
    ['another algorithm than that of the credential', { as: { ...ALICE, algorithm: 'sha1' } }],
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
    // To its last moment it is remembered, whatever is purged; a moment later it is old.
    server.now += seconds > 0 ? 120_000 : 0;
    await replayMemory(server.site).purge();
    expect((await ask(server, header)).json.detail).toBe('Hawk authentication failed');
    for (const step of [1, 2000]) {
      server.now += step;
      await replayMemory(server.site).purge();
      expect((await ask(server, header)).headers.get('www-authenticate')).toContain('error="Stale timestamp"');
    }
  });

  test('and the nonce tell requests of one credential apart, and those of others count by themselves', async () => {
    const [ts, nonce] = [Math.floor(server.now / 1000), 'of more than one'];
    const alice = await users(server.site).findOneByOrFail({ username: 'alice' });
    const other = await createHawkCredential(server.site, alice);
    const as = { id: other.credential.keyId, key: other.key };
    const statuses: number[] = [];
    for (const options of [
      { ts, nonce },
      { ts: ts + 1, nonce },
      { ts, nonce, as },
      { ts, nonce, resource: '/me/?x' },
    ]) {
      statuses.push((await ask(server, sign(server, options).header, options.resource)).status);
    }
    expect(statuses).toEqual([200, 200, 200, 401]);
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
    const target = `/me/?page=2&bewit=${ticket({ resource: '/me/?page=2', ext: 'x' })}`;
    const { host } = new URL(wide.origin);
    const changes = [
      ...targetBitChanges(target).map((changed) => ({ target: changed, headers: { Host: host } })),
      ...headerBitChanges(host).map((changed) => ({ target, headers: { Host: changed } })),
    ];
    const answers = await inTurn(changes, async (one) => (await sendExactly(wide.origin, one)).status);
    expect(answers.filter(([, status]) => status < 400 || status >= 500)).toEqual([]);
    expect(answers.length).toBeGreaterThan(700);
    expect((await sendExactly(wide.origin, { target, headers: { Host: host } })).status).toBe(200);
    const junk = Buffer.from('\0\\1\\mac\\').toString('base64url');
    expect((await visit(`/me/?bewit=${junk}`)).status).toBe(401);
    expect((await visit('/me/?bewit=')).status).toBe(401);
  });

  test('opens nothing with another algorithm than that of its credential, or once that has ended or its user is gone', async () => {
    expect((await visit(`/me/?bewit=${ticket({ as: { ...ALICE, algorithm: 'sha1' } })}`)).status).toBe(401);
    expect((await visit(`/me/?bewit=${ticket({ as: { ...OLD, algorithm: 'sha256' } })}`)).status).toBe(401);
    const user = await createUser(wide.site, { username: 'del', password: 'x' });
    const { credential, key } = await createHawkCredential(wide.site, user, { lifetime: 30 });
    const target = `/me/?bewit=${ticket({ as: { id: credential.keyId, key } })}`;
    wide.now = (credential.expires as Date).getTime() - 1;
    expect((await visit(target)).status).toBe(200);
    wide.now += 1;
    expect((await visit(target)).status).toBe(401);
    await db(wide.site).update(HawkCredential, credential.id, { expires: null });
    expect((await visit(target)).status).toBe(200);
    await db(wide.site).update(HawkCredential, credential.id, { active: false });
    expect((await visit(target)).status).toBe(401);
    await db(wide.site).update(HawkCredential, credential.id, { active: true });
    await users(wide.site).remove(user);
    expect((await visit(target)).status).toBe(401);
  });

  test('twice in one query is what was signed with one of them, and junk behind it is not read over', async () => {
    const bewit = ticket();
    for (const target of [
      `/me/?bewit=${bewit}&bewit=${bewit}`,
      `/me/?bewit=x&bewit=${bewit}`,
      `/me/?bewit=${bewit}&`,
      `/me/?&bewit=${bewit}`,
      `/me/?bewit=${bewit}=`,
      `/me/?bewit=${bewit}%3D`,
    ]) {
      const { status } = await sendExactly(wide.origin, { target, headers: { Host: new URL(wide.origin).host } });
      expect([target, status]).toEqual([target, 401]);
    }
  });

  test('is no part of a path, nor of the value of another parameter: these are URLs that nobody signed', async () => {
    const host = { Host: new URL(wide.origin).host };
    const status = async (target: string) => (await sendExactly(wide.origin, { target, headers: host })).status;
    const ofFile = ticket({ resource: '/files/a/' });
    expect(await status(`/files/a/?bewit=${ofFile}`)).toBe(200);
    for (const target of [
      `/files/x&bewit=${ticket({ resource: '/files/x&/' })}&/`,
      `/me/?a?bewit=${ticket({ resource: '/me/?a' })}`,
      `/me/?a=1?bewit=${ticket({ resource: '/me/?a=1' })}`,
    ]) {
      expect([target, await status(target)]).toEqual([target, 401]);
    }
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
