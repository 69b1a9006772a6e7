import { TokenHasScope, users } from '@rf/auth';
import { AccessTokenAuthentication, accessTokenUrls, issueAccessToken } from '@rf/authtoken';
import { APIView, authenticationClasses, path, permissionClasses, type Request } from '@rf/views';
import type { Scheme } from './scheme.ts';

const ONE_DAY = 24 * 60 * 60;

/** Open to access tokens with the scope `stock`. */
@authenticationClasses(AccessTokenAuthentication)
@permissionClasses(TokenHasScope)
class Stock extends APIView {
  requiredScopes = ['stock'];

  override get(request: Request): unknown {
    return { checkedBy: request.user.getUsername() };
  }
}

/** Several tokens for each member, with scopes and an end. */
export const accessToken: Scheme = {
  urls: [path('/stock/', Stock), accessTokenUrls('/access-tokens/')],
  async hints(site, origin) {
    const alice = await users(site).findOneByOrFail({ username: 'alice' });
    // Made at each start: its text cannot be read again.
    const { text } = await issueAccessToken(site, alice, { name: 'demo', scopes: ['stock'], lifetime: ONE_DAY });
    return [
      ['An access token with a scope', `curl -H 'Authorization: Bearer ${text}' ${origin}/stock/`],
      [
        "Alice's access tokens",
        `curl -H "Authorization: Token $(curl -s -d username=alice -d password=alice-pass-1 ${origin}/api-token-auth/ | cut -d '"' -f 4)" ${origin}/access-tokens/`,
      ],
    ];
  },
};
