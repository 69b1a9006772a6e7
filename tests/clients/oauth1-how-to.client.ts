import { join } from 'node:path';
import type { ClientContext } from './foreign-client.ts';
import { serveOAuth1 } from './oauth1-server.ts';

export const name = 'requests-oauthlib: the lines of docs/how-to/oauth1.md';
export const requires = ['python3-requests-oauthlib', 'openssl'];
export const serve = () => serveOAuth1();

export async function run(_baseUrl: string, context: ClientContext): Promise<void> {
  await context.execute('/usr/bin/python3', [join(import.meta.dirname, 'oauth1_how_to.py')]);
}
