import { users } from '@rf/auth';
import {
  createHawkCredential,
  type HawkAlgorithm,
  type HawkArtifacts,
  HawkAuthentication,
  hawk,
  hawkMac,
  hawkNormalized,
  hawkPayloadHash,
  hawkTimestampMac,
  writeBewit,
} from '@rf/hawk';
import { db } from '@rf/orm';
import { authenticationClasses, IsAuthenticated, path, permissionClasses } from '@rf/views';
import { VectorServer, WhoView } from './server.ts';
import { sameJson, type VectorResult } from './vector-module.ts';

interface Credentials {
  readonly id: string;
  readonly key: string;
  readonly algorithm: HawkAlgorithm;
}

interface SentRequest {
  readonly method: string;
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly payload?: string;
  readonly content_type?: string;
  readonly authorization?: string;
}

interface RequestRecord {
  readonly id: string;
  readonly credentials?: Credentials | null;
  readonly request?: SentRequest;
  readonly requests?: readonly {
    readonly credentials: Credentials;
    readonly request: SentRequest;
    readonly authorization: string;
  }[];
  readonly authorization?: string;
  readonly clock?: number;
  readonly verdict: 'accept' | 'reject' | 'accept-then-reject' | 'accept-both' | 'not-attempted';
}

type Artifacts = HawkArtifacts;

interface Vectors {
  readonly payload_hash: readonly {
    readonly id: string;
    readonly algorithm: HawkAlgorithm;
    readonly content_type: string;
    readonly payload: string;
    readonly hash: string;
  }[];
  readonly header: readonly {
    readonly id: string;
    readonly credentials: Credentials;
    readonly artifacts: Artifacts;
    readonly normalized: string;
    readonly mac: string;
  }[];
  readonly response: readonly {
    readonly id: string;
    readonly credentials: Credentials;
    readonly request_artifacts: Artifacts;
    readonly response_hash?: string;
    readonly response_ext?: string;
    readonly normalized: string;
    readonly mac: string;
  }[];
  readonly bewit: readonly {
    readonly id: string;
    readonly credentials: Credentials;
    readonly method?: string;
    readonly resource: string;
    readonly host?: string;
    readonly port?: number;
    readonly exp: number;
    readonly ext?: string;
    readonly mac: string;
    /** Absent where the record is a request that carries it. */
    readonly bewit?: string;
    readonly request?: SentRequest;
  }[];
  readonly timestamp_mac: readonly {
    readonly id: string;
    readonly ts: number;
    readonly key: string;
    readonly algorithm: HawkAlgorithm;
    readonly tsm: string;
  }[];
  readonly requests: readonly RequestRecord[];
  readonly negative: readonly RequestRecord[];
}

@authenticationClasses(HawkAuthentication)
@permissionClasses(IsAuthenticated)
class Resource extends WhoView {}

export const file = 'hawk.json';

export async function* run(vectors: Vectors): AsyncIterable<VectorResult> {
  for (const { id, algorithm, content_type, payload, hash } of vectors.payload_hash) {
    yield sameJson(`payload ${id}`, hash, hawkPayloadHash(payload, content_type, algorithm));
  }
  for (const { id, credentials, artifacts, normalized, mac } of vectors.header) {
    const got = [
      hawkNormalized('header', artifacts),
      hawkMac('header', artifacts, credentials.key, credentials.algorithm),
    ];
    yield sameJson(`header ${id}`, [normalized, mac], got);
  }
  for (const record of vectors.response) {
    const { key, algorithm } = record.credentials;
    const artifacts = { ...record.request_artifacts, hash: record.response_hash, ext: record.response_ext };
    const got = [hawkNormalized('response', artifacts), hawkMac('response', artifacts, key, algorithm)];
    yield sameJson(`response ${record.id}`, [record.normalized, record.mac], got);
  }
  for (const record of vectors.bewit) {
    const { id, key, algorithm } = record.credentials;
    const { method, host, port } = { ...record, ...record.request } as SentRequest;
    const { resource, exp, ext = '' } = record;
    const mac = hawkMac('bewit', { ts: exp, nonce: '', method, resource, host, port, ext }, key, algorithm);
    yield sameJson(`bewit ${record.id}`, record.mac, mac);
    if (record.bewit !== undefined) {
      yield sameJson(`bewit text ${record.id}`, record.bewit, writeBewit({ id, expires: String(exp), mac, ext }));
    }
  }
  for (const { id, ts, key, algorithm, tsm } of vectors.timestamp_mac) {
    yield sameJson(id, tsm, hawkTimestampMac(ts, key, algorithm));
  }
  const tickets = vectors.bewit.flatMap(({ id, credentials, request }) =>
    request === undefined ? [] : [{ id: `bewit request ${id}`, credentials, request, verdict: 'accept' as const }],
  );
  yield* requestCases([...vectors.requests, ...tickets, ...vectors.negative]);
}

async function* requestCases(records: readonly RequestRecord[]): AsyncIterable<VectorResult> {
  const clock = { seconds: 0 };
  const server = await VectorServer.start({
    users: [{ username: 'alice' }],
    apps: [hawk({ bewit: true })],
    urls: ['/resource/:n', '/r', '/somewhere/over/the/rainbow'].map((url) => path(url, Resource)),
    clock: () => clock.seconds * 1000,
  });
  try {
    for (const record of records) {
      clock.seconds = record.clock ?? 1_353_788_437;
      yield await requestCase(server, record);
    }
  } finally {
    await server.close();
  }
}

async function requestCase(server: VectorServer, record: RequestRecord): Promise<VectorResult> {
  const manager = db(server.site);
  await manager.query('DELETE FROM auth_replay');
  await manager.query('DELETE FROM hawk_credential');
  const alice = await users(server.site).findOneByOrFail({ username: 'alice' });
  const know = async (credentials: Credentials | null | undefined): Promise<void> => {
    if (!credentials) return;
    const { id, key, algorithm } = credentials;
    await createHawkCredential(server.site, alice, { keyId: id, key, algorithm });
  };
  if (record.requests !== undefined) {
    const statuses: number[] = [];
    for (const { credentials, request, authorization } of record.requests) {
      await know(credentials);
      statuses.push((await send(server, request, authorization)).status);
    }
    return sameJson(record.id, [200, 200], statuses);
  }
  await know(record.credentials);
  const request = record.request ?? { method: 'GET', url: '/resource/4', host: 'example.com', port: 8080 };
  const authorization = record.authorization ?? request.authorization;
  const first = await send(server, request, authorization);
  if (record.verdict === 'accept-then-reject') {
    return sameJson(record.id, [200, 401], [first.status, (await send(server, request, authorization)).status]);
  }
  if (record.verdict === 'not-attempted') {
    const { detail } = first.body as { detail?: string };
    return sameJson(record.id, 'Authentication credentials were not provided.', detail);
  }
  return sameJson(record.id, record.verdict, first.status === 200 ? 'accept' : 'reject');
}

function send(server: VectorServer, request: SentRequest, authorization: string | undefined) {
  const headers = {
    Host: request.port === 80 ? request.host : `${request.host}:${request.port}`,
    ...(authorization !== undefined && { Authorization: authorization }),
    ...(request.content_type && { 'Content-Type': request.content_type }),
  };
  return server.send(request.method, request.url, headers, request.payload);
}
