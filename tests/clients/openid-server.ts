import { CALLBACK, startOpenId } from '../../packages/openid/tests/server.ts';
import type { ServedProject } from './foreign-client.ts';

const AFTER = 'https://client.example/bye';

/** A provider of OpenID Connect with a client for RS256 and one for ES256. The users are alice and bob, with the password `pw`. */
export async function serveOpenId(): Promise<ServedProject> {
  const server = await startOpenId({ clock: Date.now, keys: ['RS256', 'ES256'] });
  const web = await server.client({ name: 'Web shop', postLogoutRedirectUris: [AFTER] });
  const curve = await server.client({ postLogoutRedirectUris: [AFTER], idTokenAlgorithm: 'ES256' });
  return {
    url: server.url,
    values: {
      CALLBACK,
      AFTER,
      WEB_ID: web.client.clientId,
      WEB_SECRET: web.secret ?? '',
      CURVE_ID: curve.client.clientId,
      CURVE_SECRET: curve.secret ?? '',
    },
    close: () => server.close(),
  };
}
