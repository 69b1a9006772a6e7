import { BasicAuthentication, createUser, findUser, Group, type AbstractUser } from '@rf/auth';
import {
  AccessToken,
  AccessTokenAuthentication,
  accessTokenUrls,
  authtoken,
  createToken,
  issueAccessToken,
  Token,
  TokenAuthentication,
} from '@rf/authtoken';
import { db } from '@rf/orm';
import { APIView, path, type Request } from '@rf/views';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { headerBitChanges } from '../../auth/tests/bit-changes.ts';
import { TestServer } from '../../auth/tests/server.ts';

const HOUR = 60 * 60;

class Who extends APIView {
  override get(request: Request): unknown {
    return { user: request.user.getUsername() };
  }
}

let server: TestServer;

beforeAll(async () => {
  server = await TestServer.start({
    apps: [
      authtoken({
        accessTokens: {
          lifetime: HOUR,
          maxLifetime: 2 * HOUR,
          limitPerUser: 2,
          autoRefresh: { maxLifetime: 3 * HOUR },
        },
      }),
    ],
    auth: { loginThrottle: null },
    settings: { defaultAuthenticationClasses: [AccessTokenAuthentication, TokenAuthentication, BasicAuthentication] },
    urls: [path('/who/', Who), accessTokenUrls('/tokens/')],
  });
  await createUser(server.site, { username: 'alice', password: 'pw' });
});
afterAll(() => server.close());
beforeEach(() => db(server.site).clear(AccessToken));

const alice = async () => (await findUser(server.site, 'alice')) as AbstractUser;
const basic = { Authorization: `Basic ${Buffer.from('alice:pw').toString('base64')}` };
const bearer = (text: string) => ({ Authorization: `Bearer ${text}` });
const who = async (text: string) => (await server.send('GET', '/who/', { headers: bearer(text) })).status;
const login = () => server.send('POST', '/tokens/login/', { headers: { ...basic, 'User-Agent': 'a phone' } });

describe('a login for an access token', () => {
  test('answers a token named after the client, and when it ends', async () => {
    const { status, json, headers } = await login();
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(new Date(json.expiry).getTime()).toBe(server.now + HOUR * 1000);
    expect(await who(json.token)).toBe(200);
    expect(await db(server.site).find(AccessToken)).toMatchObject([{ name: 'a phone', abilities: ['*'] }]);
  });

  test('is refused beyond the limit of tokens that have not ended', async () => {
    expect([(await login()).status, (await login()).status]).toEqual([200, 200]);
    const refused = await login();
    expect([refused.status, refused.json]).toEqual([
      403,
      { detail: 'Maximum amount of tokens allowed per user exceeded.' },
    ]);
    server.now += HOUR * 1000;
    expect((await login()).status).toBe(200);
  });

  test('keeps the limit when several come at once', async () => {
    const statuses = (await Promise.all([login(), login(), login(), login()])).map(({ status }) => status);
    expect(statuses.sort()).toEqual([200, 200, 403, 403]);
  });
});

describe('a logout', () => {
  test('revokes the token it came with, and no other', async () => {
    const [one, two] = [(await login()).json.token, (await login()).json.token];
    expect((await server.send('POST', '/tokens/logout/', { headers: bearer(one) })).status).toBe(204);
    expect([await who(one), await who(two)]).toEqual([401, 200]);
  });

  test('from everywhere revokes all of the user', async () => {
    const [one, two] = [(await login()).json.token, (await login()).json.token];
    expect((await server.send('POST', '/tokens/logout-all/', { headers: bearer(one) })).status).toBe(204);
    expect([await who(one), await who(two)]).toEqual([401, 401]);
  });

  test('from everywhere is refused to a token that may not do everything', async () => {
    const { text: narrow } = await issueAccessToken(server.site, await alice(), { name: 'x', scopes: ['read'] });
    const { token: wide } = (await login()).json;
    const refused = await server.send('POST', '/tokens/logout-all/', { headers: bearer(narrow) });
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([
      403,
      'Bearer error="insufficient_scope",error_description="The access token lacks a scope.",scope="*"',
    ]);
    expect([await who(narrow), await who(wide)]).toEqual([200, 200]);
    expect((await server.send('POST', '/tokens/logout/', { headers: bearer(narrow) })).status).toBe(204);
    expect([await who(narrow), await who(wide)]).toEqual([401, 200]);
  });

  test('needs an access token', async () => {
    expect((await server.send('POST', '/tokens/logout/', { headers: basic })).status).toBe(403);
    expect((await server.send('POST', '/tokens/logout/')).status).toBe(401);
  });
});

describe('managing tokens', () => {
  test('is refused to a token, whatever it may do', async () => {
    const { text, token } = await issueAccessToken(server.site, await alice(), { name: 'x' });
    for (const [method, url] of [
      ['GET', '/tokens/'],
      ['POST', '/tokens/'],
      ['DELETE', '/tokens/'],
      ['POST', '/tokens/login/'],
      ['POST', `/tokens/${token.id}/rotate/`],
    ] as const) {
      const answer = await server.send(method, url, {
        headers: bearer(text),
        json: method === 'GET' ? undefined : { name: 'y' },
      });
      expect([method, url, answer.status]).toEqual([method, url, 403]);
    }
  });

  test('gives no token that lasts longer than the project allows', async () => {
    const make = (json: object) => server.send('POST', '/tokens/', { headers: basic, json });
    const longest = await make({ name: 'x', lifetime: 2 * HOUR });
    expect(new Date(longest.json.expires).getTime()).toBe(server.now + 2 * HOUR * 1000);
    const longer = await make({ name: 'x', lifetime: 2 * HOUR + 1 });
    expect(longer.json).toEqual({ lifetime: ['Ensure this value is less than or equal to 7200.'] });
    const unnamed = await make({ name: 'x' });
    expect(new Date(unnamed.json.expires).getTime()).toBe(server.now + HOUR * 1000);
  });

  test.each([['two words'], ['quote"'], ['back\\slash'], [''], ['ümlaut']])('takes no scope %j', async (scope) => {
    const answer = await server.send('POST', '/tokens/', { headers: basic, json: { name: 'x', scopes: [scope] } });
    expect(answer.status).toBe(400);
  });

  test('rotates no token that has ended', async () => {
    const { token, text } = await issueAccessToken(server.site, await alice(), { name: 'x', lifetime: 60 });
    const rotate = () => server.send('POST', `/tokens/${token.id}/rotate/`, { headers: basic });
    server.now += 59_999;
    const { token: next } = (await rotate()).json;
    expect([await who(text), await who(next)]).toEqual([401, 200]);
    await db(server.site).update(AccessToken, token.id, { expires: new Date(server.now) });
    const refused = await rotate();
    expect([refused.status, refused.json]).toEqual([403, { detail: 'Token has expired.' }]);
    expect((await db(server.site).findOneByOrFail(AccessToken, { id: token.id })).prefix).toBe(next.slice(0, 12));
  });

  test('revokes all at once', async () => {
    const { json } = await login();
    expect((await server.send('DELETE', '/tokens/', { headers: basic })).status).toBe(204);
    expect(await who(json.token)).toBe(401);
  });
});

test('each use puts the end off, up to a point', async () => {
  const { json } = await login();
  const made = server.now;
  for (let minutes = 0; minutes < 3 * 60 - 30; minutes += 30) {
    server.now += 30 * 60 * 1000;
    expect(await who(json.token)).toBe(200);
  }
  const [token] = await db(server.site).find(AccessToken);
  expect(token?.expires?.getTime()).toBe(made + 3 * HOUR * 1000);
  server.now = made + 3 * HOUR * 1000;
  expect(await who(json.token)).toBe(401);
});

test('with any one bit changed a token is nobody', async () => {
  const { text } = await issueAccessToken(server.site, await alice(), { name: 'x' });
  for (const changed of headerBitChanges(text)) expect([changed, await who(changed)]).toEqual([changed, 401]);
  expect(await who(text)).toBe(200);
});

test('a user who is removed takes tokens and memberships along', async () => {
  const manager = db(server.site);
  const group = await manager.save(manager.create(Group, { name: 'leavers' }));
  const leaver = await createUser(server.site, { username: 'leaver', groups: [group] });
  await createToken(manager, leaver);
  await issueAccessToken(server.site, leaver, { name: 'x' });
  const { id } = leaver;
  await manager.remove(leaver);
  expect(await manager.countBy(Token, { user: { id } })).toBe(0);
  expect(await manager.countBy(AccessToken, { user: { id } })).toBe(0);
  expect(await findUser(server.site, 'leaver')).toBeNull();
});

test.each([
  [{ lifetime: 0 }, 'accessTokens: { lifetime } }) is 0'],
  [{ limitPerUser: 1.5 }, 'accessTokens: { limitPerUser } }) is 1.5'],
  [{ autoRefresh: { maxLifetime: null } }, 'write lifetime: 36000 beside it'],
])('%j is refused when the project is defined', (accessTokens, text) => {
  expect(() => authtoken({ accessTokens })).toThrow(text);
});
