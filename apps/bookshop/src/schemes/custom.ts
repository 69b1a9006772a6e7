import { users } from '@rf/auth';
import { AuthenticationFailed } from '@rf/exceptions';
import { type Authenticated, authenticationClasses, BaseAuthentication, path, type Request } from '@rf/views';
import type { Scheme } from './scheme.ts';
import { Whoami } from './whoami.ts';

/**
 * A scheme of one's own: the header `X-Username` says who it is. Fit for a network where a gateway sets the header, and for showing how
 * schemes are written.
 */
export class ExampleAuthentication extends BaseAuthentication {
  override async authenticate(request: Request): Promise<Authenticated | null> {
    const username = request.headers['x-username'];
    if (username === undefined) return null;
    const user = await users(request).findOneBy({ username });
    if (user === null) throw new AuthenticationFailed('No such user');
    return { user, auth: null };
  }
}

@authenticationClasses(ExampleAuthentication)
class CustomWhoami extends Whoami {}

export const custom: Scheme = {
  urls: [path('/whoami/', CustomWhoami)],
  hints: (_site, origin) => [['A scheme of our own', `curl -H 'X-Username: alice' ${origin}/whoami/`]],
};
