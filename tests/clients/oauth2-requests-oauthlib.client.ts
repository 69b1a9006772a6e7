import { join } from 'node:path';
import type { ClientContext } from './foreign-client.ts';
import { serveOAuth2 } from './oauth2-server.ts';

export const name = 'requests-oauthlib: code with PKCE, refresh and its second use, client credentials, password';
export const requires = ['python3-requests-oauthlib'];
export const serve = serveOAuth2;

export async function run(_baseUrl: string, context: ClientContext): Promise<void> {
  await context.execute('/usr/bin/python3', [join(import.meta.dirname, 'oauth2_requests_oauthlib.py')]);
}
