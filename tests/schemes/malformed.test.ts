import { request as httpRequest } from 'node:http';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Proof, type Prover, type SchemeServer, schemes, startSchemeServer } from './scheme-server.ts';

let server: SchemeServer;
beforeAll(async () => {
  server = await startSchemeServer();
});
afterAll(() => server.close());

/** What HTTP lets through in a header. */
const sendable = (text: string): string => text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '~');

const piece = fc.oneof(
  fc.constantFrom(
    '"',
    '\\',
    ',',
    '=',
    ' ',
    '\t',
    ';',
    '&',
    '%',
    '%00',
    '%zz',
    '+',
    '\xff',
    '\xa0',
    '(',
    ')',
    ':',
    '.',
    '_',
  ),
  fc.constantFrom(
    '""',
    '__proto__',
    'constructor',
    'null',
    '[]',
    '{}',
    '-1',
    '1e999',
    '9'.repeat(40),
    'a'.repeat(9000),
  ),
  fc.string({ maxLength: 12 }),
  fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
);

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
  return result;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

function send(
  method: string,
  target: string,
  headers: Readonly<Record<string, string>> = {},
  body?: string,
): Promise<Answer> {
  const { hostname, port } = new URL(server.origin);
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const outgoing = httpRequest(
      { hostname, port, method, path: target, headers: { ...headers, ...length }, agent: false },
      (incoming) => {
        let text = '';
        incoming.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, text }));
      },
    );
    outgoing.on('error', reject).end(body);
  });
}

/** Sends it, and holds the answer to be none of the server's faults; what is wrong is shown with the last of the log. */
async function expectNoFault(...sent: Parameters<typeof send>): Promise<void> {
  const { status, text } = await send(...sent);
  if (status >= 500) throw new Error(`${status} ${text} ${server.lines.at(-2)}`);
}

test.each(Object.keys(schemes))(
  'whatever becomes of a proof of %s on its way, it is no fault of the server',
  async (name) => {
    const target = `/${name}/?page=1`;
    const prove = server.provers[name] as Prover;
    const proof: Proof = await prove(target);
    const fields = Object.entries(proof.headers ?? {});
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), fc.nat(), async (changes, which) => {
        if (proof.query !== undefined) {
          const query = encodeURI(changed(proof.query, changes)).replaceAll('#', '%23');
          return expectNoFault('GET', `${target}&${query}`);
        }
        const [field = '', value = ''] = fields[which % fields.length] ?? [];
        return expectNoFault('GET', target, { ...proof.headers, [field]: sendable(changed(value, changes)) });
      }),
      { numRuns: 200 },
    );
  },
);

describe('whatever is sent to an endpoint, it is no fault of the server', () => {
  const value = fc.oneof(
    fc.constantFrom(
      '',
      'alice',
      'pw-of-alice',
      'read',
      'code',
      'oob',
      'S256',
      'password',
      'refresh_token',
      '\0',
      '\ud800',
    ),
    fc.constantFrom('authorization_code', 'client_credentials', 'urn:ietf:params:oauth:grant-type:device_code'),
    fc.constantFrom('eyJhbGciOiJub25lIn0.e30.', 'oat_x', 'ort_x', 'a.b.c', '9'.repeat(400), 'x'.repeat(5000)),
    fc.string({ unit: 'binary', maxLength: 20 }),
  );
  const form = (names: readonly string[]) =>
    fc.array(fc.tuple(fc.oneof(fc.constantFrom(...names), fc.string({ maxLength: 5 })), value), { maxLength: 7 });
  const credentials: fc.Arbitrary<() => Record<string, string>> = fc.oneof(
    fc.constant(() => ({})),
    // A client that may ask for everything.
    fc.constant(() => ({ authorization: server.client })),
    fc.tuple(value, value).map(([id, secret]) => () => ({
      authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
    })),
    piece.map((text) => () => ({ authorization: sendable(`Basic ${text}`).slice(0, 9000) })),
    fc
      .array(fc.tuple(fc.constantFrom('consumer_key', 'token', 'nonce', 'signature', 'timestamp', 'verifier'), value))
      .map((pairs) => () => ({
        authorization: `OAuth ${pairs.map(([name, text]) => `oauth_${name}="${encodeURIComponent(String(Buffer.from(text)))}"`).join(', ')}`,
      })),
  );

  test.each([
    [
      '/o2/token/',
      [
        'grant_type',
        'code',
        'redirect_uri',
        'code_verifier',
        'client_id',
        'client_secret',
        'username',
        'password',
        'refresh_token',
        'scope',
        'device_code',
      ],
    ],
    ['/o2/revoke_token/', ['token', 'token_type_hint', 'client_id', 'client_secret']],
    ['/o2/introspect/', ['token', 'token_type_hint', 'client_id', 'client_secret']],
    ['/o2/device-authorization/', ['client_id', 'scope']],
    [
      '/o1/initiate/',
      [
        'oauth_callback',
        'oauth_consumer_key',
        'oauth_nonce',
        'oauth_signature',
        'oauth_timestamp',
        'oauth_signature_method',
      ],
    ],
    [
      '/o1/token/',
      [
        'oauth_verifier',
        'oauth_token',
        'oauth_consumer_key',
        'oauth_nonce',
        'oauth_signature',
        'oauth_timestamp',
        'oauth_signature_method',
      ],
    ],
    ['/accounts/login/', ['username', 'password', 'next', 'csrfmiddlewaretoken']],
  ])('form: %s', (target, names) =>
    fc.assert(
      fc.asyncProperty(form(names), credentials, async (pairs, headersOf) => {
        const body = String(new URLSearchParams(pairs));
        await expectNoFault(
          'POST',
          target,
          { ...headersOf(), 'content-type': 'application/x-www-form-urlencoded' },
          body,
        );
      }),
      { numRuns: 150 },
    ),
  );

  test.each([
    [
      '/o2/authorize/',
      [
        'client_id',
        'redirect_uri',
        'response_type',
        'scope',
        'state',
        'code_challenge',
        'code_challenge_method',
        'prompt',
      ],
    ],
    ['/o2/device/', ['user_code']],
    ['/o1/authorize/', ['oauth_token']],
    ['/accounts/login/', ['next']],
  ])('query: %s', (target, names) =>
    fc.assert(
      fc.asyncProperty(form(names), (pairs) => expectNoFault('GET', `${target}?${new URLSearchParams(pairs)}`)),
      { numRuns: 100 },
    ),
  );

  test.each([
    ['/api/token/', ['username', 'password']],
    ['/api/token/refresh/', ['refresh']],
    ['/api/token/verify/', ['token']],
    ['/api/token/blacklist/', ['refresh']],
    ['/api-token-auth/', ['username', 'password']],
  ])('JSON: %s', (target, names) =>
    fc.assert(
      fc.asyncProperty(
        fc.dictionary(
          fc.oneof(fc.constantFrom(...names), fc.string({ maxLength: 5 })),
          fc.oneof(value, fc.jsonValue()),
        ),
        (data) => expectNoFault('POST', target, { 'content-type': 'application/json' }, JSON.stringify(data)),
      ),
      { numRuns: 150 },
    ),
  );
});

test('none of it was logged as an error', () => {
  expect(server.lines.filter((line) => JSON.parse(line).level >= 50)).toEqual([]);
});
