import { createHash, createPublicKey, createSecretKey } from 'node:crypto';
import { replayMemory, userModel } from '@rf/auth';
import { cavageSigningString, createSignature, type SignatureAlgorithm, SignatureKey } from '@rf/http-signature';
import { db } from '@rf/orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bitChanges, headerBitChanges, inTurn, targetBitChanges } from '../../auth/tests/bit-changes.ts';
import { nameBitChanges, NOW, type Sent, type Signer, TestServer, withHeader } from './server.ts';

let server: TestServer;
let alice: Signer;

beforeAll(async () => {
  server = await TestServer.start();
  alice = await server.signer('hmac-sha256');
});
afterAll(() => server.close());

/** What each algorithm is called; `hs2019` says that it is the key's. */
const ALGORITHMS: readonly (readonly [SignatureAlgorithm, string])[] = [
  ['hmac-sha256', 'hmac-sha256'],
  ['rsa-v1_5-sha256', 'rsa-sha256'],
  ['rsa-pss-sha512', 'hs2019'],
  ['ed25519', 'hs2019'],
];

const USUAL = ['(request-target)', 'host', 'date', 'digest'];
const REFUSED = '{"detail":"Invalid signature."}';

let second = 0;

interface Unusual {
  readonly headers?: readonly string[];
  /** null leaves the parameter out. */
  readonly algorithm?: string | null;
  /** Seconds since 1970. */
  readonly at?: number;
  readonly created?: string | null;
  readonly expires?: string | null;
  /** Added to the parameters. */
  readonly more?: string;
  readonly field?: 'Authorization' | 'Signature';
  readonly target?: string;
  readonly body?: string;
  readonly digest?: string | null;
  readonly date?: string;
}

const sha256 = (body: string): string => `SHA-256=${createHash('sha256').update(body).digest('base64')}`;

/** A signed POST; each has a time of its own, within the window. */
function sign({ row, key }: Signer, unusual: Unusual = {}): Sent {
  const { headers = USUAL, algorithm = 'hs2019', created = null, expires = null } = unusual;
  const { at = NOW - (second += 1), field = 'Authorization', more = '', target = '/legacy/?a=1' } = unusual;
  const { body = '{"hello": "world"}', digest = sha256(body), date = new Date(at * 1000).toUTCString() } = unusual;
  const fields = {
    Host: server.host,
    Date: date,
    'Content-Type': 'application/json',
    ...(digest !== null && { Digest: digest }),
  };
  const text = cavageSigningString(
    { headers, algorithm: 'hs2019', created, expires },
    { method: 'POST', target, scheme: 'http', authority: server.host, fields: Object.entries(fields).flat() },
  );
  const signature = createSignature(row.algorithm, key, text).toString('base64');
  const params = [
    `keyId="${row.keyId}"`,
    ...(algorithm === null ? [] : [`algorithm="${algorithm}"`]),
    ...(created === null ? [] : [`created=${created}`]),
    ...(expires === null ? [] : [`expires=${expires}`]),
    `headers="${headers.join(' ')}"`,
    `signature="${signature}"${more}`,
  ].join(',');
  return {
    method: 'POST',
    target,
    body,
    headers: { ...fields, [field]: field === 'Authorization' ? `Signature ${params}` : params },
  };
}

/** RFC 9110, sections 11.1 and 11.2: scheme and names are compared without case. */
const folded = (text: string): string =>
  text.replace(/^signature(?= )|\b(keyId|algorithm|headers|signature|created|expires)(?==)/gi, (word) =>
    word.toLowerCase(),
  );

describe('a draft-cavage signature', () => {
  test.each(['Authorization', 'Signature'] as const)('comes in by %s, once', async (field) => {
    const sent = sign(alice, { field });
    const answer = await server.send(sent);
    expect([answer.status, JSON.parse(answer.text).key]).toEqual([200, alice.row.keyId]);
    const again = await server.send(sent);
    expect([again.status, again.text]).toEqual([401, REFUSED]);
    expect(again.headers['www-authenticate']).toBe('Signature realm="api",headers="(request-target) host date digest"');
  });

  test.each([
    ...ALGORITHMS.map(([own, name]) => [own, name, 'Authorization'] as const),
    ['ed25519', 'hs2019', 'Signature'] as const,
  ])(
    'with %s (%s) in %s is refused for each single bit that is changed in it or in what it covers, names included',
    async (own, algorithm, field) => {
      const signer = await server.signer(own);
      const timed = algorithm === 'hs2019';
      const sent = sign(signer, {
        algorithm,
        field,
        headers: [...USUAL, 'content-type', ...(timed ? ['(created)', '(expires)'] : [])],
        ...(timed && { created: String(NOW), expires: String(NOW + 100) }),
      });
      const credential = String(sent.headers[field]);
      const covered = ['Date', 'Digest', 'Host', 'Content-Type'];
      const methods = bitChanges('POST').filter((method) => /^[\w!#$%&'*+.^`|~-]+$/.test(method));
      const changes = [
        ...headerBitChanges(credential)
          .filter((text) => folded(text) !== folded(credential))
          .map((text) => withHeader(sent, field, text)),
        ...covered.flatMap((name) =>
          headerBitChanges(String(sent.headers[name])).map((value) => withHeader(sent, name, value)),
        ),
        // The client names a host when nobody does.
        ...[field, 'Date', 'Digest', 'Content-Type'].flatMap((name) => nameBitChanges(sent, name)),
        ...bitChanges(sent.body as string).map((body) => ({ ...sent, body })),
        ...targetBitChanges(sent.target).map((target) => ({ ...sent, target })),
        // The client that sends these writes methods in capitals.
        ...methods.filter((method) => method.toUpperCase() !== 'POST').map((method) => ({ ...sent, method })),
      ];
      const answers = await inTurn(changes, (one) => server.status(one));
      expect(answers.filter(([, status]) => status < 400 || status >= 500)).toEqual([]);
      expect(answers.length).toBeGreaterThan(2000);
      expect(await server.status(sent)).toBe(200);
    },
    120_000,
  );

  test('is the same whatever the case of its scheme and of its names', async () => {
    const sent = sign(alice);
    const text = String(sent.headers.Authorization);
    const other = text.replace(/^Signature|keyId(?==)|headers(?==)/g, (word) => word.toUpperCase());
    expect(other).not.toBe(text);
    expect(await server.status(withHeader(sent, 'Authorization', other))).toBe(200);
    expect(await server.status(sent)).toBe(401);
  });

  test.each([
    ['without an algorithm', { algorithm: null }, 200],
    ['with hs2019', { algorithm: 'hs2019' }, 200],
    ['with the algorithm of the key', { algorithm: 'hmac-sha256' }, 200],
    ['with the algorithm of another key', { algorithm: 'rsa-sha256' }, 401],
    ['with SHA-1', { algorithm: 'hmac-sha1' }, 401],
    ['with the algorithm in capitals', { algorithm: 'HMAC-SHA256' }, 401],
    ['without the date', { headers: ['(request-target)', 'host', 'digest'] }, 401],
    ['without the target', { headers: ['host', 'date', 'digest'] }, 401],
    ['without the host', { headers: ['(request-target)', 'date', 'digest'] }, 401],
    ['without the digest', { headers: ['(request-target)', 'host', 'date'] }, 401],
    ['with the date alone', { headers: ['date'] }, 401],
    ['with a field twice', { headers: [...USUAL, 'host'] }, 401],
    ['with a parameter that the draft does not know', { more: ',nonce="1"' }, 401],
    ['with a parameter twice', { more: ',algorithm="hs2019"' }, 401],
    ['with a created that is not covered', { created: String(NOW) }, 401],
    ['with an expires that is not covered', { expires: String(NOW + 100) }, 401],
    ['with a digest that is not SHA-256', { digest: 'MD5=AAAA' }, 401],
    ['with two digests of which one is wrong', { digest: `${sha256('{"hello": "world"}')}, ${sha256('x')}` }, 401],
    ['with two digests of which one is unknown', { digest: `MD5=AAAA,${sha256('{"hello": "world"}')}` }, 200],
    ['with a digest named in lower case', { digest: sha256('{"hello": "world"}').replace('SHA', 'sha') }, 200],
    ['with a date that is none', { date: 'yesterday' }, 401],
    [
      'with created for a date',
      { headers: ['(request-target)', 'host', '(created)', 'digest'], created: `${NOW}` },
      200,
    ],
    [
      'with created, which is for hs2019 only',
      { headers: [...USUAL, '(created)'], created: `${NOW - 1}`, algorithm: 'hmac-sha256' },
      401,
    ],
    ['with a created that has a fraction', { headers: [...USUAL, '(created)'], created: `${NOW}.5` }, 401],
    ['with a created of another time', { headers: [...USUAL, '(created)'], created: `${NOW - 301}` }, 401],
    ['with an expires that has a fraction', { headers: [...USUAL, '(expires)'], expires: `${NOW}.5` }, 200],
  ] as const)('%s', async (_title, unusual, status) => {
    expect(await server.status(sign(alice, unusual))).toBe(status);
  });

  test('of a field that is not there is refused', async () => {
    for (const name of ['Digest', 'Date']) {
      const sent = sign(alice);
      const { [name]: _gone, ...headers } = sent.headers;
      expect([name, await server.status({ ...sent, headers })]).toEqual([name, 401]);
    }
  });

  test('is refused when a line comes twice: of the credential, of the date, of the host', async () => {
    for (const name of ['Authorization', 'Date', 'Host']) {
      const sent = sign(alice);
      const lines = Object.entries(sent.headers) as [string, string][];
      const again = lines.filter(([field]) => field === name);
      const status = await server.sendLines(sent, [...lines, ...again]);
      expect([name, [400, 401].includes(status)]).toEqual([name, true]);
      expect([name, await server.sendLines(sent, lines)]).toEqual([name, 200]);
    }
    const sent = sign(alice, { field: 'Signature' });
    const lines = [String(sent.headers.Signature), String(sign(alice, { field: 'Signature' }).headers.Signature)];
    expect(await server.status({ ...sent, headers: { ...sent.headers, Signature: lines } })).toBe(401);
  });

  test('is not good for another spelling of its path, nor for a whole URL', async () => {
    const sent = sign(alice, { target: '/legacy/' });
    for (const target of [
      '/legacy/../legacy/',
      '/./legacy/',
      '/leg%61cy/',
      '//legacy/',
      '/legacy',
      '/legacy/?',
      '/legacy/#',
    ]) {
      expect([target, (await server.status({ ...sent, target })) >= 400]).toEqual([target, true]);
    }
    const absolute = `http://${server.host}/legacy/`;
    expect(await server.status({ ...sent, target: absolute })).toBe(401);
    expect(await server.status(sign(alice, { target: absolute }))).toBe(401);
    expect(await server.status(sent)).toBe(200);
  });

  test('covers a body that comes without its length', async () => {
    const chunked = (sent: Sent): Sent => withHeader(sent, 'Transfer-Encoding', 'chunked');
    expect(await server.status(chunked(sign(alice)))).toBe(200);
    expect(await server.status({ ...chunked(sign(alice)), body: '{"hello": "w0rld"}' })).toBe(401);
    expect(await server.status(chunked(sign(alice, { headers: USUAL.slice(0, 3) })))).toBe(401);
    expect(await server.status({ ...sign(alice), body: undefined })).toBe(401);
  });

  test('of an ECDSA key is refused: implementations differ in its form', async () => {
    const signer = await server.signer('ecdsa-p256-sha256');
    expect(await server.status(sign(signer))).toBe(401);
  });

  test('whose HMAC is keyed with the text of the public key is refused', async () => {
    const signer = await server.signer('rsa-v1_5-sha256');
    const pem = createPublicKey(signer.key).export({ type: 'spki', format: 'pem' }) as string;
    const forged: Signer = {
      row: Object.assign(new SignatureKey(), signer.row, { algorithm: 'hmac-sha256' }),
      key: createSecretKey(Buffer.from(pem)),
    };
    for (const algorithm of [null, 'hs2019', 'hmac-sha256', 'rsa-sha256']) {
      expect([algorithm, await server.status(sign(forged, { algorithm }))]).toEqual([algorithm, 401]);
    }
  });
});

describe('its time', () => {
  const at = async (ms: number, sent: Sent): Promise<number> => {
    server.clock.ms = NOW * 1000 + ms;
    try {
      return await server.status(sent);
    } finally {
      server.clock.ms = NOW * 1000;
    }
  };

  beforeAll(async () => {
    await db(server.site).update(SignatureKey, alice.row.id, { notBefore: new Date(0) });
  });

  test.each([
    ['date', () => sign(alice, { at: NOW })],
    [
      '(created)',
      () => sign(alice, { headers: ['(request-target)', 'host', '(created)', 'digest'], created: `${NOW}` }),
    ],
  ])('ends 300 seconds before and after %s, to the millisecond', async (_name, make) => {
    for (const [ms, status] of [
      [-300_001, 401],
      [-300_000, 200],
      [300_000, 200],
      [300_001, 401],
    ] as const) {
      await db(server.site).query('DELETE FROM auth_replay');
      expect([ms, await at(ms, make())]).toEqual([ms, status]);
    }
  });

  test('ends with the last millisecond of expires, whole or not', async () => {
    for (const [expires, ms] of [
      [`${NOW + 10}`, 10_000],
      [`${NOW + 10}.5`, 10_500],
    ] as const) {
      const make = () => sign(alice, { headers: [...USUAL, '(expires)'], expires });
      expect([expires, await at(ms + 1, make()), await at(ms, make())]).toEqual([expires, 401, 200]);
    }
  });
});

describe('its one use', () => {
  test.each([-300, 0, 300])('is remembered while it would count, made %i seconds from our clock', async (seconds) => {
    await db(server.site).query('DELETE FROM auth_replay');
    const sent = sign(alice, { at: NOW + seconds });
    expect(await server.status(sent)).toBe(200);
    server.log.length = 0;
    server.clock.ms = (NOW + seconds + 300) * 1000;
    await replayMemory(server.site).purge();
    expect(await server.status(sent)).toBe(401);
    expect(server.log.join('')).toContain('it was used before');
    for (const step of [1, 2000]) {
      server.log.length = 0;
      server.clock.ms += step;
      await replayMemory(server.site).purge();
      expect(await server.status(sent)).toBe(401);
      expect(server.log.join('')).toContain('it was made at another time');
    }
    server.clock.ms = NOW * 1000;
  });

  test('is that of the signed text: another name for the algorithm makes no other signature', async () => {
    const sent = sign(alice, { algorithm: 'hmac-sha256' });
    const text = String(sent.headers.Authorization);
    expect(await server.status(sent)).toBe(200);
    for (const other of [text.replace('"hmac-sha256"', '"hs2019"'), text.replace('algorithm="hmac-sha256",', '')]) {
      expect(await server.status(withHeader(sent, 'Authorization', other))).toBe(401);
    }
    const params = text.slice('Signature '.length);
    const { Authorization: _moved, ...headers } = sent.headers;
    expect(await server.status({ ...sent, headers: { ...headers, Signature: params } })).toBe(401);
  });

  test('is not forgotten when its request is rolled back', async () => {
    const sent = sign(alice, { target: '/legacy/?fail' });
    expect([await server.status(sent), await server.status(sent)]).toEqual([500, 401]);
  });

  test('is that of one of five that come at once', async () => {
    const sent = sign(alice);
    const statuses = await Promise.all([1, 2, 3, 4, 5].map(() => server.status(sent)));
    expect(statuses.sort()).toEqual([200, 401, 401, 401, 401]);
  });

  test('is not spent by a request that is refused', async () => {
    const count = async () =>
      (await db(server.site).query('SELECT count(*)::int AS n FROM auth_replay'))[0].n as number;
    const before = await count();
    const sent = sign(alice);
    await server.status({ ...sent, body: '{"hello": "w0rld"}' });
    await server.status(sign(alice, { at: NOW - 301 }));
    expect(await count()).toBe(before);
    expect(await server.status(sent)).toBe(200);
    expect(await count()).toBe(before + 1);
  });
});

describe('its key and user', () => {
  test('must be good: not revoked, begun, not ended, not deleted', async () => {
    const keys = db(server.site).getRepository(SignatureKey);
    const signer = await server.signer();
    const { id } = signer.row;
    const status = () => server.status(sign(signer));
    expect(await status()).toBe(200);
    await keys.update(id, { notBefore: new Date(NOW * 1000 + 1) });
    expect(await status()).toBe(401);
    await keys.update(id, { notBefore: new Date(NOW * 1000), expires: new Date(NOW * 1000) });
    expect(await status()).toBe(401);
    await keys.update(id, { expires: new Date(NOW * 1000 + 1) });
    expect(await status()).toBe(200);
    await keys.update(id, { active: false });
    expect(await status()).toBe(401);
    await keys.delete(id);
    expect(await status()).toBe(401);
  });

  test('are refused with the same text when the user is inactive or deleted', async () => {
    const signer = await server.signer('ed25519', 'bob');
    const bob = await server.user('bob');
    const model = db(server.site).getRepository(userModel(server.site));
    const answer = async () => (await server.send(sign(signer))).text;
    expect(await answer()).toContain('bob');
    await model.update(bob.id, { isActive: false });
    expect(await answer()).toBe(REFUSED);
    await model.delete(bob.id);
    expect(await answer()).toBe(REFUSED);
  });
});

test.each(['/notes/a/', '/older-first/'])(
  'with the other form on one view, %s, each knows its own and lets in no wrong one',
  async (target) => {
    const older = (field: 'Authorization' | 'Signature') => sign(alice, { target, field });
    const newer = server.sign(alice, { target, parameters: { nonce: target } });
    for (const sent of [older('Authorization'), older('Signature'), newer]) {
      expect(await server.status({ ...sent, body: '{"hello": "w0rld"}' })).toBe(401);
      expect(await server.status(sent)).toBe(200);
      expect(await server.status(sent)).toBe(401);
    }
    const { 'Signature-Input': _input, ...without } = newer.headers;
    expect(await server.status({ ...newer, headers: without })).toBe(401);
    // One form does not vouch for the other.
    const { Authorization: right } = older('Authorization').headers;
    expect(await server.status(withHeader(newer, 'Authorization', String(right)))).toBe(401);
  },
);

test('leaves no secret and no signature in any log, but the reason', async () => {
  const made = [sign(alice), sign(alice, { field: 'Signature' }), sign(alice, { target: '/legacy/?fail' })];
  server.log.length = 0;
  server.serverLog.length = 0;
  for (const sent of made) {
    await server.send(sent);
    await server.send(sent);
    await server.send({ ...sent, body: 'x' });
    await server.send(withHeader(sent, 'Date', new Date(0).toUTCString()));
  }
  const signatures = made.map(
    ({ headers }) => /signature="(.*?)"/.exec(JSON.stringify(headers).replaceAll('\\"', '"'))?.[1],
  );
  const log = server.allLogs;
  expect(log).toContain('it was used before');
  expect(log).toContain('it does not verify');
  expect(log).toContain('/legacy/');
  expect(server.serverLog.length).toBeGreaterThan(10);
  for (const secret of [...signatures, alice.key.export().toString('base64'), alice.key.export().toString('hex')]) {
    expect(secret?.length).toBeGreaterThan(40);
    expect(log).not.toContain(secret);
  }
});
