import { join } from 'node:path';
import type { ClientContext } from './foreign-client.ts';
import { serveBookshop } from './bookshop-server.ts';

export const name = 'requests and the sample: Basic, Digest, Token, JWT';
export const requires = ['python3-requests'];
export const serve = serveBookshop;

export async function run(_baseUrl: string, context: ClientContext): Promise<void> {
  await context.execute('/usr/bin/python3', [join(import.meta.dirname, 'bookshop_requests.py')]);
}
