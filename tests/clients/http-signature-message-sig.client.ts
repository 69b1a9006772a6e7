import { createPrivateKey, createPublicKey, randomUUID, type webcrypto as crypto } from 'node:crypto';
import { contentDigest } from '@rf/http-signature';
import { component, createSignature, isSignatureError, verifySignature, webcrypto } from 'http-message-sig';
import { type ClientContext, expectSame } from './foreign-client.ts';
import { serveSignatures } from './http-signature-server.ts';

export const name = 'npm http-message-sig: RFC 9421 with Ed25519 and RSA-PSS of its own, and our signed answers';
export const requires: readonly string[] = [];
export const serve = serveSignatures;

/** The names that WebCrypto has for what this client signs with. */
const ALGORITHMS: Readonly<Record<string, crypto.AlgorithmIdentifier | crypto.RsaHashedImportParams>> = {
  ed25519: 'Ed25519',
  'rsa-pss-sha512': { name: 'RSA-PSS', hash: 'SHA-512' },
};

export async function run(baseUrl: string, context: ClientContext): Promise<void> {
  const { subtle } = globalThis.crypto;
  const serverDer = createPublicKey(context.values.server as string).export({ type: 'spki', format: 'der' });
  const serverKey = await subtle.importKey('spki', serverDer, 'Ed25519', false, ['verify']);
  for (const [keyid, algorithm] of Object.entries(ALGORITHMS)) {
    const der = createPrivateKey(context.values[keyid] as string).export({ type: 'pkcs8', format: 'der' });
    const signer = webcrypto.signer(await subtle.importKey('pkcs8', der, algorithm, false, ['sign']));
    const body = '{"hello": "world"}';
    const url = `${baseUrl}/notes/a/?page=2`;
    const headers = { 'Content-Type': 'application/json', 'Content-Digest': contentDigest(body) };
    const { signature, signatureInput } = await createSignature(new Request(url, { method: 'POST', headers, body }), {
      label: 'sig1',
      components: ['@method', '@authority', '@path', '@query', 'content-digest'],
      parameters: { created: Math.floor(Date.now() / 1000), keyid, nonce: randomUUID(), alg: keyid },
      signer,
    });
    const signed = { ...headers, Signature: signature, 'Signature-Input': signatureInput };
    const send = (sent: string) => fetch(url, { method: 'POST', headers: signed, body: sent });
    const changed = (await send('{"hello": "w0rld"}')).status;
    const answer = await send(body);
    const statuses = [changed, answer.status, (await send(body)).status];
    expectSame(context, `${keyid}: a changed body, then the right one twice`, statuses, [401, 200, 401]);

    const verify = async (status: number): Promise<string> => {
      const request = new Request(url, { method: 'POST', headers: signed, body });
      const fields = [...answer.headers].map(([field, value]) => ({ name: field, value }));
      try {
        const verified = await verifySignature(
          { kind: 'response', status, fields, request },
          {
            policy: {
              algorithms: ['ed25519'],
              requiredComponents: ['@status', 'content-digest', component('@path', { req: true })],
              requiredParameters: ['created', 'keyid'],
            },
            resolveVerifier: () => webcrypto.verifier(serverKey),
          },
        );
        return String(verified.parameters.keyid);
      } catch (error) {
        if (isSignatureError(error)) return error.code;
        throw error;
      }
    };
    const found = [await verify(200), await verify(201)];
    expectSame(context, `${keyid}: the answer, and with another status`, found, ['server', 'VerificationFailed']);
    expectSame(context, `${keyid}: its body`, contentDigest(await answer.text()), answer.headers.get('content-digest'));
  }
}
