import { JWTAuthentication, jwt as jwtApp, jwksUrl, jwtUrls } from '@rf/jwt';
import { authenticationClasses, path } from '@rf/views';
import type { Scheme } from './scheme.ts';
import { Whoami } from './whoami.ts';

@authenticationClasses(JWTAuthentication)
class JwtWhoami extends Whoami {}

/** Tokens that carry who it is, and end after five minutes; a second one gets the next. */
export const jwt: Scheme = {
  apps: [jwtApp()],
  urls: [jwtUrls('/jwt/token/'), jwksUrl(), path('/jwt/whoami/', JwtWhoami)],
  hints: (_site, origin) => [
    ['A pair of JSON Web Tokens', `curl -d username=alice -d password=alice-pass-1 ${origin}/jwt/token/`],
    [
      'The use of the access token',
      `curl --oauth2-bearer $(curl -s -d username=alice -d password=alice-pass-1 ${origin}/jwt/token/ | sed 's/.*"access":"\\([^"]*\\)".*/\\1/') ${origin}/jwt/whoami/`,
    ],
  ],
};
