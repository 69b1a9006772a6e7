import { request as httpRequest } from 'node:http';
import { auth } from '@rf/auth';
import {
  OAuth2Authentication,
  type OAuth2Options,
  OAuth2ProtectedResourceAuthentication,
  OAuth2ProtectedResourceIntrospectionAuthentication,
  oauth2,
  oauth2ResourceServer,
  oauth2ResourceServerUrls,
  oauth2Urls,
  type ResourceServerOptions,
  TokenHasReadWriteScope,
} from '@rf/oauth2';
import { defineProject, runChecks } from '@rf/project';
import { openTestProject } from '@rf/testing';
import { APIView, authenticationClasses, IsAuthenticated, path, permissionClasses, type UrlEntry } from '@rf/views';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ResourceServer, startResourceServer } from './resource-server.ts';
import { type Answer, obtainTokens, type Server, startServer, whoAmI } from './server.ts';

const API = 'https://api.example.com';
const MUSIC = 'https://api.example.com/music/';
const VIDEO = 'https://video.example.com:8443/v1?tenant=7';

@authenticationClasses(OAuth2ProtectedResourceAuthentication)
@permissionClasses(TokenHasReadWriteScope)
class Notes extends APIView {
  override get() {
    return [];
  }

  override post() {
    return [];
  }
}

class Music extends Notes {
  readonly oauth2Resource = MUSIC;
}

@authenticationClasses(OAuth2ProtectedResourceIntrospectionAuthentication)
@permissionClasses(IsAuthenticated)
class Books extends APIView {
  override get() {
    return [];
  }
}

/** GET with a `Host` of one's choice. */
function get(url: string, target: string, host?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const sent = httpRequest(
      { hostname, port, path: target, ...(host !== undefined && { headers: { host } }) },
      (answer) => {
        let text = '';
        answer.on('data', (chunk) => {
          text += chunk;
        });
        answer.on('end', () => {
          const headers = new Headers(answer.headers as Record<string, string>);
          resolve({ status: answer.statusCode ?? 0, headers, body: JSON.parse(text) });
        });
      },
    );
    sent.on('error', reject);
    sent.end();
  });
}

const WELL_KNOWN = '/.well-known/oauth-protected-resource';

describe('the metadata of the resources of a provider', () => {
  let server: Server;
  beforeAll(async () => {
    server = await startServer({
      oauth2: {
        issuer: 'https://login.example.com',
        resource: API,
        resources: { [MUSIC]: 'Your music', [VIDEO]: 'Your videos', 'urn:example:radio': 'Your radio' },
        resourceDescription: {
          name: 'Notes',
          documentation: 'https://docs.example.com/',
          policyUri: 'https://example.com/policy',
          tosUri: 'https://example.com/terms',
        },
      },
      urls: [path('/notes/', Notes), path('/music/', Music)],
    });
  });
  afterAll(() => server.close());

  test('tells of the API, whatever the host is called on the way', async () => {
    for (const target of [WELL_KNOWN, `${WELL_KNOWN}/`]) {
      const { status, headers, body } = await get(server.url, target);
      expect(status).toBe(200);
      expect(headers.get('content-type')).toBe('application/json');
      expect(headers.get('cache-control')).toBe('public, max-age=300');
      expect(headers.get('access-control-allow-origin')).toBe('*');
      expect(body).toEqual({
        resource: API,
        authorization_servers: ['https://login.example.com'],
        scopes_supported: ['read', 'write', 'notes:read'],
        bearer_methods_supported: ['header'],
        resource_name: 'Notes',
        resource_documentation: 'https://docs.example.com/',
        resource_policy_uri: 'https://example.com/policy',
        resource_tos_uri: 'https://example.com/terms',
      });
    }
  });

  test('tells of a resource with a path where its path follows the well-known name, at its host alone', async () => {
    const { status, body } = await get(server.url, `${WELL_KNOWN}/music/`, 'API.example.com');
    expect(status).toBe(200);
    expect(body).toEqual({
      resource: MUSIC,
      authorization_servers: ['https://login.example.com'],
      scopes_supported: ['read', 'write', 'notes:read'],
      bearer_methods_supported: ['header'],
      resource_name: 'Your music',
    });
    const video = await get(server.url, `${WELL_KNOWN}/v1?tenant=7`, 'video.example.com:8443');
    expect(video.body.resource).toBe(VIDEO);
  });

  test.each([
    ['/music/', undefined],
    ['/music', 'api.example.com'],
    ['/nothing', 'api.example.com'],
    ['/v1?tenant=8', 'video.example.com:8443'],
    ['/v1?tenant=7', 'video.example.com'],
    ['/%00', 'api.example.com'],
    ['/%', 'api.example.com'],
    ['?tenant=7', 'api.example.com'],
  ])('tells nothing of %s at the host %s', async (rest, host) => {
    const { status } = await get(server.url, WELL_KNOWN + rest, host);
    expect(status).toBe(rest === '/%' ? 400 : 404);
  });

  test('answers no other method', async () => {
    for (const method of ['POST', 'PUT', 'OPTIONS']) {
      expect((await fetch(server.url + WELL_KNOWN, { method })).status).toBe(405);
    }
  });

  test('stands in the challenges of the views that say so', async () => {
    const metadata = `resource_metadata="${API}${WELL_KNOWN}"`;
    const anonymous = await whoAmI(server, null, '/notes/');
    expect(anonymous.status).toBe(401);
    expect(anonymous.headers.get('www-authenticate')).toBe(`Bearer realm="api",${metadata}`);
    const unknown = await whoAmI(server, `oat_${'x'.repeat(40)}`, '/notes/');
    expect(unknown.headers.get('www-authenticate')).toBe(
      `Bearer realm="api",error="invalid_token",error_description="The access token is invalid.",${metadata}`,
    );
    const music = await whoAmI(server, null, '/music/');
    expect(music.headers.get('www-authenticate')).toBe(
      `Bearer realm="api",resource_metadata="${API}${WELL_KNOWN}/music/"`,
    );
    expect((await whoAmI(server, null)).headers.get('www-authenticate')).toBe('Bearer realm="api"');
  });

  test('stands in the challenge for want of a scope', async () => {
    const { access_token: token } = await obtainTokens(server, await server.client(), { params: { scope: 'read' } });
    expect((await whoAmI(server, token, '/notes/')).status).toBe(200);
    const headers = { authorization: `Bearer ${token}` };
    const lacking = await fetch(`${server.url}/notes/`, { method: 'POST', headers });
    expect(lacking.status).toBe(403);
    expect(lacking.headers.get('www-authenticate')).toBe(
      'Bearer realm="api",error="insufficient_scope",error_description="The access token lacks a scope.",scope="write",' +
        `resource_metadata="${API}${WELL_KNOWN}"`,
    );
  });
});

test('without options it tells the address of the request and the scopes', async () => {
  const server = await startServer({ oauth2: { bodyTokens: true }, urls: [path('/notes/', Notes)] });
  try {
    expect((await get(server.url, WELL_KNOWN)).body).toEqual({
      resource: server.url,
      authorization_servers: [server.url],
      scopes_supported: ['read', 'write', 'notes:read'],
      bearer_methods_supported: ['header', 'body'],
    });
    const { headers } = await whoAmI(server, null, '/notes/');
    expect(headers.get('www-authenticate')).toBe(`Bearer realm="api",resource_metadata="${server.url}${WELL_KNOWN}"`);
  } finally {
    await server.close();
  }
});

describe('the metadata of a project whose tokens another server gives', () => {
  const start = (options: Partial<ResourceServerOptions>): Promise<ResourceServer> =>
    startResourceServer({
      introspectionEndpoint: 'https://login.example.com/introspect/',
      bearerToken: 'b',
      clock: Date.now,
      urls: [oauth2ResourceServerUrls(), path('/books/', Books)],
      ...options,
    });

  test('tells what its options say', async () => {
    const server = await start({
      issuer: 'https://login.example.com',
      resource: 'https://books.example.com/v1',
      scopes: ['read'],
      resourceDescription: { name: 'Books' },
    });
    try {
      expect((await get(server.url, `${WELL_KNOWN}/v1`)).body).toEqual({
        resource: 'https://books.example.com/v1',
        authorization_servers: ['https://login.example.com'],
        scopes_supported: ['read'],
        bearer_methods_supported: ['header'],
        resource_name: 'Books',
      });
      expect((await get(server.url, WELL_KNOWN)).status).toBe(404);
      const { status, headers } = await get(server.url, '/books/');
      expect(status).toBe(401);
      expect(headers.get('www-authenticate')).toBe(
        `Bearer realm="api",resource_metadata="https://books.example.com${WELL_KNOWN}/v1"`,
      );
    } finally {
      await server.close();
    }
  });

  test('tells the address of the request where nothing is said', async () => {
    const server = await start({ authorizationServers: ['https://a.example', 'https://b.example'] });
    try {
      expect((await get(server.url, WELL_KNOWN)).body).toEqual({
        resource: server.url,
        authorization_servers: ['https://a.example', 'https://b.example'],
        bearer_methods_supported: ['header'],
      });
    } finally {
      await server.close();
    }
  });

  test.each<[Partial<ResourceServerOptions>, string]>([
    [{ resource: 'books' }, 'resource: "books" is no absolute URI without fragment'],
    [{ resourceDescription: { documentation: 'docs' } }, 'resourceDescription.documentation: "docs" is no URL'],
    [{ scopes: ['read write'] }, 'scopes: "read write" is no scope name'],
    [{ authorizationServers: ['login'] }, 'authorizationServers: "login" is no URL'],
  ])('%j cannot work', (options, message) => {
    const endpoint = { introspectionEndpoint: 'https://login.example.com/i', bearerToken: 'b' };
    expect(() => oauth2ResourceServer({ ...endpoint, ...options })).toThrow(`oauth2ResourceServer(): ${message}`);
  });
});

test.each<[Partial<OAuth2Options>, string]>([
  [{ resourceDescription: { name: ' ' } }, 'resourceDescription.name: it is empty.'],
  [
    { resourceDescription: { tosUri: 'javascript:alert(1)' } },
    'resourceDescription.tosUri: "javascript:alert(1)" is no',
  ],
])('%j cannot work', (options, message) => {
  expect(() => oauth2({ scopes: { read: 'Read' }, ...options })).toThrow(`oauth2(): ${message}`);
});

test.each<[string, UrlEntry, string]>([
  ['Notes', path('/notes/', Notes), "oauth2Urls('/oauth2/')"],
  ['Books', path('/books/', Books), 'oauth2ResourceServerUrls()'],
])('%s is refused at the start where the metadata has no URL', async (name, url, urls) => {
  const project = defineProject({
    apps: [
      auth(),
      oauth2({ scopes: { read: 'Read' } }),
      oauth2ResourceServer({ introspectionEndpoint: 'https://login.example.com/i', bearerToken: 'b' }),
    ],
    database: 'pglite://memory',
    urls: [url],
  });
  await expect(openTestProject(project)).rejects.toThrow(
    `${name} names the metadata of its resource in challenges, and the project has no URL for it. Write ${urls} in urls.`,
  );
});

async function deployIds(options: Partial<OAuth2Options>): Promise<string[]> {
  const project = defineProject({
    apps: [auth(), oauth2({ scopes: { read: 'Read' }, issuer: API, loginUrl: '/in/', ...options })],
    database: 'pglite://memory',
    urls: [oauth2Urls('/oauth2/')],
  });
  const found = await runChecks(project, { deploy: true });
  return found.map(({ id }) => id).filter((id) => id.startsWith('oauth2.'));
}

test('rf check --deploy names a resource over http, and clients for themselves that anybody may register', async () => {
  expect(await deployIds({})).toEqual([]);
  expect(await deployIds({ resource: 'http://api.example.com' })).toEqual(['oauth2.E010']);
  expect(await deployIds({ selfServiceGrants: ['client_credentials'] })).toEqual(['oauth2.W010']);
});

test('both authentication classes are of the kind whose place they take', () => {
  expect(new OAuth2ProtectedResourceAuthentication()).toBeInstanceOf(OAuth2Authentication);
});
