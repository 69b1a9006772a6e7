import { createPublicKey, createSecretKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { BasicAuthentication, createUser, findUser, users } from '@rf/auth';
import { AccessTokenAuthentication, authtoken, issueAccessToken } from '@rf/authtoken';
import {
  createSignatureKey,
  HttpSignatureAuthentication,
  httpSignature,
  keyProblem,
  rotateSignatureKey,
  type SignatureAlgorithm,
  SignatureKey,
  signatureKeyUrls,
  signMessage,
} from '@rf/http-signature';
import { db } from '@rf/orm';
import { APIView, path, type Request } from '@rf/views';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { TestServer } from '../../auth/tests/server.ts';

class Who extends APIView {
  override get(request: Request): unknown {
    return { user: String(request.user), key: String(request.auth) };
  }
}

let server: TestServer;
let weak: TestServer;

beforeAll(async () => {
  const common = {
    auth: { loginThrottle: null },
    settings: {
      defaultAuthenticationClasses: [BasicAuthentication, HttpSignatureAuthentication, AccessTokenAuthentication],
    },
    urls: [path('/who/', Who), signatureKeyUrls('/keys/')],
  };
  server = await TestServer.start({ ...common, apps: [authtoken(), httpSignature()] });
  weak = await TestServer.start({ ...common, apps: [authtoken(), httpSignature({ algorithms: ['ed25519'] })] });
  for (const username of ['alice', 'bob']) await createUser(server.site, { username, password: 'pw' });
  await createUser(weak.site, { username: 'alice', password: 'pw' });
});
afterAll(async () => {
  await server.close();
  await weak.close();
});
beforeEach(() => db(server.site).clear(SignatureKey));

const as = (username: string) => ({ Authorization: `Basic ${Buffer.from(`${username}:pw`).toString('base64')}` });
const send = (method: string, target: string, json?: unknown, headers: Record<string, string> = as('alice')) =>
  server.send(method, target, { headers, ...(json !== undefined && { json }) });

const pem = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }) as string;
const pair = () => generateKeyPairSync('ed25519');

let counted = 0;

/** The fields of a signed GET. */
function signed(
  algorithm: SignatureAlgorithm,
  key: KeyObject,
  keyid: string,
  target = '/who/',
): Record<string, string> {
  const { signatureInput, signature } = signMessage(
    { method: 'GET', target, scheme: 'http', authority: new URL(server.origin).host, fields: [] },
    {
      algorithm,
      key,
      components: ['@method', '@authority', '@path', '@query'],
      parameters: { created: Math.floor(server.now / 1000), keyid, nonce: `n${(counted += 1)}` },
    },
  );
  return { 'Signature-Input': signatureInput, Signature: signature };
}

describe('a user', () => {
  test('registers a public key, signs with the private half, and revokes it', async () => {
    const { publicKey, privateKey } = pair();
    const made = await send('POST', '/keys/', {
      name: 'ci',
      algorithm: 'ed25519',
      publicKey: pem(publicKey),
      lifetime: 60,
    });
    expect(made.status).toBe(201);
    const { id, keyId, expires } = made.json;
    expect(made.json).toMatchObject({
      name: 'ci',
      algorithm: 'ed25519',
      publicKey: publicKey.export({ format: 'jwk' }),
      active: true,
      lastUsed: null,
    });
    expect(Date.parse(expires)).toBe(server.now + 60_000);

    const who = () => server.send('GET', '/who/', { headers: signed('ed25519', privateKey, keyId) });
    expect((await who()).json).toEqual({ user: 'alice', key: keyId });
    expect((await send('GET', `/keys/${id}/`)).json.lastUsed).not.toBeNull();
    expect((await send('DELETE', `/keys/${id}/`)).status).toBe(204);
    expect((await who()).status).toBe(401);
    expect((await send('GET', `/keys/${id}/`)).status).toBe(404);
  });

  test('is given a secret for hmac-sha256, once', async () => {
    const made = await send('POST', '/keys/', { name: 'hook', algorithm: 'hmac-sha256' });
    expect([made.status, made.headers.get('cache-control')]).toEqual([201, 'no-store']);
    const { secret, ...shown } = made.json;
    expect(Buffer.from(secret, 'base64')).toHaveLength(64);
    expect((await send('GET', '/keys/')).json).toEqual([shown]);
    const headers = signed('hmac-sha256', createSecretKey(secret, 'base64'), shown.keyId);
    expect((await server.send('GET', '/who/', { headers })).json.user).toBe('alice');
    expect([...server.log, ...server.serverLog].join('\n')).not.toContain(secret);
  });

  test.each<[SignatureAlgorithm, () => KeyObject]>([
    ['ecdsa-p256-sha256', () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey],
    ['ecdsa-p384-sha384', () => generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey],
    ['rsa-pss-sha512', () => generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).publicKey],
    ['rsa-v1_5-sha256', () => generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey],
  ])('registers a key for %s, as text and as a JWK', async (algorithm, make) => {
    const texts = [pem(make())];
    const made = await send('POST', '/keys/', { name: 'a', algorithm, publicKey: texts[0] });
    expect(made.status).toBe(201);
    const again = { name: 'a', algorithm, publicKey: made.json.publicKey };
    expect((await send('POST', '/keys/', again)).json.publicKey).toEqual(made.json.publicKey);
    const text = { ...again, publicKey: JSON.stringify(made.json.publicKey) };
    expect((await send('POST', '/keys/', text)).json.publicKey).toEqual(made.json.publicKey);
  });

  test('renames a key, and nothing else about it', async () => {
    const { json } = await send('POST', '/keys/', { name: 'old', algorithm: 'hmac-sha256' });
    const { secret: _secret, ...before } = json;
    const changed = await send('PATCH', `/keys/${json.id}/`, {
      name: 'new',
      active: false,
      keyId: 'x',
      algorithm: 'ed25519',
    });
    expect(changed.json).toEqual({ ...before, name: 'new' });
    expect((await send('GET', `/keys/${json.id}/`)).json).toEqual({ ...before, name: 'new' });
    expect((await send('PATCH', `/keys/${json.id}/`, {})).json.name).toBe('new');
  });

  test('rotates a key, whose former one counts a while longer', async () => {
    const [first, second] = [pair(), pair()];
    const made = await send('POST', '/keys/', { name: 'ci', algorithm: 'ed25519', publicKey: pem(first.publicKey) });
    const { id, keyId } = made.json;
    const rotated = await send('POST', `/keys/${id}/rotate/`, { publicKey: pem(second.publicKey), overlap: 10 });
    expect(rotated.status).toBe(201);
    expect(rotated.json).toMatchObject({ name: 'ci', algorithm: 'ed25519', expires: null });
    const statuses = async () => [
      (await server.send('GET', '/who/', { headers: signed('ed25519', first.privateKey, keyId) })).status,
      (await server.send('GET', '/who/', { headers: signed('ed25519', second.privateKey, rotated.json.keyId) })).status,
    ];
    server.now += 9_999;
    expect(await statuses()).toEqual([200, 200]);
    server.now += 1;
    expect(await statuses()).toEqual([401, 200]);

    const secret = await send('POST', '/keys/', { name: 'hook', algorithm: 'hmac-sha256' });
    const next = await send('POST', `/keys/${secret.json.id}/rotate/`);
    expect(next.json.secret).not.toBe(secret.json.secret);
    const { expires } = (await send('GET', `/keys/${secret.json.id}/`)).json;
    expect(Date.parse(expires)).toBe(server.now + 86_400_000);
    expect((await send('POST', `/keys/${id}/rotate/`, { overlap: 10 })).json).toEqual({
      publicKey: ['This field is required.'],
    });
  });

  test('neither a revoked key nor a deleted one comes back because somebody rotated it at the same time', async () => {
    const user = await users(server.site).findOneByOrFail({ username: 'alice' });
    const keys = db(server.site).getRepository(SignatureKey);
    const [revoked, deleted] = [
      (await createSignatureKey(server.site, user)).key,
      (await createSignatureKey(server.site, user)).key,
    ];
    await keys.update(revoked.id, { active: false });
    await keys.delete(deleted.id);
    for (const stale of [revoked, deleted]) await rotateSignatureKey(server.site, stale, 10);
    expect((await keys.findOneByOrFail({ id: revoked.id })).active).toBe(false);
    expect(await keys.findOneBy({ id: deleted.id })).toBe(null);
  });

  test('revokes all keys at once, and no one else’s', async () => {
    for (const username of ['alice', 'alice', 'bob']) {
      await send('POST', '/keys/', { name: 'a', algorithm: 'hmac-sha256' }, as(username));
    }
    expect((await send('DELETE', '/keys/')).status).toBe(204);
    expect((await send('GET', '/keys/')).json).toEqual([]);
    expect((await send('GET', '/keys/', undefined, as('bob'))).json).toHaveLength(1);
  });

  test('sees, changes and revokes no key of another', async () => {
    const { id } = (await send('POST', '/keys/', { name: 'a', algorithm: 'hmac-sha256' })).json;
    const asked = [
      await send('GET', `/keys/${id}/`, undefined, as('bob')),
      await send('PATCH', `/keys/${id}/`, { name: 'b' }, as('bob')),
      await send('DELETE', `/keys/${id}/`, undefined, as('bob')),
      await send('POST', `/keys/${id}/rotate/`, {}, as('bob')),
      await send('GET', '/keys/nothing/', undefined, as('bob')),
    ];
    expect(asked.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404]);
    expect((await send('GET', '/keys/', undefined, as('bob'))).json).toEqual([]);
    expect((await send('GET', `/keys/${id}/`)).json.name).toBe('a');
  });

  test('manages keys with a signed request, but not as nobody nor with a token that has scopes', async () => {
    const alice = await findUser(server.site, 'alice');
    const { key, secret } = await createSignatureKey(server.site, alice as never, { algorithm: 'hmac-sha256' });
    const headers = signed('hmac-sha256', createSecretKey(secret as string, 'base64'), key.keyId, '/keys/');
    expect((await send('GET', '/keys/', undefined, headers)).json).toHaveLength(1);
    expect((await send('GET', '/keys/', undefined, {})).status).toBe(401);
    const { text } = await issueAccessToken(server.site, alice as never, { name: 'wide' });
    expect((await send('GET', '/keys/', undefined, { Authorization: `Bearer ${text}` })).status).toBe(403);
  });
});

describe('refused', () => {
  const big = generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 2 ** 31 + 11 }).publicKey;
  const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const edwards = pair();
  const secretJwk = edwards.privateKey.export({ format: 'jwk' });
  const privatePem = edwards.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  const good = { name: 'a', algorithm: 'ed25519', publicKey: pem(edwards.publicKey) };
  const noKey = 'This is no public key: neither a PEM text (-----BEGIN PUBLIC KEY-----) nor a JWK.';
  const isPrivate = 'This is a private key: keep it, and hand over the public half.';

  test.each<[string, object, object]>([
    ['nothing', {}, { name: ['This field is required.'], algorithm: ['This field is required.'] }],
    ['an unknown algorithm', { ...good, algorithm: 'rsa-sha1' }, { algorithm: ['"rsa-sha1" is not a valid choice.'] }],
    ['no key', { name: 'a', algorithm: 'ed25519' }, { publicKey: ['This field is required.'] }],
    ['what is no key', { ...good, publicKey: 'hello' }, { publicKey: [noKey] }],
    ['a number', { ...good, publicKey: 7 }, { publicKey: ['Write a PEM text or a JWK.'] }],
    ['a list', { ...good, publicKey: [1] }, { publicKey: ['Write a PEM text or a JWK.'] }],
    ['an empty object', { ...good, publicKey: {} }, { publicKey: [noKey] }],
    ['a broken JWK', { ...good, publicKey: '{"kty": ' }, { publicKey: [noKey] }],
    ['a private key', { ...good, publicKey: privatePem }, { publicKey: [isPrivate] }],
    ['a private JWK', { ...good, publicKey: secretJwk }, { publicKey: [isPrivate] }],
    ['a symmetric JWK', { ...good, publicKey: { kty: 'oct', k: 'AAAA' } }, { publicKey: [isPrivate] }],
    [
      'a key of another kind',
      { ...good, algorithm: 'rsa-pss-sha512' },
      { publicKey: ['The key for rsa-pss-sha512 is no rsa key.'] },
    ],
    [
      'a short key',
      { ...good, algorithm: 'rsa-v1_5-sha256', publicKey: pem(rsa.publicKey) },
      { publicKey: ['The key for rsa-v1_5-sha256 has less than 2048 bits.'] },
    ],
    [
      'a long text',
      { ...good, publicKey: 'a'.repeat(8193) },
      { publicKey: ['Ensure this field has no more than 8192 characters.'] },
    ],
    [
      'a public key for a secret',
      { ...good, algorithm: 'hmac-sha256' },
      { publicKey: ['hmac-sha256 has a secret, which is made here.'] },
    ],
    [
      'a long name',
      { ...good, name: 'a'.repeat(101) },
      { name: ['Ensure this field has no more than 100 characters.'] },
    ],
    [
      'a life beyond all dates',
      { ...good, lifetime: 1e15 },
      { lifetime: ['Ensure this value is less than or equal to 3153600000.'] },
    ],
    [
      'a life that is over',
      { ...good, lifetime: 0 },
      { lifetime: ['Ensure this value is greater than or equal to 1.'] },
    ],
  ])('is %s, and no key text is repeated in a log', async (_what, json, expected) => {
    server.log.length = 0;
    server.serverLog.length = 0;
    const answer = await send('POST', '/keys/', json);
    expect([answer.status, answer.json]).toEqual([400, expected]);
    expect([...server.log, ...server.serverLog].join('\n')).not.toContain(secretJwk.d);
    expect(await db(server.site).count(SignatureKey)).toBe(0);
  });

  test('is an algorithm that the project does not take', async () => {
    const json = { name: 'a', algorithm: 'hmac-sha256' };
    expect((await weak.send('POST', '/keys/', { json, headers: as('alice') })).json).toEqual({
      algorithm: ['"hmac-sha256" does not count here.'],
    });
  });

  test('is an RSA key that would make each check slow, or none', () => {
    expect(keyProblem('rsa-v1_5-sha256', big)).toBeNull();
    const jwk = rsa.publicKey.export({ format: 'jwk' });
    const shaped = (bytes: number, exponent: Buffer) => {
      const n = Buffer.alloc(bytes, 0xff).toString('base64url');
      return createPublicKey({ key: { ...jwk, n, e: exponent.toString('base64url') }, format: 'jwk' });
    };
    const usual = Buffer.from([1, 0, 1]);
    expect(keyProblem('rsa-pss-sha512', shaped(1024, usual))).toBeNull();
    expect(keyProblem('rsa-pss-sha512', shaped(1025, usual))).toBe('has more than 8192 bits');
    expect(keyProblem('rsa-pss-sha512', shaped(256, Buffer.from([1, 0, 0, 0, 1])))).toBe('has an unusual exponent');
    expect(keyProblem('rsa-pss-sha512', shaped(256, Buffer.from([1])))).toBe('has an unusual exponent');
    expect(keyProblem('rsa-pss-sha512', shaped(256, Buffer.from([4])))).toBe('has an unusual exponent');
  });
});
