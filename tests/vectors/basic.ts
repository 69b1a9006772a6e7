import { BasicAuthentication } from '@rf/auth';
import { AllowAny, authenticationClasses, IsAuthenticated, path, permissionClasses } from '@rf/views';
import { VectorServer, type VectorUser, WhoView } from './server.ts';
import { sameJson, type VectorResult } from './vector-module.ts';

export interface HeaderAnswer {
  readonly status: number;
  readonly www_authenticate: string | null;
  readonly body: unknown;
}

export interface HeaderCase {
  readonly id: string;
  readonly authorization: string | null;
  readonly drf_is_authenticated: HeaderAnswer;
  readonly drf_allow_any: HeaderAnswer;
}

@authenticationClasses(BasicAuthentication)
@permissionClasses(IsAuthenticated)
class Closed extends WhoView {}

@authenticationClasses(BasicAuthentication)
@permissionClasses(AllowAny)
class Open extends WhoView {}

export const file = 'basic.json';

/** Junk inside Base64: the reference skips it and logs in, we refuse it (docs/drf-differences.md). */
const REFUSED = {
  status: 401,
  www_authenticate: 'Basic realm="api"',
  body: { detail: 'Invalid basic header. Credentials not correctly base64 encoded.' },
};

export async function* run(vectors: { users: VectorUser[]; cases: HeaderCase[] }): AsyncIterable<VectorResult> {
  const server = await VectorServer.start({
    users: vectors.users,
    urls: [path('/closed/', Closed), path('/open/', Open)],
  });
  try {
    for (const record of vectors.cases) {
      const isJunk = record.id === 'junk-chars-in-base64';
      yield* headerCase(server, record, isJunk ? REFUSED : undefined);
    }
  } finally {
    await server.close();
  }
}

/** Sends a header to the closed and the open view and compares both answers. */
export async function* headerCase(
  server: VectorServer,
  { id, authorization, drf_is_authenticated, drf_allow_any }: HeaderCase,
  instead?: HeaderAnswer,
): AsyncIterable<VectorResult> {
  for (const [url, expected] of [
    ['/closed/', instead ?? drf_is_authenticated],
    ['/open/', instead ?? drf_allow_any],
  ] as const) {
    const headers: Record<string, string> = authorization === null ? {} : { Authorization: authorization };
    const isSendable = !authorization?.includes('\0');
    const answer = await (isSendable ? server.send('GET', url, headers) : server.handle('GET', url, headers));
    const { status, body } = answer;
    const got = { status, www_authenticate: answer.headers['www-authenticate'] ?? null, body };
    yield sameJson(`${id} ${url}`, expected, got);
  }
}
