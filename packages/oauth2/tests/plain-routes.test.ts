import { guard } from '@rf/fastify';
import {
  type ClientWithSecret,
  IsOAuth2Client,
  OAuth2Authentication,
  OAuth2Client,
  OAuth2ClientAuthentication,
  scopeRequired,
  TokenHasReadWriteScope,
  TokenHasScope,
} from '@rf/oauth2';
import { db } from '@rf/orm';
import {
  AllowAny,
  anyOf,
  APIView,
  authenticationClasses,
  parserClasses,
  FormParser,
  path,
  permissionClasses,
  type Request,
} from '@rf/views';
import { restFramework, restFrameworkServerOptions } from '@rf/fastify';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, obtainTokens, send, type Server, startServer, whoAmI } from './server.ts';

@authenticationClasses(OAuth2ClientAuthentication)
@permissionClasses(IsOAuth2Client)
@parserClasses(FormParser)
class ForClients extends APIView {
  override get(request: Request) {
    return { client: (request.auth as OAuth2Client).clientId, user: String(request.user) };
  }

  override post(request: Request) {
    return this.get(request);
  }
}

/** What the toolkit's views for clients do: credentials of a client, or a token. */
@authenticationClasses(OAuth2ClientAuthentication, OAuth2Authentication)
@permissionClasses(anyOf(IsOAuth2Client, TokenHasScope))
class ForClientsAndTokens extends APIView {
  readonly requiredScopes = ['write'];

  override get() {
    return 'here';
  }
}

let server: Server;
let client: ClientWithSecret;
let app: FastifyInstance;
let plain: string;
beforeAll(async () => {
  server = await startServer({ urls: [path('/clients/', ForClients), path('/both/', ForClientsAndTokens)] });
  client = await server.client();
  app = Fastify(restFrameworkServerOptions());
  await app.register(restFramework, { project: server.site });
  const bearer = authenticationClasses(OAuth2Authentication);
  app.get('/report', guard(app, [bearer, scopeRequired('read')]), async ({ rf }) => ({
    user: rf?.user.getUsername(),
    client: rf?.auth.client.name,
  }));
  const readWrite = guard(app, [bearer, permissionClasses(TokenHasReadWriteScope)]);
  app.route({ method: ['GET', 'POST'], url: '/rw', ...readWrite, handler: async () => 'done' });
  await app.register(async (scope) => {
    const { preParsing, onSend } = guard(scope, [bearer, permissionClasses(AllowAny)]);
    scope.addHook('preParsing', preParsing);
    scope.addHook('onSend', onSend);
    scope.get('/anybody', async ({ rf }) => ({ user: rf?.user.getUsername() }));
  });
  plain = await app.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(async () => {
  await app.close();
  await server.close();
});

const tokenFor = async (scope: string): Promise<string> =>
  (await obtainTokens(server, client, { params: { scope } })).access_token;
const ask = (target: string, token: string | null): Promise<Answer> => whoAmI({ ...server, url: plain }, token, target);

describe('a route that is no view', () => {
  test('takes a token with the scope, and knows the user and the client', async () => {
    const { status, headers, body } = await ask('/report', await tokenFor('read'));
    expect([status, body]).toEqual([200, { user: 'alice', client: 'Notes app' }]);
    expect(headers.get('vary')).toContain('Authorization');
  });

  test('answers as a view does where there is none, a bad one, or one that lacks the scope', async () => {
    const anonymous = await ask('/report', null);
    expect([anonymous.status, anonymous.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="api"']);
    const unknown = await ask('/report', 'oat_nothing');
    expect(unknown.headers.get('www-authenticate')).toBe(
      'Bearer realm="api",error="invalid_token",error_description="The access token is invalid."',
    );
    expect(unknown.body).toEqual({ detail: 'Authentication credentials were not provided.' });
    const lacking = await ask('/report', await tokenFor('write'));
    expect([lacking.status, lacking.headers.get('www-authenticate')]).toEqual([
      403,
      'Bearer realm="api",error="insufficient_scope",error_description="The access token lacks a scope.",scope="read"',
    ]);
  });

  test('asks for read or write by the method', async () => {
    const headers = { authorization: `Bearer ${await tokenFor('read')}` };
    expect((await fetch(`${plain}/rw`, { headers })).status).toBe(200);
    const refused = await fetch(`${plain}/rw`, { method: 'POST', headers });
    expect(refused.status).toBe(403);
    expect(refused.headers.get('www-authenticate')).toContain('scope="write"');
  });

  test('of a scope for anybody knows the user, and refuses a token that is none', async () => {
    expect((await ask('/anybody', await tokenFor('read'))).body).toEqual({ user: 'alice' });
    const anonymous = await ask('/anybody', null);
    expect(anonymous.body).toEqual({ user: '' });
    expect(anonymous.headers.get('vary')).toContain('Authorization');
    expect((await ask('/anybody', 'oat_nothing')).status).toBe(401);
  });
});

describe('a view for clients', () => {
  const basic = (id: string, secret: string | null): Record<string, string> => ({
    authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
  });
  const get = async (headers: Record<string, string>, target = '/clients/'): Promise<Answer> => {
    const response = await fetch(server.url + target, { headers });
    return { status: response.status, headers: response.headers, body: await response.json() };
  };
  const expected = () => ({ client: client.client.clientId, user: 'AnonymousUser' });

  test('takes the credentials of a confidential client as HTTP Basic and in a form', async () => {
    expect((await get(basic(client.client.clientId, client.secret))).body).toEqual(expected());
    const form = { client_id: client.client.clientId, client_secret: client.secret ?? '' };
    expect((await send(`${server.url}/clients/`, form)).body).toEqual(expected());
  });

  test('refuses who shows none with 401 and a challenge', async () => {
    for (const { status, headers } of [
      await get({}),
      await get({ authorization: `Bearer ${await tokenFor('read')}` }),
      await send(`${server.url}/clients/`, { client_id: client.client.clientId }),
    ]) {
      expect([status, headers.get('www-authenticate')]).toEqual([401, 'Basic realm="api"']);
    }
  });

  test('refuses wrong credentials, and tells nothing of what is wrong', async () => {
    const id = client.client.clientId;
    const secret = client.secret ?? '';
    const publicClient = await server.client({ clientType: 'public' });
    const inactive = await server.client();
    await db(server.site).update(OAuth2Client, { id: inactive.client.id }, { active: false });
    const inHeader = await server.client({ authMethod: 'client_secret_basic' });
    const twice = [
      ['client_id', id],
      ['client_secret', secret],
      ['client_secret', 'other'],
    ] as const;
    const refused = [
      await get(basic(id, 'wrong')),
      await get(basic('nobody12', secret)),
      await get(basic(publicClient.client.clientId, '')),
      await get(basic(inactive.client.clientId, inactive.secret)),
      await get({ authorization: 'Basic !!!' }),
      await get(basic('\0', '\0')),
      await send(`${server.url}/clients/`, twice),
      await send(`${server.url}/clients/`, { client_id: id, client_secret: secret }, { basic: `${id}:${secret}` }),
      await send(`${server.url}/clients/`, {
        client_id: inHeader.client.clientId,
        client_secret: inHeader.secret ?? '',
      }),
    ];
    for (const { status, body } of refused) {
      expect([status, body]).toEqual([401, { detail: 'Incorrect authentication credentials.' }]);
    }
    expect(server.log.join('\n')).not.toContain(secret);
  });

  test('may take tokens as well', async () => {
    expect((await get(basic(client.client.clientId, client.secret), '/both/')).status).toBe(200);
    expect((await whoAmI(server, await tokenFor('write'), '/both/')).status).toBe(200);
    expect((await whoAmI(server, await tokenFor('read'), '/both/')).status).toBe(403);
    expect((await get({}, '/both/')).status).toBe(401);
  });

  test('needs the provider in its project', () => {
    const view = { site: { hasResource: () => false } } as unknown as APIView;
    expect(() => new OAuth2ClientAuthentication().checkSetup(view)).toThrow('Write apps: [oauth2(), …]');
  });
});
