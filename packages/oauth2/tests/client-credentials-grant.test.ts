import { users } from '@rf/auth';
import type { ClientWithSecret } from '@rf/oauth2';
import { db } from '@rf/orm';
import { AllowAny, APIView, authenticationClasses, path, permissionClasses, type Request } from '@rf/views';
import { OAuth2AccessToken, OAuth2Authentication } from '@rf/oauth2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Answer, send, type Server, startServer, whoAmI } from './server.ts';

@authenticationClasses(OAuth2Authentication)
@permissionClasses(AllowAny)
class Open extends APIView {
  override get(request: Request) {
    return { user: String(request.user), scopes: [...(request.auth as OAuth2AccessToken).scopes] };
  }
}

let server: Server;
let machine: ClientWithSecret;
beforeAll(async () => {
  server = await startServer({ urls: [path('/open/', Open)] });
  machine = await server.client({ grants: ['client_credentials'], redirectUris: [], scopes: ['read', 'write'] });
});
afterAll(() => server.close());

function token(form: Readonly<Record<string, string>> = {}, made = machine, from = server): Promise<Answer> {
  const basic = `${made.client.clientId}:${made.secret}`;
  return send(`${from.url}/oauth2/token/`, { grant_type: 'client_credentials', ...form }, { basic });
}

test('a client gets a token for itself, without a refresh token', async () => {
  const { body } = await token({ scope: 'read' });
  expect(body).toEqual({
    access_token: expect.stringMatching(/^oat_/),
    expires_in: 3600,
    token_type: 'Bearer',
    scope: 'read',
  });
});

test('the token belongs to nobody: where a user is needed it is refused with 403', async () => {
  const { body } = await token();
  const open = await whoAmI(server, body.access_token, '/open/');
  expect(open.body).toEqual({ user: 'AnonymousUser', scopes: ['read', 'write'] });
  expect((await whoAmI(server, body.access_token)).status).toBe(403);
});

test('without a scope it gets the defaults as far as it may', async () => {
  expect((await token()).body.scope).toBe('read write');
});

test.each(['notes:read', 'read notes:read', 'nope', ' read', 'read\0'])('the scope %j is too much', async (scope) => {
  const { status, body } = await token({ scope });
  expect([status, body]).toEqual([400, { error: 'invalid_scope' }]);
});

test('a public client cannot even be registered for it', async () => {
  await expect(server.client({ clientType: 'public', grants: ['client_credentials'] })).rejects.toThrow(
    'A public client has no credentials of its own',
  );
});

test('with clientCredentialsUser "owner" it acts as its owner, while that user is active', async () => {
  const owned = await startServer({ oauth2: { clientCredentialsUser: 'owner' } });
  const owner = await users(owned.site).findOneByOrFail({ username: 'bob' });
  const made = await owned.client({ grants: ['client_credentials'], redirectUris: [], owner });
  const { body } = await token({}, made, owned);
  expect((await whoAmI(owned, body.access_token)).body.user).toBe('bob');
  await users(owned.site).update(owner.id, { isActive: false });
  expect((await token({}, made, owned)).body).toEqual({ error: 'unauthorized_client' });
  expect((await whoAmI(owned, body.access_token)).status).toBe(401);
  await owned.close();
});

test('an inactive client is refused, and so are its tokens', async () => {
  const made = await server.client({ grants: ['client_credentials'], redirectUris: [] });
  const { body } = await token({}, made);
  made.client.active = false;
  await db(server.site).save(made.client);
  expect((await token({}, made)).body).toEqual({ error: 'invalid_client' });
  expect((await whoAmI(server, body.access_token)).status).toBe(401);
});
