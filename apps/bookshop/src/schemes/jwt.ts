import { createSigningKey, JWTAuthentication, jwt as jwtApp, jwksUrl, jwtUrls, SigningKey } from '@rf/jwt';
import { db } from '@rf/orm';
import { authenticationClasses, path } from '@rf/views';
import type { Scheme } from './scheme.ts';
import { Whoami } from './whoami.ts';

@authenticationClasses(JWTAuthentication)
class JwtWhoami extends Whoami {}

/** Tokens that carry who it is, and end after five minutes; a second one gets the next. */
export const jwt: Scheme = {
  apps: [jwtApp({ keys: 'table' })],
  urls: [jwtUrls('/jwt/token/'), jwksUrl(), path('/jwt/whoami/', JwtWhoami)],
  async hints(site, origin) {
    if ((await db(site).count(SigningKey)) === 0) await createSigningKey(site, 'RS256');
    return [
      ['A pair of JSON Web Tokens', `curl -d username=alice -d password=alice-pass-1 ${origin}/jwt/token/`],
      [
        'The use of the access token',
        `curl --oauth2-bearer $(curl -s -d username=alice -d password=alice-pass-1 ${origin}/jwt/token/ | sed 's/.*"access":"\\([^"]*\\)".*/\\1/') ${origin}/jwt/whoami/`,
      ],
    ];
  },
};
