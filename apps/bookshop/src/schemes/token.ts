import { users } from '@rf/auth';
import { authtoken, getOrCreateToken, obtainAuthToken, TokenAuthentication } from '@rf/authtoken';
import { db } from '@rf/orm';
import { authenticationClasses, path } from '@rf/views';
import type { Scheme } from './scheme.ts';
import { Whoami } from './whoami.ts';

@authenticationClasses(TokenAuthentication)
class TokenWhoami extends Whoami {}

/** One token for each member, made with the member: see `hooks` of the project. */
export const token: Scheme = {
  apps: [authtoken()],
  urls: [path('/api-token-auth/', obtainAuthToken), path('/token/whoami/', TokenWhoami)],
  async hints(site, origin) {
    const { key } = await getOrCreateToken(db(site), await users(site).findOneByOrFail({ username: 'alice' }));
    return [
      ["Alice's token", `curl -d username=alice -d password=alice-pass-1 ${origin}/api-token-auth/`],
      ['Its use', `curl -H 'Authorization: Token ${key}' ${origin}/token/whoami/`],
    ];
  },
};
