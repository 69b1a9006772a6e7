import { join } from 'node:path';
import { type ClientContext, expectSame } from './foreign-client.ts';
import { serveSignatures } from './http-signature-server.ts';

export const name = 'Python httpsig: draft-cavage signatures by requests, RSA and HMAC';
export const requires = ['python3-httpsig', 'python3-requests'];
export const serve = serveSignatures;

export async function run(_baseUrl: string, context: ClientContext): Promise<void> {
  const environment = {
    RSA_KEY: context.values['rsa-v1_5-sha256'] as string,
    HMAC_SECRET: context.values['hmac-sha256'] as string,
  };
  const script = join(import.meta.dirname, 'http_signature_cavage.py');
  const printed = await context.execute('/usr/bin/python3', [script], environment);
  expectSame(context, 'statuses', printed.trim().split('\n'), ['rsa-sha256 200', 'hmac-sha256 200', 'unsigned 401']);
}
