import { randomUUID } from 'node:crypto';
import { contentDigest } from '@rf/http-signature';
import { createSigner, httpbis } from 'http-message-signatures';
import { type ClientContext, expectSame } from './foreign-client.ts';
import { serveSignatures } from './http-signature-server.ts';

export const name = 'npm http-message-signatures: RFC 9421 with each algorithm it signs rightly';
export const requires: readonly string[] = [];
export const serve = serveSignatures;

export async function run(baseUrl: string, context: ClientContext): Promise<void> {
  for (const [algorithm, key] of Object.entries(context.values)) {
    const body = '{"hello": "world"}';
    const headers = { 'Content-Type': 'application/json', 'Content-Digest': contentDigest(body) };
    const url = `${baseUrl}/notes/a/?page=2`;
    const signed = await httpbis.signMessage(
      {
        key: createSigner(key, algorithm, algorithm),
        fields: ['@method', '@authority', '@path', '@query', 'content-digest', 'content-type'],
        params: ['created', 'keyid', 'nonce', 'alg'],
        paramValues: { nonce: randomUUID() },
      },
      { method: 'POST', url, headers },
    );
    const send = async () =>
      (await fetch(url, { method: 'POST', headers: signed.headers as typeof headers, body })).status;
    expectSame(context, `${algorithm}, sent twice`, [await send(), await send()], [200, 401]);
  }
}
