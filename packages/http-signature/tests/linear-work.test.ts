import { createSecretKey } from 'node:crypto';
import { type Profiler, Session } from 'node:inspector';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** Counts how often each block of our code and of the parser of structured fields runs: the same for the same input, on any machine. */
const session = new Session();
const COUNTED = /\/http-signature\/src\/|\/structured-headers\/|\/auth\/src\/authorization-header/;

function takeCoverage(): Profiler.ScriptCoverage[] {
  let found: Profiler.ScriptCoverage[] = [];
  session.post('Profiler.takePreciseCoverage', (error, { result }) => {
    if (error !== null) throw error;
    found = result;
  });
  return found;
}

/** Blocks that ran while `run` did. A SignatureError ends it like an answer. */
function work(run: () => unknown): number {
  takeCoverage();
  try {
    run();
  } catch (error) {
    if ((error as Error).name !== 'SignatureError') throw error;
  }
  const scripts = takeCoverage().filter(({ url }) => COUNTED.test(url));
  const ranges = scripts.flatMap(({ functions }) => functions.flatMap((one) => one.ranges));
  return ranges.reduce((sum, { count }) => sum + count, 0);
}

let subject: typeof import('@rf/http-signature');
let checkCavageDigest: typeof import('../src/cavage-digest.ts').checkCavageDigest;

beforeAll(async () => {
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  // Only what is compiled from here on has counters in its blocks.
  subject = await import('@rf/http-signature');
  ({ checkCavageDigest } = await import('../src/cavage-digest.ts'));
});
afterAll(() => session.disconnect());

const requestWith = (fields: readonly string[], target = '/') =>
  ({ method: 'GET', scheme: 'http', authority: 'example.com', target, fields }) as const;

/** The text that a `Signature-Input` of these components signs. */
function base(list: readonly string[], fields: readonly string[], target?: string): unknown {
  const message = requestWith(['Signature-Input', `sig1=(${list.join(' ')})`, ...fields], target);
  const { components, text } = subject.readLabelInput(message, 'sig1');
  return subject.signatureBase(components, text, message);
}

const many = (count: number, make: (at: number) => string): string[] =>
  Array.from({ length: count }, (_none, at) => make(at + 1000));
const input = (text: string) => () => subject.readLabelInput(requestWith(['Signature-Input', text]), 'sig1');

const SECRET = createSecretKey(Buffer.alloc(32));

/** Headers that somebody would send to keep us busy, by their size. */
const hostile: readonly (readonly [string, (size: number) => () => unknown])[] = [
  ['many labels', (size) => input(many(size, (at) => `s${at}=()`).join(', '))],
  ['one label many times', (size) => input(many(size, () => 'sig1=()').join(', '))],
  ['many components', (size) => input(`sig1=(${many(size, (at) => `"x${at}"`).join(' ')})`)],
  ['one component with many parameters', (size) => input(`sig1=("@method"${many(size, (at) => `;p${at}`).join('')})`)],
  ['many parameters', (size) => input(`sig1=()${many(size, (at) => `;p${at}=1`).join('')}`)],
  ['a list that does not end', (size) => input(`sig1=(${'"a" '.repeat(size)}`)],
  ['lists that begin', (size) => input('sig1=('.repeat(size))],
  ['a string that does not end', (size) => input(`sig1=("${'\\"'.repeat(size)}`)],
  ['white space', (size) => input(`sig1=()${' '.repeat(size * 4)}`)],
  ['commas', (size) => input(`sig1=()${' ,'.repeat(size * 2)}`)],
  ['a long number', (size) => input(`sig1=();created=${'1'.repeat(size * 4)}`)],
  ['a long byte sequence', (size) => input(`sig1=();a=:${'A'.repeat(size * 4)}:`)],
  [
    'many fields of the message',
    (size) => () => {
      const names = many(size, (at) => `x${at}`);
      const list = names.map((name) => `"${name}"`);
      return base(
        list,
        names.flatMap((name) => [name, 'a']),
      );
    },
  ],
  [
    'many members of one dictionary',
    (size) => () =>
      base(
        many(size, (at) => `"signature";key="k${at}"`),
        ['Signature', many(size, (at) => `k${at}=1`).join(', ')],
      ),
  ],
  [
    'many signatures',
    (size) => () => {
      const labels = many(size, (at) => `s${at}=:AAAA:`).join(', ');
      const fields = ['Signature-Input', 'sig1=();keyid="k"', 'Signature', `${labels}, sig1=:AAAA:`];
      return subject.verifyMessage(requestWith(fields), 'sig1', { algorithm: 'hmac-sha256', key: SECRET });
    },
  ],
  [
    'many parameters of the query, beside a long one',
    (size) => () =>
      base(
        many(size, (at) => `"@query-param";name="q${at}"`),
        [],
        `/?${'%61'.repeat(size * 2)}&${many(size, (at) => `q${at}=1`).join('&')}`,
      ),
  ],
  [
    'many headers of the older draft',
    (size) => () => {
      const names = many(size, (at) => `x${at}`);
      const params = subject.readCavage(`keyId="k",headers="${names.join(' ')}",signature="AAAA"`);
      return subject.cavageSigningString(params, requestWith(names.flatMap((name) => [name, 'a'])));
    },
  ],
  [
    'many parameters of the older draft',
    (size) => () => subject.readCavage(many(size, (at) => `p${at}="\\""`).join(',')),
  ],
  [
    'many digests of the older draft',
    (size) => () => checkCavageDigest(many(size, (at) => `d${at}=AAAA `).join(','), Buffer.alloc(0)),
  ],
  [
    'many digests',
    (size) => () => subject.checkContentDigest(many(size, (at) => `d${at}=:AAAA:`).join(', '), Buffer.alloc(0)),
  ],
];

describe('the work for a header grows with its length, not with its square', () => {
  test.each(hostile)('%s', (_what, make) => {
    work(make(20));
    const [small, double, quadruple] = [work(make(40)), work(make(80)), work(make(160))];
    expect(small).toBeGreaterThan(40);
    // Four times the header: four times the blocks, and not sixteen.
    expect(double / small).toBeLessThan(2.2);
    expect(quadruple / small).toBeLessThan(4.4);
  });
});

describe('a header that is too long', () => {
  test.each([
    ['Signature-Input', (size: number) => input(`sig1=(${'"a" '.repeat(size)})`)],
    [
      'Signature',
      (size: number) => () => {
        const fields = ['Signature-Input', 'sig1=();keyid="k"', 'Signature', `sig1=:${'A'.repeat(size * 4)}:`];
        return subject.verifyMessage(requestWith(fields), 'sig1', { algorithm: 'ed25519', key: undefined as never });
      },
    ],
    ['the older form', (size: number) => () => subject.readCavage(`keyId="${'a'.repeat(size * 4)}"`)],
    ['Content-Digest', (size: number) => () => subject.checkContentDigest('a=1, '.repeat(size), Buffer.alloc(0))],
  ])('is refused before it is read: %s', (_name, make) => {
    work(make(2049));
    expect(work(make(2049))).toBe(work(make(20_000)));
  });
});
