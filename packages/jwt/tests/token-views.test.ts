import { userModel } from '@rf/auth';
import { AccessToken, BlacklistedToken, jwtService, jwtUrls, OutstandingToken, SlidingToken } from '@rf/jwt';
import { db } from '@rf/orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { NOW } from './backend.ts';
import { claimsOf, TestServer } from './server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await TestServer.start({
    auth: { loginThrottle: null },
    jwt: { authTokenClasses: [AccessToken, SlidingToken] },
    urls: [jwtUrls('/sliding/', { tokens: 'sliding' })],
  });
});
beforeEach(() => server.reset());
afterAll(() => server.close());

const challenge = 'Bearer realm="api"';
const notValid = (detail: string) => ({ detail, code: 'token_not_valid' });
const alice = () => ({ username: 'alice' });

describe('the obtain view', () => {
  test('gives a pair that names the user', async () => {
    const { status, body } = await server.post('/api/token/', { username: 'alice', password: 'pw' });

    expect(status).toBe(200);
    expect(Object.keys(body)).toEqual(['refresh', 'access']);
    const [refresh, access] = [claimsOf(body.refresh), claimsOf(body.access)];
    expect(access).toMatchObject({ token_type: 'access', exp: NOW + 300, iat: NOW, user_id: '1' });
    expect(refresh).toMatchObject({ token_type: 'refresh', exp: NOW + 86_400, iat: NOW, user_id: '1' });
    expect(access.jti).toMatch(/^[0-9a-f]{32}$/);
    expect(refresh.jti).not.toBe(access.jti);
    expect(access.token_family).toBe(refresh.token_family);
  });

  test('refuses a wrong password, an unknown name and an inactive user in the same words', async () => {
    for (const credentials of [
      { username: 'alice', password: 'x' },
      { username: 'nobody', password: 'pw' },
      { username: 'inactive', password: 'pw' },
    ]) {
      const { status, body, headers } = await server.post('/api/token/', credentials);
      expect(status).toBe(401);
      expect(body).toEqual({ detail: 'No active account found with the given credentials' });
      expect(headers.get('www-authenticate')).toBe(challenge);
    }
  });

  test('names missing fields', async () => {
    const { status, body } = await server.post('/api/token/', {});
    expect(status).toBe(400);
    expect(body).toEqual({ username: ['This field is required.'], password: ['This field is required.'] });
  });

  test('stores the id of the refresh token and no token', async () => {
    const { refresh } = await server.obtain();
    const rows = await db(server.site)
      .getRepository(OutstandingToken)
      .find({ relations: { user: true } });

    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({
      jti: claimsOf(refresh).jti,
      token: '',
      family: claimsOf(refresh).token_family,
      createdAt: new Date(NOW * 1000),
      expiresAt: new Date((NOW + 86_400) * 1000),
    });
    expect(rows[0]?.user?.getUsername()).toBe('alice');
  });
});

describe('the refresh view', () => {
  test('gives a new pair and ends the old refresh token', async () => {
    const first = await server.obtain();
    server.clock.now += 10;
    const { status, body } = await server.refresh(first.refresh);

    expect(status).toBe(200);
    expect(claimsOf(body.access)).toMatchObject({ token_type: 'access', exp: NOW + 310, user_id: '1' });
    expect(claimsOf(body.refresh)).toMatchObject({ token_type: 'refresh', exp: NOW + 10 + 86_400, user_id: '1' });
    expect(claimsOf(body.refresh).token_family).toBe(claimsOf(first.refresh).token_family);
    expect(claimsOf(body.refresh).jti).not.toBe(claimsOf(first.refresh).jti);
  });

  test('ends the whole family when a spent token comes again, and keeps that although it answers 401', async () => {
    const first = await server.obtain();
    const second = (await server.refresh(first.refresh)).body;
    const reused = await server.refresh(first.refresh);

    expect(reused.status).toBe(401);
    expect(reused.body).toEqual(notValid('Token is blacklisted'));
    expect(reused.headers.get('www-authenticate')).toBe(challenge);
    expect((await server.refresh(second.refresh)).body).toEqual(notValid('Token is blacklisted'));
    expect(server.log.join()).toContain('A refresh token was used again; its family has ended');
  });

  test('leaves other families of the same user alone', async () => {
    const stolen = await server.obtain();
    const other = await server.obtain();
    await server.refresh(stolen.refresh);
    await server.refresh(stolen.refresh);
    expect((await server.refresh(other.refresh)).status).toBe(200);
  });

  test('refuses an access token, garbage and an expired token', async () => {
    const { access, refresh } = await server.obtain();
    expect((await server.refresh(access)).body).toEqual(notValid('Token has wrong type'));
    expect((await server.refresh('x')).body).toEqual(notValid('Token is invalid'));
    server.clock.now += 86_400;
    const expired = await server.refresh(refresh);
    expect(expired.status).toBe(401);
    expect(expired.body).toEqual(notValid('Token is expired'));
  });

  test('refuses an inactive and a deleted user', async () => {
    const first = await server.obtain();
    await db(server.site).update(userModel(server.site), alice(), { isActive: false });
    const inactive = await server.refresh(first.refresh);
    expect(inactive.status).toBe(401);
    expect(inactive.body).toEqual({ detail: 'No active account found for the given token.' });

    await db(server.site).delete(userModel(server.site), alice());
    const deleted = await server.refresh(first.refresh);
    expect(deleted.status).toBe(401);
    expect(deleted.body).toEqual({ detail: 'No active account found for the given token.' });
    const [row] = await db(server.site)
      .getRepository(OutstandingToken)
      .find({ relations: { user: true } });
    expect(row?.user).toBeNull();
  });

  test('lets exactly one of many parallel refreshes win', async () => {
    const { refresh } = await server.obtain();
    const answers = await Promise.all(Array.from({ length: 8 }, () => server.refresh(refresh)));
    const won = answers.filter(({ status }) => status === 200);
    expect(won).toHaveLength(1);
    for (const { status, body } of answers.filter((answer) => answer.status !== 200)) {
      expect([status, body]).toEqual([401, notValid('Token is blacklisted')]);
    }
  });
});

describe('the verify view', () => {
  test('takes any good token and answers nothing', async () => {
    const { access, refresh } = await server.obtain();
    for (const token of [access, refresh]) {
      const { status, body } = await server.post('/api/token/verify/', { token });
      expect([status, body]).toEqual([200, {}]);
    }
  });

  test('refuses garbage with 401 and a blacklisted token with 400', async () => {
    const { refresh } = await server.obtain();
    await server.post('/api/token/blacklist/', { refresh });
    const blacklisted = await server.post('/api/token/verify/', { token: refresh });
    expect([blacklisted.status, blacklisted.body]).toEqual([400, { non_field_errors: ['Token is blacklisted'] }]);
    const garbage = await server.post('/api/token/verify/', { token: 'x' });
    expect([garbage.status, garbage.body]).toEqual([401, notValid('Token is invalid')]);
    expect((await server.post('/api/token/verify/', {})).body).toEqual({ token: ['This field is required.'] });
  });
});

describe('the blacklist view', () => {
  test('takes a refresh token back, once', async () => {
    const { refresh, access } = await server.obtain();
    const first = await server.post('/api/token/blacklist/', { refresh });
    expect([first.status, first.body]).toEqual([200, {}]);
    const again = await server.post('/api/token/blacklist/', { refresh });
    expect([again.status, again.body]).toEqual([401, notValid('Token is blacklisted')]);
    expect((await server.refresh(refresh)).status).toBe(401);
    expect((await server.me(access)).status).toBe(200);
    expect((await server.post('/api/token/blacklist/', { refresh: access })).body).toEqual(
      notValid('Token has wrong type'),
    );
  });
});

describe('the tables', () => {
  test('lose what has expired by the command, not what lives', async () => {
    const { refresh } = await server.obtain();
    await server.refresh(refresh);
    server.clock.now += 86_399;
    const manager = db(server.site);
    const { blacklist } = jwtService(server.site);
    expect(await blacklist.flush(0)).toBe(0);
    server.clock.now += 1;
    expect(await blacklist.flush(0)).toBe(2);
    expect(await manager.count(BlacklistedToken)).toBe(0);
  });
});

describe('a project without rotation', () => {
  test('refreshes with the same token', async () => {
    const plain = await TestServer.start({ jwt: { rotateRefreshTokens: false } });
    try {
      const { refresh } = await plain.obtain();
      for (let count = 0; count < 2; count += 1) {
        const { status, body } = await plain.refresh(refresh);
        expect(status).toBe(200);
        expect(Object.keys(body)).toEqual(['access']);
      }
    } finally {
      await plain.close();
    }
  });
});

describe('a project with atomicRequests', () => {
  test('keeps the end of a family although the request that caused it is refused', async () => {
    const atomic = await TestServer.start({ settings: { atomicRequests: true } });
    try {
      const first = await atomic.obtain();
      const second = (await atomic.refresh(first.refresh)).body;
      expect((await atomic.refresh(first.refresh)).status).toBe(401);
      expect((await atomic.refresh(second.refresh)).body).toEqual(notValid('Token is blacklisted'));
    } finally {
      await atomic.close();
    }
  });
});

describe('a project with reuseGrace', () => {
  test('only refuses a token that was spent a moment ago', async () => {
    const patient = await TestServer.start({ jwt: { reuseGrace: 10 } });
    try {
      const first = await patient.obtain();
      const second = (await patient.refresh(first.refresh)).body;
      patient.clock.now += 9;
      expect((await patient.refresh(first.refresh)).body).toEqual(notValid('Token is blacklisted'));
      const third = (await patient.refresh(second.refresh)).body;
      patient.clock.now += 1;
      expect((await patient.refresh(first.refresh)).status).toBe(401);
      expect((await patient.refresh(third.refresh)).body).toEqual(notValid('Token is blacklisted'));
    } finally {
      await patient.close();
    }
  });
});

describe('sliding tokens', () => {
  const obtain = async (): Promise<string> =>
    (await server.post('/sliding/', { username: 'alice', password: 'pw' })).body.token;

  test('let in, and are renewed until refresh_exp', async () => {
    const token = await obtain();
    expect(claimsOf(token)).toMatchObject({ token_type: 'sliding', exp: NOW + 300, refresh_exp: NOW + 86_400 });
    expect((await server.me(token)).body).toEqual({ user: 'alice', auth: 'SlidingToken' });

    server.clock.now += 200;
    const renewed = (await server.post('/sliding/refresh/', { token })).body.token;
    expect(claimsOf(renewed)).toMatchObject({ exp: NOW + 500, iat: NOW + 200, refresh_exp: NOW + 86_400 });
    expect(claimsOf(renewed).jti).toBe(claimsOf(token).jti);
  });

  test('end at refresh_exp', async () => {
    const token = await obtain();
    server.clock.now = NOW + 86_400;
    const late = await new SlidingToken(server.site, claimsOf(token)).setExp().encode();
    const { status, body } = await server.post('/sliding/refresh/', { token: late });
    expect([status, body]).toEqual([401, notValid("Token 'refresh_exp' claim has expired")]);
  });

  test('can be taken back with all their renewals, and are kept as long as these', async () => {
    const token = await obtain();
    await (await SlidingToken.verify(server.site, token)).blacklist();
    expect((await server.me(token)).status).toBe(401);
    const [row] = await db(server.site).find(OutstandingToken);
    expect(row?.expiresAt).toEqual(new Date((NOW + 86_400) * 1000));
  });
});
