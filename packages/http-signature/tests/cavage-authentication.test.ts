import { createHash } from 'node:crypto';
import { cavageSigningString, createSignature } from '@rf/http-signature';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NOW, type Sent, type Signer, TestServer } from './server.ts';

let server: TestServer;
let alice: Signer;

beforeAll(async () => {
  server = await TestServer.start();
  alice = await server.signer('hmac-sha256');
});
afterAll(() => server.close());

let second = 0;

interface Unusual {
  readonly headers?: readonly string[];
  readonly algorithm?: string;
  readonly at?: number;
  readonly parameters?: string;
  readonly field?: 'Authorization' | 'Signature';
}

/** A signed POST; each has a time of its own, within the window. */
function sign({ row, key }: Signer, unusual: Unusual = {}): Sent {
  const { headers = ['(request-target)', 'host', 'date', 'digest'], algorithm = 'hmac-sha256' } = unusual;
  const { at = NOW - (second += 1), field = 'Authorization', parameters = '' } = unusual;
  const body = '{"hello": "world"}';
  const fields = {
    Host: server.host,
    Date: new Date(at * 1000).toUTCString(),
    'Content-Type': 'application/json',
    Digest: `SHA-256=${createHash('sha256').update(body).digest('base64')}`,
  };
  const target = '/legacy/?a=1';
  const text = cavageSigningString(
    { headers, algorithm, created: String(at), expires: null },
    { method: 'POST', target, scheme: 'http', authority: server.host, fields: Object.entries(fields).flat() },
  );
  const signature = createSignature(row.algorithm, key, text).toString('base64');
  const params = `keyId="${row.keyId}",algorithm="${algorithm}",headers="${headers.join(' ')}"${parameters},signature="${signature}"`;
  return {
    method: 'POST',
    target,
    body,
    headers: { ...fields, [field]: field === 'Authorization' ? `Signature ${params}` : params },
  };
}

describe('a draft-cavage signature', () => {
  test.each(['Authorization', 'Signature'] as const)('comes in by %s, once', async (field) => {
    const sent = sign(alice, { field });
    const answer = await server.send(sent);
    expect([answer.status, JSON.parse(answer.text).key]).toEqual([200, alice.row.keyId]);
    const again = await server.send(sent);
    expect([again.status, again.text]).toEqual([401, '{"detail":"Invalid signature."}']);
    expect(again.headers['www-authenticate']).toBe('Signature realm="api",headers="(request-target) host date digest"');
  });

  test('is refused for each single bit that is changed in it', async () => {
    const sent = sign(alice);
    const text = String(sent.headers.Authorization);
    const bytes = Buffer.from(/signature="(.*)"/.exec(text)?.[1] as string);
    const statuses = new Set<number>();
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
      const value = text.replace(/signature="(.*)"/, () => `signature="${changed.toString('latin1')}"`);
      // What no header may hold
      if (/[\u0000-\u001f\u007f]/.test(value)) continue;
      statuses.add(await server.status({ ...sent, headers: { ...sent.headers, Authorization: value } }));
    }
    expect([...statuses]).toEqual([401]);
    expect(await server.status({ ...sent, body: '{"hello": "w0rld"}' })).toBe(401);
    expect(await server.status({ ...sent, target: '/legacy/?a=2' })).toBe(401);
    expect(await server.status(sent)).toBe(200);
  }, 30_000);

  test.each([
    ['300 seconds ago', { at: NOW - 300 }, 200],
    ['301 seconds ago', { at: NOW - 301 }, 401],
    ['300 seconds ahead', { at: NOW + 300 }, 200],
    ['301 seconds ahead', { at: NOW + 301 }, 401],
    ['with hs2019', { algorithm: 'hs2019' }, 200],
    ['with the algorithm of another key', { algorithm: 'rsa-sha256' }, 401],
    ['without the date', { headers: ['(request-target)', 'host', 'digest'] }, 401],
    ['without the target', { headers: ['host', 'date', 'digest'] }, 401],
    ['without the digest', { headers: ['(request-target)', 'host', 'date'] }, 401],
    ['with the date alone', { headers: ['date'] }, 401],
    ['that has expired', { parameters: `,expires=${NOW - 1}` }, 401],
  ] as const)('made %s', async (_title, unusual, status) => {
    expect(await server.status(sign(alice, unusual))).toBe(status);
  });

  test('of an ECDSA key is refused: implementations differ in its form', async () => {
    const signer = await server.signer('ecdsa-p256-sha256');
    expect(await server.status(sign(signer, { algorithm: 'hs2019' }))).toBe(401);
  });
});
