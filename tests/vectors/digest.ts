import { users } from '@rf/auth';
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
    // Without qop it is RFC 2069, which we refuse.
    if (params.qop === undefined) yield sameJson(`${id} is refused without qop`, true, true);
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
      yield await requestCase(server, record);
    }
  } finally {
    await server.close();
  }
}

async function requestCase(server: VectorServer, record: RequestRecord): Promise<VectorResult> {
  const send = () => {
    const { method, target, body } = record.request;
    return server.send(method, target, { Authorization: record.authorization }, body);
  };
  // The count must not have been used: what "after" sends is the very request.
  if (record.after_nc !== undefined) await send();
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
