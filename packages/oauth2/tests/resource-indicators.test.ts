import {
  type ClientWithSecret,
  OAuth2AccessToken,
  OAuth2Authentication,
  OAuth2Error,
  type OAuth2Options,
} from '@rf/oauth2';
import { db } from '@rf/orm';
import { APIView, authenticationClasses, IsAuthenticated, path, permissionClasses, type Request } from '@rf/views';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startResourceServer } from './resource-server.ts';
import {
  type Answer,
  authorize,
  browserOf,
  CALLBACK,
  CHALLENGE,
  send,
  type Server,
  startServer,
  VERIFIER,
  whoAmI,
} from './server.ts';

const API = 'https://api.example.com';
const BOOKS = 'https://books.example.com/v1';
const MUSIC = 'urn:example:music';
const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
const FOR_OTHERS =
  'Bearer realm="api",error="invalid_token",error_description="The access token is for another resource."';

@authenticationClasses(OAuth2Authentication)
@permissionClasses(IsAuthenticated)
class Music extends APIView {
  readonly oauth2Resource = MUSIC;

  override get(request: Request) {
    return { user: request.user.getUsername() };
  }
}

const known = { resources: { [BOOKS]: 'Your books', [MUSIC]: 'Your music' } };

type Pairs = readonly (readonly [string, string])[];
const asked = (...resources: readonly string[]): Pairs => resources.map((resource) => ['resource', resource] as const);

let server: Server;
let app: ClientWithSecret;
let machine: ClientWithSecret;
beforeAll(async () => {
  server = await startServer({ oauth2: { issuer: API, ...known }, urls: [path('/music/', Music)] });
  app = await server.client({ grants: ['authorization_code', 'refresh_token', DEVICE_GRANT] });
  machine = await server.client({ grants: ['client_credentials'], redirectUris: [] });
});
afterAll(() => server.close());

function tokenOf(form: Pairs, { client, secret }: ClientWithSecret = app, at = server): Promise<Answer> {
  return send(`${at.url}/oauth2/token/`, form, { basic: `${client.clientId}:${secret}` });
}

const redeem = (code: string | null, resources: Pairs = [], made = app, at = server): Promise<Answer> =>
  tokenOf(
    [
      ['grant_type', 'authorization_code'],
      ['code', code ?? ''],
      ['redirect_uri', CALLBACK],
      ['code_verifier', VERIFIER],
      ...resources,
    ],
    made,
    at,
  );

const refresh = (token: string, resources: Pairs = []): Promise<Answer> =>
  tokenOf([['grant_type', 'refresh_token'], ['refresh_token', token], ...resources]);

const forItself = (resources: Pairs, made = machine, at = server): Promise<Answer> =>
  tokenOf([['grant_type', 'client_credentials'], ...resources], made, at);

function authorizePath(client: { readonly clientId: string }, resources: Pairs): string {
  const query = new URLSearchParams([
    ['response_type', 'code'],
    ['client_id', client.clientId],
    ['redirect_uri', CALLBACK],
    ['scope', 'read'],
    ['state', 'st'],
    ['code_challenge', CHALLENGE],
    ['code_challenge_method', 'S256'],
    ...(resources as [string, string][]),
  ]);
  return `/oauth2/authorize/?${query}`;
}

/** What the authorization endpoint tells the client after alice allowed it. */
async function allow(resources: Pairs, made = app, at = server): Promise<URLSearchParams> {
  const browser = await browserOf(at, 'alice');
  const target = authorizePath(made.client, resources);
  let page = await browser.get(target);
  if (page.status === 200) page = await browser.submit(target, page, { decision: 'allow' });
  return new URL(page.location ?? '').searchParams;
}

async function audienceOf(token: string, at = server): Promise<unknown> {
  const { client, secret } = await at.client({ grants: [], redirectUris: [], scopes: [], isResourceServer: true });
  const { body } = await send(`${at.url}/oauth2/introspect/`, { token }, { basic: `${client.clientId}:${secret}` });
  return body.aud;
}

describe('a code', () => {
  test('binds its tokens to the resources that the authorization request named', async () => {
    const { body } = await redeem((await allow(asked(BOOKS, MUSIC))).get('code'));
    expect(await audienceOf(body.access_token)).toEqual([BOOKS, MUSIC]);
    expect((await whoAmI(server, body.access_token, '/music/')).body).toEqual({ user: 'alice' });
  });

  test('without a resource gives tokens for every view of the project, and no audience', async () => {
    const { body } = await redeem((await allow([])).get('code'));
    expect(await audienceOf(body.access_token)).toBeUndefined();
    expect((await whoAmI(server, body.access_token)).status).toBe(200);
    expect((await whoAmI(server, body.access_token, '/music/')).status).toBe(200);
  });

  test('can be exchanged for a token for fewer resources; a refresh token gives all of them again', async () => {
    const { body } = await redeem((await allow(asked(BOOKS, MUSIC))).get('code'), asked(MUSIC));
    expect(await audienceOf(body.access_token)).toEqual([MUSIC]);
    const again = await refresh(body.refresh_token);
    expect(await audienceOf(again.body.access_token)).toEqual([BOOKS, MUSIC]);
    const narrow = await refresh(again.body.refresh_token, asked(BOOKS));
    expect(await audienceOf(narrow.body.access_token)).toEqual([BOOKS]);
    expect(await audienceOf((await refresh(narrow.body.refresh_token)).body.access_token)).toEqual([BOOKS, MUSIC]);
  });

  test('is not exchanged for a token for other resources, and is not used up by the attempt', async () => {
    const code = (await allow(asked(BOOKS))).get('code');
    for (const other of [MUSIC, API]) {
      const { status, body } = await redeem(code, asked(other));
      expect([status, body.error]).toEqual([400, 'invalid_target']);
    }
    expect((await redeem(code)).status).toBe(200);
  });

  test('that was allowed for no resource by name can be bound to the API of the project, and to no other', async () => {
    const code = (await allow([])).get('code');
    expect((await redeem(code, asked(BOOKS))).body.error).toBe('invalid_target');
    expect((await redeem(code, asked(API, BOOKS))).body.error).toBe('invalid_target');
    const { body } = await redeem(code, asked(API));
    expect(await audienceOf(body.access_token)).toEqual([API]);
    expect(await audienceOf((await refresh(body.refresh_token)).body.access_token)).toBeUndefined();
  });
});

test('a refresh token gives no token for other resources, and is not used up by the attempt', async () => {
  const { body } = await redeem((await allow(asked(BOOKS))).get('code'));
  const refused = await refresh(body.refresh_token, asked(MUSIC));
  expect([refused.status, refused.body.error]).toEqual([400, 'invalid_target']);
  expect((await refresh(body.refresh_token)).status).toBe(200);
});

describe('a token that is bound to resources', () => {
  test('counts at the views of these and at no others', async () => {
    const music = (await redeem((await allow(asked(MUSIC))).get('code'))).body.access_token;
    expect((await whoAmI(server, music, '/music/')).status).toBe(200);
    const refused = await whoAmI(server, music);
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toBe(FOR_OTHERS);
    expect(refused.body).toEqual({ detail: 'Authentication credentials were not provided.' });

    const own = (await redeem((await allow(asked(API))).get('code'))).body.access_token;
    expect((await whoAmI(server, own)).status).toBe(200);
    expect((await whoAmI(server, own, '/music/')).headers.get('www-authenticate')).toBe(FOR_OTHERS);
  });

  test('asks nothing of the introspection endpoint where it is for another resource', async () => {
    const other = await startServer({
      oauth2: { issuer: API, ...known, scopes: { introspection: 'Ask about tokens' } },
    });
    try {
      const asking = await other.client({ grants: ['client_credentials'], redirectUris: [] });
      const statuses: number[] = [];
      for (const resources of [asked(BOOKS), asked(API), []]) {
        const { body } = await forItself(resources, asking, other);
        const headers = { authorization: `Bearer ${body.access_token}` };
        statuses.push((await send(`${other.url}/oauth2/introspect/`, { token: 'x' }, { headers })).status);
      }
      expect(statuses).toEqual([401, 200, 200]);
    } finally {
      await other.close();
    }
  });
});

test('a client that acts for itself names resources as well', async () => {
  const { status, body } = await forItself(asked(BOOKS));
  expect(status).toBe(200);
  expect(await audienceOf(body.access_token)).toEqual([BOOKS]);
  expect((await whoAmI(server, body.access_token)).headers.get('www-authenticate')).toBe(FOR_OTHERS);
});

test.each(['https://api.example.com/', 'HTTPS://API.example.com', 'https://api.example.com:443'])(
  '%s names the same resource as its other spellings',
  async (spelling) => {
    const { body } = await forItself(asked(spelling, API));
    expect(await audienceOf(body.access_token)).toEqual([API]);
  },
);

test('a resource without a value counts as left out', async () => {
  const { body } = await forItself(asked(''));
  expect(await audienceOf(body.access_token)).toBeUndefined();
});

const WRONG = [
  'books',
  '/books',
  `${BOOKS}#part`,
  `${BOOKS}#`,
  `${BOOKS}/`,
  'https://other.example.com',
  'https://api.example.com\0',
  ' https://api.example.com',
  'https://api.example.com/é',
  'http://',
  `https://api.example.com/${'x'.repeat(100_000)}`,
  '__proto__',
];

test.each(WRONG)('the token endpoint answers invalid_target for resource=%.40j', async (wrong) => {
  for (const resources of [asked(wrong), asked(BOOKS, wrong)]) {
    const { status, headers, body } = await forItself(resources);
    expect([status, body.error]).toEqual([400, 'invalid_target']);
    expect(headers.get('cache-control')).toBe('no-store');
  }
});

// A longer one is no request that the server reads.
test.each(WRONG.filter(({ length }) => length < 5000))(
  'the authorization endpoint redirects with invalid_target for resource=%.40j',
  async (wrong) => {
    const answer = await allow(asked(BOOKS, wrong));
    expect([answer.get('error'), answer.get('state'), answer.get('code')]).toEqual(['invalid_target', 'st', null]);
  },
);

test('of the other parameters, each may still come once only', async () => {
  const twice = await tokenOf([
    ['grant_type', 'client_credentials'],
    ['scope', 'read'],
    ['scope', 'read'],
  ]);
  expect([twice.status, twice.body.error]).toEqual([400, 'invalid_request']);
  expect((await allow([['scope', 'write']])).get('error')).toBe('invalid_request');
});

describe('the consent page', () => {
  test('names resources other than the API of the project', async () => {
    const made = await server.client({ name: 'Reader' });
    const browser = await browserOf(server, 'alice');
    const own = await browser.get(authorizePath(made.client, asked(API)));
    expect(own.body).not.toContain('It would be allowed to do this at:');
    const page = await browser.get(authorizePath(made.client, asked(API, BOOKS)));
    expect(page.body).toContain('It would be allowed to do this at:');
    expect(page.body).toContain(`<li>Your books <code>${BOOKS}</code></li>`);
    expect(page.body).toContain(`<li>This site <code>${API}</code></li>`);
  });

  test('is shown again for resources that were not allowed before, and not for those that were', async () => {
    const made = await server.client({ name: 'Player' });
    const browser = await browserOf(server, 'alice');
    const isAsked = async (...resources: string[]): Promise<boolean> =>
      (await browser.get(authorizePath(made.client, asked(...resources)))).status === 200;

    await allow([], made);
    expect([await isAsked(), await isAsked(API), await isAsked(BOOKS), await isAsked(API, BOOKS)]).toEqual([
      false,
      false,
      true,
      true,
    ]);
    await allow(asked(API, BOOKS), made);
    expect([await isAsked(API, BOOKS), await isAsked(BOOKS), await isAsked(MUSIC), await isAsked()]).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });
});

describe('a device', () => {
  const start = (resources: Pairs): Promise<Answer> =>
    send(`${server.url}/oauth2/device-authorization/`, [['scope', 'read'], ...resources], {
      basic: `${app.client.clientId}:${app.secret}`,
    });
  const poll = (code: string, resources: Pairs = []): Promise<Answer> =>
    tokenOf([['grant_type', DEVICE_GRANT], ['device_code', code], ...resources]);

  test('names resources when it starts; the person sees them, and the tokens are bound to them', async () => {
    const { body } = await start(asked(BOOKS, MUSIC));
    const browser = await browserOf(server, 'alice');
    const form = await browser.get('/oauth2/device/');
    const consent = await browser.submit('/oauth2/device/', form, { user_code: body.user_code });
    expect(consent.body).toContain(`<li>Your music <code>${MUSIC}</code></li>`);
    await browser.submit('/oauth2/device/', consent, { decision: 'allow' });

    expect((await poll(body.device_code, asked(API))).body.error).toBe('invalid_target');
    const tokens = await poll(body.device_code, asked(BOOKS));
    expect(await audienceOf(tokens.body.access_token)).toEqual([BOOKS]);
    expect(await audienceOf((await refresh(tokens.body.refresh_token)).body.access_token)).toEqual([BOOKS, MUSIC]);
  });

  test('is refused for an unknown one', async () => {
    const { status, body } = await start(asked('https://other.example.com'));
    expect([status, body.error]).toEqual([400, 'invalid_target']);
  });
});

describe('with resourceRequired', () => {
  let strict: Server;
  let made: ClientWithSecret;
  beforeAll(async () => {
    strict = await startServer({ oauth2: { resource: API, resourceRequired: true } });
    made = await strict.client({ grants: ['authorization_code', 'refresh_token', 'client_credentials'] });
  });
  afterAll(() => strict.close());

  test('requests that name no resource are refused', async () => {
    const { status, body } = await forItself([], made, strict);
    expect([status, body.error]).toEqual([400, 'invalid_target']);
    expect((await allow([], made, strict)).get('error')).toBe('invalid_target');
    expect((await redeem((await allow(asked(API), made, strict)).get('code'), [], made, strict)).status).toBe(200);
  });

  test('a token from before, which is bound to none, is refused', async () => {
    const code = (await allow(asked(API), made, strict)).get('code');
    const { body } = await redeem(code, [], made, strict);
    expect((await whoAmI(strict, body.access_token)).status).toBe(200);
    await db(strict.site).update(OAuth2AccessToken, { client: { id: made.client.id } }, { resources: [] });
    expect((await whoAmI(strict, body.access_token)).headers.get('www-authenticate')).toBe(FOR_OTHERS);
  });
});

test('another server that asks the provider takes the tokens that are bound to it, and no others', async () => {
  const { client, secret } = await server.client({ grants: [], redirectUris: [], scopes: [], isResourceServer: true });
  const books = await startResourceServer({
    introspectionEndpoint: `${server.url}/oauth2/introspect/`,
    clientId: client.clientId,
    clientSecret: secret ?? '',
    audience: BOOKS,
    clock: () => server.clock.now,
  });
  try {
    const statusWith = async (...resources: string[]): Promise<number> => {
      const { body } = await redeem((await allow(asked(...resources))).get('code'));
      return (await whoAmI({ ...server, url: books.url }, body.access_token)).status;
    };
    expect([
      await statusWith(BOOKS),
      await statusWith(BOOKS, MUSIC),
      await statusWith(MUSIC),
      await statusWith(),
    ]).toEqual([200, 200, 401, 401]);
  } finally {
    await books.close();
  }
});

test('the project is told which resources a token was issued for', async () => {
  const told: (readonly string[])[] = [];
  const telling = await startServer({
    oauth2: { issuer: API, ...known, onIssue: ({ resources }) => void told.push(resources) },
  });
  try {
    const made = await telling.client({ grants: ['client_credentials'], redirectUris: [] });
    await forItself(asked(MUSIC, BOOKS), made, telling);
    await forItself([], made, telling);
    expect(told).toEqual([[BOOKS, MUSIC], []]);
  } finally {
    await telling.close();
  }
});

test('a password gives a token for the resource that is named; an unknown one is refused before the password is looked at', async () => {
  const legacy = await startServer({ oauth2: { issuer: API, ...known, allowPasswordGrant: true } });
  try {
    const made = await legacy.client({ grants: ['password'], redirectUris: [] });
    const login = (resource: string, password = 'pw'): Promise<Answer> =>
      tokenOf(
        [['grant_type', 'password'], ['username', 'alice'], ['password', password], ...asked(resource)],
        made,
        legacy,
      );
    expect(await audienceOf((await login(MUSIC)).body.access_token, legacy)).toEqual([MUSIC]);
    expect((await login('https://other.example.com', 'wrong')).body.error).toBe('invalid_target');
  } finally {
    await legacy.close();
  }
});

test('the project may refuse in onIssue, in the shape of the protocol, and nothing is issued', async () => {
  const picky = await startServer({
    oauth2: {
      issuer: API,
      ...known,
      onIssue({ resources }) {
        if (resources.includes(BOOKS)) throw new OAuth2Error('invalid_target', 'The books are closed.');
      },
    },
  });
  try {
    const made = await picky.client({ grants: ['client_credentials'], redirectUris: [] });
    const { status, body } = await forItself(asked(BOOKS), made, picky);
    expect([status, body]).toEqual([400, { error: 'invalid_target', error_description: 'The books are closed.' }]);
    expect(await db(picky.site).count(OAuth2AccessToken)).toBe(0);
    expect((await forItself(asked(MUSIC), made, picky)).status).toBe(200);
  } finally {
    await picky.close();
  }
});

test('the metadata lists the resources', async () => {
  const response = await fetch(`${server.url}/.well-known/oauth-authorization-server`);
  expect(await response.json()).toMatchObject({ protected_resources: [API, BOOKS, MUSIC] });
});

test.each<[Partial<OAuth2Options>, string]>([
  [{ resource: 'books' }, 'oauth2(): resource: "books" is no absolute URI without fragment'],
  [{ resources: { 'https://a.example/#x': 'A' } }, 'oauth2(): resources: "https://a.example/#x" is no absolute URI'],
])('%j cannot work', async (oauth2, message) => {
  await expect(startServer({ oauth2 })).rejects.toThrow(message);
});

test('a view that names a resource for which no token can be asked is refused at the start', async () => {
  await expect(startServer({ oauth2: { issuer: API }, urls: [path('/music/', Music)] })).rejects.toThrow(
    `Music.oauth2Resource: "${MUSIC}" is a resource that no token can be asked for. Write resources: `,
  );
});

test('without issuer and resource the API is named by the address of the request', async () => {
  const plain = await startServer();
  try {
    const made = await plain.client({ grants: ['client_credentials'], redirectUris: [] });
    const { body } = await forItself(asked(`${plain.url}/`), made, plain);
    expect(await audienceOf(body.access_token, plain)).toEqual([plain.url]);
    expect((await forItself(asked(API), made, plain)).body.error).toBe('invalid_target');
    const answer = await authorize(plain, (await plain.client()).client, { params: { resource: plain.url } });
    expect(answer.get('code')).toMatch(/^oac_/);
  } finally {
    await plain.close();
  }
});
