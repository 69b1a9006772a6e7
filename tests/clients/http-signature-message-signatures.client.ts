import { randomUUID } from 'node:crypto';
import { contentDigest, signatureAlgorithms } from '@rf/http-signature';
import { createSigner, createVerifier, httpbis } from 'http-message-signatures';
import { type ClientContext, expectSame } from './foreign-client.ts';
import { serveSignatures } from './http-signature-server.ts';

export const name = 'npm http-message-signatures: RFC 9421 with every algorithm, and our signed answers';
export const requires: readonly string[] = [];
export const serve = serveSignatures;

export async function run(baseUrl: string, context: ClientContext): Promise<void> {
  for (const algorithm of signatureAlgorithms) {
    const body = '{"hello": "world"}';
    const headers = { 'Content-Type': 'application/json', 'Content-Digest': contentDigest(body) };
    const url = `${baseUrl}/notes/a/?page=2`;
    const request = { method: 'POST', url, headers };
    const signed = await httpbis.signMessage(
      {
        key: createSigner(context.values[algorithm] as string, algorithm, algorithm),
        fields: ['@method', '@authority', '@path', '@query', 'content-digest', 'content-type'],
        params: ['created', 'keyid', 'nonce', 'alg'],
        paramValues: { nonce: randomUUID() },
      },
      request,
    );
    const send = () => fetch(url, { method: 'POST', headers: signed.headers as typeof headers, body });
    const [answer, again] = [await send(), await send()];
    // Its salt is as long as it can be, where RFC 9421, section 3.3.1, has 64 bytes; http-message-sig does it rightly.
    const first = algorithm === 'rsa-pss-sha512' ? 401 : 200;
    expectSame(context, `${algorithm}, sent twice`, [answer.status, again.status], [first, 401]);
    if (first !== 200) continue;

    const verify = createVerifier(context.values.server as string, 'ed25519');
    const keyLookup = async () => ({ id: 'server', algs: ['ed25519'], verify });
    const verified = (status: number) =>
      httpbis.verifyMessage(
        { keyLookup, requiredFields: ['@status', 'content-digest'], requiredParams: ['created', 'keyid'] },
        { status, headers: Object.fromEntries(answer.headers) },
        signed,
      );
    const found = [await verified(200), await verified(201)];
    expectSame(context, `${algorithm}: the answer, and with another status`, found, [true, false]);
  }
}
