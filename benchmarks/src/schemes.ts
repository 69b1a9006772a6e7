// The cost of each authentication scheme, and what a flood of wrong passwords does to other requests.
//   npm run bench:build
//   DATABASE_URL=postgresql://… NODE_ENV=production node benchmarks/dist/schemes.js [SECONDS] [SCHEME … | flood]
import { fork } from 'node:child_process';
import { createHmac, createPrivateKey, createSecretKey, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { digestHA1, digestResponse } from '@rf/digest';
import { hawkMac } from '@rf/hawk';
import { type MessageSigner, signMessage } from '@rf/http-signature';
import { signatureBaseString, signWithSecrets } from '@rf/oauth1';
import { createTestDatabase } from '@rf/testing/database';
import type { SchemesReady, ServerUse } from './schemes-server.ts';

const seconds = Number(process.argv[2] ?? 1);
const wanted = process.argv.slice(3);
const CONNECTIONS = 32;
const ROUNDS = 5;

const database = await createTestDatabase();
const server = fork(import.meta.filename.replace(/schemes(?=\.\w+$)/, 'schemes-server'), {
  env: { ...process.env, DATABASE_URL: database.url },
});
const [ready] = (await once(server, 'message')) as [SchemesReady];
const host = `127.0.0.1:${ready.port}`;

async function ask(message: 'reset' | 'read'): Promise<ServerUse> {
  server.send(message);
  const [use] = (await once(server, 'message')) as [ServerUse];
  return use;
}

/** The text of a request of a scheme. Digest, Hawk, OAuth 1.0a and HTTP signatures sign each anew. */
function requestOf(scheme: string): () => string {
  const text = (header: string) => `GET /${scheme} HTTP/1.1\r\nHost: ${host}\r\n${header}\r\n\r\n`;
  if (scheme === 'none') return () => text('Accept: */*');
  if (scheme === 'digest') return () => text(`Authorization: ${signDigest()}`);
  if (scheme === 'hawk') return () => text(`Authorization: ${signHawk()}`);
  if (scheme in signers) return () => text(signMessageFor(scheme));
  if (scheme === 'oauth1') return () => text(`Authorization: ${signOAuth1()}`);
  if (scheme === 'cavage') return () => text(signCavage());
  const name = scheme === 'session' ? 'Cookie' : 'Authorization';
  const fixed = text(`${name}: ${ready.headers[scheme]}`);
  return () => fixed;
}

let challenge = { nonce: '', opaque: '' };
let count = 0;

function signDigest(): string {
  count += 1;
  const input = {
    algorithm: 'SHA-256',
    qop: 'auth',
    method: 'GET',
    uri: '/digest',
    cnonce: 'c',
    nonce: challenge.nonce,
    nc: count.toString(16).padStart(8, '0'),
  } as const;
  const response = digestResponse({ ...input, ha1: digestHA1('SHA-256', 'alice', 'api', 'digest-pw') });
  return (
    `Digest username="alice", realm="api", uri="/digest", algorithm=SHA-256, nonce="${input.nonce}", nc=${input.nc}, ` +
    `cnonce="c", qop=auth, response="${response}", opaque="${challenge.opaque}"`
  );
}

function signHawk(): string {
  const { id, key } = ready.hawk;
  const artifacts = {
    ts: Math.floor(Date.now() / 1000),
    nonce: randomBytes(9).toString('base64url'),
    method: 'GET',
    resource: '/hawk',
    host: '127.0.0.1',
    port: ready.port,
  };
  const mac = hawkMac('header', artifacts, key, 'sha256');
  return `Hawk id="${id}", ts="${artifacts.ts}", nonce="${artifacts.nonce}", mac="${mac}"`;
}

const signers: Readonly<Record<string, Pick<MessageSigner, 'algorithm' | 'key'> & { keyId: string }>> = {
  'signature-hmac-sha256': {
    algorithm: 'hmac-sha256',
    key: createSecretKey(ready.signatures.hmac.secret, 'base64'),
    keyId: ready.signatures.hmac.keyId,
  },
  'signature-ed25519': {
    algorithm: 'ed25519',
    key: createPrivateKey(ready.signatures.ed25519.privateKey),
    keyId: ready.signatures.ed25519.keyId,
  },
};

function signMessageFor(scheme: string): string {
  const { algorithm, key, keyId } = signers[scheme] as (typeof signers)[string];
  const { signatureInput, signature } = signMessage(
    { method: 'GET', target: `/${scheme}`, scheme: 'http', authority: host, fields: [] },
    {
      algorithm,
      key,
      components: ['@method', '@authority', '@path', '@query'],
      parameters: {
        created: Math.floor(Date.now() / 1000),
        keyid: keyId,
        nonce: randomBytes(9).toString('base64url'),
      },
    },
  );
  return `Signature-Input: ${signatureInput}\r\nSignature: ${signature}`;
}

function signOAuth1(): string {
  const { consumerKey, token, ...secrets } = ready.oauth1;
  const parameters = [
    ['oauth_consumer_key', consumerKey],
    ['oauth_token', token],
    ['oauth_signature_method', 'HMAC-SHA256'],
    ['oauth_timestamp', String(Math.floor(Date.now() / 1000))],
    ['oauth_nonce', randomBytes(9).toString('base64url')],
  ] as const;
  const baseString = signatureBaseString('GET', { scheme: 'http', host, path: '/oauth1' }, parameters);
  const signature = encodeURIComponent(signWithSecrets('HMAC-SHA256', baseString, secrets));
  const written = parameters.map(([name, value]) => `${name}="${value}"`).join(', ');
  return `OAuth ${written}, oauth_signature="${signature}"`;
}

/** A date has seconds only, so a header that is signed as well makes each request another. */
function signCavage(): string {
  const { keyId, secret } = ready.signatures.hmac;
  const date = new Date().toUTCString();
  const nonce = randomBytes(9).toString('base64url');
  const signed = `(request-target): get /cavage\nhost: ${host}\ndate: ${date}\nx-nonce: ${nonce}`;
  const signature = createHmac('sha256', Buffer.from(secret, 'base64')).update(signed).digest('base64');
  const parameters = `keyId="${keyId}",algorithm="hs2019",headers="(request-target) host date x-nonce",signature="${signature}"`;
  return `Date: ${date}\r\nX-Nonce: ${nonce}\r\nAuthorization: Signature ${parameters}`;
}

interface Load {
  readonly latenciesMs: number[];
  readonly statuses: Map<string, number>;
}

/** Sends one request after the other on each of some connections. */
async function load(request: () => string, connections: number, forMs: number): Promise<Load> {
  const result: Load = { latenciesMs: [], statuses: new Map() };
  const end = performance.now() + forMs;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = connect(ready.port, '127.0.0.1');
      socket.setNoDelay(true);
      await once(socket, 'connect');
      while (performance.now() < end) {
        const start = performance.now();
        socket.write(request());
        const status = await answer(socket);
        result.latenciesMs.push(performance.now() - start);
        result.statuses.set(status, (result.statuses.get(status) ?? 0) + 1);
      }
      socket.destroy();
    }),
  );
  return result;
}

/** The status of one answer, which is read to its end. */
function answer(socket: ReturnType<typeof connect>): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const onData = (chunk: Buffer): void => {
      text += chunk.toString('latin1');
      const head = text.indexOf('\r\n\r\n');
      if (head === -1) return;
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
      if (text.length < head + 4 + length) return;
      socket.off('data', onData);
      socket.off('error', reject);
      resolve(text.slice(9, 12));
    };
    socket.on('data', onData);
    socket.on('error', reject);
  });
}

const percentile = (values: number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN;

/** Requests per second of a scheme, and what each of them costs the server's process. */
interface Measured {
  readonly rate: number;
  readonly cpu: number;
  readonly statements: number;
}

async function measure(scheme: string): Promise<Measured> {
  if (scheme === 'digest') challenge = await digestChallenge();
  const isBasic = scheme === 'basic';
  // A password takes as long as it takes; warming up would change nothing.
  if (!isBasic) await load(requestOf(scheme), CONNECTIONS, 500);
  await ask('reset');
  const start = performance.now();
  const { latenciesMs, statuses } = await load(requestOf(scheme), isBasic ? 8 : CONNECTIONS, seconds * 1000);
  const elapsed = (performance.now() - start) / 1000;
  const { cpuMicroseconds, statements } = await ask('read');
  if ([...statuses.keys()].some((status) => status !== '200')) throw new Error(`${scheme}: ${[...statuses]}`);
  return {
    rate: latenciesMs.length / elapsed,
    cpu: cpuMicroseconds / latenciesMs.length,
    statements: statements / latenciesMs.length,
  };
}

async function digestChallenge(): Promise<typeof challenge> {
  const header = (await fetch(`http://${host}/digest`)).headers.get('www-authenticate') ?? '';
  const value = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(header)?.[1] ?? '';
  return { nonce: value('nonce'), opaque: value('opaque') };
}

async function compareSchemes(): Promise<void> {
  const schemes = [
    'token',
    'none',
    'access-token',
    'session',
    'jwt-stateless',
    'jwt',
    'oauth2',
    'oauth1',
    'digest',
    'hawk',
    ...Object.keys(signers),
    'cavage',
    'basic',
  ];
  const chosen = schemes.filter((scheme) => wanted.length === 0 || wanted.includes(scheme));
  process.stdout.write(
    '| scheme | requests/s | of Token | µs of processor time | statements |\n| --- | --- | --- | --- | --- |\n',
  );
  // The first thousands of requests are slow, whichever scheme's they are.
  for (const scheme of ['token', ...chosen]) if (scheme !== 'basic') await measure(scheme);
  for (const scheme of chosen) {
    const rounds: (Measured & { readonly share: number })[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      // Each beside a run of Token: the machine is another from one minute to the next.
      const base = await measure('token');
      const measured = scheme === 'token' ? base : await measure(scheme);
      rounds.push({ ...measured, share: measured.rate / base.rate });
    }
    const median = (name: keyof (typeof rounds)[number]): number =>
      percentile(
        rounds.map((round) => round[name]),
        0.5,
      );
    const rate = median('rate');
    const shown = rate < 100 ? rate.toFixed(1) : String(Math.round(rate));
    const share = median('share').toFixed(rate < 100 ? 4 : 2);
    const cpu = Math.round(median('cpu'));
    process.stdout.write(`| ${scheme} | ${shown} | ${share} | ${cpu} | ${median('statements').toFixed(2)} |\n`);
  }
}

/** What others notice while 50 clients send wrong passwords. */
async function flood(): Promise<void> {
  const wrong = `GET /basic HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Basic ${btoa('alice:wrong')}\r\n\r\n`;
  process.stdout.write('| Basic clients | event-loop delay p99 | Token request p50 | p99 | wrong passwords/s |\n');
  process.stdout.write('| --- | --- | --- | --- | --- |\n');
  for (const clients of [0, 50]) {
    const forMs = seconds * 2000;
    const attack = load(() => wrong, clients, forMs);
    await new Promise((resolve) => setTimeout(resolve, 500));
    await ask('reset');
    const { latenciesMs } = await load(requestOf('token'), 1, forMs - 1000);
    const { loopDelayP99Ms } = await ask('read');
    const { statuses } = await attack;
    const refused = (statuses.get('401') ?? 0) / (forMs / 1000);
    const shown = [percentile(latenciesMs, 0.5), percentile(latenciesMs, 0.99)].map((ms) => `${ms.toFixed(2)} ms`);
    process.stdout.write(
      `| ${clients} | ${loopDelayP99Ms.toFixed(2)} ms | ${shown.join(' | ')} | ${refused.toFixed(1)} |\n`,
    );
    if ([...statuses.keys()].some((status) => status !== '401' && status !== '503')) {
      throw new Error(`flood: ${[...statuses]}`);
    }
  }
}

try {
  if (wanted[0] === 'flood') await flood();
  else await compareSchemes();
} finally {
  server.disconnect();
  await once(server, 'exit');
  await database.remove();
}
