import { obtainAuthToken, TokenAuthentication } from '@rf/authtoken';
import { AllowAny, authenticationClasses, IsAuthenticated, path, permissionClasses } from '@rf/views';
import { type HeaderCase, headerCase } from './basic.ts';
import { VectorServer, WhoView } from './server.ts';
import { sameJson, type VectorResult } from './vector-module.ts';

interface Vectors {
  readonly tokens: readonly { readonly key: string; readonly username: string; readonly is_active?: boolean }[];
  readonly cases: readonly HeaderCase[];
  readonly obtain: readonly {
    readonly id: string;
    readonly content_type: string;
    readonly body: string;
    readonly status: number;
    readonly response: unknown;
  }[];
}

@authenticationClasses(TokenAuthentication)
@permissionClasses(IsAuthenticated)
class Closed extends WhoView {}

@authenticationClasses(TokenAuthentication)
@permissionClasses(AllowAny)
class Open extends WhoView {}

export const file = 'token.json';

export async function* run(vectors: Vectors): AsyncIterable<VectorResult> {
  const users = vectors.tokens.map(({ key, ...user }) => ({ ...user, password: 's3cret:with:colons', token: key }));
  const server = await VectorServer.start({
    users,
    urls: [path('/closed/', Closed), path('/open/', Open), path('/obtain/', obtainAuthToken)],
  });
  try {
    for (const record of vectors.cases) {
      // A long run of one letter is written short: `aaa...(5000 a)`.
      const authorization = record.authorization?.replace(
        /(\w)+\.\.\.\((\d+) \1\)/,
        (_, letter: string, count: string) => letter.repeat(Number(count)),
      );
      yield* headerCase(server, { ...record, authorization: authorization ?? null });
    }
    for (const { id, content_type, body, status, response } of vectors.obtain) {
      const headers: Record<string, string> = content_type ? { 'Content-Type': content_type } : {};
      const answer = await server.send(id === 'get' ? 'GET' : 'POST', '/obtain/', headers, body ?? undefined);
      // How a parser words its complaint is its own affair.
      const detail = (answer.body as { detail?: string } | null)?.detail;
      const shown = detail?.startsWith('JSON parse error - ') ? response : answer.body;
      yield sameJson(`obtain ${id}`, { status, response }, { status: answer.status, response: shown });
    }
  } finally {
    await server.close();
  }
}
