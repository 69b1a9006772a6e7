import { auth, authUrls, BasicAuthentication, createUser, PBKDF2PasswordHasher, SessionAuthentication } from '@rf/auth';
import {
  AccessTokenAuthentication,
  authtoken,
  createToken,
  issueAccessToken,
  obtainAuthToken,
  TokenAuthentication,
} from '@rf/authtoken';
import { DigestAuthentication, digest, setDigestPassword } from '@rf/digest';
import { restFramework } from '@rf/fastify';
import { createHawkCredential, HawkAuthentication, hawk } from '@rf/hawk';
import { createSigningKey, JWTAuthentication, jwksUrl, jwt, jwtUrls, RefreshToken, rotateSigningKey } from '@rf/jwt';
import { db } from '@rf/orm';
import { defineProject, migrate, openProject } from '@rf/project';
import { createTestDatabase } from '@rf/testing/database';
import {
  APIView,
  type AuthenticationClass,
  authenticationClasses,
  IsAuthenticated,
  path,
  permissionClasses,
  type Request,
  type UrlEntry,
} from '@rf/views';
import Fastify from 'fastify';
import type { ServedProject } from './foreign-client.ts';

/** Who came, and what they sent, by one scheme. */
function notesBy(scheme: AuthenticationClass, target: string): UrlEntry {
  @authenticationClasses(scheme)
  @permissionClasses(IsAuthenticated)
  class Notes extends APIView {
    override get(request: Request): unknown {
      return { user: request.user.getUsername() };
    }
    override post(request: Request): unknown {
      return { user: request.user.getUsername(), data: request.data };
    }
  }
  return path(target, Notes);
}

/** One endpoint for each scheme that needs no provider. The user is alice with the password `pw`, for Digest `digest-pw`. */
export async function serveSchemes(): Promise<ServedProject> {
  const database = await createTestDatabase();
  // The first token is of half a minute ago: for so long a server keeps the key that it signs with.
  const clock = { behindMs: 30_000 };
  const project = defineProject({
    apps: [
      auth({ passwordHashers: [new PBKDF2PasswordHasher(1)] }),
      authtoken(),
      digest({ algorithms: ['SHA-256', 'MD5'] }),
      hawk(),
      jwt({ keys: 'table', issuer: 'https://api.example.com', accessTokenLifetime: 600 }),
    ],
    database: database.url,
    secretKey: 'a secret key of the tests, long enough',
    clock: () => Date.now() - clock.behindMs,
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    urls: [
      authUrls('/accounts/'),
      path('/api-token-auth/', obtainAuthToken),
      jwtUrls('/api/token/'),
      jwksUrl(),
      notesBy(BasicAuthentication, '/basic/'),
      notesBy(TokenAuthentication, '/token/'),
      notesBy(AccessTokenAuthentication, '/access-token/'),
      notesBy(SessionAuthentication, '/session/'),
      notesBy(DigestAuthentication, '/digest/'),
      notesBy(HawkAuthentication, '/hawk/'),
      notesBy(JWTAuthentication, '/jwt/'),
    ],
  });
  await migrate(project);
  const site = await openProject(project);
  const app = Fastify();
  await app.register(restFramework, { project: site });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });

  const alice = await createUser(site, { username: 'alice', password: 'pw' });
  await createUser(site, { username: 'jürgen', password: 'pässwörd' });
  await setDigestPassword(site, alice, 'digest-pw');
  const token = await createToken(db(site), alice);
  const access = await issueAccessToken(site, alice, { name: 'client' });
  const credential = await createHawkCredential(site, alice, { keyId: 'client' });
  await createSigningKey(site, 'ES256');
  const former = await (await RefreshToken.forUser(site, alice)).accessToken.encode();
  clock.behindMs = 0;
  await rotateSigningKey(site, 'RS256');
  const present = await (await RefreshToken.forUser(site, alice)).accessToken.encode();
  return {
    url,
    values: {
      TOKEN: token.key,
      ACCESS_TOKEN: access.text,
      HAWK_KEY: credential.key,
      JWT_ES256: former,
      JWT_RS256: present,
      USER_ID: String(alice.id),
    },
    async close() {
      await app.close();
      await site.close();
      await database.remove();
    },
  };
}
