import { BasicAuthentication, SessionAuthentication } from '@rf/auth';
import { TokenAuthentication } from '@rf/authtoken';
import { JWTAuthentication, jwt } from '@rf/jwt';
import { OAuth2Authentication, oauth2 } from '@rf/oauth2';
import {
  AllowAny,
  type AuthenticationClass,
  authenticationClasses,
  BasePermission,
  IsAuthenticated,
  path,
  type PermissionClass,
  permissionClasses,
} from '@rf/views';
import { VectorServer, WhoView } from './server.ts';
import { sameJson, type VectorResult } from './vector-module.ts';

interface Case {
  readonly view: string;
  readonly authorization: string | null;
  readonly status: number;
  readonly www_authenticate: string | null;
  readonly body: unknown;
}

class Deny extends BasePermission {
  override readonly message = 'nope';

  override hasPermission(): boolean {
    return false;
  }
}

const SCHEMES: Readonly<Record<string, AuthenticationClass>> = {
  basic: BasicAuthentication,
  session: SessionAuthentication,
  token: TokenAuthentication,
  jwt: JWTAuthentication,
  oauth2: OAuth2Authentication,
};

const PERMISSIONS: Readonly<Record<string, PermissionClass>> = { any: AllowAny, deny: Deny };

/** `/session-basic-deny/`: authenticators in order, then the permission. */
function viewOf(url: string) {
  const words = url.split(/[/-]/).filter((word) => word !== '' && word !== 'none');
  const schemes = words.filter((word) => word in SCHEMES).map((word) => SCHEMES[word] as AuthenticationClass);
  const last = words.at(-1) ?? '';
  @authenticationClasses(...schemes)
  @permissionClasses(PERMISSIONS[last] ?? IsAuthenticated)
  class View extends WhoView {}
  return path(url, View);
}

export const file = 'dispatch.json';

export async function* run(vectors: { cases: Case[] }): AsyncIterable<VectorResult> {
  const urls = [...new Set(vectors.cases.map(({ view }) => view))];
  const server = await VectorServer.start({
    users: [{ username: 'alice', password: 's3cret:with:colons', token: '9944b09199c62bcf9418ad846dd0e4bbdfc6ee4b' }],
    // The text of the release that the vectors were recorded with.
    apps: [jwt({ messages: { invalid: 'Token is invalid or expired' } }), oauth2({ scopes: { read: 'Read' } })],
    urls: urls.map(viewOf),
  });
  try {
    for (const { view, authorization, ...expected } of vectors.cases) {
      const answer = await server.send('GET', view, authorization === null ? {} : { Authorization: authorization });
      const { status, body } = answer;
      const got = { status, www_authenticate: answer.headers['www-authenticate'] ?? null, body };
      yield sameJson(`${view} ${authorization ?? 'nothing'}`, expected, got);
    }
  } finally {
    await server.close();
  }
}
