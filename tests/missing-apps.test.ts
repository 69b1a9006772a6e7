import { auth, SessionAuthentication } from '@rf/auth';
import { AccessTokenAuthentication, TokenAuthentication } from '@rf/authtoken';
import { DigestAuthentication } from '@rf/digest';
import { HawkAuthentication } from '@rf/hawk';
import { CavageSignatureAuthentication, HttpSignatureAuthentication } from '@rf/http-signature';
import { JWTAuthentication } from '@rf/jwt';
import { OAuthAuthentication } from '@rf/oauth1';
import { OAuth2Authentication } from '@rf/oauth2';
import { type App, defineProject, openProject, type ProjectSite } from '@rf/project';
import { APIView, type AuthenticationClass, authenticationClasses, mount, path, UrlResolver } from '@rf/views';
import { afterAll, beforeAll, expect, test } from 'vitest';

const opened: ProjectSite[] = [];

async function open(apps: readonly App[]): Promise<ProjectSite> {
  const site = await openProject(defineProject({ apps, database: 'pglite://memory', urls: [] }));
  opened.push(site);
  return site;
}

afterAll(() => Promise.all(opened.map((site) => site.close())));

/** Mounts a view with a scheme, as a server does when it starts. */
function mountView(scheme: AuthenticationClass, site: ProjectSite): void {
  @authenticationClasses(scheme)
  class Books extends APIView {
    override get(): unknown {
      return [];
    }
  }
  for (const route of new UrlResolver([path('/books/', Books)]).routes) mount(route, site);
}

let withAuth: ProjectSite;

beforeAll(async () => {
  withAuth = await open([auth()]);
});

test.each([
  [AccessTokenAuthentication, 'authtoken()'],
  [DigestAuthentication, 'digest()'],
  [HawkAuthentication, 'hawk()'],
  [HttpSignatureAuthentication, 'httpSignature()'],
  [CavageSignatureAuthentication, 'httpSignature()'],
  [JWTAuthentication, 'jwt()'],
  [OAuthAuthentication, 'oauth1()'],
  [OAuth2Authentication, 'oauth2()'],
])('a view with %o is refused without the app %s', (scheme, app) => {
  expect(() => mountView(scheme as AuthenticationClass, withAuth)).toThrow(
    `Books uses ${scheme.name}, which needs an app that the project does not have. Write apps: [${app}, …] in defineProject().`,
  );
});

test('a view with sessions is refused without the app auth()', async () => {
  const site = await open([]);
  expect(() => mountView(SessionAuthentication, site)).toThrow('Write apps: [auth(), …] in defineProject().');
});

test('a view with tokens is refused without the table that they are in', () => {
  class Keys extends TokenAuthentication {}
  expect(() => mountView(Keys, withAuth)).toThrow(
    'Books uses Keys, whose model Token is no entity of the project. Write apps: [authtoken(), …] in defineProject().',
  );
});
