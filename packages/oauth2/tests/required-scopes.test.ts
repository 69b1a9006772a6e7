import { OAuth2Authentication, TokenHasReadWriteScope } from '@rf/oauth2';
import {
  APIView,
  authenticationClasses,
  HttpResponse,
  path,
  permissionClasses,
  Response as ViewResponse,
} from '@rf/views';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startResourceServer } from './resource-server.ts';
import { obtainTokens, type Server, startServer } from './server.ts';

@authenticationClasses(OAuth2Authentication)
@permissionClasses(TokenHasReadWriteScope)
class Notes extends APIView {
  override get() {
    return new ViewResponse({ detail: 'another reason' }, { status: 403 });
  }

  override post() {
    return [];
  }
}

class Texts extends Notes {
  override handleException(): Promise<HttpResponse> {
    return Promise.resolve(new HttpResponse('no', { status: 403 }));
  }
}

let server: Server;
let token: string;
beforeAll(async () => {
  server = await startServer({
    oauth2: { errorResponseWithScopes: true },
    urls: [path('/notes/', Notes), path('/texts/', Texts)],
  });
  ({ access_token: token } = await obtainTokens(server, await server.client(), { params: { scope: 'read' } }));
});
afterAll(() => server.close());

async function ask(method: string, url = `${server.url}/notes/`): Promise<{ status: number; text: string }> {
  const answer = await fetch(url, { method, headers: { authorization: `Bearer ${token}` } });
  return { status: answer.status, text: await answer.text() };
}

const LACKING = { detail: 'You do not have permission to perform this action.', required_scopes: ['write'] };

test('with errorResponseWithScopes a 403 for want of scopes lists them', async () => {
  const { status, text } = await ask('POST');
  expect([status, JSON.parse(text)]).toEqual([403, LACKING]);
});

test('a 403 for another reason does not, nor one that is no object', async () => {
  expect(JSON.parse((await ask('GET')).text)).toEqual({ detail: 'another reason' });
  expect((await ask('POST', `${server.url}/texts/`)).text).toBe('no');
});

test('a project whose tokens another server gives has the option, too', async () => {
  const { client, secret } = await server.client({ grants: [], redirectUris: [], scopes: [], isResourceServer: true });
  const remote = await startResourceServer({
    introspectionEndpoint: `${server.url}/oauth2/introspect/`,
    clientId: client.clientId,
    clientSecret: secret ?? '',
    errorResponseWithScopes: true,
    clock: () => server.clock.now,
  });
  try {
    expect(JSON.parse((await ask('POST', `${remote.url}/notes/`)).text)).toEqual(LACKING);
    expect((await ask('GET', `${remote.url}/notes/`)).status).toBe(200);
  } finally {
    await remote.close();
  }
});
