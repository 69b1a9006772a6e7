import { join } from 'node:path';
import type { ClientContext } from './foreign-client.ts';
import { serveOAuth1 } from './oauth1-server.ts';

export const name = 'authlib: OAuth 1.0a by HMAC-SHA1 and HMAC-SHA256, PLAINTEXT over TLS, refusals';
export const requires = ['python3-authlib', 'python3-requests', 'openssl'];
export const serve = () => serveOAuth1();

export async function run(_baseUrl: string, context: ClientContext): Promise<void> {
  await context.execute('/usr/bin/python3', [join(import.meta.dirname, 'oauth1_authlib.py')]);
}
