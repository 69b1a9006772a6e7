import {
  auth,
  authUrls,
  BasicAuthentication,
  ChallengingSessionAuthentication,
  RemoteUserAuthentication,
  SessionAuthentication,
} from '@rf/auth';
import {
  AccessTokenAuthentication,
  accessTokenUrls,
  authtoken,
  obtainAuthToken,
  TokenAuthentication,
} from '@rf/authtoken';
import { DigestAuthentication, digest } from '@rf/digest';
import { HawkAuthentication, hawk } from '@rf/hawk';
import {
  CavageSignatureAuthentication,
  HttpSignatureAuthentication,
  httpSignature,
  signatureKeyUrls,
} from '@rf/http-signature';
import { JWTAuthentication, JWTStatelessUserAuthentication, jwksUrl, jwt, jwtUrls } from '@rf/jwt';
import { OAuthAuthentication, oauth1, oauth1Urls } from '@rf/oauth1';
import {
  OAuth2Authentication,
  OAuth2IntrospectionAuthentication,
  oauth2,
  oauth2ResourceServer,
  oauth2Urls,
} from '@rf/oauth2';
import { defineProject, runChecks } from '@rf/project';
import {
  APIView,
  type AuthenticationClass,
  authenticationClasses,
  path,
  type Settings,
  type UrlEntry,
} from '@rf/views';
import { expect, test } from 'vitest';

async function namedSchemes(scheme: AuthenticationClass): Promise<string[]> {
  @authenticationClasses(scheme)
  class Books extends APIView {
    override get(): unknown {
      return [];
    }
  }
  return named([path('/books/', Books)]);
}

/** What is named of a project with these URLs; an error is named as well, which would keep the rest from being looked at. */
async function named(
  urls: readonly UrlEntry[],
  more: { readonly settings?: Partial<Settings> } = {},
): Promise<string[]> {
  const project = defineProject({
    apps: [
      auth(),
      authtoken(),
      digest(),
      hawk(),
      httpSignature(),
      jwt(),
      oauth1(),
      oauth2({ scopes: { read: 'Read' } }),
      oauth2ResourceServer({ introspectionEndpoint: 'https://login.example.com/i', bearerToken: 'b' }),
    ],
    database: 'pglite://memory',
    urls,
    ...more,
  });
  const found = await runChecks(project, { deploy: true });
  return found.map(({ id }) => id).filter((id) => id.startsWith('project.W007') || id === 'project.E002');
}

test.each([
  BasicAuthentication,
  TokenAuthentication,
  AccessTokenAuthentication,
  SessionAuthentication,
  ChallengingSessionAuthentication,
  JWTAuthentication,
  JWTStatelessUserAuthentication,
  OAuth2Authentication,
  OAuth2IntrospectionAuthentication,
  DigestAuthentication,
  HawkAuthentication,
  HttpSignatureAuthentication,
  CavageSignatureAuthentication,
  OAuthAuthentication,
])('rf check --deploy warns that $name needs TLS', async (scheme) => {
  expect(await namedSchemes(scheme)).toEqual([`project.W007.${scheme.name}`]);
});

test('the endpoints of the apps are looked at too, and only schemes that a project can write are named', async () => {
  const scheme = { settings: { defaultAuthenticationClasses: [TokenAuthentication] } };
  const endpoints = [
    authUrls('/accounts/'),
    accessTokenUrls('/access-tokens/'),
    path('/api-token-auth/', obtainAuthToken),
    jwtUrls('/api/token/'),
    jwksUrl(),
    oauth1Urls('/oauth1/'),
    oauth2Urls('/oauth2/'),
    signatureKeyUrls('/signature-keys/'),
  ];
  expect(await named(endpoints, scheme)).toEqual(['project.W007.TokenAuthentication']);
});

test('a header of the server in front travels behind it', async () => {
  expect(await namedSchemes(RemoteUserAuthentication)).toEqual([]);
});

test.each(['session', 'csrf'] as const)('and of a %s cookie that may travel over http', async (name) => {
  const apps = [auth({ [name]: { secure: false } })];
  const found = await runChecks(defineProject({ apps, database: 'pglite://memory', urls: [] }), { deploy: true });
  expect(found.map(({ id }) => id)).toContain(`auth.W002.${name}`);
});
