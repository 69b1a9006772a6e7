import { randomUUID } from 'node:crypto';
import { users } from '@rf/auth';
import {
  createConsumer,
  issueOAuth1AccessToken,
  OAuth1Consumer,
  OAuthAuthentication,
  oauth1 as oauth1App,
  oauth1Provider,
  oauth1Urls,
  percentEncode,
  signatureBaseString,
  signWithSecrets,
} from '@rf/oauth1';
import { db } from '@rf/orm';
import type { ProjectSite } from '@rf/project';
import { authenticationClasses, path } from '@rf/views';
import type { Scheme } from './scheme.ts';
import { Whoami } from './whoami.ts';

const CONSUMER_KEY = 'bookshop-demo';
const RESOURCE = '/oauth1/whoami/';

@authenticationClasses(OAuthAuthentication)
class OAuth1Whoami extends Whoami {}

/** What signs a request. */
interface Signer {
  readonly consumerSecret: string;
  readonly token?: { readonly token: string; readonly secret: string };
}

/**
 * Applications that speak nothing newer: a member allows them on /oauth1/authorize/, and they sign every request. Here requests that
 * were signed before, so that `curl` can send them: good for five minutes, and once.
 */
export const oauth1: Scheme = {
  apps: [oauth1App()],
  urls: [oauth1Urls('/oauth1/'), path(RESOURCE, OAuth1Whoami)],
  async hints(site, origin) {
    const manager = db(site);
    // Made at each start: its secret cannot be read again.
    await manager.delete(OAuth1Consumer, { key: CONSUMER_KEY });
    const { consumer, secret } = await createConsumer(site, { name: 'Demo', key: CONSUMER_KEY });
    const alice = await users(site).findOneByOrFail({ username: 'alice' });
    const token = await issueOAuth1AccessToken(manager, oauth1Provider(site), { consumer, user: alice });
    const consumerSecret = secret as string;
    const url = `${origin}${RESOURCE}`;
    const initiate = `${origin}/oauth1/initiate/`;
    const asked = authorization(site, 'POST', initiate, { consumerSecret }, { oauth_callback: 'oob' });
    return [
      [
        'OAuth 1.0a, once within five minutes',
        `curl -H '${authorization(site, 'GET', url, { consumerSecret, token })}' ${url}`,
      ],
      ['An application that would act for a member', `curl -X POST -H '${asked}' ${initiate}`],
    ];
  },
};

/** The header of a request that is signed by HMAC-SHA256 (RFC 5849, section 3.5.1). */
function authorization(
  site: ProjectSite,
  method: string,
  url: string,
  { consumerSecret, token }: Signer,
  more: Readonly<Record<string, string>> = {},
): string {
  const { protocol, host, pathname } = new URL(url);
  const parameters = Object.entries({
    oauth_consumer_key: CONSUMER_KEY,
    ...(token !== undefined && { oauth_token: token.token }),
    oauth_signature_method: 'HMAC-SHA256',
    oauth_timestamp: String(Math.floor(site.clock() / 1000)),
    oauth_nonce: randomUUID(),
    ...more,
  }).map(([name, value]) => [name, percentEncode(value)] as const);
  const text = signatureBaseString(method, { scheme: protocol.slice(0, -1), host, path: pathname }, parameters);
  const signature = signWithSecrets('HMAC-SHA256', text, { consumerSecret, tokenSecret: token?.secret ?? '' });
  const written = [...parameters, ['oauth_signature', percentEncode(signature)]];
  return `Authorization: OAuth ${written.map(([name, value]) => `${name}="${value}"`).join(', ')}`;
}
