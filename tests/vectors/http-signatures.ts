import { createPublicKey, createSecretKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { secretBox, users } from '@rf/auth';
import {
  CavageSignatureAuthentication,
  cavageSigningString,
  checkContentDigest,
  componentItem,
  componentValue,
  createSignatureKey,
  HttpSignatureAuthentication,
  httpSignature,
  type Message,
  readCavage,
  readComponent,
  readLabelInput,
  type RequestMessage,
  type SignatureAlgorithm,
  SignatureError,
  SignatureKey,
  signatureBase,
  verifyMessage,
  verifySignature,
} from '@rf/http-signature';
import { db } from '@rf/orm';
import { authenticationClasses, IsAuthenticated, path, permissionClasses } from '@rf/views';
import { VectorServer, WhoView } from './server.ts';
import { sameJson, type VectorResult } from './vector-module.ts';

interface VectorMessage {
  readonly method?: string;
  readonly target?: string;
  readonly status?: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly trailers?: readonly (readonly [string, string])[];
  readonly body?: string;
}

interface MessageRecord {
  readonly id: string;
  readonly source: string;
  readonly message: VectorMessage;
  readonly request?: VectorMessage;
  readonly scheme?: 'http' | 'https';
  readonly label?: string;
  readonly keyid?: string;
  readonly signature_base?: string;
  /** Of a record whose list cannot be made into a text: there is no signature then. */
  readonly signature_input?: string;
  readonly crypto_verdict?: 'valid';
  readonly verdict: 'accept' | 'reject' | 'accept-then-reject' | 'not-attempted';
}

interface CavageRecord {
  readonly id: string;
  readonly source: string;
  readonly message: VectorMessage;
  readonly header_name: string;
  readonly header_value: string;
  readonly signing_string?: string;
  readonly alg?: 'rsa-sha256' | 'hmac-sha256';
  readonly secret?: string;
  readonly clock_accept?: number;
  readonly clock_reject?: number;
  readonly verdict: 'accept' | 'reject';
}

interface VectorKey {
  readonly alg: SignatureAlgorithm;
  readonly publicJwk?: JsonWebKey;
  readonly secretBase64?: string;
}

interface Vectors {
  readonly keys: Readonly<Record<string, VectorKey>>;
  readonly clock_for_own_vectors: number;
  readonly signature_base: readonly {
    readonly id: string;
    readonly message: VectorMessage;
    readonly scheme: 'http' | 'https';
    readonly identifier: string;
    readonly expected_value: string;
    readonly expected_line: string;
  }[];
  readonly signed_messages: readonly MessageRecord[];
  readonly content_digest: readonly {
    readonly id: string;
    readonly body_base64: string;
    readonly content_digest: string;
    readonly verdict: 'accept' | 'reject' | 'implementation-defined';
  }[];
  readonly negative: readonly MessageRecord[];
  readonly cavage: {
    readonly keys: { readonly Test: { readonly publicPem: string } };
    readonly vectors: readonly CavageRecord[];
  };
}

@authenticationClasses(HttpSignatureAuthentication)
@permissionClasses(IsAuthenticated)
class Notes extends WhoView {}

@authenticationClasses(CavageSignatureAuthentication)
@permissionClasses(IsAuthenticated)
class Foo extends WhoView {}

export const file = 'http-signatures.json';

/** The RFC's examples use a structured field of their own. */
const structured = { 'example-dict': 'dictionary' } as const;

export async function* run(vectors: Vectors): AsyncIterable<VectorResult> {
  for (const { id, message, scheme, identifier, expected_value, expected_line } of vectors.signature_base) {
    const component = readComponent(componentItem(identifier));
    const value = componentValue(component, read(message, scheme), structured);
    yield sameJson(id, [expected_value, expected_line], [value, `${component.text}: ${value}`]);
  }
  for (const record of vectors.content_digest) {
    // Decided: the padding that RFC 9530 prints too much is refused, as RFC 9651 has it.
    const expected = record.verdict === 'implementation-defined' ? 'reject' : record.verdict;
    const body = Buffer.from(record.body_base64, 'base64');
    yield sameJson(
      record.id,
      expected,
      verdictOf(() => checkContentDigest(record.content_digest, body)),
    );
  }
  for (const record of [...vectors.signed_messages, ...vectors.negative]) {
    if (record.signature_base !== undefined) yield moduleCase(record, vectors.keys);
    else if (record.signature_input !== undefined) yield listCase(record);
  }
  yield* requestCases(vectors);
  for (const record of vectors.cavage.vectors) {
    if (record.signing_string !== undefined && record.alg !== undefined) yield cavageCase(record, vectors.cavage.keys);
  }
  yield* cavageRequestCases(vectors.cavage);
}

function read(message: VectorMessage, scheme: 'http' | 'https' = 'https', request?: VectorMessage): Message {
  const fields = message.headers.flat();
  const trailers = message.trailers?.flat() ?? [];
  if (message.status !== undefined) {
    const asked = request === undefined ? {} : { request: read(request, scheme) as RequestMessage };
    return { status: message.status, fields, trailers, ...asked };
  }
  const authority = message.headers.find(([name]) => name === 'Host')?.[1] ?? '';
  return { method: message.method ?? '', target: message.target ?? '', scheme, authority, fields, trailers };
}

function verdictOf(check: () => unknown): 'accept' | 'reject' {
  try {
    check();
    return 'accept';
  } catch (error) {
    if (!(error instanceof SignatureError)) throw error;
    return 'reject';
  }
}

function keyOf({ publicJwk, secretBase64 }: VectorKey): KeyObject {
  if (secretBase64 !== undefined) return createSecretKey(secretBase64, 'base64');
  return createPublicKey({ key: publicJwk as JsonWebKey, format: 'jwk' });
}

/** The text that is signed, and whether the signature is that of the text. */
function moduleCase(record: MessageRecord, keys: Vectors['keys']): VectorResult {
  const message = read(record.message, record.scheme, record.request);
  const key = keys[record.keyid as string] as VectorKey;
  const expected = record.crypto_verdict === 'valid' ? 'accept' : record.verdict;
  let base = '';
  const verdict = verdictOf(() => {
    const { components, text } = readLabelInput(message, record.label as string);
    base = signatureBase(components, text, message, structured);
    return verifyMessage(message, record.label as string, { algorithm: key.alg, key: keyOf(key) }, structured);
  });
  return sameJson(record.id, [record.signature_base, expected], [base, verdict]);
}

/** A list that cannot be made into a text. */
function listCase(record: MessageRecord): VectorResult {
  const { headers } = record.message;
  const fields = [...headers, ['Signature-Input', record.signature_input as string] as const];
  const message = read({ ...record.message, headers: fields }, record.scheme);
  const verdict = verdictOf(() => {
    const { components, text } = readLabelInput(message, 'sig1');
    signatureBase(components, text, message, structured);
  });
  return sameJson(record.id, record.verdict, verdict);
}

async function* requestCases(vectors: Vectors): AsyncIterable<VectorResult> {
  const server = await VectorServer.start({
    users: [{ username: 'alice' }],
    apps: [httpSignature()],
    urls: ['/api/notes/', '/api/users/'].map((url) => path(url, Notes)),
    clock: () => vectors.clock_for_own_vectors * 1000,
  });
  try {
    const alice = await users(server.site).findOneByOrFail({ username: 'alice' });
    for (const [keyId, { alg, publicJwk, secretBase64 }] of Object.entries(vectors.keys)) {
      const material =
        secretBase64 === undefined
          ? { publicKey: JSON.stringify(publicJwk) }
          : { secret: Buffer.from(secretBase64, 'base64') };
      await createSignatureKey(server.site, alice, { keyId, algorithm: alg, ...material });
    }
    for (const record of [...vectors.signed_messages, ...vectors.negative]) {
      if (!record.source.startsWith('own') || record.signature_input !== undefined) continue;
      await db(server.site).query('DELETE FROM auth_replay');
      const first = await send(server, record.message);
      const id = `request ${record.id}`;
      if (record.verdict === 'not-attempted') {
        const { detail } = first.body as { detail?: string };
        yield sameJson(id, 'Authentication credentials were not provided.', detail);
      } else if (record.verdict === 'accept-then-reject') {
        yield sameJson(id, [200, 401], [first.status, (await send(server, record.message)).status]);
      } else {
        yield sameJson(id, record.verdict === 'accept' ? 200 : 401, first.status);
      }
    }
  } finally {
    await server.close();
  }
}

function send(server: VectorServer, { method = '', target = '', headers, body }: VectorMessage) {
  return server.send(method, target, { ...Object.fromEntries(headers), 'X-Forwarded-Proto': 'https' }, body);
}

function cavageCase(record: CavageRecord, keys: Vectors['cavage']['keys']): VectorResult {
  const params = readCavage(record.header_value.replace(/^Signature /, ''));
  // The draft's own example lists (created) with an algorithm that may not have it.
  const relaxed = { ...params, algorithm: 'hs2019' };
  const text = cavageSigningString(relaxed, read(record.message) as RequestMessage);
  const isSecret = record.secret !== undefined;
  const key = isSecret ? createSecretKey(Buffer.from(record.secret)) : createPublicKey(keys.Test.publicPem);
  const isRight = verifySignature(isSecret ? 'hmac-sha256' : 'rsa-v1_5-sha256', key, text, params.signature);
  return sameJson(
    `cavage ${record.id}`,
    [record.signing_string, record.verdict],
    [text, isRight ? 'accept' : 'reject'],
  );
}

async function* cavageRequestCases({ keys, vectors }: Vectors['cavage']): AsyncIterable<VectorResult> {
  const clock = { seconds: 0 };
  const server = await VectorServer.start({
    users: [{ username: 'alice' }],
    apps: [httpSignature()],
    urls: [path('/foo', Foo)],
    clock: () => clock.seconds * 1000,
  });
  try {
    const manager = db(server.site);
    const alice = await users(server.site).findOneByOrFail({ username: 'alice' });
    for (const record of vectors) {
      if (!record.source.startsWith('own')) continue;
      const signed = Date.parse(record.message.headers.find(([name]) => name === 'Date')?.[1] ?? '') / 1000;
      await manager.query('DELETE FROM http_signature_key');
      const secret = record.secret === undefined ? null : Buffer.from(record.secret).toString('base64');
      const created = new Date(0);
      // The draft's key has 1024 bits, which createSignatureKey refuses.
      await manager.save(
        manager.create(SignatureKey, {
          keyId: 'Test',
          algorithm: secret === null ? 'rsa-v1_5-sha256' : 'hmac-sha256',
          publicJwk: secret === null ? createPublicKey(keys.Test.publicPem).export({ format: 'jwk' }) : null,
          secretSealed: secret === null ? null : secretBox(server.site).seal(secret),
          user: alice,
          name: '',
          active: true,
          notBefore: created,
          expires: null,
          created,
          lastUsed: null,
        }),
      );
      const headers = [...record.message.headers, [record.header_name, record.header_value] as const];
      const times = [
        [record.clock_accept, 200],
        [record.clock_reject, 401],
      ] as const;
      const given = times.filter(([seconds]) => seconds !== undefined);
      const moments = given.length > 0 ? given : [[signed, record.verdict === 'accept' ? 200 : 401] as const];
      for (const [seconds, expected] of moments) {
        clock.seconds = seconds as number;
        await manager.query('DELETE FROM auth_replay');
        const { status } = await send(server, { ...record.message, headers });
        yield sameJson(`cavage request ${record.id} at ${clock.seconds}`, expected, status);
      }
    }
  } finally {
    await server.close();
  }
}
