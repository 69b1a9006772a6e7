import { BasicAuthentication, makePassword, scopeRequired, userModel } from '@rf/auth';
import { AuthenticationFailed } from '@rf/exceptions';
import { AccessToken, JWTAuthentication, JWTStatelessUserAuthentication, RefreshToken, TokenUser } from '@rf/jwt';
import { db } from '@rf/orm';
import {
  AllowAny,
  APIView,
  apiView,
  type Authenticated,
  authenticationClasses,
  BaseAuthentication,
  IsAuthenticated,
  path,
  permissionClasses,
  type Request,
} from '@rf/views';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { headerBitChanges, inTurn } from '../../auth/tests/bit-changes.ts';
import { sendExactly } from '../../auth/tests/exact-request.ts';
import { NOW } from './backend.ts';
import { TestServer, WhoAmI } from './server.ts';

/** Another Bearer scheme with tokens of its own shape. */
class OpaqueAuthentication extends BaseAuthentication {
  override authenticate(request: Request): Authenticated | null {
    const [scheme, token] = (request.headers.authorization ?? '').split(' ');
    if (scheme !== 'Bearer' || token?.includes('.')) return null;
    if (token !== 'oat_good') throw new AuthenticationFailed('Invalid opaque token.');
    return { user: { ...nobody, getUsername: () => 'robot' }, auth: { kind: 'opaque' } };
  }

  override authenticateHeader(): string {
    return 'Bearer realm="api", error="invalid_token"';
  }
}

const nobody = { id: 0, isAuthenticated: true, isActive: true, isStaff: false, isSuperuser: false };

@authenticationClasses(JWTAuthentication, OpaqueAuthentication)
class JwtFirst extends WhoAmI {}

@authenticationClasses(OpaqueAuthentication, JWTAuthentication)
class OpaqueFirst extends WhoAmI {}

@permissionClasses(AllowAny)
class OpenJwtLast extends OpaqueFirst {}

@authenticationClasses(JWTAuthentication, BasicAuthentication)
class JwtAndBasic extends WhoAmI {}

@authenticationClasses(BasicAuthentication, JWTAuthentication)
class BasicFirst extends WhoAmI {}

@permissionClasses(AllowAny)
class Open extends WhoAmI {}

@authenticationClasses(JWTStatelessUserAuthentication)
@permissionClasses(IsAuthenticated)
class Stateless extends APIView {
  override get(request: Request) {
    const user = request.user as TokenUser;
    return { id: user.id, text: String(user), isTokenUser: user instanceof TokenUser, isStaff: user.isStaff };
  }
}

const reading = apiView(['GET'], authenticationClasses(JWTAuthentication), scopeRequired('read'))(() => ({ ok: true }));
const printing = apiView(
  ['GET'],
  authenticationClasses(JWTAuthentication),
)((request) => ({
  text: String(request.auth),
  json: request.auth,
}));

const urls = [
  path('/jwt-opaque/', JwtFirst),
  path('/opaque-jwt/', OpaqueFirst),
  path('/open-opaque-jwt/', OpenJwtLast),
  path('/jwt-basic/', JwtAndBasic),
  path('/basic-jwt/', BasicFirst),
  path('/open/', Open),
  path('/stateless/', Stateless),
  path('/reading/', reading),
  path('/printing/', printing),
];

let server: TestServer;

beforeAll(async () => {
  server = await TestServer.start({ urls, auth: { loginThrottle: null } });
});
beforeEach(() => server.reset());
afterAll(() => server.close());

const challenge = 'Bearer realm="api"';

function tokenNotValid(message: string) {
  return {
    detail: 'Given token not valid for any token type',
    code: 'token_not_valid',
    messages: [{ token_class: 'AccessToken', token_type: 'access', message }],
  };
}

const findAlice = async () => db(server.site).findOneByOrFail(userModel(server.site), { username: 'alice' });

describe('JWTAuthentication', () => {
  test('knows the user of an access token', async () => {
    const { access } = await server.obtain();
    const { status, body } = await server.me(access);
    expect([status, body]).toEqual([200, { user: 'alice', auth: 'AccessToken' }]);
  });

  test('compares the scheme word without case', async () => {
    const { access } = await server.obtain();
    for (const word of ['bearer', 'BEARER']) {
      expect((await server.get('/me/', { authorization: `${word} ${access}` })).status).toBe(200);
    }
  });

  test('is not attempted without a header, with an empty one or with another scheme', async () => {
    for (const headers of [{}, { authorization: '' }, { authorization: 'Basic zzz' }, { authorization: 'Bearerx y' }]) {
      const { status, body, headers: answered } = await server.get('/me/', headers as Record<string, string>);
      expect(status).toBe(401);
      expect(body).toEqual({ detail: 'Authentication credentials were not provided.' });
      expect(answered.get('www-authenticate')).toBe(challenge);
    }
  });

  test('wants exactly one word after the scheme', async () => {
    const { access } = await server.obtain();
    for (const authorization of ['Bearer', 'Bearer ', `Bearer ${access} ${access}`, `Bearer ${access} x`]) {
      const { status, body, headers } = await server.get('/me/', { authorization });
      expect(status).toBe(401);
      expect(body).toEqual({
        detail: 'Authorization header must contain two space-delimited values',
        code: 'bad_authorization_header',
      });
      expect(headers.get('www-authenticate')).toBe(challenge);
    }
  });

  test('says which kinds of token were tried, and why each failed', async () => {
    const { access, refresh } = await server.obtain();
    expect((await server.me('x.y.z')).body).toEqual(tokenNotValid('Token is invalid'));
    expect((await server.me('x')).body).toEqual(tokenNotValid('Token is invalid'));
    expect((await server.me(refresh)).body).toEqual(tokenNotValid('Token has wrong type'));
    server.clock.now += 299;
    expect((await server.me(access)).status).toBe(200);
    server.clock.now += 1;
    const expired = await server.me(access);
    expect([expired.status, expired.body]).toEqual([401, tokenNotValid('Token is expired')]);
  });

  test('wants a type and an id', async () => {
    const alice = await findAlice();
    const token = await AccessToken.forUser(server.site, alice);
    expect((await server.me(await token.delete('token_type').encode())).body).toEqual(
      tokenNotValid('Token has no type'),
    );
    expect((await server.me(await token.set('token_type', 'access').delete('jti').encode())).body).toEqual(
      tokenNotValid('Token has no id'),
    );
  });

  test('refuses users who are deactivated or deleted', async () => {
    const { access } = await server.obtain();
    await db(server.site).update(userModel(server.site), { username: 'alice' }, { isActive: false });
    const inactive = await server.me(access);
    expect([inactive.status, inactive.body]).toEqual([401, { detail: 'User is inactive', code: 'user_inactive' }]);
    await db(server.site).delete(userModel(server.site), { username: 'alice' });
    const deleted = await server.me(access);
    expect([deleted.status, deleted.body]).toEqual([401, { detail: 'User not found', code: 'user_not_found' }]);
  });

  test('refuses tokens that name no user, or one that no column can hold', async () => {
    const token = AccessToken.create(server.site);
    const { status, body } = await server.me(await token.encode());
    expect([status, body]).toEqual([
      401,
      { detail: 'Token contained no recognizable user identification', code: 'token_not_valid' },
    ]);
    expect((await server.me(await token.set('user_id', { id: 1 }).encode())).body.code).toBe('token_not_valid');
    for (const id of ['inactive', '99999999999999999999', '2147483648', '-1', "1' OR '1'='1", '\0']) {
      const answer = await server.me(await token.set('user_id', id).encode());
      expect([answer.status, answer.body], id).toEqual([401, { detail: 'User not found', code: 'user_not_found' }]);
    }
  });

  test('refuses every one-bit change of a good token, and no change passes as another user', async () => {
    const { access } = await server.obtain();
    const answers = await inTurn(headerBitChanges(access), async (text) => (await server.me(text)).status);
    expect(answers.filter(([, status]) => status !== 401)).toEqual([]);
    expect(answers.length).toBeGreaterThan(1000);
    expect((await server.me(access)).status).toBe(200);
  });

  test('refuses a wrong token on an open view, which anybody else may see', async () => {
    expect((await server.get('/open/')).status).toBe(200);
    expect((await server.get('/open/', { authorization: 'Bearer x.y.z' })).status).toBe(401);
  });

  test('refuses a header that was sent twice, whichever line comes first, also on an open view', async () => {
    const { access } = await server.obtain();
    const origin = await server.listen();
    for (const authorization of [
      [`Bearer ${access}`, 'Basic eDp5'],
      ['Basic eDp5', `Bearer ${access}`],
      ['', `Bearer ${access}`],
      ['Basic eDp5', 'Basic eDp5'],
    ]) {
      const headers = { Host: 'testserver', Authorization: authorization };
      const { status, text } = await sendExactly(origin, { target: '/open/', headers });
      expect([authorization, status, JSON.parse(text).code]).toEqual([authorization, 401, 'bad_authorization_header']);
    }
  });

  test('lets the first class decide about the challenge', async () => {
    const wrong = { authorization: 'Bearer x.y.z' };
    expect((await server.get('/basic-jwt/', wrong)).headers.get('www-authenticate')).toBe('Basic realm="api"');
    expect((await server.get('/jwt-basic/', wrong)).headers.get('www-authenticate')).toBe(challenge);
    const basic = { authorization: `Basic ${Buffer.from('alice:pw').toString('base64')}` };
    expect((await server.get('/jwt-basic/', basic)).body).toEqual({ user: 'alice', auth: null });
  });

  test('shares Bearer with another scheme in both orders', async () => {
    const { access } = await server.obtain();
    for (const url of ['/jwt-opaque/', '/opaque-jwt/']) {
      const answer = (token: string) => server.get(url, { authorization: `Bearer ${token}` });
      expect((await answer(access)).body.user).toBe('alice');
      expect((await answer('oat_good')).body.user).toBe('robot');
      const opaque = await answer('oat_bad');
      expect([opaque.status, opaque.body]).toEqual([401, { detail: 'Invalid opaque token.' }]);
      const broken = await answer(`${access.slice(0, -4)}AAAA`);
      expect([broken.status, broken.body]).toEqual([401, tokenNotValid('Token is invalid')]);
    }
  });

  test('leaves nothing to nobody: what no Bearer scheme knows is refused by the last', async () => {
    const answer = await server.get('/open-opaque-jwt/', { authorization: 'Bearer a.b' });
    expect([answer.status, answer.body]).toEqual([401, tokenNotValid('Token is invalid')]);
    expect((await server.get('/open-opaque-jwt/')).status).toBe(200);
  });

  test('prints kind and id of a token, never the token', async () => {
    const { access } = await server.obtain();
    const { body } = await server.get('/printing/', { authorization: `Bearer ${access}` });
    expect(body.text).toMatch(/^AccessToken [0-9a-f]{32}$/);
    expect(body.json).toBe(body.text);
  });

  test('opens what its scope claim names to the scope permissions', async () => {
    const token = await AccessToken.forUser(server.site, await findAlice());
    const ask = async (scope: unknown) =>
      server.get('/reading/', { authorization: `Bearer ${await token.set('scope', scope).encode()}` });
    const read = async (scope: unknown) => (await ask(scope)).status;
    expect(await read('write read')).toBe(200);
    expect(await read('reading')).toBe(403);
    expect(await read(['read'])).toBe(403);
    expect(await read(undefined)).toBe(403);
    const { headers, body } = await ask('write');
    expect(body).toEqual({ detail: 'You do not have permission to perform this action.' });
    // RFC 6750, section 3.1.
    expect(headers.get('www-authenticate')).toBe(
      'Bearer realm="api",error="insufficient_scope",error_description="The access token lacks a scope.",scope="read"',
    );
  });

  test('writes no token into the log', async () => {
    const { access, refresh } = await server.obtain();
    await server.me(access);
    await server.me(refresh);
    await server.me(`${access}x`);
    await server.refresh(refresh);
    await server.refresh(refresh);
    await server.post('/api/token/verify/', { token: `${refresh}x` });
    await server.post('/api/token/', { username: 'alice', password: 'a wrong secret' });
    const log = server.log.join('\n');
    expect(log).toContain('A token was refused');
    for (const secret of [access, refresh, access.split('.')[2], refresh.split('.')[2], 'a wrong secret']) {
      expect(log).not.toContain(secret);
    }
  });
});

describe('JWTStatelessUserAuthentication', () => {
  test('makes the user of the claims, without a query', async () => {
    const refresh = await RefreshToken.forUser(server.site, await findAlice());
    const access = await refresh.accessToken.set('is_staff', true).encode();
    await db(server.site).delete(userModel(server.site), { username: 'alice' });
    const { status, body } = await server.get('/stateless/', { authorization: `Bearer ${access}` });
    expect(status).toBe(200);
    expect(body).toEqual({ id: '1', text: 'TokenUser 1', isTokenUser: true, isStaff: true });
  });

  test('refuses a token that names nobody', async () => {
    const authorization = `Bearer ${await AccessToken.create(server.site).encode()}`;
    const { status, body } = await server.get('/stateless/', { authorization });
    expect([status, body.code]).toEqual([401, 'token_not_valid']);
  });
});

describe('options', () => {
  test('several header types are taken, and the first is the challenge', async () => {
    const other = await TestServer.start({ urls, jwt: { authHeaderTypes: ['JWT', 'Bearer'] } });
    try {
      const { access } = await other.obtain();
      expect((await other.get('/me/', { authorization: `JWT ${access}` })).status).toBe(200);
      expect((await other.me(access)).status).toBe(200);
      expect((await other.get('/me/')).headers.get('www-authenticate')).toBe('JWT realm="api"');
      // The attributes of RFC 6750 are Bearer's.
      const refused = await other.get('/reading/', { authorization: `JWT ${access}` });
      expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([403, null]);
    } finally {
      await other.close();
    }
  });

  test('checkRevokeToken ends access and refresh tokens when the password changes', async () => {
    const other = await TestServer.start({ jwt: { checkRevokeToken: true } });
    try {
      const { access, refresh } = await other.obtain();
      expect((await other.me(access)).status).toBe(200);
      const password = await makePassword('another');
      await db(other.site).update(userModel(other.site), { username: 'alice' }, { password });
      const changed = { detail: "The user's password has been changed.", code: 'password_changed' };
      const refused = await other.me(access);
      expect([refused.status, refused.body]).toEqual([401, changed]);
      const unrefreshed = await other.refresh(refresh);
      expect([unrefreshed.status, unrefreshed.body]).toEqual([401, changed]);
    } finally {
      await other.close();
    }
  });

  test('checkFamily ends access tokens with their family', async () => {
    const other = await TestServer.start({ jwt: { checkFamily: true } });
    try {
      const { access, refresh } = await other.obtain();
      const next = (await other.refresh(refresh)).body;
      expect((await other.me(access)).status).toBe(200);
      await other.post('/api/token/blacklist/', { refresh: next.refresh });
      for (const token of [access, next.access]) {
        const { status, body } = await other.me(token);
        expect([status, body]).toEqual([401, tokenNotValid('Token is blacklisted')]);
      }
    } finally {
      await other.close();
    }
  });

  test('userIdField, claims, messages, hooks and lastLogin are as the project says', async () => {
    const seen: string[] = [];
    class NamedToken extends RefreshToken {
      protected override addClaims(user: { getUsername(): string }) {
        this.set('name', user.getUsername());
      }
    }
    const other = await TestServer.start({
      jwt: {
        userIdField: 'username',
        userIdClaim: 'sub',
        refreshTokenClass: NamedToken,
        updateLastLogin: true,
        messages: { invalid: 'Token is invalid or expired' },
        onLoginSuccess: (user) => void seen.push(`in ${user.username}`),
        onLoginFailed: (username) => void seen.push(`out ${username}`),
      },
    });
    try {
      const { access } = await other.obtain();
      const token = await AccessToken.verify(other.site, access);
      expect(token.claims).toMatchObject({ sub: 'alice', name: 'alice' });
      expect((await other.me(access)).body.user).toBe('alice');
      expect((await other.me('x')).body.messages[0].message).toBe('Token is invalid or expired');
      await other.post('/api/token/', { username: 'alice', password: 'x' });
      expect(seen).toEqual(['in alice', 'out alice']);
      const alice = await db(other.site).findOneByOrFail(userModel(other.site), { username: 'alice' });
      expect(alice.lastLogin).toEqual(new Date(NOW * 1000));
    } finally {
      await other.close();
    }
  });

  test('log-ins are throttled before a password is hashed', async () => {
    const other = await TestServer.start({ auth: { loginThrottle: { account: '2/min', address: '60/min' } } });
    try {
      const attempt = () => other.post('/api/token/', { username: 'alice', password: 'x' });
      expect([(await attempt()).status, (await attempt()).status]).toEqual([401, 401]);
      const refused = await attempt();
      expect(refused.status).toBe(429);
      expect(refused.headers.get('retry-after')).toBe('60');
      other.clock.now += 61;
      expect((await attempt()).status).toBe(401);
    } finally {
      await other.close();
    }
  });
});
