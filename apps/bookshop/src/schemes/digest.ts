import { users } from '@rf/auth';
import { DigestAuthentication, digest as digestApp, setDigestPassword } from '@rf/digest';
import { authenticationClasses, path } from '@rf/views';
import type { Scheme } from './scheme.ts';
import { Whoami } from './whoami.ts';

@authenticationClasses(DigestAuthentication)
class DigestWhoami extends Whoami {}

/** A password that is never sent. */
export const digest: Scheme = {
  apps: [digestApp({ realm: 'bookshop' })],
  urls: [path('/digest/whoami/', DigestWhoami)],
  async hints(site, origin) {
    await setDigestPassword(site, await users(site).findOneByOrFail({ username: 'alice' }), 'alice-digest-1');
    return [['Digest', `curl --digest -u alice:alice-digest-1 ${origin}/digest/whoami/`]];
  },
};
