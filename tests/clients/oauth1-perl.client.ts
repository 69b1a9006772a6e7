import { join } from 'node:path';
import type { ClientContext } from './foreign-client.ts';
import { serveOAuth1 } from './oauth1-server.ts';

export const name = 'Perl Net::OAuth: OAuth 1.0a by HMAC-SHA1 and HMAC-SHA256, the same request twice';
export const requires = ['libnet-oauth-perl', 'libwww-perl', 'python3-requests', 'openssl'];
export const serve = () => serveOAuth1();

export async function run(_baseUrl: string, context: ClientContext): Promise<void> {
  await context.execute('/usr/bin/perl', [join(import.meta.dirname, 'oauth1_perl.pl')]);
}
