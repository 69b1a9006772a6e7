import { join } from 'node:path';
import type { ClientContext } from './foreign-client.ts';
import { serveOpenId } from './openid-server.ts';

export const name = 'authlib: OpenID discovery, code with PKCE and nonce, ID token verified with the key set, UserInfo';
export const requires = ['python3-authlib', 'python3-requests'];
export const serve = serveOpenId;

export async function run(_baseUrl: string, context: ClientContext): Promise<void> {
  await context.execute('/usr/bin/python3', [join(import.meta.dirname, 'openid_authlib.py')]);
}
