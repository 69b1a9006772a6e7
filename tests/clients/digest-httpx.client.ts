import { join } from 'node:path';
import type { ClientContext } from './foreign-client.ts';
import { serveSchemes } from './schemes-server.ts';

export const name = 'httpx: Digest';
export const requires = ['python3-httpx'];
export const serve = serveSchemes;

export async function run(_baseUrl: string, context: ClientContext): Promise<void> {
  await context.execute('/usr/bin/python3', [join(import.meta.dirname, 'digest_httpx.py')]);
}
