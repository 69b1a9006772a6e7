import { join } from 'node:path';
import type { ClientContext } from './foreign-client.ts';
import { serveOAuth1 } from './oauth1-server.ts';

export const name = 'requests-oauthlib: OAuth 1.0a by each signature method, PLAINTEXT over TLS, typed codes, refusals';
export const requires = ['python3-requests-oauthlib', 'python3-jwt', 'python3-cryptography', 'openssl'];
export const serve = () => serveOAuth1();

export async function run(_baseUrl: string, context: ClientContext): Promise<void> {
  await context.execute('/usr/bin/python3', [join(import.meta.dirname, 'oauth1_requests_oauthlib.py')]);
}
