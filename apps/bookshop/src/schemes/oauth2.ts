import { users } from '@rf/auth';
import { getOrCreateToken } from '@rf/authtoken';
import {
  createClient,
  OAuth2Authentication,
  oauth2 as oauth2App,
  OAuth2Client,
  oauth2Provider,
  oauth2Urls,
  TokenHasScope,
} from '@rf/oauth2';
import { db } from '@rf/orm';
import { APIView, authenticationClasses, path, permissionClasses, type Request } from '@rf/views';
import type { Scheme } from './scheme.ts';

const CLIENT_ID = 'bookshop-demo';

/** Open to applications that may read the shelves. */
@authenticationClasses(OAuth2Authentication)
@permissionClasses(TokenHasScope)
class Shelves extends APIView {
  requiredScopes = ['shelves'];

  override get(request: Request): unknown {
    return {
      shelves: ['novels', 'travel'],
      for: request.user.isAuthenticated ? request.user.getUsername() : 'the client',
    };
  }
}

/** Applications of others, allowed by members on a page of the shop: /oauth2/authorize/. Members may register them by a program. */
export const oauth2: Scheme = {
  apps: [oauth2App({ scopes: { shelves: 'See your shelves' }, registration: {} })],
  urls: [oauth2Urls('/oauth2/'), path('/oauth2/shelves/', Shelves)],
  async hints(site, origin) {
    const manager = db(site);
    const alice = await users(site).findOneByOrFail({ username: 'alice' });
    const { key } = await getOrCreateToken(manager, alice);
    // Made at each start: its secret cannot be read again.
    await manager.delete(OAuth2Client, { clientId: CLIENT_ID });
    const { secret } = await createClient(manager, oauth2Provider(site), {
      name: 'Demo',
      clientId: CLIENT_ID,
      clientType: 'confidential',
      grants: ['client_credentials'],
      owner: alice,
    });
    const token = `curl -s -u ${CLIENT_ID}:${secret} -d grant_type=client_credentials ${origin}/oauth2/token/`;
    return [
      ['An OAuth 2.0 token for an application', token],
      [
        'The use of that token',
        `curl --oauth2-bearer $(${token} | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/') ${origin}/oauth2/shelves/`,
      ],
      [
        'An application that alice registers by a program',
        `curl -H 'Authorization: Token ${key}' -H 'Content-Type: application/json' ` +
          `-d '{"client_name":"Shelf reader","redirect_uris":["http://127.0.0.1/callback"]}' ${origin}/oauth2/register/`,
      ],
      ['What the provider can do', `curl ${origin}/.well-known/oauth-authorization-server`],
    ];
  },
};
