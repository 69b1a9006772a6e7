import { createHash } from 'node:crypto';
import { parseAuthParams, users } from '@rf/auth';
import {
  digest,
  DigestAuthentication,
  type DigestBase,
  digestHA1,
  type DigestInput,
  digestResponse,
  digestUserhash,
  setDigestPassword,
} from '@rf/digest';
import { db } from '@rf/orm';
import { authenticationClasses, IsAuthenticated, path, permissionClasses } from '@rf/views';
import { VectorServer, WhoView } from './server.ts';
import { sameJson, type VectorResult } from './vector-module.ts';

interface Params extends Omit<DigestInput, 'ha1' | 'body'> {
  readonly username: string;
  readonly realm: string;
  readonly password: string;
  readonly body?: string;
}

interface RequestRecord {
  readonly id: string;
  readonly request: { readonly method: string; readonly target: string; readonly body?: string };
  readonly authorization: string;
  readonly verdict: 'accept' | 'reject' | 'accept-then-reject' | 'not-attempted';
  readonly stale?: boolean;
  readonly after_nc?: string;
}

interface Vectors {
  readonly response: readonly { readonly id: string; readonly params: Params; readonly response: string }[];
  readonly ha1: readonly {
    readonly algorithm: DigestBase;
    readonly username: string;
    readonly realm: string;
    readonly password: string;
    readonly ha1: string;
  }[];
  readonly userhash: readonly {
    readonly id: string;
    readonly algorithm: DigestBase;
    readonly username: string;
    readonly realm: string;
    readonly userhash: string;
  }[];
  readonly rspauth: readonly { readonly id: string; readonly params: Params; readonly rspauth: string }[];
  readonly requests: readonly RequestRecord[];
  readonly negative: readonly RequestRecord[];
  readonly server: {
    readonly user: string;
    readonly password: string;
    readonly opaque: string;
    readonly nonce_valid: string;
  };
}

const LIFETIME = 300;

@authenticationClasses(DigestAuthentication)
@permissionClasses(IsAuthenticated)
class Notes extends WhoView {}

function compute({ username, realm, password, body, ...input }: Params, method = input.method): string {
  const algorithm = input.algorithm;
  const ha1 = digestHA1(algorithm.replace('-sess', '') as DigestBase, username, realm, password);
  return digestResponse({ ...input, ha1, method, ...(body !== undefined && { body: Buffer.from(body) }) });
}

export const file = 'digest.json';

export async function* run(vectors: Vectors): AsyncIterable<VectorResult> {
  for (const { id, params, response } of vectors.response) {
    if (params.qop === undefined) yield await withoutQop(id, params, response);
    else yield sameJson(id, response, compute(params));
  }
  for (const { algorithm, username, realm, password, ha1 } of vectors.ha1) {
    yield sameJson(`ha1 ${algorithm} ${username}`, ha1, digestHA1(algorithm, username, realm, password));
  }
  for (const { id, algorithm, username, realm, userhash } of vectors.userhash) {
    yield sameJson(`userhash ${id}`, userhash, digestUserhash(algorithm, username, realm));
  }
  for (const { id, params, rspauth } of vectors.rspauth) yield sameJson(id, rspauth, compute(params, ''));
  yield* requestCases(vectors);
}

/** RFC 2069, which has no defence against replays: the response is right, and a server that knows user and nonce refuses it. */
async function withoutQop(id: string, params: Params, response: string): Promise<VectorResult> {
  const { algorithm, username, realm, password, method, uri, nonce } = params;
  const md5 = (text: string) => createHash('md5').update(text).digest('hex');
  const right = md5(`${digestHA1('MD5', username, realm, password)}:${nonce}:${md5(`${method}:${uri}`)}`);
  const opaque = 'of the server';
  const server = await VectorServer.start({
    users: [{ username }],
    apps: [
      digest({
        realm,
        algorithms: [algorithm],
        opaque,
        nonces: () => ({ issue: () => nonce, issuedAt: (shown) => (shown === nonce ? Date.now() : null) }),
      }),
    ],
    urls: [path(uri, Notes)],
  });
  try {
    await setDigestPassword(server.site, await users(server.site).findOneByOrFail({ username }), password);
    const written = { username, realm, nonce, uri, opaque };
    const header = (more: Readonly<Record<string, string>>) => ({
      Authorization: `Digest ${Object.entries({ ...written, ...more })
        .map(([name, value]) => `${name}="${value}"`)
        .join(', ')}`,
    });
    const counted = { qop: 'auth', nc: '00000001', cnonce: 'of the client' } as const;
    const statuses = [
      (await server.send(method, uri, header({ response }))).status,
      (await server.send(method, uri, header({ ...counted, response: compute({ ...params, ...counted }) }))).status,
    ];
    return sameJson(id, { response, statuses: [400, 200] }, { response: right, statuses });
  } finally {
    await server.close();
  }
}

async function* requestCases({ server: setup, requests, negative }: Vectors): AsyncIterable<VectorResult> {
  const clock = { issuedAt: 0 };
  const server = await VectorServer.start({
    users: [{ username: setup.user }],
    apps: [
      digest({
        algorithms: ['SHA-256', 'MD5'],
        qop: ['auth', 'auth-int'],
        opaque: setup.opaque,
        nonceLifetime: LIFETIME,
        nonces: () => ({
          issue: () => 'another',
          issuedAt: (nonce) => (nonce === setup.nonce_valid ? clock.issuedAt : null),
        }),
      }),
    ],
    urls: [path('/api/notes/', Notes), path('/api/users/', Notes)],
  });
  try {
    const user = await users(server.site).findOneByOrFail({ username: setup.user });
    await setDigestPassword(server.site, user, setup.password);
    for (const record of [...requests, ...negative]) {
      // Each record meets a server that has seen nothing yet.
      await db(server.site).query('DELETE FROM auth_replay');
      clock.issuedAt = record.stale ? Date.now() - LIFETIME * 1000 - 1000 : Date.now();
      yield await requestCase(server, record, setup);
    }
  } finally {
    await server.close();
  }
}

async function requestCase(
  server: VectorServer,
  record: RequestRecord,
  setup: Vectors['server'],
): Promise<VectorResult> {
  const send = (authorization = record.authorization) => {
    const { method, target, body } = record.request;
    return server.send(method, target, { Authorization: authorization }, body);
  };
  if (record.after_nc !== undefined) {
    // A lower count is good here as long as it was not used, so it is used before the higher one.
    const before = [(await send()).status, (await send(withCount(record, record.after_nc, setup))).status];
    return sameJson(record.id, { before: [200, 200], status: 401 }, { before, status: (await send()).status });
  }
  const first = await send();
  if (record.verdict === 'accept-then-reject') {
    return sameJson(record.id, [200, 401], [first.status, (await send()).status]);
  }
  if (record.verdict === 'not-attempted') {
    const { detail } = first.body as { detail?: string };
    return sameJson(record.id, 'Authentication credentials were not provided.', detail);
  }
  const stale = String(first.headers['www-authenticate'] ?? '').includes('stale=true');
  const verdict = first.status === 200 ? 'accept' : 'reject';
  return sameJson(record.id, { verdict: record.verdict, stale: record.stale ?? false }, { verdict, stale });
}

/** The header of a record with another count, and the response that it then needs. */
function withCount(
  { request, authorization }: RequestRecord,
  nc: string,
  { user, password }: Vectors['server'],
): string {
  const shown = parseAuthParams(authorization.replace(/^Digest /, ''));
  const text = (name: string) => shown.get(name) ?? '';
  const response = compute({
    username: user,
    realm: text('realm'),
    password,
    algorithm: text('algorithm') as Params['algorithm'],
    qop: text('qop') as Params['qop'],
    method: request.method,
    uri: text('uri'),
    nonce: text('nonce'),
    nc,
    cnonce: text('cnonce'),
  });
  return authorization.replace(text('response'), response).replace(`nc=${text('nc')}`, `nc=${nc}`);
}
