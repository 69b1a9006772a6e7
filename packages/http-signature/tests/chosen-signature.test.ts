import { createSignature, type HttpSignatureSettings } from '@rf/http-signature';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NOW, type Sent, type Signer, TestServer } from './server.ts';

let count = 0;
const fresh = () => ({ nonce: `n${(count += 1)}` });

/** One request with the signatures of several, in this order. */
function join(...all: readonly [Sent, ...Sent[]]): Sent {
  const field = (name: string): string => all.map(({ headers }) => headers[name]).join(', ');
  return {
    ...all[0],
    headers: { ...all[0].headers, 'Signature-Input': field('Signature-Input'), Signature: field('Signature') },
  };
}

/** The same with a signature that is none: another text was signed. */
const spoilt = (sent: Sent, server: TestServer, signer: Signer, label: string): Sent => ({
  ...sent,
  headers: {
    ...sent.headers,
    Signature: String(server.sign(signer, { label, parameters: fresh() }).headers.Signature),
  },
});

/** A GET whose `Signature-Input` is signed as it stands, however it is spelled. */
function forge(server: TestServer, { row, key }: Signer, lines: readonly string[], member: string): Sent {
  const base = [...lines, `"@signature-params": ${member}`].join('\n');
  const bytes = createSignature(row.algorithm, key, base).toString('base64');
  const headers = { Host: server.host, 'Signature-Input': `sig1=${member}`, Signature: `sig1=:${bytes}:` };
  return { method: 'GET', target: '/notes/a/', headers };
}

async function withServer(settings: HttpSignatureSettings, use: (server: TestServer, alice: Signer) => Promise<void>) {
  const server = await TestServer.start(settings);
  try {
    await use(server, await server.signer());
  } finally {
    await server.close();
  }
}

describe('of several signatures', () => {
  test('none counts while nothing says which is meant, whichever of them is right', () =>
    withServer({}, async (server, alice) => {
      const make = (label: string) => server.sign(alice, { label, parameters: fresh() });
      const bad = (label: string) => spoilt(make(label), server, alice, label);
      for (const sent of [
        join(make('sig1'), make('sig2')),
        join(bad('sig1'), make('sig2')),
        join(make('sig1'), bad('sig2')),
        join(bad('sig1'), bad('sig2')),
      ]) {
        expect(await server.status(sent)).toBe(401);
      }
      expect(await server.status(make('sig1'))).toBe(200);
    }));

  test('the one of the label counts, wherever it stands, and no other', () =>
    withServer({ label: 'ours' }, async (server, alice) => {
      const make = (label: string) => server.sign(alice, { label, parameters: fresh() });
      const bad = (label: string) => spoilt(make(label), server, alice, label);
      for (const [sent, status] of [
        [join(bad('theirs'), make('ours')), 200],
        [join(make('ours'), bad('theirs')), 200],
        [join(make('theirs'), bad('ours')), 401],
        [join(bad('ours'), make('theirs')), 401],
        [make('theirs'), 401],
        [join(make('ours'), make('ours')), 401],
        [join(bad('ours'), make('ours')), 401],
        [join(make('ours'), bad('ours')), 401],
      ] as const) {
        expect([sent.headers['Signature-Input'], await server.status(sent)]).toEqual([
          sent.headers['Signature-Input'],
          status,
        ]);
      }
    }));

  test('the one with the tag counts, wherever it stands and whatever it is called', () =>
    withServer({ tag: 'shop' }, async (server, alice) => {
      const make = (label: string, tag?: string) =>
        server.sign(alice, { label, parameters: { ...fresh(), ...(tag !== undefined && { tag }) } });
      const bad = (label: string, tag?: string) => spoilt(make(label, tag), server, alice, label);
      for (const [at, [sent, status]] of (
        [
          [join(bad('a'), make('b', 'shop')), 200],
          [join(make('b', 'shop'), bad('a', 'bank')), 200],
          [join(make('a'), bad('b', 'shop')), 401],
          [join(bad('b', 'shop'), make('a', 'bank')), 401],
          [join(make('a', 'shop'), make('b', 'shop')), 401],
          [make('a', 'bank'), 401],
          [make('a'), 401],
        ] as const
      ).entries()) {
        expect([at, await server.status(sent)]).toEqual([at, status]);
      }
    }));

  test('a label whose signature stands under another name has none', () =>
    withServer({}, async (server, alice) => {
      const sent = server.sign(alice, { label: 'sig1', parameters: fresh() });
      for (const name of ['sig2', 'Sig1', 'sig', 'sig11']) {
        const Signature = String(sent.headers.Signature).replace('sig1', name);
        expect([name, await server.status({ ...sent, headers: { ...sent.headers, Signature } })]).toEqual([name, 401]);
      }
    }));
});

describe('a Signature-Input that is signed as it stands', () => {
  let server: TestServer;
  let alice: Signer;
  beforeAll(async () => {
    server = await TestServer.start();
    alice = await server.signer();
  });
  afterAll(() => server.close());

  const METHOD = '"@method": GET';
  const query = '"@query": ?';
  const components = (...more: readonly string[]) => `("@method" "@authority" "@path" "@query"${more.join('')})`;
  const lines = (...more: readonly string[]) => [
    METHOD,
    `"@authority": ${server.host}`,
    '"@path": /notes/a/',
    query,
    ...more,
  ];
  const rest = () => `;created=${NOW};keyid="${alice.row.keyId}";nonce="${fresh().nonce}"`;
  const status = (member: string, ...more: readonly string[]) =>
    server.status(forge(server, alice, lines(...more), member));

  test('comes in when it is as it should be', async () => {
    expect(await status(components() + rest())).toBe(200);
    expect(await status(components(' "x-absent"') + rest(), '"x-absent": ')).toBe(401);
  });

  test.each([
    ['the method twice', [' "@method"'], ['"@method": GET']],
    ['a field twice', [' "host"', ' "host"'], ['"host": h', '"host": h']],
    ['a component of which nobody has heard', [' "@body"'], ['"@body": x']],
    ['the parameters themselves', [' "@signature-params"'], ['"@signature-params": x']],
    ['a field in capitals', [' "Host"'], ['"Host": h']],
    ['an unknown parameter of a component', [' "host";x'], ['"host";x: h']],
    ['a component of the request of a request', [' "@method";req'], ['"@method";req: GET']],
    ['the status of a request', [' "@status"'], ['"@status": 200']],
    ['a component that is no string', [' host'], ['host: h']],
  ])('and lists %s is refused', async (_what, more, added) => {
    const host = (text: string) => text.replace(/: h$/, `: ${server.host}`);
    expect(await status(components(...more) + rest(), ...added.map(host))).toBe(401);
  });

  test.each([
    ['created twice', `;created=${NOW};created=${NOW}`],
    ['created twice, of which one is old', `;created=${NOW - 1000};created=${NOW}`],
    ['a created with a fraction', `;created=${NOW}.0`],
    ['a created with a zero before it', `;created=0${NOW}`],
    ['a created that is text', `;created="${NOW}"`],
    ['a created that is a date', `;created=@${NOW}`],
    ['a created without a value', ';created'],
    ['a negative created', `;created=-${NOW}`],
    ['the greatest created', ';created=999999999999999'],
    ['an expires that is text', `;created=${NOW};expires="${NOW + 10}"`],
    ['an alg that is a token', `;created=${NOW};alg=ed25519`],
    ['a tag that is a token', `;created=${NOW};tag=shop`],
    ['an empty tag', `;created=${NOW};tag=""`],
    ['spaces before its parameters', `; created=${NOW}`],
    ['a name in capitals', `;Created=${NOW}`],
  ])('and has %s is refused', async (_what, parameters) => {
    const { nonce } = fresh();
    const member = `${components()}${parameters};keyid="${alice.row.keyId}";nonce="${nonce}"`;
    expect(await status(member)).toBe(401);
  });

  test.each([
    ['keyid twice', (keyId: string) => `;keyid="other";keyid="${keyId}"`],
    ['a keyid that is a token', (keyId: string) => `;keyid=k${keyId}`],
    ['a keyid that is bytes', (keyId: string) => `;keyid=:${Buffer.from(keyId).toString('base64')}:`],
    ['a keyid with a needless escape', (keyId: string) => `;keyid="\\${keyId}"`],
    ['an empty keyid', () => ';keyid=""'],
    ['a keyid that is long', () => `;keyid="${'k'.repeat(7000)}"`],
    ['a nonce twice', (keyId: string) => `;keyid="${keyId}";nonce="1";nonce="2"`],
  ])('and has %s is refused', async (_what, parameters) => {
    expect(await status(`${components()};created=${NOW}${parameters(alice.row.keyId)}`)).toBe(401);
  });

  test('may say more than we ask for, which is covered too', async () => {
    const member = `${components(' "host"')}${rest()};alg="ed25519";x=1`;
    const sent = forge(server, alice, lines(`"host": ${server.host}`), member);
    const without = String(sent.headers['Signature-Input']).replace(';x=1', '');
    expect(await server.status({ ...sent, headers: { ...sent.headers, 'Signature-Input': without } })).toBe(401);
    expect(await server.status(sent)).toBe(200);
  });
});
