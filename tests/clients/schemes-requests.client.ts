import { join } from 'node:path';
import type { ClientContext } from './foreign-client.ts';
import { serveSchemes } from './schemes-server.ts';

export const name = 'requests: Basic, Digest, Token, session with CSRF';
export const requires = ['python3-requests'];
export const serve = serveSchemes;

export async function run(_baseUrl: string, context: ClientContext): Promise<void> {
  await context.execute('/usr/bin/python3', [join(import.meta.dirname, 'schemes_requests.py')]);
}
