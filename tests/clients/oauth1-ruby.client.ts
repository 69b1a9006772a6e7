import { join } from 'node:path';
import type { ClientContext } from './foreign-client.ts';
import { serveOAuth1 } from './oauth1-server.ts';

export const name = 'Ruby oauth: OAuth 1.0a by HMAC-SHA1, refusals';
export const requires = ['ruby-oauth', 'python3-requests', 'openssl'];
export const serve = () => serveOAuth1();

export async function run(_baseUrl: string, context: ClientContext): Promise<void> {
  await context.execute('/usr/bin/ruby', [join(import.meta.dirname, 'oauth1_ruby.rb')]);
}
