import { users } from '@rf/auth';
import { createHawkCredential, HawkAuthentication, hawk as hawkApp, hawkMac, writeBewit } from '@rf/hawk';
import { authenticationClasses, path } from '@rf/views';
import type { Scheme } from './scheme.ts';
import { Whoami } from './whoami.ts';

const ONE_DAY = 24 * 60 * 60;
const RESOURCE = '/hawk/whoami/';

@authenticationClasses(HawkAuthentication)
class HawkWhoami extends Whoami {}

/** Every request is signed; here a ticket for one URL, so that `curl` can show it. */
export const hawk: Scheme = {
  apps: [hawkApp({ bewit: true })],
  urls: [path(RESOURCE, HawkWhoami)],
  async hints(site, origin) {
    const alice = await users(site).findOneByOrFail({ username: 'alice' });
    const { credential, key } = await createHawkCredential(site, alice, { name: 'demo', lifetime: ONE_DAY });
    const { hostname, port } = new URL(origin);
    const expires = Math.floor(site.clock() / 1000) + ONE_DAY;
    const ticket = { ts: expires, nonce: '', method: 'GET', resource: RESOURCE, host: hostname, port };
    const mac = hawkMac('bewit', ticket, key, credential.algorithm);
    const bewit = writeBewit({ id: credential.keyId, expires: String(expires), mac, ext: '' });
    return [['Hawk, as a ticket for one URL', `curl '${origin}${RESOURCE}?bewit=${bewit}'`]];
  },
};
