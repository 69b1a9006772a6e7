import { randomBytes } from 'node:crypto';
import { type AbstractUser, findUser, makePassword, setPassword, userModel } from '@rf/auth';
import {
  AccessToken,
  BlacklistedToken,
  JwtKey,
  type JwtAlgorithm,
  type JwtOptions,
  jwtUrls,
  OutstandingToken,
  RefreshToken,
  SlidingToken,
  TokenObtainPairSerializer,
} from '@rf/jwt';
import { db } from '@rf/orm';
import { APIView, authenticationClasses, path, type Request, type UrlEntry } from '@rf/views';
import { CompactSign } from 'jose';
import { afterEach, describe, expect, test } from 'vitest';
import { NOW } from './backend.ts';
import { claimsOf, TestServer } from './server.ts';

let server: TestServer;
afterEach(() => server.close());

async function start(jwt: JwtOptions, urls: readonly UrlEntry[] = []): Promise<void> {
  server = await TestServer.start({ jwt, urls, auth: { loginThrottle: null } });
}

const alice = async () => (await findUser(server.site, 'alice')) as AbstractUser;
const change = (changes: Partial<AbstractUser>) =>
  db(server.site).update(userModel(server.site), { username: 'alice' }, changes);
const headerOf = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[0] as string, 'base64url').toString());
const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const INVALID = {
  detail: 'Given token not valid for any token type',
  code: 'token_not_valid',
  messages: [{ token_class: 'AccessToken', token_type: 'access', message: 'Token is invalid' }],
};

describe('tokens of a project (JW13)', () => {
  test.each<JwtAlgorithm>(['HS384', 'RS256', 'PS512', 'ES256', 'ES512', 'EdDSA', 'Ed25519'])(
    'are signed with %s, and with nothing else',
    async (algorithm) => {
      const key = await JwtKey.generate(algorithm);
      const jwk = JSON.parse(key.exportPrivate());
      const signingKey = jwk.kty === 'oct' ? Buffer.from(jwk.k, 'base64url') : jwk;
      await start({ algorithm, signingKey });
      const { access } = await server.obtain();
      expect(headerOf(access).alg).toBe(algorithm);
      expect((await server.me(access)).body).toEqual({ user: 'alice', auth: 'AccessToken' });

      const claims = Buffer.from(JSON.stringify(claimsOf(access)));
      const { kid } = headerOf(access);
      const sign = (alg: string, by: Parameters<CompactSign['sign']>[0]) =>
        new CompactSign(claims)
          .setProtectedHeader({ alg, typ: 'JWT', ...(typeof kid === 'string' && { kid }) })
          .sign(by);
      const { publicJwk } = key;
      const stranger = await JwtKey.generate(algorithm);
      const forged = [
        `${part({ alg: 'none', typ: 'JWT', kid })}.${claims.toString('base64url')}.`,
        `${part({ alg: 'none', typ: 'JWT', kid })}.${access.split('.').slice(1).join('.')}`,
        // What everybody may know of the key, taken for a secret.
        await sign('HS256', Buffer.from(JSON.stringify(publicJwk ?? { kty: 'oct' }).padEnd(64, ' '))),
        await sign('HS512', randomBytes(64)),
        await sign(algorithm, await stranger.signer()),
      ];
      for (const token of forged) {
        const refused = await server.me(token);
        expect([token, refused.status, refused.body]).toEqual([token, 401, INVALID]);
      }
      expect((await server.me(access)).status).toBe(200);
    },
  );

  test('name issuer and audience, and those that name others are refused', async () => {
    await start({ issuer: 'https://login.example.com', audience: ['books', 'shop'] });
    const { access, refresh } = await server.obtain();
    expect(claimsOf(access)).toMatchObject({ iss: 'https://login.example.com', aud: ['books', 'shop'] });
    expect((await server.me(access)).status).toBe(200);
    expect((await server.refresh(refresh)).status).toBe(200);

    const key = await JwtKey.from(server.site.secretKey, 'HS256');
    const status = async (changes: object) => {
      const claims = Buffer.from(JSON.stringify({ ...claimsOf(access), ...changes }));
      const token = await new CompactSign(claims).setProtectedHeader({ alg: 'HS256' }).sign(await key.signer());
      return (await server.me(token)).status;
    };
    expect(await status({ aud: 'shop' })).toBe(200);
    for (const changes of [
      { aud: 'other' },
      { aud: undefined },
      { aud: [] },
      { iss: 'https://login.example.com/' },
      { iss: undefined },
    ]) {
      expect([changes, await status(changes)]).toEqual([changes, 401]);
    }
  });

  test('live for the leeway longer', async () => {
    await start({ leeway: 30 });
    const { access } = await server.obtain();
    server.clock.now += 300 + 29;
    expect((await server.me(access)).status).toBe(200);
    server.clock.now += 1;
    expect((await server.me(access)).body.messages[0].message).toBe('Token is expired');
  });
});

describe('a setting (JW14)', () => {
  test('accessTokenLifetime and refreshTokenLifetime say how long tokens live', async () => {
    await start({ accessTokenLifetime: 60, refreshTokenLifetime: 600 });
    const { access, refresh } = await server.obtain();
    expect([claimsOf(access).exp, claimsOf(refresh).exp]).toEqual([NOW + 60, NOW + 600]);
    server.clock.now += 60;
    expect((await server.me(access)).status).toBe(401);
    const next = await server.refresh(refresh);
    expect((await server.me(next.body.access)).status).toBe(200);
    server.clock.now += 600;
    expect((await server.refresh(next.body.refresh)).body.detail).toBe('Token is expired');
  });

  test('authHeaderName names the header, and Authorization is then no concern', async () => {
    await start({ authHeaderName: 'x-access-token' });
    const { access } = await server.obtain();
    expect((await server.get('/me/', { 'x-access-token': `Bearer ${access}` })).status).toBe(200);
    const other = await server.me(access);
    expect([other.status, other.body]).toEqual([401, { detail: 'Authentication credentials were not provided.' }]);
    expect((await server.get('/me/', { 'x-access-token': 'Bearer x' })).body).toEqual(INVALID);
  });

  test('tokenTypeClaim, jtiClaim and revokeTokenClaim name the claims, which count as the usual ones do', async () => {
    await start({ tokenTypeClaim: 'kind', jtiClaim: 'id', checkRevokeToken: true, revokeTokenClaim: 'password' });
    const { access, refresh } = await server.obtain();
    const names = ['exp', 'iat', 'id', 'kind', 'password', 'token_family', 'user_id'];
    expect(Object.keys(claimsOf(access)).sort()).toEqual(names);
    expect((await server.me(access)).status).toBe(200);
    expect((await server.me(refresh)).body.messages[0].message).toBe('Token has wrong type');
    expect((await server.refresh(refresh)).status).toBe(200);
    expect((await server.refresh(refresh)).body.detail).toBe('Token is blacklisted');
    await change({ password: await makePassword('another') });
    expect((await server.me(access)).body.code).toBe('password_changed');
  });

  test('userAuthenticationRule decides who gets tokens and who refreshes them', async () => {
    await start({ userAuthenticationRule: (user) => user?.isStaff === true });
    const login = () => server.post('/api/token/', { username: 'alice', password: 'pw' });
    const refused = await login();
    expect([refused.status, refused.body]).toEqual([
      401,
      { detail: 'No active account found with the given credentials' },
    ]);
    await change({ isStaff: true });
    const { refresh } = (await login()).body;
    await change({ isStaff: false });
    const unrefreshed = await server.refresh(refresh);
    expect([unrefreshed.status, unrefreshed.body]).toEqual([
      401,
      { detail: 'No active account found for the given token.' },
    ]);
  });

  test('checkUserIsActive false lets access tokens of inactive users in, and gives them no new ones', async () => {
    await start({ checkUserIsActive: false });
    const { access, refresh } = await server.obtain();
    await change({ isActive: false });
    expect((await server.me(access)).status).toBe(200);
    expect((await server.refresh(refresh)).status).toBe(401);
  });

  test('authTokenClasses says which kinds of token let in, and a refusal names each', async () => {
    await start({ authTokenClasses: [SlidingToken] }, [jwtUrls('/sliding/', { tokens: 'sliding' })]);
    const { access } = await server.obtain();
    const refused = await server.me(access);
    expect([refused.status, refused.body.messages]).toEqual([
      401,
      [{ token_class: 'SlidingToken', token_type: 'sliding', message: 'Token has wrong type' }],
    ]);
    const { token } = (await server.post('/sliding/', { username: 'alice', password: 'pw' })).body;
    expect((await server.me(token)).status).toBe(200);
  });

  test('serializers replaces the work of a view, with what it answers', async () => {
    class WithName extends TokenObtainPairSerializer {
      protected override async issue(user: AbstractUser) {
        return { ...(await super.issue(user)), name: user.getUsername() };
      }
    }
    await start({ serializers: { obtainPair: WithName } });
    const { status, body } = await server.post('/api/token/', { username: 'alice', password: 'pw' });
    expect([status, Object.keys(body).sort(), body.name]).toEqual([200, ['access', 'name', 'refresh'], 'alice']);
    expect((await server.me(body.access)).status).toBe(200);
  });

  test('slidingTokenClass is what the sliding views issue', async () => {
    class NamedSlidingToken extends SlidingToken {
      protected override addClaims(user: { getUsername(): string }) {
        this.set('name', user.getUsername());
      }
    }
    const urls = [jwtUrls('/sliding/', { tokens: 'sliding' })];
    await start({ slidingTokenClass: NamedSlidingToken, authTokenClasses: [NamedSlidingToken] }, urls);
    const { token } = (await server.post('/sliding/', { username: 'alice', password: 'pw' })).body;
    const renewed = (await server.post('/sliding/refresh/', { token })).body.token;
    expect(claimsOf(renewed)).toMatchObject({ name: 'alice', token_type: 'sliding' });
    expect((await server.me(renewed)).body).toEqual({ user: 'alice', auth: 'NamedSlidingToken' });
  });
});

describe('with checkRevokeToken, a changed password (JW05)', () => {
  const changed = { detail: "The user's password has been changed.", code: 'password_changed' };

  test('ends sliding tokens and their renewal as well', async () => {
    const urls = [jwtUrls('/sliding/', { tokens: 'sliding' })];
    await start({ checkRevokeToken: true, authTokenClasses: [AccessToken, SlidingToken] }, urls);
    const { token } = (await server.post('/sliding/', { username: 'alice', password: 'pw' })).body;
    expect((await server.me(token)).status).toBe(200);
    await setPassword(server.site, await alice(), 'another');
    for (const refused of [await server.me(token), await server.post('/sliding/refresh/', { token })]) {
      expect([refused.status, refused.body]).toEqual([401, changed]);
    }
  });

  test('is not told by a token that lacks the claim, so that one is refused', async () => {
    await start({ checkRevokeToken: true });
    const token = await AccessToken.forUser(server.site, await alice());
    expect((await server.me(await token.encode())).status).toBe(200);
    for (const claim of [undefined, null, '', 1, {}]) {
      const refused = await server.me(await token.set('hash_password', claim).encode());
      expect([claim, refused.status, refused.body]).toEqual([claim, 401, changed]);
    }
  });

  test('is one also if the same password was set again, under a hash of its own', async () => {
    await start({ checkRevokeToken: true });
    const { access } = await server.obtain();
    await setPassword(server.site, await alice(), 'pw');
    expect((await server.me(access)).body).toEqual(changed);
    expect((await server.me((await server.obtain()).access)).status).toBe(200);
  });
});

describe('sliding tokens (JW11)', () => {
  const start11 = () =>
    start({ authTokenClasses: [SlidingToken], slidingTokenLifetime: 60, slidingTokenRefreshLifetime: 600 }, [
      jwtUrls('/sliding/', { tokens: 'sliding' }),
    ]);
  const obtain = async (): Promise<string> =>
    (await server.post('/sliding/', { username: 'alice', password: 'pw' })).body.token;
  const renew = (token: string) => server.post('/sliding/refresh/', { token });

  test('are renewed in time, and never past refresh_exp', async () => {
    await start11();
    let token = await obtain();
    for (let seconds = 50; seconds <= 600; seconds += 50) {
      server.clock.now = NOW + seconds;
      const answer = await renew(token);
      if (seconds === 600) {
        expect([answer.status, answer.body.detail]).toEqual([401, "Token 'refresh_exp' claim has expired"]);
      } else {
        expect(claimsOf(answer.body.token)).toMatchObject({ exp: NOW + seconds + 60, refresh_exp: NOW + 600 });
        token = answer.body.token;
      }
    }
  });

  test('that have ended are not renewed, nor those of inactive users, nor tokens of another kind', async () => {
    await start11();
    const token = await obtain();
    server.clock.now += 60;
    expect((await renew(token)).body.detail).toBe('Token is expired');
    const other = await obtain();
    expect((await renew((await server.obtain()).refresh)).body.detail).toBe('Token has wrong type');
    expect((await server.refresh(other)).body.detail).toBe('Token has wrong type');
    await change({ isActive: false });
    expect((await renew(other)).body).toEqual({ detail: 'No active account found for the given token.' });
  });
});

@authenticationClasses()
class Issue extends APIView {
  override async post(request: Request) {
    const user = (await findUser(request, 'alice')) as AbstractUser;
    const refresh = (await RefreshToken.forUser(request, user)).setExp({ lifetime: 60 }).set('shop', 7);
    const access = refresh.accessToken.setExp({ lifetime: 10 });
    return { refresh: await refresh.encode(), access: await access.encode() };
  }
}

@authenticationClasses()
class TakeBack extends APIView {
  override async post(request: Request) {
    await (await RefreshToken.verify(request, request.data.refresh)).blacklist();
    return {};
  }
}

describe('tokens that a view makes by hand (JW15)', () => {
  const urls = [path('/issue/', Issue), path('/take-back/', TakeBack)];

  test('let in, are refreshed and end as those of the log-in do', async () => {
    await start({}, urls);
    const { access, refresh } = (await server.post('/issue/', {})).body;
    expect([claimsOf(access).exp, claimsOf(refresh).exp, claimsOf(access).shop]).toEqual([NOW + 10, NOW + 60, 7]);
    server.clock.now += 9;
    expect((await server.me(access)).body.user).toBe('alice');
    server.clock.now += 1;
    expect((await server.me(access)).status).toBe(401);
    const next = (await server.refresh(refresh)).body;
    expect(claimsOf(next.access)).toMatchObject({ shop: 7, exp: NOW + 10 + 300 });
    expect((await server.me(next.access)).status).toBe(200);
    expect((await server.post('/take-back/', { refresh: next.refresh })).status).toBe(200);
    expect((await server.refresh(next.refresh)).body.detail).toBe('Token is blacklisted');
  });
});

test('rf flush-expired-tokens deletes what has expired, and no earlier: a spent token stays spent (JW10)', async () => {
  await start({});
  const { refresh } = await server.obtain();
  const next = (await server.refresh(refresh)).body.refresh;
  await server.post('/api/token/blacklist/', { refresh: next });
  const lines: string[] = [];
  const command = server.site.project.apps
    .flatMap(({ commands }) => commands)
    .find(({ name }) => name === 'flush-expired-tokens');
  const flush = () =>
    command?.run({ site: async () => server.site, stdout: (text: string) => void lines.push(text) } as never);
  server.clock.now = NOW + 86_399;
  await flush();
  expect((await server.refresh(next)).body.detail).toBe('Token is blacklisted');
  server.clock.now += 1;
  await flush();
  expect(lines).toEqual([
    'Deleted 0 expired tokens and 0 retired keys.',
    'Deleted 2 expired tokens and 0 retired keys.',
  ]);
  const manager = db(server.site);
  expect([await manager.count(OutstandingToken), await manager.count(BlacklistedToken)]).toEqual([0, 0]);
  for (const token of [refresh, next]) expect((await server.refresh(token)).body.detail).toBe('Token is expired');
});
