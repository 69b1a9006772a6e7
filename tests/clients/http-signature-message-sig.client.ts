import { createPrivateKey, randomUUID, sign } from 'node:crypto';
import { contentDigest } from '@rf/http-signature';
import { createSignature } from 'http-message-sig';
import { type ClientContext, expectSame } from './foreign-client.ts';
import { serveSignatures } from './http-signature-server.ts';

export const name = 'npm http-message-sig: RFC 9421 with Ed25519';
export const requires: readonly string[] = [];
export const serve = serveSignatures;

export async function run(baseUrl: string, context: ClientContext): Promise<void> {
  const key = createPrivateKey(context.values.ed25519 as string);
  const body = '{"hello": "world"}';
  const url = `${baseUrl}/notes/a/?page=2`;
  const headers = { 'Content-Type': 'application/json', 'Content-Digest': contentDigest(body) };
  const { signature, signatureInput } = await createSignature(new Request(url, { method: 'POST', headers, body }), {
    label: 'sig1',
    components: ['@method', '@authority', '@path', '@query', 'content-digest'],
    parameters: { created: Math.floor(Date.now() / 1000), keyid: 'ed25519', nonce: randomUUID() },
    signer: { algorithm: 'ed25519', sign: (data) => sign(null, data, key) },
  });
  const signed = { ...headers, Signature: signature, 'Signature-Input': signatureInput };
  const send = async (sent: string) => (await fetch(url, { method: 'POST', headers: signed, body: sent })).status;
  const statuses = [await send('{"hello": "w0rld"}'), await send(body), await send(body)];
  expectSame(context, 'a changed body, then the right one twice', statuses, [401, 200, 401]);
}
