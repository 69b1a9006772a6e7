import { createUser, ScryptPasswordHasher, TokenHasScope, User, users } from '@rf/auth';
import {
  AccessToken,
  AccessTokenAuthentication,
  accessTokenUrls,
  authtoken,
  createToken,
  digestAccessToken,
  getOrCreateToken,
  isAccessToken,
  issueAccessToken,
  makeAccessToken,
  ObtainAuthToken,
  obtainAuthToken,
  Token,
  TokenAuthentication,
} from '@rf/authtoken';
import { db } from '@rf/orm';
import { onCreate } from '@rf/project';
import { APIView, authenticationClasses, IsAuthenticated, path, permissionClasses, type Request } from '@rf/views';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { headerBitChanges } from '../../auth/tests/bit-changes.ts';
import { TestServer } from '../../auth/tests/server.ts';

class Who extends APIView {
  override get(request: Request): unknown {
    return { user: request.user.getUsername(), auth: String(request.auth) };
  }
}

@authenticationClasses(TokenAuthentication)
@permissionClasses(IsAuthenticated)
class ByToken extends Who {}

class BearerAuthentication extends TokenAuthentication {
  override keyword = 'Bearer';
}

@authenticationClasses(BearerAuthentication, AccessTokenAuthentication)
@permissionClasses(IsAuthenticated)
class ByBearer extends Who {}

@authenticationClasses(AccessTokenAuthentication)
@permissionClasses(TokenHasScope)
class Stock extends Who {
  requiredScopes = ['stock'];
}

class CustomObtain extends ObtainAuthToken {
  override async post(request: Request): Promise<unknown> {
    const { user, token } = await this.obtain(request);
    return { token, user_id: user.id, email: user.email };
  }
}

let server: TestServer;

beforeAll(async () => {
  server = await TestServer.start({
    apps: [authtoken()],
    settings: { defaultAuthenticationClasses: [TokenAuthentication] },
    urls: [
      path('/token/', ByToken),
      path('/bearer/', ByBearer),
      path('/stock/', Stock),
      path('/obtain/', obtainAuthToken),
      path('/custom-obtain/', CustomObtain),
      accessTokenUrls('/access-tokens/'),
    ],
  });
  await createUser(server.site, { username: 'alice', password: ' spaced ', email: 'alice@example.com' });
});
afterAll(() => server.close());

const alice = () => users(server.site).findOneByOrFail({ username: 'alice' });
const get = (url: string, authorization: string) =>
  server.send('GET', url, { headers: { Authorization: authorization } });

describe('a token', () => {
  test('is 40 hexadecimal digits, one for a user', async () => {
    const token = await getOrCreateToken(db(server.site), await alice());
    expect(token.key).toMatch(/^[0-9a-f]{40}$/);
    expect((await getOrCreateToken(db(server.site), await alice())).key).toBe(token.key);
    await expect(createToken(db(server.site), await alice())).rejects.toThrow(/unique/);
  });

  test('of two requests at once is the same', async () => {
    const user = await createUser(server.site, { username: 'parallel' });
    const keys = await Promise.all([1, 2, 3, 4].map(() => getOrCreateToken(db(server.site), user)));
    expect(new Set(keys.map(String)).size).toBe(1);
  });

  test('tells who it is, by the keyword without case', async () => {
    const { key } = await getOrCreateToken(db(server.site), await alice());
    for (const word of ['Token', 'token', 'TOKEN']) {
      expect((await get('/token/', `${word} ${key}`)).json).toEqual({ user: 'alice', auth: key });
    }
    expect((await get('/bearer/', `Bearer ${key}`)).json).toEqual({ user: 'alice', auth: key });
  });

  test('is one text: neither white space of Unicode nor a byte order mark is read over', async () => {
    const { key } = await getOrCreateToken(db(server.site), await alice());
    for (const [before, after] of [
      ['\xef\xbb\xbf', ''],
      ['\xc2\xa0', ''],
      ['', '\xc2\xa0'],
    ]) {
      expect((await get('/token/', `Token ${before}${key}${after}`)).json).toEqual({ detail: 'Invalid token.' });
    }
  });

  test('with any one bit changed is nobody', async () => {
    const { key } = await getOrCreateToken(db(server.site), await alice());
    for (const text of headerBitChanges(key)) {
      expect([text, (await get('/token/', `Token ${text}`)).status]).toEqual([text, 401]);
    }
    expect((await get('/token/', `Token ${key}`)).status).toBe(200);
  });

  test('of a user who was deactivated, or deleted, is refused', async () => {
    const user = await createUser(server.site, { username: 'leaving' });
    const { key } = await getOrCreateToken(db(server.site), user);
    await users(server.site).update(user.id, { isActive: false });
    expect((await get('/token/', `Token ${key}`)).json).toEqual({ detail: 'User inactive or deleted.' });
    await db(server.site).delete(Token, { key });
    await users(server.site).delete(user.id);
    expect((await get('/token/', `Token ${key}`)).json).toEqual({ detail: 'Invalid token.' });
  });
});

describe('the obtain-token view', () => {
  test('answers the same token each time, from JSON and forms, the password untouched', async () => {
    const credentials = { username: 'alice', password: ' spaced ' };
    const one = await server.send('POST', '/obtain/', { json: credentials });
    const two = await server.send('POST', '/obtain/', { form: credentials });
    expect(one.status).toBe(200);
    expect(one.json).toEqual({ token: (await getOrCreateToken(db(server.site), await alice())).key });
    expect(two.json).toEqual(one.json);
  });

  test('can be subclassed to answer more', async () => {
    const { json } = await server.send('POST', '/custom-obtain/', {
      json: { username: 'alice', password: ' spaced ' },
    });
    expect(json).toMatchObject({ user_id: (await alice()).id, email: 'alice@example.com' });
  });

  test('limits attempts on one account', async () => {
    server.now += 60 * 60 * 1000;
    const attempt = () => server.send('POST', '/obtain/', { json: { username: 'victim', password: 'guess' } });
    for (let count = 0; count < 10; count += 1) expect((await attempt()).status).toBe(400);
    expect((await attempt()).status).toBe(429);
    expect((await server.send('POST', '/obtain/', { json: { username: 'alice', password: ' spaced ' } })).status).toBe(
      200,
    );
  });
});

test('attempts on one account are counted together, however its name is written', async () => {
  await createUser(server.site, { username: '12345', password: 'right' });
  const attempt = async (username: unknown, password = 'guess') =>
    (await server.send('POST', '/obtain/', { json: { username, password } })).status;
  for (const [names, right] of [
    [['carol', ' carol', 'carol  ', '\tcarol\n', 'carol\x1c', '\u2003carol', 'CAROL', 'ｃａｒｏｌ'], 'carol'],
    [['12345', 12345, ' 12345', 12345], '12345'],
  ] as const) {
    server.now += 60 * 60 * 1000;
    for (let count = 0; count < 10; count += 1) expect(await attempt(names[count % names.length])).toBe(400);
    for (const name of names) expect([name, await attempt(name)]).toEqual([name, 429]);
    expect(await attempt(right, 'right')).toBe(429);
  }
});

test('a token is made with every new user by one declared hook', async () => {
  const other = await TestServer.start({
    urls: [],
    apps: [{ ...authtoken(), hooks: [onCreate(User, (user, manager) => createToken(manager, user))] }],
    auth: { passwordHashers: [new ScryptPasswordHasher({ N: 16, r: 1, p: 1 })] },
  });
  try {
    const user = await createUser(other.site, { username: 'new' });
    expect(await db(other.site).countBy(Token, { user: { id: user.id } })).toBe(1);
  } finally {
    await other.close();
  }
});

describe('an access token', () => {
  test('has a prefix and a checksum, which tell typing errors without a query', () => {
    const text = makeAccessToken();
    expect(text).toMatch(/^rfat_[\w-]{51}$/);
    expect(isAccessToken(text)).toBe(true);
    for (let at = 5; at < text.length; at += 1) {
      const changed = text.slice(0, at) + (text[at] === 'a' ? 'b' : 'a') + text.slice(at + 1);
      expect(isAccessToken(changed)).toBe(false);
    }
  });

  test('is stored as a hash only', async () => {
    const { text } = await issueAccessToken(server.site, await alice(), { name: 'laptop' });
    const stored = await db(server.site).findOneByOrFail(AccessToken, { digest: digestAccessToken(text) });
    expect(JSON.stringify(stored)).not.toContain(text);
    expect((await get('/bearer/', `Bearer ${text}`)).json.user).toBe('alice');
  });

  test('may do what its scopes say', async () => {
    const stock = await issueAccessToken(server.site, await alice(), { name: 'stock', scopes: ['stock'] });
    const other = await issueAccessToken(server.site, await alice(), { name: 'other', scopes: ['other'] });
    const every = await issueAccessToken(server.site, await alice(), { name: 'every' });
    expect((await get('/stock/', `Bearer ${stock.text}`)).status).toBe(200);
    expect((await get('/stock/', `Bearer ${every.text}`)).status).toBe(200);
    const refused = await get('/stock/', `Bearer ${other.text}`);
    expect([refused.status, refused.json]).toEqual([
      403,
      { detail: 'You do not have permission to perform this action.' },
    ]);
    // RFC 6750, section 3.1.
    expect(refused.headers.get('www-authenticate')).toBe(
      'Bearer error="insufficient_scope",error_description="The access token lacks a scope.",scope="stock"',
    );
  });

  test('of a user who was deactivated, or deleted, is refused', async () => {
    const user = await createUser(server.site, { username: 'going' });
    const { text } = await issueAccessToken(server.site, user, { name: 'x' });
    await users(server.site).update(user.id, { isActive: false });
    expect((await get('/bearer/', `Bearer ${text}`)).json).toEqual({ detail: 'User inactive or deleted.' });
    await users(server.site).remove(user);
    expect((await get('/bearer/', `Bearer ${text}`)).json).toEqual({ detail: 'Invalid token.' });
  });

  test('appears in no log line, nor does a token of the other kind', async () => {
    const { text } = await issueAccessToken(server.site, await alice(), { name: 'x' });
    const { key } = await getOrCreateToken(db(server.site), await alice());
    expect((await get('/bearer/', `Bearer ${text}`)).status).toBe(200);
    expect((await get('/token/', `Token ${key}`)).status).toBe(200);
    await get('/bearer/', `Bearer ${text}x`);
    await get(`/token/?token=${key}&access_token=${text}`, `Token ${key}x`);
    await server.send('POST', '/obtain/', { json: { username: 'alice', password: ' spaced ' } });
    const log = [...server.log, ...server.serverLog].join('\n');
    expect(log).toContain('/token/?token=[redacted]');
    for (const secret of [text, key, ' spaced ']) expect(log).not.toContain(secret);
  });

  test('ends on the second', async () => {
    const { text } = await issueAccessToken(server.site, await alice(), { name: 'short', lifetime: 60 });
    server.now += 59_999;
    expect((await get('/bearer/', `Bearer ${text}`)).status).toBe(200);
    server.now += 1;
    expect((await get('/bearer/', `Bearer ${text}`)).json).toEqual({ detail: 'Token has expired.' });
  });

  test('notes its last use, at most once a minute', async () => {
    const { text, token } = await issueAccessToken(server.site, await alice(), { name: 'used' });
    const lastUsed = async () =>
      (await db(server.site).findOneByOrFail(AccessToken, { id: token.id })).lastUsed?.getTime();
    expect(await lastUsed()).toBeUndefined();
    const first = server.now;
    await get('/bearer/', `Bearer ${text}`);
    server.now += 59_000;
    await get('/bearer/', `Bearer ${text}`);
    expect(await lastUsed()).toBe(first);
    server.now += 1_000;
    await get('/bearer/', `Bearer ${text}`);
    expect(await lastUsed()).toBe(first + 60_000);
  });

  test('is made, listed, rotated and revoked by its owner', async () => {
    const { key } = await getOrCreateToken(db(server.site), await alice());
    const headers = { Authorization: `Token ${key}` };
    const made = await server.send('POST', '/access-tokens/', {
      headers,
      json: { name: 'ci', scopes: ['stock'], lifetime: 3600 },
    });
    expect(made.status).toBe(201);
    const { id, token } = made.json;
    const listed = await server.send('GET', '/access-tokens/', { headers });
    expect(listed.text).not.toContain(token);
    expect(listed.json.some((row: { id: number }) => row.id === id)).toBe(true);

    const rotated = await server.send('POST', `/access-tokens/${id}/rotate/`, { headers });
    expect([made, rotated].map((answer) => answer.headers.get('cache-control'))).toEqual(['no-store', 'no-store']);
    expect((await get('/stock/', `Bearer ${token}`)).status).toBe(401);
    expect((await get('/stock/', `Bearer ${rotated.json.token}`)).status).toBe(200);
    expect((await server.send('DELETE', `/access-tokens/${id}/`, { headers })).status).toBe(204);
    expect((await get('/stock/', `Bearer ${rotated.json.token}`)).status).toBe(401);
  });

  test('cannot live longer than a database can say', async () => {
    const { key } = await getOrCreateToken(db(server.site), await alice());
    const headers = { Authorization: `Token ${key}` };
    const make = (lifetime: number) =>
      server.send('POST', '/access-tokens/', { headers, json: { name: 'long', lifetime } });
    expect((await make(1e15)).json).toEqual({ lifetime: ['Ensure this value is less than or equal to 3153600000.'] });
    expect((await make(3_153_600_000)).status).toBe(201);
  });

  test('cannot be managed by others, nor by itself', async () => {
    const { token, text } = await issueAccessToken(server.site, await alice(), { name: 'mine' });
    const bob = await createUser(server.site, { username: 'bob' });
    const { key } = await getOrCreateToken(db(server.site), bob);
    const url = `/access-tokens/${token.id}/`;
    expect((await server.send('DELETE', url, { headers: { Authorization: `Token ${key}` } })).status).toBe(404);
    expect((await server.send('DELETE', url, { headers: { Authorization: `Bearer ${text}` } })).status).toBe(401);
  });

  test('appears in no line of the log', async () => {
    const { text } = await issueAccessToken(server.site, await alice(), { name: 'quiet' });
    await get('/stock/', `Bearer ${text}`);
    await get('/stock/', `Bearer ${text}x`);
    expect(server.log.join('\n')).not.toContain(text.slice(5));
  });
});
