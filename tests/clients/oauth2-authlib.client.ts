import { join } from 'node:path';
import type { ClientContext } from './foreign-client.ts';
import { serveOAuth2 } from './oauth2-server.ts';

export const name = 'authlib: code with PKCE, refresh, introspection, revocation, client credentials, password';
export const requires = ['python3-authlib', 'python3-requests'];
export const serve = serveOAuth2;

export async function run(_baseUrl: string, context: ClientContext): Promise<void> {
  await context.execute('/usr/bin/python3', [join(import.meta.dirname, 'oauth2_authlib.py')]);
}
