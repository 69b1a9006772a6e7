import { createHash } from 'node:crypto';
import { createUser, type LoginThrottleRates, parseAuthParams, replayMemory, users } from '@rf/auth';
import {
  DIGEST_ALGORITHMS,
  type DigestAlgorithm,
  DigestAuthentication,
  type DigestBase,
  DigestCredential,
  type DigestQop,
  type DigestSettings,
  deleteDigestPassword,
  digest,
  digestHA1,
  digestResponse,
  digestUserhash,
  setDigestPassword,
} from '@rf/digest';
import { db } from '@rf/orm';
import { APIView, authenticationClasses, IsAuthenticated, path, permissionClasses, type Request } from '@rf/views';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { bitChanges, headerBitChanges, inTurn, targetBitChanges } from '../../auth/tests/bit-changes.ts';
import { sendExactly } from '../../auth/tests/exact-request.ts';
import { type Answer, TestServer } from '../../auth/tests/server.ts';

const PASSWORD = 'Circle of Life';

@authenticationClasses(DigestAuthentication)
@permissionClasses(IsAuthenticated)
class Me extends APIView {
  override get(request: Request): unknown {
    return { user: request.user.getUsername(), auth: request.auth };
  }
  override post(request: Request): unknown {
    return { user: request.user.getUsername(), data: request.data };
  }
}

class UnlimitedAuthentication extends DigestAuthentication {
  override readonly loginThrottle = null;
}

@authenticationClasses(UnlimitedAuthentication)
class Unlimited extends Me {}

/** Writes a row, then fails: with `atomicRequests` nothing of its transaction is kept. */
@authenticationClasses(DigestAuthentication)
@permissionClasses(IsAuthenticated)
class Broken extends APIView {
  override async get(request: Request): Promise<never> {
    await db(request).query("UPDATE auth_user SET email = 'changed@example.com' WHERE username = 'alice'");
    throw new Error('the handler failed');
  }
}

/** @param loginThrottle null, since most tests send more wrong responses than anybody may */
async function start(
  settings: DigestSettings = {},
  loginThrottle: LoginThrottleRates | null = null,
): Promise<TestServer> {
  const server = await TestServer.start({
    urls: [path('/me/', Me), path('/broken/', Broken), path('/unlimited/', Unlimited)],
    auth: { loginThrottle },
    apps: [digest(settings)],
    settings: { atomicRequests: true },
  });
  for (const [username, isActive] of [
    ['alice', true],
    ['ina', false],
    ['jürgen', true],
  ] as const) {
    const user = await createUser(server.site, { username, password: 'another', isActive });
    await setDigestPassword(server.site, user, PASSWORD);
  }
  return server;
}

interface SignOptions {
  readonly username?: string;
  readonly password?: string;
  readonly realm?: string;
  readonly algorithm?: DigestAlgorithm;
  readonly qop?: DigestQop;
  readonly method?: string;
  readonly uri?: string;
  readonly nonce?: string;
  readonly nc?: string;
  readonly cnonce?: string;
  readonly body?: string;
  readonly userhash?: boolean;
}

/** The parameters of one challenge. */
async function challenge(server: TestServer): Promise<Record<string, string>> {
  const { headers } = await server.send('GET', '/me/');
  return parameters(headers.get('www-authenticate') ?? '');
}

/** What may stand between quotes (RFC 9110, section 5.6.4). */
const quotable = (text: string): string => text.replace(/["\\]/g, '\\$&');

/**
 * The header without what may differ: RFC 9110, sections 11.1 and 11.2, compares scheme and names without case; the algorithm and the
 * flag are tokens of ABNF.
 */
const folded = (text: string): string =>
  text.replace(/^\w+|\b[\w*]+(?==)|(?<=(?:algorithm|userhash)=)[\w-]+/gi, (word) => word.toLowerCase());

const parameters = (header: string): Record<string, string> =>
  Object.fromEntries([...header.matchAll(/([\w-]+)=(?:"([^"]*)"|([^,\s]+))/g)].map(([, name, a, b]) => [name, a ?? b]));

/** A header as a client makes it, from a challenge or with a nonce that it has. */
async function sign(server: TestServer, options: SignOptions = {}): Promise<string> {
  const { opaque = '', nonce = '' } = await challenge(server);
  const input = {
    username: 'alice',
    password: PASSWORD,
    realm: 'api',
    algorithm: 'SHA-256' as DigestAlgorithm,
    qop: 'auth' as DigestQop,
    method: 'GET',
    uri: '/me/',
    nonce,
    nc: '00000001',
    cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
    ...options,
  };
  const base = input.algorithm.replace('-sess', '') as DigestBase;
  const response = digestResponse({
    ...input,
    ha1: digestHA1(base, input.username, input.realm, input.password),
    body: Buffer.from(options.body ?? ''),
  });
  const name = options.userhash ? digestUserhash(base, input.username, input.realm) : input.username;
  return (
    `Digest username="${Buffer.from(name).toString('latin1')}", realm="${input.realm}", uri="${input.uri}", ` +
    `algorithm=${input.algorithm}, nonce="${input.nonce}", nc=${input.nc}, cnonce="${quotable(input.cnonce)}", qop=${input.qop}, ` +
    `response="${response}", opaque="${opaque}"${options.userhash ? ', userhash=true' : ''}`
  );
}

const ask = (server: TestServer, authorization: string, target = '/me/'): Promise<Answer> =>
  server.send('GET', target, { headers: { Authorization: authorization } });

let server: TestServer;
beforeAll(async () => {
  server = await start();
});
afterAll(() => server.close());

describe('the challenge', () => {
  test('is one, of the strongest algorithm, with a new nonce each time', async () => {
    const { status, headers } = await server.send('GET', '/me/');
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toMatch(
      /^Digest realm="api", qop="auth", algorithm=SHA-256, nonce="[\w-]{43}", opaque="[^"]{24}", charset=UTF-8$/,
    );
    const [first, second] = [await challenge(server), await challenge(server)];
    expect(first.nonce).not.toBe(second.nonce);
    expect(first.opaque).toBe(second.opaque);
  });
});

describe('a right response', () => {
  test('says who it is, whose name may be in any script', async () => {
    expect((await ask(server, await sign(server))).json).toEqual({ user: 'alice', auth: null });
    expect((await ask(server, await sign(server, { username: 'jürgen' }))).json.user).toBe('jürgen');
  });

  test('may give the name as username*', async () => {
    const header = await sign(server, { username: 'jürgen' });
    const extended = header.replace(/username="[^"]*"/, "username*=UTF-8''j%C3%BCrgen");
    expect((await ask(server, extended)).json.user).toBe('jürgen');
    expect((await ask(server, header.replace(/username="[^"]*"/, "username*=UTF-8''alice%00"))).status).toBe(401);
    for (const wrong of ["UTF-8''j%C3rgen", "UTF-8''j%zzrgen", "ISO-8859-1''j%FCrgen", 'jurgen']) {
      const sent = header.replace(/username="[^"]*"/, `username*=${wrong}`);
      expect([wrong, (await ask(server, sent)).status]).toEqual([wrong, 400]);
    }
  });

  test('covers the target as it was sent, with its query and its spelling', async () => {
    expect((await ask(server, await sign(server, { uri: '/me/?a=%62' }), '/me/?a=%62')).status).toBe(200);
    expect((await ask(server, await sign(server, { uri: '/me/?a=b' }), '/me/?a=%62')).status).toBe(400);
    expect((await ask(server, await sign(server, { uri: '/me/' }), '/%6de/')).status).toBe(400);
  });

  test('counts with counts in any order and with gaps, each once, in capitals or not', async () => {
    const { nonce = '' } = await challenge(server);
    const found: [string, number][] = [];
    for (const nc of ['00000001', 'ffffffff', '00000003', '00000002', '0000000a', '0000000A', 'FFFFFFFF', '00000003']) {
      found.push([nc, (await ask(server, await sign(server, { nonce, nc }))).status]);
    }
    expect(found.map(([, status]) => status)).toEqual([200, 200, 200, 200, 200, 401, 401, 401]);
  });
});

describe('refused', () => {
  test('is every change of one bit, but for the case of names and of the algorithm', async () => {
    const header = await sign(server);
    const statuses = await inTurn(headerBitChanges(header), async (text) => (await ask(server, text)).status);
    for (const [text, status] of statuses) {
      if (folded(text) !== folded(header)) expect([text, status]).toEqual([text, status === 400 ? 400 : 401]);
    }
    await db(server.site).query('DELETE FROM auth_replay');
    expect((await ask(server, header)).status).toBe(200);
  });

  test.each<[string, SignOptions]>([
    ['a wrong password', { password: 'circle of life' }],
    ['an unknown user', { username: 'nobody' }],
    ['another realm', { realm: 'API' }],
    ['a response for another method', { method: 'POST' }],
    ['an algorithm that was not offered', { algorithm: 'MD5' }],
    ['an algorithm with -sess that was not offered', { algorithm: 'SHA-256-sess' }],
    ['a nonce of somebody else', { nonce: Buffer.alloc(32, 7).toString('base64url') }],
  ])('is %s', async (_what, options) => {
    const { status, headers, json } = await ask(server, await sign(server, options));
    expect([status, json]).toEqual([401, { detail: 'Invalid digest credentials.' }]);
    expect(headers.get('www-authenticate')).not.toContain('stale');
  });

  test.each([
    ['nothing but the word', 'Digest', 400],
    ['no response', 'Digest username="alice", realm="api"', 400],
    ['what is no list of parameters', 'Digest a b c', 401],
    ['a header beyond 8 KiB', `Digest username="${'a'.repeat(8200)}"`, 401],
  ])('is %s', async (_what, header, status) => {
    expect((await ask(server, header)).status).toBe(status);
  });

  test.each(['qop', 'nc', 'cnonce', 'nonce', 'uri', 'response', 'realm'])(
    'is a header without %s: RFC 2069 had no defence against replays',
    async (name) => {
      const header = (await sign(server)).replace(new RegExp(`(, )?\\b${name}=("[^"]*"|[^,]+)`), '');
      expect((await ask(server, header)).status).toBe(400);
    },
  );

  test.each(['1', '0000001', '000000001', '0000000g', '-0000001', '0x000001', '1e000000.'])(
    'is %s, which is no count of eight hexadecimal digits',
    async (nc) => {
      expect((await ask(server, await sign(server, { nc }))).status).toBe(400);
    },
  );

  test('is a parameter that comes twice, a second line, and a name in both forms', async () => {
    const header = await sign(server);
    for (const more of ['nc=00000001', 'NC=00000002', 'username="alice"', "username*=UTF-8''alice"]) {
      expect([more, [400, 401].includes((await ask(server, `${header}, ${more}`)).status)]).toEqual([more, true]);
    }
    const twice = { target: '/me/', headers: { Authorization: [header, await sign(server)] } };
    expect((await sendExactly(server.origin, twice)).status).toBe(401);
    expect((await ask(server, header)).status).toBe(200);
  });

  test('is another spelling of the path than the one that was signed, and a whole URL even if it was signed', async () => {
    const header = await sign(server);
    const headers = { Authorization: header };
    for (const target of ['/me/../me/', '/./me/', '/x/%2e%2e/me/', '//me/', '/%6de/', '/me', '/me/?', '/me/#']) {
      const { status } = await sendExactly(server.origin, { target, headers });
      expect([target, status >= 400 && status < 500]).toEqual([target, true]);
    }
    for (const target of [`${server.origin}/me/`, 'http://example.com/me/']) {
      const signed = { Authorization: await sign(server, { uri: target }) };
      expect([target, (await sendExactly(server.origin, { target, headers: signed })).status]).toEqual([target, 401]);
    }
    expect((await ask(server, await sign(server, { uri: '/%6de/' }), '/%6de/')).status).toBe(200);
    expect((await ask(server, header)).status).toBe(200);
  });

  test('is an unoffered qop', async () => {
    expect((await ask(server, await sign(server, { qop: 'auth-int' }))).status).toBe(400);
  });

  test('is the same request twice', async () => {
    const header = await sign(server);
    expect((await ask(server, header)).status).toBe(200);
    expect((await ask(server, header)).status).toBe(401);
  });

  test('is the same request twice though the first was rolled back after it had authenticated', async () => {
    const header = await sign(server, { uri: '/broken/' });
    expect((await ask(server, header, '/broken/')).status).toBe(500);
    expect((await users(server.site).findOneByOrFail({ username: 'alice' })).email).not.toBe('changed@example.com');
    expect((await ask(server, header, '/broken/')).status).toBe(401);
  });

  test('are all but one of many at once', async () => {
    const header = await sign(server);
    const answers = await Promise.all(Array.from({ length: 12 }, () => ask(server, header)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(11).fill(401)]);
  });

  test('is an inactive user, and one who was deleted', async () => {
    const inactive = await ask(server, await sign(server, { username: 'ina' }));
    expect([inactive.status, inactive.json]).toEqual([401, { detail: 'User inactive or deleted.' }]);
    const user = await createUser(server.site, { username: 'del', password: 'x' });
    await setDigestPassword(server.site, user, PASSWORD);
    expect((await ask(server, await sign(server, { username: 'del' }))).status).toBe(200);
    await users(server.site).remove(user);
    expect((await ask(server, await sign(server, { username: 'del' }))).status).toBe(401);
  });

  test('is a user without a digest password, and one who was renamed', async () => {
    const user = await createUser(server.site, { username: 'rena', password: PASSWORD });
    expect((await ask(server, await sign(server, { username: 'rena' }))).status).toBe(401);
    await setDigestPassword(server.site, user, PASSWORD);
    await users(server.site).update(user.id, { username: 'renata' });
    for (const userhash of [false, true]) {
      for (const username of ['rena', 'renata']) {
        const header = await sign(server, { username, userhash });
        expect([username, userhash, (await ask(server, header)).status]).toEqual([username, userhash, 401]);
      }
    }
    // The key is of the former name: whoever has it cannot show it under the new one.
    const former = await sign(server, { username: 'rena' });
    expect((await ask(server, former.replace('username="rena"', 'username="renata"'))).status).toBe(401);
    await deleteDigestPassword(server.site, user);
  });
});

describe('a nonce', () => {
  test('counts for 300 seconds; then a right response hears stale=true, a wrong one does not', async () => {
    const { nonce = '' } = await challenge(server);
    server.now += 300_000;
    expect((await ask(server, await sign(server, { nonce }))).status).toBe(200);
    server.now += 1;
    const late = await ask(server, await sign(server, { nonce, nc: '00000002' }));
    expect(late.status).toBe(401);
    const { stale, nonce: fresh } = parameters(late.headers.get('www-authenticate') ?? '');
    expect([stale, fresh === nonce]).toEqual(['true', false]);
    const wrong = await ask(server, await sign(server, { nonce, nc: '00000002', password: 'no' }));
    expect(wrong.headers.get('www-authenticate')).not.toContain('stale');
    expect((await ask(server, await sign(server, { nonce: fresh ?? '' }))).status).toBe(200);
  });

  test('remembers its counts to its last moment, whatever is purged; a moment later it is old', async () => {
    const { nonce = '' } = await challenge(server);
    const of = (nc: string) => sign(server, { nonce, nc });
    const [early, late, unused] = [await of('00000001'), await of('00000002'), await of('00000003')];
    const isStale = async (header: string) => {
      const { status, headers } = await ask(server, header);
      expect(status).toBe(401);
      return parameters(headers.get('www-authenticate') ?? '').stale === 'true';
    };
    expect((await ask(server, early)).status).toBe(200);
    server.now += 300_000;
    expect((await ask(server, late)).status).toBe(200);
    await replayMemory(server.site).purge();
    expect([await isStale(early), await isStale(late)]).toEqual([false, false]);
    for (const step of [1, 2000]) {
      server.now += step;
      await replayMemory(server.site).purge();
      expect([await isStale(early), await isStale(late), await isStale(unused)]).toEqual([true, true, true]);
    }
  });

  test('of a stale or wrong request fills no table', async () => {
    const count = () => db(server.site).query('SELECT count(*)::int AS n FROM auth_replay');
    const { nonce = '' } = await challenge(server);
    server.now += 300_001;
    const before = await count();
    await ask(server, await sign(server, { nonce }));
    await ask(server, await sign(server, { password: 'wrong' }));
    expect(await count()).toEqual(before);
  });
});

describe('guessing at a password', () => {
  let limited: TestServer;
  beforeAll(async () => {
    limited = await start({ userhash: true }, { account: '3/min', address: '8/min' });
  });
  afterAll(() => limited.close());
  // Past every window.
  beforeEach(() => {
    limited.now += 60_000;
  });

  let uses = 0;
  /** The statuses of the answers, one request after the other; each has a nonce of its own. */
  async function statuses(...all: SignOptions[]): Promise<number[]> {
    const found: number[] = [];
    for (const options of all) found.push((await attempt(options)).status);
    return found;
  }
  async function attempt(options: SignOptions): Promise<Answer> {
    uses += 1;
    const nc = uses.toString(16).padStart(8, '0');
    return ask(limited, await sign(limited, { nc, ...options }), options.uri ?? '/me/');
  }
  const right = {};
  const wrong = { password: 'a guess' };

  test('is refused with 429 after as many wrong ones as the account may have, the right one too', async () => {
    expect(await statuses(wrong, wrong, wrong, wrong, right)).toEqual([401, 401, 401, 429, 429]);
    const refused = await attempt(right);
    expect(refused.headers.get('retry-after')).toBe('60');
    expect(refused.json).toEqual({ detail: 'Request was throttled. Expected available in 60 seconds.' });
    limited.now += 60_000;
    expect(await statuses(right)).toEqual([200]);
  });

  test('counts an account once, whether its name comes as text or as hash, and names of nobody as well', async () => {
    expect(await statuses(wrong, { ...wrong, userhash: true }, wrong, { userhash: true })).toEqual([
      401, 401, 401, 429,
    ]);
    limited.now += 60_000;
    const nobody = { username: 'nobody' };
    expect(await statuses(nobody, nobody, nobody, nobody)).toEqual([401, 401, 401, 429]);
  });

  test('counts an address whatever the account', async () => {
    const others = Array.from({ length: 8 }, (_, index) => ({ username: `nobody-${index}` }));
    expect(await statuses(...others, right)).toEqual([...others.map(() => 401), 429]);
  });

  test('is not what right passwords are: as many as one likes come in, also from several places at once', async () => {
    expect(await statuses(...Array.from({ length: 12 }, () => right))).toEqual(Array(12).fill(200));
    expect(await Promise.all(Array.from({ length: 12 }, async () => (await attempt(right)).status))).toEqual(
      Array(12).fill(200),
    );
  });

  test('does not gain from guesses that are sent at once', async () => {
    const found = await Promise.all(Array.from({ length: 12 }, async () => (await attempt(wrong)).status));
    expect(found.filter((status) => status === 401)).toHaveLength(3);
    expect(found.filter((status) => status === 429)).toHaveLength(9);
  });

  test('is not limited where a class says so', async () => {
    const unlimited = { ...wrong, uri: '/unlimited/' };
    expect(await statuses(...Array.from({ length: 9 }, () => unlimited), { uri: '/unlimited/' })).toEqual([
      ...Array(9).fill(401),
      200,
    ]);
  });
});

test('no log line holds password, key, nonce or response', async () => {
  const header = await sign(server);
  await ask(server, header);
  await ask(server, header);
  await ask(server, await sign(server, { password: 'a wrong password' }));
  const { nonce = '', response = '', cnonce = '' } = parameters(header);
  const log = [...server.log, ...server.serverLog].join('\n');
  expect(log).toContain('/me/');
  const ha1 = digestHA1('SHA-256', 'alice', 'api', PASSWORD);
  for (const secret of [nonce, response, cnonce, ha1, PASSWORD, 'a wrong password']) expect(log).not.toContain(secret);
});

test('what is stored is sealed', async () => {
  const rows = JSON.stringify(await db(server.site).query('SELECT * FROM digest_credential'));
  expect(rows).not.toContain(digestHA1('SHA-256', 'alice', 'api', PASSWORD));
});

describe('with everything switched on', () => {
  let wide: TestServer;
  beforeAll(async () => {
    wide = await start({
      algorithms: ['SHA-256', ...DIGEST_ALGORITHMS.filter((algorithm) => algorithm !== 'SHA-256')],
      qop: ['auth', 'auth-int'],
      userhash: true,
      authenticationInfo: true,
      nonceLifetime: 10,
    });
  });
  afterAll(() => wide.close());

  test.each(DIGEST_ALGORITHMS)('%s is accepted, for requests and for bodies', async (algorithm) => {
    for (const qop of ['auth', 'auth-int'] as const) {
      expect([qop, (await ask(wide, await sign(wide, { algorithm, qop }))).status]).toEqual([qop, 200]);
    }
  });

  test.each([...DIGEST_ALGORITHMS.map((algorithm) => [algorithm, false] as const), ['SHA-256', true] as const])(
    'with %s no single bit may be changed in header, target or body (name hidden: %s)',
    async (algorithm, userhash) => {
      const [uri, body] = ['/me/?page=2', '{"title":"one"}'];
      const header = await sign(wide, {
        algorithm,
        userhash,
        qop: 'auth-int',
        method: 'POST',
        uri,
        body,
        cnonce: 'cn',
      });
      const sent = { method: 'POST', target: uri, body };
      const withHeader = (text: string) => ({ Authorization: text, 'Content-Type': 'application/json' });
      const changes = [
        ...headerBitChanges(header)
          .filter((text) => folded(text) !== folded(header))
          // What is no parameter that is known is not looked at, and without an algorithm MD5 is meant.
          .filter((text) => algorithm !== 'MD5' || folded(text).includes(', algorithm=md5,'))
          .map((text) => ({ ...sent, headers: withHeader(text) })),
        ...bitChanges(body).map((changed) => ({ ...sent, body: changed, headers: withHeader(header) })),
        ...targetBitChanges(uri).flatMap((target) => [
          { ...sent, target, headers: withHeader(header) },
          // As whoever changes the target would do it.
          { ...sent, target, headers: withHeader(header.replace(`"${uri}"`, () => `"${quotable(target)}"`)) },
        ]),
      ];
      const answers = await inTurn(changes, async (one) => (await sendExactly(wide.origin, one)).status);
      expect(answers.filter(([, status]) => status < 400 || status >= 500)).toEqual([]);
      expect(answers.length).toBeGreaterThan(1500);
      expect((await sendExactly(wide.origin, { ...sent, headers: withHeader(header) })).status).toBe(200);
    },
    60_000,
  );

  test('a response counts only as what it was made by: another algorithm or qop makes another', async () => {
    for (const made of DIGEST_ALGORITHMS) {
      const header = await sign(wide, { algorithm: made });
      for (const named of DIGEST_ALGORITHMS.filter((other) => other !== made)) {
        const wrong = header.replace(`algorithm=${made}`, `algorithm=${named}`);
        expect([made, named, (await ask(wide, wrong)).status]).toEqual([made, named, 401]);
      }
      expect((await ask(wide, header.replace('qop=auth', 'qop=auth-int'))).status).toBe(401);
      expect((await ask(wide, header)).status).toBe(200);
    }
  });

  test('an algorithm for which a user has no key lets nobody in', async () => {
    const alice = await users(wide.site).findOneByOrFail({ username: 'alice' });
    await db(wide.site).delete(DigestCredential, { user: { id: alice.id }, algorithm: 'MD5' });
    expect((await ask(wide, await sign(wide, { algorithm: 'MD5' }))).status).toBe(401);
    expect((await ask(wide, await sign(wide, { algorithm: 'MD5-sess' }))).status).toBe(401);
    expect((await ask(wide, await sign(wide))).status).toBe(200);
    await setDigestPassword(wide.site, alice, PASSWORD);
  });

  test('a body without a length is covered as well', async () => {
    const [uri, body] = ['/me/', '{"title":"one"}'];
    const send = async (sent: string) => {
      const Authorization = await sign(wide, { qop: 'auth-int', method: 'POST', uri, body });
      const headers = { Authorization, 'Content-Type': 'application/json' };
      return sendExactly(wide.origin, { method: 'POST', target: uri, headers, body: sent, isChunked: true });
    };
    expect((await send(body)).status).toBe(200);
    expect((await send('{"title":"two"}')).status).toBe(401);
  });

  test('what the client chose stays inside its quotes in Authentication-Info', async () => {
    const cnonce = 'a", nextnonce="mine\\';
    const { status, headers } = await ask(wide, await sign(wide, { cnonce }));
    expect(status).toBe(200);
    const info = parseAuthParams(headers.get('authentication-info') ?? '');
    expect(info.get('cnonce')).toBe(cnonce);
    expect(info.get('nextnonce')).not.toBe('mine');
  });

  test('a header without algorithm means MD5', async () => {
    const header = (await sign(wide, { algorithm: 'MD5' })).replace('algorithm=MD5, ', '');
    expect((await ask(wide, header)).status).toBe(200);
  });

  test('the challenge still names the first algorithm alone, and offers to hide names', async () => {
    expect(await challenge(wide)).toMatchObject({ algorithm: 'SHA-256', qop: 'auth, auth-int', userhash: 'true' });
  });

  test('a name may come as its hash', async () => {
    expect((await ask(wide, await sign(wide, { userhash: true }))).json.user).toBe('alice');
  });

  test('auth-int covers the body, which the view then still reads', async () => {
    const body = JSON.stringify({ title: 'one' });
    const post = async (sent: unknown) =>
      wide.send('POST', '/me/', {
        json: sent,
        headers: { Authorization: await sign(wide, { method: 'POST', qop: 'auth-int', body }) },
      });
    expect((await post({ title: 'one' })).json).toEqual({ user: 'alice', data: { title: 'one' } });
    expect((await post({ title: 'two' })).status).toBe(401);
  });

  test.each<DigestQop>(['auth', 'auth-int'])('Authentication-Info proves the server, with %s', async (qop) => {
    const header = await sign(wide, { qop });
    const answer = await ask(wide, header);
    const { nonce = '', nc = '', cnonce = '' } = parameters(header);
    const info = parameters(answer.headers.get('authentication-info') ?? '');
    const rspauth = digestResponse({
      algorithm: 'SHA-256',
      ha1: digestHA1('SHA-256', 'alice', 'api', PASSWORD),
      method: '',
      uri: '/me/',
      nonce,
      nc,
      cnonce,
      qop,
      body: Buffer.from(answer.text),
    });
    expect(info).toMatchObject({ rspauth, qop, nc, cnonce });
    expect((await ask(wide, await sign(wide, { nonce: info.nextnonce ?? '' }))).status).toBe(200);
  });

  test('a nonce counts as long as the project says', async () => {
    const { nonce = '' } = await challenge(wide);
    wide.now += 10_000;
    expect((await ask(wide, await sign(wide, { nonce }))).status).toBe(200);
    wide.now += 1;
    expect((await ask(wide, await sign(wide, { nonce, nc: '00000002' }))).status).toBe(401);
  });
});

test('the responses are those that another implementation of the hashes makes', () => {
  const hash = (text: string) => createHash('sha256').update(text).digest('hex');
  const ha1 = digestHA1('SHA-256', 'alice', 'api', PASSWORD);
  expect(ha1).toBe(hash(`alice:api:${PASSWORD}`));
  const input = { method: 'GET', uri: '/', nonce: 'n', nc: '00000001', cnonce: 'c', ha1 } as const;
  expect(digestResponse({ ...input, algorithm: 'SHA-256', qop: 'auth' })).toBe(
    hash(`${ha1}:n:00000001:c:auth:${hash('GET:/')}`),
  );
});
