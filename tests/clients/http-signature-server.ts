import { randomBytes } from 'node:crypto';
import { createSignatureKey, type SignatureAlgorithm } from '@rf/http-signature';
import { TestServer } from '../../packages/http-signature/tests/server.ts';
import type { ServedProject } from './foreign-client.ts';

/** A server that waits for signed requests, with a key of alice for each algorithm: its id is the algorithm's name. */
export async function serveSignatures(): Promise<ServedProject> {
  const server = await TestServer.start();
  server.clock.ms = Date.now();
  const alice = await server.user();
  const values: Record<string, string> = {};
  const algorithms: SignatureAlgorithm[] = ['ed25519', 'ecdsa-p256-sha256', 'ecdsa-p384-sha384', 'rsa-v1_5-sha256'];
  for (const algorithm of algorithms) {
    const made = await createSignatureKey(server.site, alice, { algorithm, keyId: algorithm });
    values[algorithm] = made.privateKey as string;
  }
  // Text, since one of the clients takes its secret as text.
  const secret = randomBytes(32).toString('hex');
  await createSignatureKey(server.site, alice, {
    algorithm: 'hmac-sha256',
    keyId: 'hmac-sha256',
    secret: Buffer.from(secret),
  });
  values['hmac-sha256'] = secret;
  return { url: `http://${server.host}`, values, close: () => server.close() };
}
