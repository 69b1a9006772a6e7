import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { createSignatureKey, signatureAlgorithms } from '@rf/http-signature';
import { TestServer } from '../../packages/http-signature/tests/server.ts';
import type { ServedProject } from './foreign-client.ts';

/**
 * A server that waits for signed requests, with a key of alice for each algorithm: its id is the algorithm's name. It signs its answers
 * with Ed25519; `server` is the public half.
 */
export async function serveSignatures(): Promise<ServedProject> {
  const own = generateKeyPairSync('ed25519').privateKey;
  const server = await TestServer.start({
    signResponses: { keyId: 'server', algorithm: 'ed25519', key: own.export({ type: 'pkcs8', format: 'pem' }) },
  });
  server.clock.ms = Date.now();
  const alice = await server.user();
  const values: Record<string, string> = {
    server: createPublicKey(own).export({ type: 'spki', format: 'pem' }) as string,
  };
  for (const algorithm of signatureAlgorithms) {
    // Text, since one of the clients takes its secret as text.
    const secret = algorithm === 'hmac-sha256' ? randomBytes(32).toString('hex') : undefined;
    const made = await createSignatureKey(server.site, alice, {
      algorithm,
      keyId: algorithm,
      ...(secret !== undefined && { secret: Buffer.from(secret) }),
    });
    values[algorithm] = secret ?? (made.privateKey as string);
  }
  return { url: `http://${server.host}`, values, close: () => server.close() };
}
