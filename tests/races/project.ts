import { auth, authUrls, PBKDF2PasswordHasher } from '@rf/auth';
import { authtoken } from '@rf/authtoken';
import { DigestAuthentication, digest } from '@rf/digest';
import { HawkAuthentication, hawk } from '@rf/hawk';
import { CavageSignatureAuthentication, HttpSignatureAuthentication, httpSignature } from '@rf/http-signature';
import { jwt, jwtUrls } from '@rf/jwt';
import { OAuthAuthentication, oauth1, oauth1Urls } from '@rf/oauth1';
import { oauth2, oauth2Urls } from '@rf/oauth2';
import { defineProject } from '@rf/project';
import {
  AnonRateThrottle,
  APIView,
  type AuthenticationClass,
  authenticationClasses,
  IsAuthenticated,
  path,
  permissionClasses,
  RedisThrottleStore,
  type Request,
  throttleClasses,
  type UrlEntry,
} from '@rf/views';
import { createClient } from 'redis';

/** How many requests of one client all processes together admit. */
export const LIMIT = 20;

class Hourly extends AnonRateThrottle {
  override readonly rate = `${LIMIT}/hour`;
}

@throttleClasses(Hourly)
class Limited extends APIView {
  override get() {
    return {};
  }
}

/** Who came, by one scheme. */
function whoBy(scheme: AuthenticationClass, target: string): UrlEntry {
  @authenticationClasses(scheme)
  @permissionClasses(IsAuthenticated)
  class Who extends APIView {
    override get(request: Request) {
      return { user: request.user.getUsername() };
    }
  }
  return path(target, Who);
}

const redis = createClient({ url: process.env.REDIS_URL ?? '' });
// Connected by whoever serves the project: the rf command needs no Redis.
export const connectRedis = () => redis.connect();

/** Everything that counts once, on the database and the Redis of the environment. */
export default defineProject({
  apps: [
    auth({ passwordHashers: [new PBKDF2PasswordHasher(1)] }),
    authtoken(),
    jwt(),
    oauth2({ scopes: { read: 'Read your notes' } }),
    oauth1(),
    digest(),
    hawk(),
    httpSignature(),
  ],
  database: process.env.DATABASE_URL ?? '',
  secretKey: 'the one secret key of all processes, long enough',
  settings: {
    throttleStore: new RedisThrottleStore(redis, { prefix: `rf-races-${process.env.RACE ?? ''}:` }),
  },
  logger: { debug() {}, info() {}, warn() {}, error: console.error },
  urls: [
    authUrls('/'),
    jwtUrls('/api/token/'),
    oauth2Urls('/oauth2/'),
    oauth1Urls('/oauth1/'),
    path('/limited/', Limited),
    whoBy(OAuthAuthentication, '/oauth1-me/'),
    whoBy(DigestAuthentication, '/digest-me/'),
    whoBy(HawkAuthentication, '/hawk-me/'),
    whoBy(HttpSignatureAuthentication, '/signature-me/'),
    whoBy(CavageSignatureAuthentication, '/cavage-me/'),
  ],
});
