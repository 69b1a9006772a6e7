import { createClient, OAuth2Client, oauth2Provider } from '@rf/oauth2';
import { openid as openidApp, openidUrls } from '@rf/openid';
import { db } from '@rf/orm';
import type { Scheme } from './scheme.ts';

const CLIENT_ID = 'bookshop-television';

/** Other applications log members in: on top of the OAuth 2.0 provider, with the keys that sign the JSON Web Tokens. */
export const openid: Scheme = {
  apps: [openidApp()],
  urls: [openidUrls('/oauth2/')],
  async hints(site, origin) {
    const manager = db(site);
    if (!(await manager.existsBy(OAuth2Client, { clientId: CLIENT_ID }))) {
      await createClient(manager, oauth2Provider(site), {
        name: 'Television',
        clientId: CLIENT_ID,
        clientType: 'public',
        grants: ['urn:ietf:params:oauth:grant-type:device_code'],
      });
    }
    return [
      ['How applications log members in', `curl ${origin}/.well-known/openid-configuration`],
      ['The keys that ID tokens are signed with', `curl ${origin}/oauth2/.well-known/jwks.json`],
      [
        'A television that asks who you are: open its page and type its code',
        `curl -d client_id=${CLIENT_ID} -d 'scope=openid profile' ${origin}/oauth2/device-authorization/`,
      ],
    ];
  },
};
