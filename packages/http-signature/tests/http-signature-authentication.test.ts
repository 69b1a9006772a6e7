import { createPublicKey, createSecretKey } from 'node:crypto';
import { replayMemory, SecretBox, userModel } from '@rf/auth';
import { contentDigest, SignatureKey, signatureAlgorithms, verifyMessage } from '@rf/http-signature';
import { db } from '@rf/orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bitChanges, headerBitChanges, inTurn, targetBitChanges } from '../../auth/tests/bit-changes.ts';
import { nameBitChanges, NOW, type Sent, type Signer, TestServer, withHeader } from './server.ts';

let server: TestServer;
let alice: Signer;

beforeAll(async () => {
  server = await TestServer.start();
  alice = await server.signer();
});
afterAll(() => server.close());

let count = 0;
const nonce = () => ({ nonce: `n${(count += 1)}` });

describe('a signed request', () => {
  test.each(signatureAlgorithms)('comes in with %s, once', async (algorithm) => {
    const sent = server.sign(await server.signer(algorithm));

    const first = await server.send(sent);
    expect(first.status).toBe(200);
    expect(JSON.parse(first.text)).toMatchObject({ user: 'alice', data: { hello: 'world' } });
    expect(await server.status(sent)).toBe(401);
  });

  test.each(signatureAlgorithms)(
    'with %s is refused for each single bit that is changed in it or in what it covers',
    async (algorithm) => {
      const signer = await server.signer(algorithm);
      const components = ['@method', '@authority', '@path', '@query', 'content-digest', 'content-type'];
      const parameters = { ...nonce(), expires: NOW + 100, alg: algorithm };
      const sent = server.sign(signer, { components, parameters });
      const headers = ['Signature', 'Signature-Input', 'Content-Digest', 'Content-Type', 'Host'];
      const methods = bitChanges('POST').filter((method) => /^[\w!#$%&'*+.^`|~-]+$/.test(method));
      const changes = [
        ...headers.flatMap((name) =>
          headerBitChanges(String(sent.headers[name])).map((value) => withHeader(sent, name, value)),
        ),
        // The client names a host when nobody does.
        ...headers.slice(0, 4).flatMap((name) => nameBitChanges(sent, name)),
        ...bitChanges(sent.body as string).map((body) => ({ ...sent, body })),
        ...targetBitChanges(sent.target).map((target) => ({ ...sent, target })),
        // The client that sends these writes methods in capitals.
        ...methods.filter((method) => method.toUpperCase() !== 'POST').map((method) => ({ ...sent, method })),
      ];
      const answers = await inTurn(changes, (one) => server.status(one));
      expect(answers.filter(([, status]) => status < 400 || status >= 500)).toEqual([]);
      expect(answers.length).toBeGreaterThan(1000);
      expect(await server.status(sent)).toBe(200);
    },
    60_000,
  );

  test('is not good for another spelling of its path', async () => {
    const sent = server.sign(alice, { method: 'GET', target: '/notes/b/', parameters: nonce() });
    expect(await server.status({ ...sent, target: '/notes/%62/' })).toBe(401);
    for (const target of ['/notes/a/../b/', '/notes/./b/', '/notes/a/%2e%2e/b/', '//notes/b/', '/notes/b']) {
      expect([target, (await server.status({ ...sent, target })) >= 400]).toEqual([target, true]);
    }
    const absolute = { ...sent, target: `http://${server.host}/notes/b/` };
    expect(await server.status(absolute)).toBe(401);
    expect(await server.status(sent)).toBe(200);
    const fresh = { method: 'GET', parameters: nonce() };
    expect(await server.status(server.sign(alice, { ...fresh, target: '/notes/%62/' }))).toBe(200);
  });

  test('has its method in the spelling that was signed', async () => {
    const sent = server.sign(alice, { parameters: nonce() });
    const lines = Object.entries(sent.headers) as [string, string][];
    for (const method of ['post', 'Post', 'GET', 'PUT']) {
      expect([method, (await server.sendLines({ ...sent, method }, lines)) >= 400]).toEqual([method, true]);
    }
    const lower = server.sign(alice, { method: 'post', body: sent.body as string, parameters: nonce() });
    expect(await server.status(lower)).toBe(401);
    expect(await server.sendLines(sent, lines)).toBe(200);
  });

  test.each([
    ['content-digest', ['@method', '@target-uri', 'content-digest']],
    ['its member', ['@method', '@target-uri', '"content-digest";key="sha-256"']],
    ['its structured form', ['@method', '@target-uri', '"content-digest";sf']],
    ['its bytes', ['@method', '@target-uri', '"content-digest";bs']],
  ])('that covers %s is refused for each bit that is changed in the field', async (_what, components) => {
    const sent = server.sign(alice, { components, parameters: nonce() });
    const field = String(sent.headers['Content-Digest']);
    const changes = headerBitChanges(field);
    const answers = await inTurn(changes, (text) => server.status(withHeader(sent, 'Content-Digest', text)));
    expect(answers.filter(([, status]) => status !== 401)).toEqual([]);
    expect(answers.length).toBeGreaterThan(300);
    expect(await server.status(sent)).toBe(200);
  });

  test.each([
    ['created 300 seconds ago', { created: NOW - 300 }, 200],
    ['created 301 seconds ago', { created: NOW - 301 }, 401],
    ['created 60 seconds ahead', { created: NOW + 60 }, 200],
    ['created 61 seconds ahead', { created: NOW + 61 }, 401],
    ['expiring now', { expires: NOW }, 200],
    ['expired a second ago', { created: NOW - 10, expires: NOW - 1 }, 401],
    ['expiring before it was created', { created: NOW + 10, expires: NOW + 5 }, 401],
    ['without created', { created: undefined }, 401],
    ['without keyid', { keyid: undefined }, 401],
    ['naming another algorithm', { alg: 'ecdsa-p256-sha256' }, 401],
    ['naming its own algorithm', { alg: 'ed25519' }, 200],
    ['made for another application', { tag: 'other' }, 401],
  ])('%s', async (_title, parameters, status) => {
    expect(await server.status(server.sign(alice, { parameters: { ...nonce(), ...parameters } as never }))).toBe(
      status,
    );
  });

  test.each([
    [['@authority', '@path', '@query', 'content-digest'], 401],
    [['@method', '@path', '@query', 'content-digest'], 401],
    [['@method', '@authority', '@query', 'content-digest'], 401],
    [['@method', '@authority', '@path', 'content-digest'], 401],
    [['@method', '@authority', '@path', '@query'], 401],
    [['@method', '@authority', '@path', '"@query-param";name="page"', 'content-digest'], 401],
    [['@method', '@target-uri', 'content-digest'], 200],
    [['@method', '@authority', '@request-target', 'content-digest'], 200],
    [['@method', '@target-uri', '"content-digest";key="sha-256"'], 200],
    [['@method', '@target-uri', '"content-digest";bs'], 200],
  ])('that covers %j is answered %i', async (components, status) => {
    expect(await server.status(server.sign(alice, { components, parameters: nonce() }))).toBe(status);
  });

  test('begins 60 seconds before created and ends after 300, or with expires, to the millisecond', async () => {
    const signer = await server.signer();
    await db(server.site).update(SignatureKey, signer.row.id, { notBefore: new Date(0) });
    const at = async (ms: number, parameters: object) => {
      server.clock.ms = NOW * 1000 + ms;
      return server.status(server.sign(signer, { parameters: { ...nonce(), ...parameters } })).finally(() => {
        server.clock.ms = NOW * 1000;
      });
    };
    for (const [ms, parameters, status] of [
      [-60_001, {}, 401],
      [-60_000, {}, 200],
      [300_000, {}, 200],
      [300_001, {}, 401],
      [10_000, { expires: NOW + 10 }, 200],
      [10_001, { expires: NOW + 10 }, 401],
      [0, { expires: NOW }, 200],
      [1, { expires: NOW }, 401],
      // A late end gives no longer life.
      [300_001, { expires: NOW + 1000 }, 401],
    ] as const) {
      expect([ms, parameters, await at(ms, parameters)]).toEqual([ms, parameters, status]);
    }
  });

  test.each([
    ['a nonce', { nonce: 'until its last moment' }, -300],
    ['no nonce', {}, -300],
    ['a nonce, made by a clock that is ahead', { nonce: 'from the future' }, 60],
    ['no nonce, made by a clock that is ahead', {}, 60],
  ])('with %s is remembered while it would count, whatever is purged', async (_what, parameters, seconds) => {
    const created = NOW + seconds;
    const sent = server.sign(alice, { parameters: { created, ...parameters } });
    expect(await server.status(sent)).toBe(200);
    server.clock.ms = (created + 300) * 1000;
    for (const [step, reason] of [
      [0, 'it was used before'],
      [1, 'created is too long ago'],
      [2000, 'created is too long ago'],
    ] as const) {
      server.log.length = 0;
      server.clock.ms += step;
      await replayMemory(server.site).purge();
      expect(await server.status(sent)).toBe(401);
      expect(server.log.join('')).toContain(reason);
    }
    server.clock.ms = NOW * 1000;
  });

  test('that is refused spends nothing', async () => {
    const count = async () =>
      (await db(server.site).query('SELECT count(*)::int AS n FROM auth_replay'))[0].n as number;
    const before = await count();
    const sent = server.sign(alice, { parameters: nonce() });
    await server.status({ ...sent, body: '{"hello": "w0rld"}' });
    await server.status(withHeader(sent, 'Content-Digest', contentDigest('x')));
    await server.status(server.sign(alice, { parameters: { ...nonce(), created: NOW - 301 } }));
    expect(await count()).toBe(before);
    expect(await server.status(sent)).toBe(200);
    expect(await count()).toBe(before + 1);
  });

  test('counts once by its nonce, or without one by its text, not by its signature', async () => {
    const signer = await server.signer('ecdsa-p256-sha256');
    const same = { parameters: { created: NOW - 1 } };
    // ECDSA signs the same text differently each time: another signature of one text is still a replay.
    const [first, second] = [server.sign(signer, same), server.sign(signer, same)];
    expect(first.headers.Signature).not.toBe(second.headers.Signature);
    expect([await server.status(first), await server.status(second)]).toEqual([200, 401]);

    const once = nonce();
    expect(await server.status(server.sign(signer, { parameters: once }))).toBe(200);
    expect(await server.status(server.sign(signer, { target: '/notes/c/', parameters: once }))).toBe(401);
    expect(await server.status(server.sign(alice, { parameters: once }))).toBe(200);
  });

  test('is not forgotten when its request is rolled back', async () => {
    const sent = server.sign(alice, { target: '/notes/a/?fail', parameters: nonce() });
    expect(await server.status(sent)).toBe(500);
    expect(await server.status(sent)).toBe(401);
  });

  test('of five that come at once, one comes in', async () => {
    const sent = server.sign(alice, { parameters: nonce() });
    const statuses = await Promise.all([1, 2, 3, 4, 5].map(() => server.status(sent)));
    expect(statuses.sort()).toEqual([200, 401, 401, 401, 401]);
  });

  test('is refused when the key is not good: revoked, not yet valid, ended, deleted', async () => {
    const keys = db(server.site).getRepository(SignatureKey);
    const signer = await server.signer();
    const status = () => server.status(server.sign(signer, { parameters: nonce() }));
    const { id } = signer.row;
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

  test('of an inactive or deleted user is refused with the same text', async () => {
    const signer = await server.signer('ed25519', 'bob');
    const bob = await server.user('bob');
    const model = db(server.site).getRepository(userModel(server.site));
    const answer = async () => (await server.send(server.sign(signer, { parameters: nonce() }))).text;
    expect(await answer()).toContain('bob');
    await model.update(bob.id, { isActive: false });
    expect(await answer()).toBe('{"detail":"Invalid signature."}');
    await model.delete(bob.id);
    expect(await answer()).toBe('{"detail":"Invalid signature."}');
  });

  test('whose HMAC is keyed with the text of the public key is refused', async () => {
    const signer = await server.signer('rsa-v1_5-sha256');
    const pem = createPublicKey(signer.key).export({ type: 'spki', format: 'pem' }) as string;
    const forged: Signer = {
      row: Object.assign(new SignatureKey(), signer.row, { algorithm: 'hmac-sha256' }),
      key: createSecretKey(Buffer.from(pem)),
    };
    for (const alg of [undefined, 'hmac-sha256', 'rsa-v1_5-sha256']) {
      expect(await server.status(server.sign(forged, { parameters: { ...nonce(), alg } as never }))).toBe(401);
    }
  });

  test('is refused when a digest of its body is wrong, weak or missing', async () => {
    const body = '{"hello": "world"}';
    const status = (digest: string) =>
      server.status(server.sign(alice, { body, headers: { 'Content-Digest': digest }, parameters: nonce() }));
    expect(await status(contentDigest(body, 'sha-512'))).toBe(200);
    expect(await status(`${contentDigest(body)}, md5=:AAAA:`)).toBe(200);
    expect(await status(`${contentDigest(body)}, ${contentDigest('other', 'sha-512')}`)).toBe(401);
    expect(await status(`${contentDigest('other')}, ${contentDigest(body, 'sha-512')}`)).toBe(401);
    expect(await status(`${contentDigest('other')}, ${contentDigest(body)}`)).toBe(401);
    expect(await status('md5=:AAAA:')).toBe(401);
    expect(await status('sha-256')).toBe(401);
    expect(await status('')).toBe(401);
    const { 'Content-Digest': _gone, ...headers } = server.sign(alice, { body, parameters: nonce() }).headers;
    const sent = { method: 'POST', target: '/notes/a/?page=2', body };
    expect(await server.status({ ...sent, headers })).toBe(401);
    const uncovered = { components: ['@method', '@target-uri'], parameters: nonce() };
    expect(await server.status(server.sign(alice, { body, ...uncovered }))).toBe(401);
  });

  test('covers a body that comes without its length, and that none came', async () => {
    const chunked = (sent: Sent) => withHeader(sent, 'Transfer-Encoding', 'chunked');
    const signed = () => server.sign(alice, { parameters: nonce() });
    expect(await server.status(chunked(signed()))).toBe(200);
    expect(await server.status({ ...chunked(signed()), body: '{"hello": "w0rld"}' })).toBe(401);
    expect(await server.status({ ...signed(), body: undefined })).toBe(401);
    const uncovered = { method: 'GET', parameters: nonce() };
    expect(await server.status({ ...server.sign(alice, uncovered), body: '{"hello": "world"}' })).toBe(401);
    const added = { ...server.sign(alice, uncovered), body: '{"hello": "world"}' };
    expect(await server.status(chunked(added))).toBe(401);
    expect(await server.status(server.sign(alice, uncovered))).toBe(200);
  });

  test('leaves no secret and no signature in any log, but the reason', async () => {
    const secret = await server.signer('hmac-sha256');
    const made = [
      server.sign(secret, { parameters: nonce() }),
      server.sign(secret, { parameters: nonce(), target: '/notes/a/?fail' }),
    ];
    server.log.length = 0;
    server.serverLog.length = 0;
    for (const sent of made) {
      await server.send(sent);
      await server.send(sent);
      await server.send(withHeader(sent, 'Content-Digest', contentDigest('x')));
      await server.send(withHeader(sent, 'Signature', `${String(sent.headers.Signature)}, sig2`));
      await server.send(withHeader(sent, 'Signature-Input', `${String(sent.headers['Signature-Input'])}x`));
    }
    const log = server.allLogs;
    expect(log).toContain('it was used before');
    expect(log).toContain('it does not verify');
    expect(log).toContain('/notes/a/');
    expect(server.serverLog.length).toBeGreaterThan(10);
    const signatures = made.map(({ headers }) => /:(.*):/.exec(String(headers.Signature))?.[1]);
    const bytes = secret.key.export();
    for (const text of [...signatures, bytes.toString('base64'), bytes.toString('hex'), secret.row.secretSealed]) {
      expect(text?.length).toBeGreaterThan(40);
      expect(log).not.toContain(text);
    }
  });
});

describe('the challenge', () => {
  test('says what a signature must cover', async () => {
    const answer = await server.send({ method: 'GET', target: '/notes/a/', headers: {} });
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Signature realm="api"');
    expect(answer.headers['accept-signature']).toBe('sig1=("@method" "@authority" "@path" "@query");created;keyid');
  });
});

test('a key whose secret was sealed with a lost key counts for nothing, and one line of the log says which row it is', async () => {
  const signer = await server.signer('hmac-sha256');
  expect(await server.status(server.sign(signer))).toBe(200);
  const former = { secretKey: 'the secret key before it was changed', secretKeyFallbacks: [] };
  const secretSealed = new SecretBox(former).seal('what only the former key opens');
  await db(server.site).update(SignatureKey, signer.row.id, { secretSealed });
  server.log.length = 0;
  const refused = await server.send(server.sign(signer, { parameters: nonce() }));
  expect([refused.status, JSON.parse(refused.text)]).toEqual([401, { detail: 'Invalid signature.' }]);
  const told = server.log.filter((line) => line.startsWith('A stored secret cannot be opened'));
  expect(told).toHaveLength(1);
  expect(told[0]).toContain(
    `"table":"http_signature_key","row":${signer.row.id},"key":"${secretSealed.split('.')[1]}"`,
  );
  expect(server.log.join()).not.toContain(secretSealed);
});

describe('with options', () => {
  test('answers are signed and bound to their request; tag, nonce and components are asked for', async () => {
    const secret = Buffer.alloc(32, 7);
    const other = await TestServer.start({
      tag: 'shop',
      nonceRequired: true,
      requiredComponents: ['content-type'],
      signResponses: { keyId: 'server', algorithm: 'hmac-sha256', key: secret },
    });
    try {
      const signer = await other.signer();
      const components = ['@method', '@target-uri', 'content-digest', 'content-type'];
      const good = { components, parameters: { tag: 'shop', nonce: '1' } };
      expect(await other.status(other.sign(signer, { components, parameters: { tag: 'shop' } }))).toBe(401);
      expect(await other.status(other.sign(signer, { ...good, components: components.slice(0, 3) }))).toBe(401);
      expect(await other.status(other.sign(signer, { components, parameters: { nonce: '1' } }))).toBe(401);

      const sent = other.sign(signer, good);
      const answer = await other.send(sent);
      expect(answer.status).toBe(200);
      expect(answer.headers['content-digest']).toBe(contentDigest(answer.text));
      const { method, target } = sent;
      const request = { method, target, scheme: 'http', authority: other.host } as const;
      const key = { algorithm: 'hmac-sha256', key: createSecretKey(secret) } as const;
      const check = (fields: string[]) =>
        verifyMessage(
          { status: answer.status, fields: answer.rawHeaders, request: { ...request, fields } },
          'sig1',
          key,
        );
      const fields = Object.entries(sent.headers).flat() as string[];
      expect(check(fields).components.map(({ text }) => text)).toContain('"signature";req;key="sig1"');
      expect(() => check(['Signature', 'sig1=:AAAA:'])).toThrow('it does not verify');
    } finally {
      await other.close();
    }
  });
});
