import { BasicAuthentication, users } from '@rf/auth';
import { type ClientWithSecret, OAuth2Authentication, OAuth2Client, scopeRequired, TokenHasScope } from '@rf/oauth2';
import { JWTAuthentication, jwt, RefreshToken } from '@rf/jwt';
import { db } from '@rf/orm';
import {
  AllowAny,
  APIView,
  apiView,
  authenticationClasses,
  IsAuthenticated,
  path,
  permissionClasses,
  type Request,
} from '@rf/views';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { bitChanges } from '../../auth/tests/bit-changes.ts';
import { obtainTokens, type Server, startServer, whoAmI } from './server.ts';

abstract class Who extends APIView {
  override get(request: Request) {
    return { user: String(request.user), scopes: request.auth === null ? null : [...(request.auth?.scopes ?? [])] };
  }

  override post(request: Request) {
    return this.get(request);
  }
}

@authenticationClasses(OAuth2Authentication)
@permissionClasses(AllowAny)
class Open extends Who {}

@authenticationClasses(JWTAuthentication, OAuth2Authentication)
@permissionClasses(IsAuthenticated)
class JwtFirst extends Who {}

@authenticationClasses(OAuth2Authentication, JWTAuthentication)
@permissionClasses(IsAuthenticated)
class OAuth2First extends Who {}

@authenticationClasses(BasicAuthentication, OAuth2Authentication)
@permissionClasses(IsAuthenticated)
class BasicFirst extends Who {}

@authenticationClasses(OAuth2Authentication)
@permissionClasses(TokenHasScope)
class Scoped extends Who {
  readonly requiredScopes = ['read', 'notes:read'];
}

const byFunction = apiView(
  ['GET'],
  authenticationClasses(OAuth2Authentication),
  scopeRequired('notes:read'),
)(() => ({ ok: true }));

let server: Server;
let made: ClientWithSecret;
let token: string;
beforeAll(async () => {
  server = await startServer({
    apps: [jwt()],
    urls: [
      path('/open/', Open),
      path('/jwt-first/', JwtFirst),
      path('/oauth2-first/', OAuth2First),
      path('/basic-first/', BasicFirst),
      path('/scoped/', Scoped),
      path('/function/', byFunction),
    ],
  });
  made = await server.client();
});
afterAll(() => server.close());
beforeEach(async () => {
  token = (await obtainTokens(server, made)).access_token;
});

const challengeOf = ({ headers }: { headers: Headers }): string | null => headers.get('www-authenticate');
const INVALID = 'Bearer realm="api",error="invalid_token",error_description="The access token is invalid."';

test('a live token says who allowed it and what it may', async () => {
  expect((await whoAmI(server, token, '/open/')).body).toEqual({ user: 'alice', scopes: ['read', 'write'] });
});

test('without a token the challenge has no error', async () => {
  const answer = await whoAmI(server, null);
  expect(answer.status).toBe(401);
  expect(challengeOf(answer)).toBe('Bearer realm="api"');
  expect(answer.body).toEqual({ detail: 'Authentication credentials were not provided.' });
});

test('a token that is none is refused with the reason in the challenge, also where anybody may read', async () => {
  for (const target of ['/me/', '/open/']) {
    const answer = await whoAmI(server, 'nope', target);
    expect(answer.status).toBe(401);
    expect(challengeOf(answer)).toBe(INVALID);
    expect(answer.body).toEqual({ detail: 'Authentication credentials were not provided.' });
  }
});

test('a token with any bit changed is refused', async () => {
  for (const changed of bitChanges(token)) {
    // A few of them are no header value at all.
    if (!/^[\x21-\x7e]+$/.test(changed)) continue;
    expect((await whoAmI(server, changed)).status).toBe(401);
  }
  expect((await whoAmI(server, token)).status).toBe(200);
});

test('a refresh token is no access token', async () => {
  const { refresh_token: other } = await obtainTokens(server, made);
  expect((await whoAmI(server, other)).status).toBe(401);
  expect((await whoAmI(server, `oat_${other.slice(4)}`)).status).toBe(401);
});

test('a token lives for an hour', async () => {
  server.clock.now += 3_599_999;
  expect((await whoAmI(server, token)).status).toBe(200);
  server.clock.now += 1;
  const answer = await whoAmI(server, token);
  expect(answer.status).toBe(401);
  expect(challengeOf(answer)).toBe(
    'Bearer realm="api",error="invalid_token",error_description="The access token has expired."',
  );
});

test('the token of an inactive user or client is refused', async () => {
  await users(server.site).update({ username: 'alice' }, { isActive: false });
  expect(challengeOf(await whoAmI(server, token))).toBe(INVALID);
  await users(server.site).update({ username: 'alice' }, { isActive: true });
  await db(server.site).update(OAuth2Client, { id: made.client.id }, { active: false });
  expect(challengeOf(await whoAmI(server, token))).toBe(INVALID);
  await db(server.site).update(OAuth2Client, { id: made.client.id }, { active: true });
  expect((await whoAmI(server, token)).status).toBe(200);
});

test('when a token was used is noted once a minute', async () => {
  const used = async (): Promise<Date | null> => {
    const rows: { last_used: Date }[] = await db(server.site).query(
      'SELECT last_used FROM oauth2_access_token ORDER BY id DESC LIMIT 1',
    );
    return rows[0]?.last_used ?? null;
  };
  const start = server.clock.now;
  await whoAmI(server, token);
  server.clock.now += 59_999;
  await whoAmI(server, token);
  expect((await used())?.getTime()).toBe(start);
  server.clock.now += 1;
  await whoAmI(server, token);
  expect((await used())?.getTime()).toBe(start + 60_000);
});

describe('the header', () => {
  const ask = async (authorization: string, target = '/open/') => {
    const response = await fetch(server.url + target, { headers: { authorization } });
    return { status: response.status, headers: response.headers, body: (await response.json()) as { detail: string } };
  };

  test('takes the scheme word in any case, and other schemes are not looked at', async () => {
    expect((await ask(`bEARER ${token}`)).status).toBe(200);
    expect((await ask('Basic YTpi')).status).toBe(200);
  });

  test('without a token, or with spaces in it, is refused in Django REST framework’s words', async () => {
    expect((await ask('Bearer')).body.detail).toBe('Invalid bearer header. No credentials provided.');
    expect((await ask('Bearer a b')).body.detail).toBe(
      'Invalid bearer header. Token string should not contain spaces.',
    );
  });

  test('and a token in the query are too much', async () => {
    const answer = await ask(`Bearer ${token}`, `/open/?access_token=${token}`);
    expect(answer.status).toBe(400);
    expect(challengeOf(answer)).toContain('error="invalid_request"');
  });
});

describe('beside JWT, which speaks Bearer too', () => {
  test.each(['/jwt-first/', '/oauth2-first/'])('both kinds of token are known at %s', async (target) => {
    const alice = await users(server.site).findOneByOrFail({ username: 'alice' });
    const access = await (await RefreshToken.forUser(server.site, alice)).accessToken.encode();
    for (const shown of [token, access]) {
      const { status, body } = await whoAmI(server, shown, target);
      expect([status, body.user]).toEqual([200, 'alice']);
    }
  });

  test.each(['/jwt-first/', '/oauth2-first/'])('a bad one of ours is refused at %s', async (target) => {
    const answer = await whoAmI(server, `${token.slice(0, -1)}_`, target);
    expect(answer.status).toBe(401);
    expect(challengeOf(answer)).toMatch(/^Bearer realm="api"/);
  });

  test.each(['/jwt-first/', '/oauth2-first/'])('a bad one of theirs is refused at %s', async (target) => {
    expect((await whoAmI(server, 'a.b.c', target)).status).toBe(401);
  });
});

test('the first class decides the challenge, whichever refused', async () => {
  const answer = await whoAmI(server, 'oat_nope', '/basic-first/');
  expect([answer.status, challengeOf(answer)]).toEqual([401, 'Basic realm="api"']);
});

describe('a missing scope', () => {
  test.each([
    ['/scoped/', 'read notes:read'],
    ['/function/', 'notes:read'],
  ])('at %s is 403 with a challenge that names it', async (target, scope) => {
    const answer = await whoAmI(server, token, target);
    expect(answer.status).toBe(403);
    expect(challengeOf(answer)).toBe(
      `Bearer realm="api",error="insufficient_scope",error_description="The access token lacks a scope.",scope="${scope}"`,
    );
    expect(answer.body).toEqual({ detail: 'You do not have permission to perform this action.' });
  });

  test('is none for a token that has it', async () => {
    const wide = await obtainTokens(server, made, { params: { scope: 'read notes:read' } });
    expect((await whoAmI(server, wide.access_token, '/scoped/')).status).toBe(200);
    expect((await whoAmI(server, wide.access_token, '/function/')).status).toBe(200);
  });
});

describe('with bodyTokens', () => {
  test('a form may carry the token, but not beside the header, and must be readable', async () => {
    const old = await startServer({ oauth2: { bodyTokens: true } });
    const { access_token: own } = await obtainTokens(old, await old.client());
    const post = (headers: Record<string, string>) =>
      fetch(`${old.url}/me/`, { method: 'POST', body: new URLSearchParams({ access_token: own }), headers });
    expect((await post({})).status).toBe(200);
    expect((await post({ authorization: `Bearer ${own}` })).status).toBe(400);

    const broken = { 'content-type': 'multipart/form-data' };
    const answer = await fetch(`${old.url}/me/`, { method: 'POST', body: 'no boundary', headers: broken });
    expect([answer.status, await answer.json()]).toEqual([
      400,
      { detail: expect.stringMatching(/^Multipart form parse error/) },
    ]);
    await old.close();
  });
});
