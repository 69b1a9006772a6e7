import { join } from 'node:path';
import type { ClientContext } from './foreign-client.ts';
import { serveSchemes } from './schemes-server.ts';

export const name = 'PyJWT: our tokens by our key set, after a rotation too';
export const requires = ['python3-jwt', 'python3-cryptography'];
export const serve = serveSchemes;

export async function run(_baseUrl: string, context: ClientContext): Promise<void> {
  await context.execute('/usr/bin/python3', [join(import.meta.dirname, 'jwt_pyjwt.py')]);
}
