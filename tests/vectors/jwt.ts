import { users } from '@rf/auth';
import { ImproperlyConfigured } from '@rf/exceptions';
import {
  AccessToken,
  type Claims,
  defaultTokenMessages,
  FixedKeyRing,
  JWTAuthentication,
  jwt,
  type JwtAlgorithm,
  JwtKey,
  jwtService,
  TokenBackend,
  TokenBlacklistView,
  TokenError,
  TokenObtainPairView,
  type TokenRules,
  TokenRefreshView,
  TokenVerifyView,
} from '@rf/jwt';
import { authenticationClasses, IsAuthenticated, path, permissionClasses, type UrlEntry } from '@rf/views';
import type { JWK } from 'jose';
import { type Sent, VectorServer, WhoView } from './server.ts';
import { sameJson, type VectorResult } from './vector-module.ts';

interface Vectors {
  readonly clock: number;
  readonly policy: { readonly issuer: string; readonly audience: string };
  readonly keys: Readonly<Record<string, { secret_jwk?: JWK; private_jwk?: JWK }>>;
  readonly jws: readonly { id: string; alg: JwtAlgorithm; jwk: JWK; payload: string; compact: string }[];
  readonly thumbprint: readonly { id: string; jwk: JWK; sha256: string }[];
  readonly tokens: readonly {
    id: string;
    alg: JwtAlgorithm;
    kid: string;
    token: string;
    claims?: Claims;
    use?: string;
  }[];
  readonly negative: readonly Negative[];
  readonly refresh_flow: readonly { case: string; expected: string }[];
  readonly simplejwt_views: readonly ViewRecord[];
}

interface Negative {
  readonly id: string;
  readonly configured_alg: JwtAlgorithm;
  readonly token: string;
  /** `accept` is in none of them; `implementation-defined` is decided to be refused (docs/jwt.md). */
  readonly verdict: string;
  readonly configured_typ?: string;
  readonly secret?: string;
  readonly public_jwk?: JWK;
}

interface ViewRecord {
  readonly id: string;
  readonly url: string;
  readonly body: Readonly<Record<string, string>>;
  readonly status: number;
  readonly response: unknown;
  readonly www_authenticate: string | null;
}

@authenticationClasses(JWTAuthentication)
@permissionClasses(IsAuthenticated)
class Guarded extends WhoView {}

const urls: readonly UrlEntry[] = [
  path('/jwt/', Guarded),
  path('/token-obtain/', TokenObtainPairView),
  path('/token-refresh/', TokenRefreshView),
  path('/token-verify/', TokenVerifyView),
  path('/token-blacklist/', TokenBlacklistView),
];

export const file = 'jwt.json';

export async function* run(vectors: Vectors): AsyncIterable<VectorResult> {
  yield* runSignatures(vectors);
  yield* runThumbprints(vectors);
  yield* runTokens(vectors);
  yield* runRefreshFlow(vectors);
  yield* runViews(vectors);
}

// ---- strings -------------------------------------------------------------------------------------------------------

async function* runSignatures({ jws }: Vectors): AsyncIterable<VectorResult> {
  for (const { id, alg, jwk, payload, compact } of jws) {
    const tokens = backend([await JwtKey.from(jwk, alg)], {});
    const signed = Buffer.from(compact.split('.')[1] as string, 'base64url').toString();
    yield sameJson(id, { verified: true, payload }, { verified: await tokens.verifies(compact), payload: signed });
  }
}

async function* runThumbprints({ thumbprint }: Vectors): AsyncIterable<VectorResult> {
  for (const { id, jwk, sha256 } of thumbprint) {
    const key = await JwtKey.from(jwk, jwk.kty === 'RSA' ? 'RS256' : 'EdDSA');
    yield sameJson(id, sha256, key.kid);
  }
}

function backend(keys: readonly JwtKey[], rules: Partial<TokenRules>): TokenBackend {
  return new TokenBackend(new FixedKeyRing(undefined, keys), {
    issuer: undefined,
    audience: [],
    leeway: 0,
    typ: 'JWT',
    maxLifetime: 366 * 86_400,
    messages: defaultTokenMessages,
    clock: Date.now,
    ...rules,
  });
}

const KEY_OF: Readonly<Record<string, string>> = {
  HS256: 'own-hs256',
  HS384: 'own-hs384',
  HS512: 'own-hs512',
  ES256: 'own-es256',
  ES384: 'own-es384',
  ES512: 'own-es512',
  EdDSA: 'own-ed25519',
  Ed25519: 'own-ed25519',
};

/** The JWK that a project configured for `algorithm` has, under the name that the tokens give it. */
function jwkFor(vectors: Vectors, algorithm: JwtAlgorithm): JWK {
  const kid = KEY_OF[algorithm] ?? 'own-rsa';
  const { secret_jwk, private_jwk } = vectors.keys[kid] ?? {};
  return { ...(secret_jwk ?? private_jwk), kid } as JWK;
}

// ---- tokens: those of the algorithm of the server over HTTP, the others through the module ---------------------------

async function* runTokens(vectors: Vectors): AsyncIterable<VectorResult> {
  const { clock, policy } = vectors;
  const server = await VectorServer.start({
    users: [{ username: '1' }, { username: 'inactive', is_active: false }],
    apps: [jwt({ signingKey: jwkFor(vectors, 'HS256'), ...policy, userIdField: 'username' })],
    clock: () => clock * 1000,
    urls,
  });
  try {
    for (const record of vectors.tokens) yield await runGoodToken(record, vectors, server);
    for (const record of vectors.negative) yield await runBadToken(record, vectors, server);
  } finally {
    await server.close();
  }
}

async function runGoodToken(
  { id, alg, token, claims, use }: Vectors['tokens'][number],
  vectors: Vectors,
  server: VectorServer,
): Promise<VectorResult> {
  if (alg !== 'HS256') return sameJson(id, claims, await decode(token, alg, vectors));
  if (use === undefined) return sameJson(id, { user: '1', auth: 'AccessToken' }, (await bearer(server, token)).body);
  const used = [
    (await post(server, '/token-refresh/', { refresh: token })).status,
    (await bearer(server, token)).status,
  ];
  return sameJson(id, [200, 401], used);
}

/** What a project configured for one algorithm makes of a token; the name of what refused it, where it is refused. */
async function decode(token: string, algorithm: JwtAlgorithm, vectors: Vectors, typ = 'JWT'): Promise<unknown> {
  const { clock, policy } = vectors;
  const rules = { issuer: policy.issuer, audience: [policy.audience], typ, clock: () => clock * 1000 };
  try {
    const key = await JwtKey.from(jwkFor(vectors, algorithm), algorithm);
    return await backend([key], rules).decode(token);
  } catch (error) {
    if (error instanceof TokenError) return 'refused';
    throw error;
  }
}

async function runBadToken(record: Negative, vectors: Vectors, server: VectorServer): Promise<VectorResult> {
  const { id, configured_alg, configured_typ, secret, public_jwk } = record;
  const weak = secret ?? public_jwk;
  if (weak !== undefined) return sameJson(id, 'refused at start', await start(weak, configured_alg));
  const token = id === 'length-bomb' ? 'a'.repeat(1 << 20) : record.token;
  if (configured_alg !== 'HS256') {
    return sameJson(id, 'refused', await decode(token, configured_alg, vectors, configured_typ));
  }
  if (id === 'jti-blacklisted') {
    const { jti, iat, exp } = JSON.parse(Buffer.from(token.split('.')[1] as string, 'base64url').toString());
    await jwtService(server.site).blacklist.add({ jti, iat, exp });
    return sameJson(id, 400, (await post(server, '/token-verify/', { token })).status);
  }
  const { status, body } = await bearer(server, token);
  const { code } = body as { code?: string };
  return sameJson(id, [401, CODES[id] ?? 'token_not_valid'], [status, code]);
}

/** Codes of refusals where they are not `token_not_valid`. */
const CODES: Readonly<Record<string, string>> = {
  'b64-space-before-sig': 'bad_authorization_header',
  'b64-space-in-header': 'bad_authorization_header',
  'bearer-two-tokens': 'bad_authorization_header',
  'shape-empty': 'bad_authorization_header',
  'user-unknown': 'user_not_found',
  'user-inactive': 'user_inactive',
};

async function start(key: string | JWK, algorithm: JwtAlgorithm): Promise<string> {
  try {
    await JwtKey.from(key, algorithm);
    return 'started';
  } catch (error) {
    if (error instanceof ImproperlyConfigured) return 'refused at start';
    throw error;
  }
}

/** GET with the token; what no HTTP client sends or no HTTP parser lets through goes to the view itself. */
function bearer(server: VectorServer, token: string): Promise<Sent> {
  const headers = { Authorization: `Bearer ${token}` };
  return /^[\x20-\x7e]{0,8000}$/.test(token)
    ? server.send('GET', '/jwt/', headers)
    : server.handle('GET', '/jwt/', headers);
}

function post(server: VectorServer, url: string, body: object): Promise<Sent> {
  return server.send('POST', url, { 'Content-Type': 'application/json' }, JSON.stringify(body));
}

// ---- flows ---------------------------------------------------------------------------------------------------------

interface Pair {
  readonly refresh: string;
  readonly access: string;
}

async function obtain(server: VectorServer): Promise<Pair> {
  return (await post(server, '/token-obtain/', { username: 'alice', password: 'pw' })).body as Pair;
}

const refresh = (server: VectorServer, token: string): Promise<Sent> =>
  post(server, '/token-refresh/', { refresh: token });

const detail = ({ status, body }: Sent): string => {
  const { detail: text, code = '' } = (body ?? {}) as { detail?: string; code?: string };
  return text === undefined ? `${status} {${Object.keys(body ?? {}).toSorted()}}` : `${status} ${text} ${code}`.trim();
};

/** What each case of the flow is here: how it is brought about, and the answer. */
const FLOW: Readonly<Record<string, [expected: string, (server: VectorServer) => Promise<string>]>> = {
  'refresh -> new access': [
    '200 {access,refresh}',
    async (server) => detail(await refresh(server, (await obtain(server)).refresh)),
  ],
  'refresh with rotation -> new pair; old refresh blacklisted': [
    '200 {access,refresh}, 400',
    async (server) => {
      const { refresh: token } = await obtain(server);
      const rotated = detail(await refresh(server, token));
      return `${rotated}, ${(await post(server, '/token-verify/', { token })).status}`;
    },
  ],
  'old refresh again after rotation': [
    '401 Token is blacklisted token_not_valid, then 401 Token is blacklisted token_not_valid',
    async (server) => {
      const { refresh: token } = await obtain(server);
      const successor = ((await refresh(server, token)).body as Pair).refresh;
      const again = detail(await refresh(server, token));
      return `${again}, then ${detail(await refresh(server, successor))}`;
    },
  ],
  'access token posted as refresh': [
    '401 Token has wrong type token_not_valid',
    async (server) => detail(await refresh(server, (await obtain(server)).access)),
  ],
  'refresh of a deleted or inactive user': [
    '401 No active account found for the given token., 401 No active account found for the given token.',
    async (server) => {
      const { refresh: token } = await obtain(server);
      const alice = await users(server.site).findOneByOrFail({ username: 'alice' });
      await users(server.site).update({ username: 'alice' }, { isActive: false });
      const inactive = detail(await refresh(server, token));
      await users(server.site).delete({ username: 'alice' });
      const deleted = detail(await refresh(server, token));
      await users(server.site).insert(alice);
      return `${inactive}, ${deleted}`;
    },
  ],
  'refresh after password change (CHECK_REVOKE_TOKEN)': [
    "401 The user's password has been changed. password_changed",
    async (server) => {
      const { refresh: token } = await obtain(server);
      const { password } = await users(server.site).findOneByOrFail({ username: 'alice' });
      await users(server.site).update({ username: 'alice' }, { password: 'another' });
      const answer = detail(await refresh(server, token));
      await users(server.site).update({ username: 'alice' }, { password });
      return answer;
    },
  ],
  'two concurrent refreshes of the same token': [
    '200 401',
    async (server) => {
      const { refresh: token } = await obtain(server);
      const answers = await Promise.all([refresh(server, token), refresh(server, token)]);
      return answers
        .map(({ status }) => status)
        .toSorted()
        .join(' ');
    },
  ],
  'verify with a blacklisted refresh': [
    '400',
    async (server) => {
      const { refresh: token } = await obtain(server);
      await post(server, '/token-blacklist/', { refresh: token });
      return String((await post(server, '/token-verify/', { token })).status);
    },
  ],
  'blacklist twice': [
    '200 401',
    async (server) => {
      const { refresh: token } = await obtain(server);
      const first = await post(server, '/token-blacklist/', { refresh: token });
      return `${first.status} ${(await post(server, '/token-blacklist/', { refresh: token })).status}`;
    },
  ],
};

async function* runRefreshFlow({ refresh_flow }: Vectors): AsyncIterable<VectorResult> {
  const server = await VectorServer.start({
    users: [{ username: 'alice' }],
    apps: [jwt({ checkRevokeToken: true })],
    urls,
  });
  try {
    for (const { case: name } of refresh_flow) {
      const found = FLOW[name];
      if (found === undefined) yield { id: name, ok: false, message: 'nothing runs it' };
      else yield sameJson(name, found[0], await found[1](server));
    }
  } finally {
    await server.close();
  }
}

// ---- the recorded answers of simplejwt -----------------------------------------------------------------------------

/** Records that we answer otherwise, by decision (docs/jwt.md): scheme words have no case, and inactive users end. */
const DECIDED: Readonly<Record<string, Partial<ViewRecord>>> = {
  'use-lower-bearer': { status: 200, response: { user: 'alice', auth: 'AccessToken' }, www_authenticate: null },
  'refresh-deactivated': {
    status: 401,
    response: { detail: 'No active account found for the given token.' },
    www_authenticate: 'Bearer realm="api"',
  },
};

async function* runViews({ simplejwt_views }: Vectors): AsyncIterable<VectorResult> {
  const server = await VectorServer.start({
    users: [{ username: 'alice' }, { username: 'inactive', is_active: false }],
    // The text of the release that was recorded.
    apps: [jwt({ messages: { invalid: 'Token is invalid or expired', expired: 'Token is invalid or expired' } })],
    urls,
  });
  try {
    const play = await Play.begin(server);
    for (const record of simplejwt_views) {
      const { status, response, www_authenticate } = { ...record, ...DECIDED[record.id] };
      const answer = await play.send(record);
      const got = {
        status: answer.status,
        response: hideTokens(answer.body),
        www_authenticate: answer.headers['www-authenticate'] ?? null,
      };
      yield sameJson(record.id, { status, response, www_authenticate }, got);
    }
  } finally {
    await server.close();
  }
}

/** The tokens that the records hide behind `<jwt>`, brought about in their order. */
class Play {
  private constructor(
    private readonly server: VectorServer,
    /** Logged in at the beginning; its refresh token is the one that is rotated and used again. */
    private readonly first: Pair,
    /** Logged in beside it; its refresh token is the one that is taken back. */
    private readonly second: Pair,
    /** Of the user who is deactivated and deleted at the end. */
    private readonly third: Pair,
  ) {}

  static async begin(server: VectorServer): Promise<Play> {
    return new Play(server, await obtain(server), await obtain(server), await obtain(server));
  }

  async send(record: ViewRecord): Promise<Sent> {
    await this.prepare(record.id);
    if (record.url === '/jwt/')
      return this.server.send('GET', '/jwt/', { Authorization: await this.header(record.id) });
    const body = Object.entries(record.body).map(([name, value]) => [
      name,
      value === '<jwt>' ? this.token(record.id) : value,
    ]);
    return post(this.server, record.url, Object.fromEntries(body));
  }

  private async prepare(id: string): Promise<void> {
    const alice = { username: 'alice' };
    if (id === 'use-deactivated') await users(this.server.site).update(alice, { isActive: false });
    if (id === 'use-deleted-user') await users(this.server.site).delete(alice);
  }

  private token(id: string): string {
    if (id === 'verify-garbage' || id === 'refresh-garbage') return 'x';
    if (id === 'verify-access' || id === 'refresh-with-access' || id === 'blacklist-access') return this.first.access;
    if (id === 'blacklist-ok' || id === 'blacklist-again' || id === 'refresh-after-blacklist')
      return this.second.refresh;
    return id === 'refresh-deactivated' ? this.third.refresh : this.first.refresh;
  }

  private async header(id: string): Promise<string> {
    const { access } = this.first;
    switch (id) {
      case 'use-refresh-as-access':
        return `Bearer ${this.first.refresh}`;
      case 'use-lower-bearer':
        return `bearer ${access}`;
      case 'use-three-parts':
        return `Bearer ${access} x`;
      case 'use-keyword-only':
        return 'Bearer';
      case 'use-garbage':
        return 'Bearer x.y.z';
      case 'use-no-user':
        return `Bearer ${await AccessToken.create(this.server.site).encode()}`;
      case 'use-expired':
        return `Bearer ${await AccessToken.create(this.server.site).set('user_id', '1').setExp({ lifetime: -1 }).encode()}`;
      default:
        return `Bearer ${access}`;
    }
  }
}

/** `<jwt>` in place of every token of a body. */
function hideTokens(body: unknown): unknown {
  return JSON.parse(JSON.stringify(body).replaceAll(/"[\w-]+\.[\w-]+\.[\w-]+"/g, '"<jwt>"'));
}
