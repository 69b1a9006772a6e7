import { createHash } from 'node:crypto';
import { cavageSigningString, createSignature } from '@rf/http-signature';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NOW, type Sent, type Signer, TestServer, withHeader } from './server.ts';

let server: TestServer;
let alice: Signer;
beforeAll(async () => {
  server = await TestServer.start();
  alice = await server.signer('hmac-sha256');
});
afterAll(() => server.close());

let count = 0;

/** What HTTP lets through in a header. */
const sendable = (text: string): string => text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '~');

/** Both grammars, in parts. */
const piece = fc.oneof(
  fc.constantFrom(...'"\\,;= \t():?@*.-1A'.split(''), '\xa0', '\xff'),
  fc.constantFrom(
    'sig1',
    'sig1=',
    '("@method" "@authority")',
    '"@path"',
    '"@query"',
    ';sf',
    ';bs',
    ';key="a"',
    ';req',
    ';tr',
  ),
  fc.constantFrom(
    `;created=${NOW}`,
    ';expires',
    ';nonce="n"',
    ';alg="ed25519"',
    ';tag="t"',
    '=:AAAA:',
    ':',
    '?1',
    '@1',
  ),
  fc.constantFrom('sha-256=:', 'sha-512', 'md5=:AAAA:', 'SHA-256=', '=='),
  fc.constantFrom('Signature ', 'keyId=', 'algorithm="hs2019"', 'headers="(created)"', 'created=1', 'signature="AAAA"'),
  fc.constantFrom(
    '__proto__',
    'constructor',
    'toString=1',
    '9'.repeat(40),
    '-1',
    '1e999',
    'a'.repeat(9000),
    '"'.repeat(500),
  ),
  fc.string({ maxLength: 12 }),
  fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
);
const anyField = fc.array(piece, { maxLength: 30 }).map((parts) => sendable(parts.join('')).slice(0, 10_000));

/** One change of a text: where, how much of it goes, and what comes instead; or a part of it comes again. */
const change = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.oneof(fc.constantFrom(0, 0, 1, 1, 2), fc.nat({ max: 60 })),
  instead: piece,
  isRepeated: fc.boolean(),
});
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

function changed(text: string, changes: readonly Change[]): string {
  let result = text;
  for (const { at, length, instead, isRepeated } of changes) {
    const from = Math.floor(at * result.length);
    const part = result.slice(from, from + length);
    result = result.slice(0, from) + (isRepeated ? part + part : instead) + result.slice(from + length);
  }
  return sendable(result);
}

const changes = fc.array(change, { minLength: 1, maxLength: 3 });

function signed(): Sent {
  return server.sign(alice, { parameters: { nonce: `n${(count += 1)}` } });
}

/** A signature of the older draft; each has a target of its own, or it would be a replay. */
function signedByDraft(): Sent {
  const body = '{"hello": "world"}';
  const target = `/legacy/?a=${(count += 1)}`;
  const headers = ['(request-target)', 'host', 'date', 'digest'];
  const fields = {
    Host: server.host,
    Date: new Date(NOW * 1000).toUTCString(),
    'Content-Type': 'application/json',
    Digest: `SHA-256=${createHash('sha256').update(body).digest('base64')}`,
  };
  const text = cavageSigningString(
    { headers, algorithm: null, created: null, expires: null },
    { method: 'POST', target, scheme: 'http', authority: server.host, fields: Object.entries(fields).flat() },
  );
  const signature = createSignature('hmac-sha256', alice.key, text).toString('base64');
  const Authorization = `Signature keyId="${alice.row.keyId}",headers="${headers.join(' ')}",signature="${signature}"`;
  return { method: 'POST', target, body, headers: { ...fields, Authorization } };
}

// RFC 9110, section 5.5: white space around a value is no part of it.
const withoutOuterSpace = (text: string): string => text.replace(/^[ \t]+|[ \t]+$/g, '');

/** True when the member that was sent is still one of the dictionary: other labels may stand beside it. */
const keepsMember = (text: string, member: string): boolean => {
  const at = text.indexOf(member);
  const around = [text.slice(0, at), text.slice(at + member.length)] as const;
  return at !== -1 && /(?:^|,)[ \t]*$/.test(around[0]) && /^[ \t]*(?:,|$)/.test(around[1]);
};

/**
 * What a credential of the older draft says, without quotes, escapes and case that say nothing; and without the algorithm, which the
 * key decides.
 */
const meaning = (text: string): string | null => {
  const [, scheme = '', rest = ''] = /^[ \t]*(\S+)[ \t]+(.*)$/.exec(text) ?? [];
  const params = [...rest.matchAll(/(\w+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^",\s]+))/g)].map(
    ([, name = '', quoted, bare]) => [name.toLowerCase(), (quoted ?? bare ?? '').replace(/\\(.)/g, '$1')],
  );
  const { algorithm: _any, ...said } = Object.fromEntries(params) as Record<string, string>;
  return scheme.toLowerCase() === 'signature' ? JSON.stringify(said) : null;
};

const TIMEOUT = { timeout: 120_000 };

describe(
  'whatever becomes of a field on its way, it is no fault of the server, and nobody comes in but by what was signed',
  TIMEOUT,
  () => {
    test.each(['Signature-Input', 'Signature', 'Content-Digest'])('%s', (name) =>
      fc.assert(
        fc.asyncProperty(changes, async (made) => {
          const sent = signed();
          const original = String(sent.headers[name]);
          const value = changed(original, made);
          const { status, text } = await server.send(withHeader(sent, name, value));
          const isSame =
            name === 'Content-Digest' ? withoutOuterSpace(value) === original : keepsMember(value, original);
          expect([value, status === 200 && !isSame, status < 500, text]).toEqual([value, false, true, text]);
        }),
        { numRuns: 300 },
      ),
    );

    test.each(['Authorization', 'Digest', 'Date'])('%s, of the older draft', (name) =>
      fc.assert(
        fc.asyncProperty(changes, async (made) => {
          const sent = signedByDraft();
          const original = String(sent.headers[name]);
          const value = changed(original, made);
          const { status, text } = await server.send(withHeader(sent, name, value));
          const isSame =
            name === 'Authorization' ? meaning(value) === meaning(original) : withoutOuterSpace(value) === original;
          expect([value, status === 200 && !isSame, status < 500, text]).toEqual([value, false, true, text]);
        }),
        { numRuns: 300 },
      ),
    );

    test('each field at once, made of the words of the grammars', () =>
      fc.assert(
        fc.asyncProperty(
          fc.record(
            {
              'Signature-Input': anyField,
              Signature: anyField,
              'Content-Digest': anyField,
              Digest: anyField,
              Authorization: fc.oneof(
                anyField,
                anyField.map((text) => `Signature ${text}`),
              ),
            },
            { requiredKeys: [] },
          ),
          fc.constantFrom('/notes/a/', '/legacy/'),
          async (fields, target) => {
            const { status, text } = await server.send({ method: 'GET', target, headers: fields });
            // 431: together they are more than Node reads.
            expect([[401, 400, 431].includes(status), text]).toEqual([true, text]);
          },
        ),
        { numRuns: 300 },
      ));

    test.each([';created=1700000000', ';a', ';a=:AAAA:', ';a;b="c"'])(
      'a signature with parameters: %s',
      async (added) => {
        const sent = signed();
        const parametrized = withHeader(sent, 'Signature', `${String(sent.headers.Signature)}${added}`);
        expect([await server.status(parametrized), await server.status(sent)]).toEqual([401, 200]);
      },
    );

    test('a signature of the right key, of any length', async () => {
      for (const length of [0, 1, 31, 32, 33, 63, 64, 65, 95, 96, 97, 255, 256, 257, 4000]) {
        const bytes = Buffer.alloc(length, 1).toString('base64');
        expect([length, await server.status(withHeader(signed(), 'Signature', `sig1=:${bytes}:`))]).toEqual([
          length,
          401,
        ]);
      }
    });
  },
);

test('none of it was logged as an error', () => {
  expect(server.serverLog.filter((line) => JSON.parse(line).level >= 50)).toEqual([]);
});
