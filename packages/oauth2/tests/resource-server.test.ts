import type { RequestListener } from 'node:http';
import { createUser, users } from '@rf/auth';
import {
  type ClientWithSecret,
  IntrospectedToken,
  OAuth2Client,
  OAuth2IntrospectionAuthentication,
  oauth2ResourceServer,
  type ResourceServerOptions,
  tokenIntrospector,
} from '@rf/oauth2';
import { db } from '@rf/orm';
import { defineProject, runChecks } from '@rf/project';
import { AnonymousUser, APIView, authenticationClasses, path, type Request, type RequestUser } from '@rf/views';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { listen, type ResourceServer, startResourceServer } from './resource-server.ts';
import { type Answer, obtainTokens, send, type Server, startServer } from './server.ts';

const INVALID = 'Bearer realm="api",error="invalid_token",error_description="The access token is invalid."';
const EXPIRED = 'Bearer realm="api",error="invalid_token",error_description="The access token has expired."';
const NOT_PROVIDED = { detail: 'Authentication credentials were not provided.' };
const UNAVAILABLE = { detail: 'Service temporarily unavailable, try again later.' };

async function ask(
  server: Pick<ResourceServer, 'url'>,
  token: string | null,
  target = '/me/',
  method = 'GET',
): Promise<Answer> {
  const response = await fetch(server.url + target, {
    method,
    headers: token === null ? {} : { authorization: `Bearer ${token}` },
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

const challengeOf = ({ headers }: Answer): string | null => headers.get('www-authenticate');

/** A resource server for the length of one test. */
async function withResourceServer(
  options: Parameters<typeof startResourceServer>[0],
  run: (server: ResourceServer) => Promise<void>,
): Promise<void> {
  const server = await startResourceServer(options);
  try {
    await run(server);
  } finally {
    await server.close();
  }
}

class ByClient extends OAuth2IntrospectionAuthentication {
  protected override async getUser(_request: Request, token: IntrospectedToken): Promise<RequestUser | null> {
    return token.clientId === null ? null : Object.assign(new AnonymousUser(), { username: token.clientId });
  }
}

@authenticationClasses(ByClient)
class Machines extends APIView {
  override get(request: Request) {
    return { user: (request.user as AnonymousUser).username };
  }
}

describe('beside a provider of ours', () => {
  let provider: Server;
  let app: ClientWithSecret;
  let self: ClientWithSecret;
  let api: ResourceServer;
  let token: string;

  const settings = (): ResourceServerOptions & { clock: () => number } => ({
    introspectionEndpoint: `${provider.url}/oauth2/introspect/`,
    clientId: self.client.clientId,
    clientSecret: self.secret as string,
    clock: () => provider.clock.now,
  });
  const questions = (): number =>
    provider.log.filter((line) => line.includes('incoming request') && line.includes('/oauth2/introspect/')).length;
  const revoke = (text: string): Promise<Answer> =>
    send(`${provider.url}/oauth2/revoke_token/`, { token: text }, { basic: `${app.client.clientId}:${app.secret}` });

  beforeAll(async () => {
    provider = await startServer({
      oauth2: {
        scopes: { read: 'Read your notes', write: 'Change your notes', introspection: 'Ask about tokens' },
        issuer: 'https://login.example.com',
      },
    });
    app = await provider.client();
    self = await provider.client({ grants: [], redirectUris: [], scopes: [], isResourceServer: true });
    api = await startResourceServer({ ...settings(), urls: [path('/machines/', Machines)] });
  });
  afterAll(async () => {
    await api.close();
    await provider.close();
  });
  beforeEach(async () => {
    token = (await obtainTokens(provider, app, { params: { scope: 'read' } })).access_token;
  });

  test('a token of the provider is from its user, with its client and scopes', async () => {
    const answer = await ask(api, token);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ user: 'alice', client: app.client.clientId, scopes: ['read'] });
  });

  test('a user who is not here yet is made, without a password, once however many requests come together', async () => {
    const { access_token: bobs } = await obtainTokens(provider, app, { username: 'bob' });
    expect(await users(api.site).countBy({ username: 'bob' })).toBe(0);
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask(api, bobs)));
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
    const made = await users(api.site).findBy({ username: 'bob' });
    expect(made).toHaveLength(1);
    expect(made[0]).toMatchObject({ isActive: true, isStaff: false, isSuperuser: false });
    expect(made[0]?.password).toMatch(/^!/);
  });

  test('createUsers: false refuses a user who is not here', async () => {
    await withResourceServer({ ...settings(), createUsers: false }, async (other) => {
      const answer = await ask(other, token);
      expect([answer.status, challengeOf(answer)]).toEqual([401, INVALID]);
      await createUser(other.site, { username: 'alice' });
      expect((await ask(other, token)).status).toBe(200);
    });
  });

  test('a user who is deactivated here is refused, also with a token that is remembered', async () => {
    await ask(api, token);
    await users(api.site).update({ username: 'alice' }, { isActive: false });
    const answer = await ask(api, token);
    await users(api.site).update({ username: 'alice' }, { isActive: true });
    expect([answer.status, challengeOf(answer)]).toEqual([401, INVALID]);
  });

  test('a client that acts for itself is nobody, and its scopes count', async () => {
    const machine = await provider.client({ grants: ['client_credentials'], redirectUris: [] });
    const form = { grant_type: 'client_credentials', scope: 'read' };
    const basic = `${machine.client.clientId}:${machine.secret}`;
    const { access_token: own } = (await send(`${provider.url}/oauth2/token/`, form, { basic })).body;
    expect((await ask(api, own)).status).toBe(403);
    expect((await ask(api, own, '/notes/')).body).toEqual({
      user: 'AnonymousUser',
      client: machine.client.clientId,
      scopes: ['read'],
    });
    expect((await ask(api, own, '/machines/')).body).toEqual({ user: machine.client.clientId });
  });

  test('no token: the challenge has no error, and whom anybody may be is let in', async () => {
    const answer = await ask(api, null);
    expect([answer.status, challengeOf(answer), answer.body]).toEqual([401, 'Bearer realm="api"', NOT_PROVIDED]);
    expect((await ask(api, null, '/open/')).body).toMatchObject({ user: 'AnonymousUser' });
  });

  test.each(['/me/', '/open/'])(
    'a token that nobody gave is refused with the reason in the challenge: %s',
    async (target) => {
      const answer = await ask(api, 'oat_nope', target);
      expect([answer.status, challengeOf(answer), answer.body]).toEqual([401, INVALID, NOT_PROVIDED]);
    },
  );

  test('a refresh token is no access token', async () => {
    const { refresh_token: refresh } = await obtainTokens(provider, app);
    expect(challengeOf(await ask(api, refresh))).toBe(INVALID);
  });

  test('a token without a scope that is needed is 403, with the scope in the challenge', async () => {
    expect((await ask(api, token, '/notes/')).status).toBe(200);
    const answer = await ask(api, token, '/notes/', 'POST');
    expect(answer.status).toBe(403);
    expect(challengeOf(answer)).toContain('error="insufficient_scope"');
    expect(challengeOf(answer)).toContain('scope="write"');
  });

  test('a token in the header and in the query is 400', async () => {
    const answer = await ask(api, token, '/me/?access_token=x');
    expect(answer.status).toBe(400);
    expect(challengeOf(answer)).toContain('error="invalid_request"');
  });

  test('what cannot be a token is refused without a question', async () => {
    const before = questions();
    for (const text of ['a"b', 'a,b', '=', 'é']) expect((await ask(api, text)).status).toBe(401);
    expect(questions()).toBe(before);
  });

  test('a token is asked about once, and again when the answer is a minute old', async () => {
    const before = questions();
    for (let times = 0; times < 5; times += 1) await ask(api, token);
    expect(questions()).toBe(before + 1);
    provider.clock.now += 60_000;
    await ask(api, token);
    expect(questions()).toBe(before + 2);
  });

  test('so is one that is not active', async () => {
    const before = questions();
    for (let times = 0; times < 5; times += 1) await ask(api, 'oat_nope_again');
    expect(questions()).toBe(before + 1);
  });

  test('cacheSeconds: 0 asks each time, and lets no revoked token in', async () => {
    await withResourceServer({ ...settings(), cacheSeconds: 0 }, async (other) => {
      const before = questions();
      expect((await ask(other, token)).status).toBe(200);
      expect((await ask(other, token)).status).toBe(200);
      expect(questions()).toBe(before + 2);
      await revoke(token);
      expect(challengeOf(await ask(other, token))).toBe(INVALID);
    });
  });

  test('a revoked token is let in until its answer is a minute old', async () => {
    expect((await ask(api, token)).status).toBe(200);
    await revoke(token);
    provider.clock.now += 59_999;
    expect((await ask(api, token)).status).toBe(200);
    provider.clock.now += 1;
    const answer = await ask(api, token);
    expect([answer.status, challengeOf(answer), answer.body]).toEqual([401, INVALID, NOT_PROVIDED]);
  });

  test('no answer is believed past the end of the token', async () => {
    provider.clock.now += 3_599_999;
    const before = questions();
    expect((await ask(api, token)).status).toBe(200);
    provider.clock.now += 1;
    expect(challengeOf(await ask(api, token))).toBe(INVALID);
    expect(questions()).toBe(before + 2);
  });

  test('a token of a client that was deactivated ends with its answer', async () => {
    expect((await ask(api, token)).status).toBe(200);
    await db(provider.site).update(OAuth2Client, { id: app.client.id }, { active: false });
    provider.clock.now += 60_000;
    const { status } = await ask(api, token);
    await db(provider.site).update(OAuth2Client, { id: app.client.id }, { active: true });
    expect(status).toBe(401);
  });

  test.each([
    ['issuer', 'https://login.example.com', 200],
    ['issuer', 'https://login.example.com/', 401],
    ['audience', 'books', 401],
    ['tokenPrefix', 'oat_', 200],
    ['tokenPrefix', 'xyz_', 401],
  ])('%s: %s answers %d', async (option, value, status) => {
    await withResourceServer({ ...settings(), [option]: value }, async (other) => {
      expect((await ask(other, token)).status).toBe(status);
    });
  });

  test('a token with the scope introspection may ask in place of client credentials', async () => {
    const asking = await provider.client({
      grants: ['client_credentials'],
      redirectUris: [],
      scopes: ['introspection'],
      isResourceServer: true,
    });
    const basic = `${asking.client.clientId}:${asking.secret}`;
    let asked = 0;
    const bearerToken = async (): Promise<string> => {
      asked += 1;
      return (await send(`${provider.url}/oauth2/token/`, { grant_type: 'client_credentials' }, { basic })).body
        .access_token;
    };
    const { introspectionEndpoint, clock } = settings();
    await withResourceServer({ introspectionEndpoint, clock, bearerToken }, async (other) => {
      expect((await ask(other, token)).body).toMatchObject({ user: 'alice', scopes: ['read'] });
      expect(asked).toBe(1);
    });
  });

  test.each(['clientSecret', 'clientId'])('a wrong %s is told in the log, and to clients as 503', async (option) => {
    await withResourceServer({ ...settings(), [option]: 'wrong' }, async (other) => {
      const answer = await ask(other, token);
      expect([answer.status, answer.body]).toEqual([503, UNAVAILABLE]);
      expect(challengeOf(answer)).toBeNull();
      expect(other.log.join('\n')).toContain('it answered 401, so it does not take the credentials');
    });
  });

  test('a bearerToken without the scope is told in the log, and to clients as 503', async () => {
    const { introspectionEndpoint, clock } = settings();
    await withResourceServer({ introspectionEndpoint, clock, bearerToken: token }, async (other) => {
      expect((await ask(other, token)).status).toBe(503);
      expect(other.log.join('\n')).toContain('it answered 403');
    });
  });

  test('a bearerToken() that throws answers 503', async () => {
    const { introspectionEndpoint, clock } = settings();
    const bearerToken = (): never => {
      throw new RangeError(token);
    };
    await withResourceServer({ introspectionEndpoint, clock, bearerToken }, async (other) => {
      expect((await ask(other, token)).status).toBe(503);
      expect(other.log.join('\n')).toContain('bearerToken() threw RangeError');
      expect(other.log.join('\n')).not.toContain(token);
    });
  });

  test('no token and no secret is in any log line', async () => {
    await ask(api, token);
    await ask(api, 'oat_made_up_and_refused');
    const written = api.log.join('\n');
    expect(written).toContain('incoming request');
    for (const secret of [token, 'oat_made_up_and_refused', self.secret as string]) {
      expect(written).not.toContain(secret);
    }
  });
});

describe('an endpoint', () => {
  const NOW = 1_700_000_000_000;
  const LIVE = { active: true, username: 'alice', scope: 'read' };
  const live: RequestListener = (_request, response) => void response.end(JSON.stringify(LIVE));

  /** What the endpoint does; a test says it. */
  let behave: RequestListener;
  let asked: number;
  let endpoint: { readonly url: string; close(): Promise<void> };
  let server: ResourceServer;
  /** A new one for each test, so that nothing is remembered of it. */
  let token: string;
  let number = 0;

  const settings = () => ({
    introspectionEndpoint: endpoint.url,
    clientId: 'books api',
    clientSecret: 'p%s:+ä',
    clock: () => NOW,
  });
  const answers =
    (answer: unknown, status = 200, headers: Record<string, string> = {}): RequestListener =>
    (_request, response) => {
      response.writeHead(status, headers);
      response.end(typeof answer === 'string' || Buffer.isBuffer(answer) ? answer : JSON.stringify(answer));
    };
  const written = (): string => server.log.join('\n');

  beforeAll(async () => {
    endpoint = await listen((request, response) => {
      asked += 1;
      behave(request, response);
    });
    server = await startResourceServer(settings());
  });
  afterAll(async () => {
    await server.close();
    await endpoint.close();
  });
  beforeEach(() => {
    behave = live;
    asked = 0;
    token = `token-in-question-${(number += 1)}`;
    server.log.length = 0;
  });

  test('is sent the token and both halves of the credentials, form-encoded', async () => {
    const sent: unknown[] = [];
    behave = async (request, response) => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      sent.push(request.method, request.headers.authorization, [...new URLSearchParams(body)]);
      live(request, response);
    };
    expect((await ask(server, 'a+b/c==')).status).toBe(200);
    expect(sent).toEqual([
      'POST',
      `Basic ${Buffer.from('books+api:p%25s%3A%2B%C3%A4').toString('base64')}`,
      [
        ['token', 'a+b/c=='],
        ['token_type_hint', 'access_token'],
      ],
    ]);
  });

  test.each<[string, unknown]>([
    ['no JSON', '<html>token-in-question</html>'],
    ['nothing', ''],
    ['a list', [LIVE]],
    ['null', 'null'],
    ['an object without active', { username: 'alice' }],
    ['an active that is text', { ...LIVE, active: 'true' }],
    ['an active that is a number', { ...LIVE, active: 1 }],
    ['an exp that is text', { ...LIVE, exp: '1800000000' }],
    ['an exp beyond all time', { ...LIVE, exp: 1e20 }],
    ['a scope that is a list', { ...LIVE, scope: ['read'] }],
    ['a user name that is a number', { ...LIVE, username: 7 }],
    ['an audience that is an object', { ...LIVE, aud: {} }],
    ['bytes that are no UTF-8', Buffer.from('{"active":true,"username":"\xff"}', 'latin1')],
    ['more than it may', `{"active":true,"username":"alice","x":"${'x'.repeat(70_000)}"}`],
  ])('that answers %s lets nobody in: 503, and the log tells neither answer nor token', async (_what, answer) => {
    behave = answers(answer);
    const before = await users(server.site).count();
    const refused = await ask(server, token);
    expect([refused.status, refused.body]).toEqual([503, UNAVAILABLE]);
    expect((await ask(server, token, '/open/')).status).toBe(503);
    expect(written()).toContain('An introspection endpoint cannot be asked');
    expect(written()).not.toContain('token-in-question');
    expect(await users(server.site).count()).toBe(before);
  });

  test.each([
    ['NUL', 'ali\0ce'],
    ['half a character', 'alice\ud800'],
    ['more characters than the column', 'a'.repeat(151)],
  ])('that names a user with %s lets nobody in, and nobody is made', async (_what, username) => {
    behave = answers({ ...LIVE, username });
    const before = await users(server.site).count();
    const refused = await ask(server, token);
    expect([refused.status, challengeOf(refused)]).toEqual([401, INVALID]);
    expect(await users(server.site).count()).toBe(before);
  });

  test.each([201, 204, 400, 401, 403, 404, 429, 500, 503])('that answers %d lets nobody in', async (status) => {
    behave = answers(status === 204 ? '' : LIVE, status);
    expect((await ask(server, token)).status).toBe(503);
    expect(written()).toContain(`it answered ${status}`);
  });

  test.each([301, 302, 303, 307, 308])('that redirects with %d is not followed', async (status) => {
    behave = ({ url }, response) => {
      if (url === '/elsewhere') live({} as never, response);
      else answers('', status, { location: '/elsewhere' })({} as never, response);
    };
    expect((await ask(server, token)).status).toBe(503);
    expect(asked).toBe(1);
    expect(written()).toContain(`it answered ${status}, and redirects are not followed`);
  });

  test('that is down lets nobody in, except with answers that are remembered; when it is back it is asked again', async () => {
    expect((await ask(server, token)).status).toBe(200);
    behave = (request) => request.socket.destroy();
    expect((await ask(server, token)).status).toBe(200);
    const answer = await ask(server, `${token}-2`);
    expect([answer.status, answer.body]).toEqual([503, UNAVAILABLE]);
    behave = live;
    expect((await ask(server, `${token}-2`)).status).toBe(200);
  });

  test('that nobody listens at lets nobody in', async () => {
    const gone = await listen(live);
    await gone.close();
    await withResourceServer({ ...settings(), introspectionEndpoint: gone.url }, async (other) => {
      expect((await ask(other, token)).status).toBe(503);
      expect(other.log.join('\n')).toContain('ECONNREFUSED');
    });
  });

  test('that falls silent before or within its answer is waited for no longer than timeoutSeconds', async () => {
    await withResourceServer({ ...settings(), timeoutSeconds: 0.2 }, async (other) => {
      for (const begin of ['', '{"active":']) {
        behave = (_request, response) => {
          if (begin !== '') response.write(begin);
        };
        expect((await ask(other, token)).status).toBe(503);
        expect(other.log.join('\n')).toContain('it did not answer in 0.2 seconds');
        other.log.length = 0;
      }
    });
  });

  test('is asked once by requests that come together with one token', async () => {
    let open: () => void = () => {};
    const gate = new Promise<void>((resolve) => (open = resolve));
    behave = (request, response) => void gate.then(() => live(request, response));
    const together = Array.from({ length: 10 }, () => ask(server, token));
    const arrived = (): number => server.log.filter((line) => line.includes('incoming request')).length;
    while (arrived() < 10 || asked === 0) await new Promise((resolve) => setImmediate(resolve));
    open();
    expect((await Promise.all(together)).map(({ status }) => status)).toEqual(Array(10).fill(200));
    expect(asked).toBe(1);
  });

  test('may be asked about a thousand tokens: they fill no more memory than cacheSize, and drive out no good one', async () => {
    await withResourceServer({ ...settings(), cacheSize: 5 }, async (other) => {
      expect((await ask(other, token)).status).toBe(200);
      behave = answers({ active: false });
      for (let batch = 0; batch < 20; batch += 1) {
        const made = Array.from({ length: 50 }, (_, at) => ask(other, `made-up-${batch}-${at}`));
        expect((await Promise.all(made)).every(({ status }) => status === 401)).toBe(true);
      }
      expect(asked).toBe(1001);
      expect(tokenIntrospector(other.site).size).toBe(6);
      expect((await ask(other, token)).status).toBe(200);
      expect(asked).toBe(1001);
    });
  });

  test.each<[string, object, string]>([
    ['over', { exp: NOW / 1000 }, EXPIRED],
    ['not begun', { nbf: NOW / 1000 + 1 }, INVALID.replace('is invalid', 'is not valid yet')],
    ['a refresh token', { token_use: 'refresh_token' }, INVALID],
    ['of another type', { token_type: 'DPoP' }, INVALID],
    ['bound to a key', { cnf: { jkt: 'x' } }, INVALID],
    ['of an inactive user', { username: 'ivan' }, INVALID],
  ])('may call a token active that is %s: it is refused', async (_what, members, challenge) => {
    behave = answers({ ...LIVE, ...members });
    const answer = await ask(server, token, '/open/');
    expect([answer.status, challengeOf(answer)]).toEqual([401, challenge]);
  });

  test.each<[string, object]>([
    ['in lower case', { token_type: 'bearer' }],
    ['with an end', { exp: NOW / 1000 + 1, nbf: NOW / 1000 }],
    ['without what may be null', { exp: null, aud: null, cnf: null, client_id: null }],
  ])('may call a token active %s: it is taken', async (_what, members) => {
    behave = answers({ ...LIVE, ...members });
    expect((await ask(server, token)).status).toBe(200);
  });

  test('is believed about the audience, where one is wanted', async () => {
    await withResourceServer({ ...settings(), audience: ['books', 'music'] }, async (other) => {
      const audiences = ['books', ['films', 'books'], 'films', 'Books', [], undefined];
      const statuses: number[] = [];
      for (const [at, aud] of audiences.entries()) {
        behave = answers({ ...LIVE, aud });
        statuses.push((await ask(other, `${token}-${at}`)).status);
      }
      expect(statuses).toEqual([200, 200, 401, 401, 401, 401]);
    });
  });

  test('may name members that objects have anyway', async () => {
    behave = answers('{"active":true,"username":"alice","__proto__":{"scope":"write"},"constructor":1}');
    expect((await ask(server, token)).body).toEqual({ user: 'alice', client: null, scopes: [] });
  });
});

describe('options', () => {
  const usual = { introspectionEndpoint: 'https://login.example.com/i', clientId: 'a', clientSecret: 'b' };

  test.each<[string, Partial<ResourceServerOptions>, RegExp]>([
    ['http', { introspectionEndpoint: 'http://login.example.com/i' }, /is not https/],
    [
      'a host that only begins as this machine',
      { introspectionEndpoint: 'http://127.0.0.1.example.com/i' },
      /is not https/,
    ],
    ['another scheme', { introspectionEndpoint: 'file:///etc/passwd' }, /is not https/],
    ['no URL', { introspectionEndpoint: '/introspect' }, /is no URL/],
    ['a URL with a password', { introspectionEndpoint: 'https://a:b@login.example.com/i' }, /has credentials/],
    ['no secret', { clientSecret: undefined as never }, /write clientId and clientSecret, or bearerToken/],
    ['an empty secret', { clientSecret: '' }, /write clientId and clientSecret, or bearerToken/],
    ['two credentials', { bearerToken: 'x' }, /write clientId and clientSecret, or bearerToken/],
    [
      'a bearer token with a line break',
      { clientId: undefined as never, clientSecret: undefined as never, bearerToken: 'x\ny' },
      /bearerToken is none/,
    ],
    ['a time that is none', { timeoutSeconds: 0 }, /timeoutSeconds: 0/],
    ['a negative age', { cacheSeconds: -1 }, /cacheSeconds: -1/],
    ['no audience at all', { audience: [] }, /audience is empty/],
  ])('refuse %s when the project is defined', (_what, changed, message) => {
    expect(() => oauth2ResourceServer({ ...usual, ...changed })).toThrow(message);
  });

  test.each(['http://127.0.0.1:9/i', 'http://localhost/i', 'http://[::1]/i'])(
    'take %s, and rf check --deploy names it',
    async (introspectionEndpoint) => {
      const apps = [oauth2ResourceServer({ ...usual, introspectionEndpoint, cacheSeconds: 3600 })];
      const found = await runChecks(defineProject({ apps, database: 'pglite://memory', urls: [] }), { deploy: true });
      const ids = found.map(({ id }) => id).filter((id) => id.startsWith('oauth2_resource_server'));
      expect(ids).toEqual(['oauth2_resource_server.W001', 'oauth2_resource_server.W002']);
    },
  );
});

test('the credential of a request tells no token when it is printed', () => {
  const token = new IntrospectedToken({ active: true, client_id: 'app', scope: 'a  b' });
  expect([String(token), JSON.stringify(token)]).toEqual(['IntrospectedToken of app', '"IntrospectedToken of app"']);
  expect([token.allowScopes(['a', 'b']), token.allowScopes(['a', 'c'])]).toEqual([true, false]);
});
