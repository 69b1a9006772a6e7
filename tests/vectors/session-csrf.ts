import { BasicAuthentication, maskCsrfSecret, SessionAuthentication, unmaskCsrfToken } from '@rf/auth';
import {
  AllowAny,
  authenticationClasses,
  IsAuthenticated,
  JSONRenderer,
  path,
  permissionClasses,
  rendererClasses,
  StaticHTMLRenderer,
} from '@rf/views';
import { VectorServer, WhoView } from './server.ts';
import { sameJson, type VectorResult } from './vector-module.ts';

interface Vectors {
  readonly mask: readonly { readonly secret: string; readonly token: string }[];
  readonly trusted_origins: readonly string[];
  readonly host: string;
  readonly cases: readonly {
    readonly id: string;
    readonly view: string;
    readonly method: string;
    readonly scheme: 'http' | 'https';
    readonly logged_in: boolean;
    readonly inactive: boolean;
    readonly csrf_cookie: string | null;
    readonly x_csrftoken: string | null;
    readonly form: Readonly<Record<string, string>> | null;
    readonly json: unknown;
    readonly headers: Readonly<Record<string, string>>;
    readonly status: number;
    readonly body: unknown;
  }[];
}

@rendererClasses(JSONRenderer, StaticHTMLRenderer)
abstract class SessionView extends WhoView {}

@authenticationClasses(SessionAuthentication)
@permissionClasses(IsAuthenticated)
class V extends SessionView {}

@authenticationClasses(SessionAuthentication)
@permissionClasses(AllowAny)
class Open extends SessionView {}

@authenticationClasses(SessionAuthentication, BasicAuthentication)
@permissionClasses(IsAuthenticated)
class WithBasic extends SessionView {}

export const file = 'session-csrf.json';

export async function* run(vectors: Vectors): AsyncIterable<VectorResult> {
  for (const { secret, token } of vectors.mask) {
    yield sameJson(`unmask ${token.slice(0, 8)}`, secret, unmaskCsrfToken(token));
    yield sameJson(`mask ${token.slice(0, 8)}`, token, maskCsrfSecret(secret, token.slice(0, 32)));
  }
  const server = await VectorServer.start({
    users: [{ username: 'alice' }, { username: 'inactive', is_active: false }],
    auth: { csrfTrustedOrigins: vectors.trusted_origins },
    urls: [path('/session/', V), path('/session-any/', Open), path('/session-basic/', WithBasic)],
  });
  try {
    for (const record of vectors.cases) yield await requestCase(server, vectors.host, record);
  } finally {
    await server.close();
  }
}

async function requestCase(
  server: VectorServer,
  host: string,
  record: Vectors['cases'][number],
): Promise<VectorResult> {
  const cookies: string[] = [];
  if (record.logged_in) cookies.push(await server.sessionOf(record.inactive ? 'inactive' : 'alice'));
  if (record.csrf_cookie !== null) cookies.push(`csrftoken=${record.csrf_cookie}`);
  const headers: Record<string, string> = {
    Host: host,
    'X-Forwarded-Proto': record.scheme,
    ...(cookies.length > 0 && { Cookie: cookies.join('; ') }),
    ...(record.x_csrftoken !== null && { 'X-CSRFToken': record.x_csrftoken }),
    ...record.headers,
  };
  let body: string | undefined;
  if (record.form !== null) {
    headers['Content-Type'] = 'application/x-www-form-urlencoded';
    body = new URLSearchParams(record.form).toString();
  } else if (record.json !== null) {
    headers['Content-Type'] = 'application/json';
    body = JSON.stringify(record.json);
  }
  const answer = await server.send(record.method, record.view, headers, body);
  return sameJson(
    record.id,
    { status: record.status, body: record.body },
    { status: answer.status, body: answer.body },
  );
}
