import { hashOpaqueToken, users } from '@rf/auth';
import {
  baseStringUri,
  type ConsumerStatus,
  InitiateView,
  normalizeParameters,
  OAuth1AccessToken,
  OAuth1Consumer,
  OAuthAuthentication,
  OAuth1TemporaryCredentials,
  oauth1,
  oauth1Provider,
  percentDecode,
  percentEncode,
  type SignatureMethod,
  signatureMethods,
  signWithKey,
  signWithSecrets,
  TokenView,
  verifySignature,
} from '@rf/oauth1';
import { db } from '@rf/orm';
import { authenticationClasses, IsAuthenticated, path, permissionClasses } from '@rf/views';
import {
  authorize,
  CALLBACK,
  type Credentials,
  exchange,
  initiate,
  obtainToken,
  sendSigned,
  type Server,
  startServer,
} from '../../packages/oauth1/tests/server.ts';
import { VectorServer, WhoView } from './server.ts';
import { sameJson, type VectorResult } from './vector-module.ts';

interface SentRequest {
  readonly method: string;
  readonly scheme: 'http' | 'https';
  readonly host: string;
  readonly target: string;
  readonly content_type?: string;
  readonly body?: string;
  readonly authorization: string;
}

interface RequestRecord {
  readonly id: string;
  readonly request: SentRequest;
  readonly base_string?: string;
  readonly client_secret: string;
  readonly token_secret: string;
  readonly public_key_pem?: string;
  /** Null: the consumer has no secret. */
  readonly signature_valid?: boolean | null;
  readonly verdict: 'accept' | 'reject' | 'accept-then-reject';
}

interface Vectors {
  readonly clock_for_own_vectors: number;
  readonly encoding: readonly { readonly input: string; readonly expected: string }[];
  readonly normalization: readonly {
    readonly parameters: readonly (readonly [string, string])[];
    readonly expected: string;
  }[];
  readonly base_uri: readonly {
    readonly scheme: string;
    readonly host: string;
    readonly path: string;
    readonly expected: string;
  }[];
  readonly base_string: readonly {
    readonly id: string;
    readonly request: SentRequest;
    readonly expected: string;
  }[];
  readonly signature: readonly {
    readonly id: string;
    readonly method: SignatureMethod;
    readonly base_string: string;
    readonly client_secret?: string;
    readonly token_secret?: string;
    readonly private_key_pem?: string;
    readonly public_key_pem?: string;
    readonly signature: string;
    readonly printed_in_rfc?: string;
  }[];
  readonly requests: readonly RequestRecord[];
  readonly negative: readonly RequestRecord[];
  readonly flow_negative: readonly { readonly case: string; readonly expected: string }[];
}

export const file = 'oauth1.json';

export async function* run(vectors: Vectors): AsyncIterable<VectorResult> {
  for (const { input, expected } of vectors.encoding) {
    const got = [percentEncode(input), percentDecode(expected)];
    yield sameJson(`encoding ${expected}`, [expected, input], got);
  }
  for (const { parameters, expected } of vectors.normalization) {
    yield sameJson(`normalization ${expected}`, expected, normalizeParameters(parameters));
  }
  for (const { expected, ...place } of vectors.base_uri) {
    yield sameJson(`base URI ${expected}`, expected, baseStringUri(place));
  }
  for (const record of vectors.signature) yield signatureCase(record);
  yield* requestCases(vectors);
  yield* flowCases(vectors.flow_negative);
}

function signatureCase(record: Vectors['signature'][number]): VectorResult {
  const { id, method, base_string: baseString, signature, private_key_pem: privateKey } = record;
  const secrets = { consumerSecret: record.client_secret ?? '', tokenSecret: record.token_secret ?? '' };
  const key = record.public_key_pem === undefined ? secrets : { publicKey: record.public_key_pem };
  const made =
    privateKey === undefined
      ? signWithSecrets(method as 'HMAC-SHA1', baseString, secrets)
      : signWithKey(method as 'RSA-SHA1', baseString, privateKey);
  const printed = record.printed_in_rfc ?? 'another';
  const got = [
    made,
    verifySignature(method, baseString, signature, key),
    verifySignature(method, baseString, printed, key),
  ];
  return sameJson(`signature ${id}`, [signature, true, false], got);
}

@authenticationClasses(OAuthAuthentication)
@permissionClasses(IsAuthenticated)
class Resource extends WhoView {}

/** The paths of the requests; what is no endpoint of the provider is a protected view. */
const RESOURCES = ['/photos', '/api/notes/', '/api/users/', '/1.1/statuses/update.json', '/request'];

async function* requestCases(vectors: Vectors): AsyncIterable<VectorResult> {
  const clock = { seconds: 0 };
  const server = await VectorServer.start({
    users: [{ username: 'alice' }],
    apps: [oauth1({ signatureMethods, twoLegged: true })],
    urls: [path('/initiate', InitiateView), path('/token', TokenView), ...RESOURCES.map((url) => path(url, Resource))],
    clock: () => clock.seconds * 1000,
  });
  try {
    for (const { id, request, expected } of vectors.base_string) {
      yield sameJson(`base string ${id}`, expected, await baseStringOf(server, clock, request, expected));
    }
    for (const record of [...vectors.requests, ...vectors.negative]) {
      const isOwn = record.request.host === '127.0.0.1:8000' || record.request.host === 'evil.example';
      const sentAt = Number(/oauth_timestamp="(\d+)"/.exec(record.request.authorization)?.[1]);
      clock.seconds = isOwn ? vectors.clock_for_own_vectors : sentAt;
      yield await requestCase(server, record);
    }
  } finally {
    await server.close();
  }
}

/** A request without signature cannot be sent: it is signed with secrets of our own, and accepted only if we sign the expected text. */
async function baseStringOf(
  server: VectorServer,
  clock: { seconds: number },
  request: SentRequest,
  expected: string,
): Promise<string> {
  const secrets = { consumerSecret: 'consumer secret', tokenSecret: 'token secret' };
  const signature = percentEncode(signWithSecrets('HMAC-SHA1', expected, secrets));
  const authorization = `${request.authorization}, oauth_signature="${signature}"`;
  clock.seconds = Number(/oauth_timestamp="(\d+)"/.exec(authorization)?.[1]);
  const record = {
    id: '',
    request: { ...request, authorization },
    client_secret: secrets.consumerSecret,
    token_secret: secrets.tokenSecret,
    verdict: 'accept' as const,
  };
  const { ok, message } = await requestCase(server, record);
  return ok ? expected : (message ?? 'refused');
}

async function requestCase(server: VectorServer, record: RequestRecord): Promise<VectorResult> {
  await know(server, record);
  const { request } = record;
  const statuses = [await send(server, request)];
  if (record.verdict === 'accept-then-reject') {
    statuses.push(await send(server, request));
    return sameJson(record.id, [200, 401], statuses);
  }
  const got = statuses[0] === 200 ? 'accept' : statuses[0] === 401 || statuses[0] === 400 ? 'reject' : statuses[0];
  return sameJson(record.id, record.verdict, got);
}

/** Writes consumer and tokens of a record, past the checks of `createConsumer`, which refuses the short RSA key of the vectors. */
async function know(server: VectorServer, record: RequestRecord): Promise<void> {
  const manager = db(server.site);
  await manager.query('DELETE FROM auth_replay');
  await manager.query('DELETE FROM oauth1_consumer');
  const { request, public_key_pem: publicKey = null } = record;
  const named = (name: string): string =>
    decodeURIComponent(new RegExp(`${name}="([^"]*)"`).exec(request.authorization)?.[1] ?? '');
  const { secrets } = oauth1Provider(server.site);
  // Where no secret can make the signature valid, the consumer has a key and no secret.
  const isRsa = publicKey !== null || record.signature_valid === null;
  const alice = await users(server.site).findOneByOrFail({ username: 'alice' });
  const created = new Date(0);
  const consumer = await manager.save(
    manager.create(OAuth1Consumer, {
      key: named('oauth_consumer_key') || 'ck1',
      secretSealed: isRsa ? null : secrets.seal(record.client_secret),
      rsaPublicKey: publicKey,
      name: 'Vectors',
      description: '',
      owner: alice,
      status: 'accepted' satisfies ConsumerStatus,
      allowedMethods: signatureMethods.filter((method) => method.startsWith('RSA-') === isRsa),
      callbacks: [named('oauth_callback')],
      scope: 'read write',
      readonly: false,
      created,
    }),
  );
  const text = named('oauth_token');
  if (text === '') return;
  const tokenHash = hashOpaqueToken(text);
  const secretSealed = secrets.seal(record.token_secret);
  const scope = 'read write';
  if (named('oauth_verifier') === '') {
    await manager.save(
      manager.create(OAuth1AccessToken, {
        tokenHash,
        secretSealed,
        consumer,
        user: alice,
        scope,
        created,
        readonly: false,
        expires: null,
        revokedAt: null,
      }),
    );
    return;
  }
  await manager.save(
    manager.create(OAuth1TemporaryCredentials, {
      tokenHash,
      secretSealed,
      consumer,
      user: alice,
      scope,
      callback: CALLBACK,
      verifierSealed: secrets.seal(named('oauth_verifier')),
      authorizedAt: created,
      tries: 0,
      expires: new Date(8.64e15 / 1000),
      usedAt: null,
    }),
  );
}

async function send(server: VectorServer, request: SentRequest): Promise<number> {
  const headers = {
    Host: request.host,
    'X-Forwarded-Proto': request.scheme,
    Authorization: request.authorization,
    ...(request.content_type !== undefined && { 'Content-Type': request.content_type }),
  };
  return (await server.send(request.method, request.target, headers, request.body)).status;
}

type FlowCheck = (server: Server, made: Awaited<ReturnType<Server['consumer']>>) => Promise<readonly unknown[]>;

/** What each case of the flow is tried with; the answer says status, and what else the case is about. */
const FLOW: Readonly<Record<string, readonly [FlowCheck, expected: readonly unknown[]]>> = {
  'initiate without oauth_callback': [async (server, made) => [(await start(server, made, undefined)).status], [400]],
  'initiate with unregistered oauth_callback': [
    async (server, made) => [(await start(server, made, 'https://evil.example/')).status],
    [400],
  ],
  'callback differs only by extra path segment or query': [
    async (server, made) => [
      (await start(server, made, `${CALLBACK}&x=1`)).status,
      (await start(server, made, CALLBACK.replace('/cb', '/cb/more'))).status,
    ],
    [400, 400],
  ],
  'authorize with unknown, expired or already authorized oauth_token': [
    async (server, made) => {
      const authorized = await initiate(server, made);
      await authorize(server, authorized);
      const expired = await initiate(server, made);
      server.clock.now += 600_000;
      const answers: unknown[] = [];
      for (const token of ['unknown', expired.token, authorized.token]) {
        const browser = server.browser();
        await browser.login('alice');
        const { status, location } = await browser.get(`/oauth1/authorize/?oauth_token=${token}`);
        answers.push(status, location);
      }
      server.clock.now -= 600_000;
      return answers;
    },
    [400, null, 400, null, 400, null],
  ],
  'authorize denied by the user': [
    async (server, made) => {
      const temporary = await initiate(server, made);
      const answer = await authorize(server, temporary, { decision: 'deny' });
      const left = await db(server.site).countBy(OAuth1TemporaryCredentials, {
        tokenHash: hashOpaqueToken(temporary.token),
      });
      return [answer.get('oauth_problem'), answer.has('oauth_verifier'), left];
    },
    ['permission_denied', false, 0],
  ],
  'token request without oauth_verifier': [
    async (server, made) => {
      const [temporary] = await allowed(server, made);
      return [(await exchange(server, made, temporary, undefined)).status];
    },
    [400],
  ],
  'token request with a wrong oauth_verifier': [
    async (server, made) => {
      const [temporary, verifier] = await allowed(server, made);
      const wrong = await exchange(server, made, temporary, 'wrong');
      return [wrong.status, (await exchange(server, made, temporary, verifier)).status];
    },
    [401, 401],
  ],
  'token request before authorization': [
    async (server, made) => [(await exchange(server, made, await initiate(server, made), 'early')).status],
    [401],
  ],
  'temporary credentials used twice': [
    async (server, made) => {
      const [temporary, verifier] = await allowed(server, made);
      const first = await exchange(server, made, temporary, verifier);
      return [first.status, (await exchange(server, made, temporary, verifier)).status];
    },
    [200, 401],
  ],
  'temporary credentials of client A used by client B': [
    async (server, made) => {
      const [temporary, verifier] = await allowed(server, made);
      return [(await exchange(server, await server.consumer(), temporary, verifier)).status];
    },
    [401],
  ],
  'temporary credentials used as access token at a resource': [
    async (server, made) => {
      const [token] = await allowed(server, made);
      return [(await sendSigned({ url: `${server.url}/me/`, ...made, token })).status];
    },
    [401],
  ],
  'access token used by another consumer key': [
    async (server, made) => {
      const token = await obtainToken(server, made);
      return [(await sendSigned({ url: `${server.url}/me/`, ...(await server.consumer()), token })).status];
    },
    [401],
  ],
  'access token after revocation': [
    async (server, made) => {
      const request = { url: `${server.url}/me/`, ...made, token: await obtainToken(server, made) };
      const before = (await sendSigned(request)).status;
      const tokenHash = hashOpaqueToken(request.token.token);
      await db(server.site).update(OAuth1AccessToken, { tokenHash }, { revokedAt: new Date(server.clock.now) });
      return [before, (await sendSigned(request)).status];
    },
    [200, 401],
  ],
  'initiate over http when TLS is required': [
    async (server, made) => {
      const origin = 'http://api.example.com';
      const headers = { 'x-forwarded-host': 'api.example.com', 'x-forwarded-proto': 'http' };
      return [(await start(server, made, CALLBACK, origin, headers)).status];
    },
    [403],
  ],
};

function start(
  server: Server,
  made: Awaited<ReturnType<Server['consumer']>>,
  oauth_callback: string | undefined,
  origin = server.url,
  headers: Readonly<Record<string, string>> = {},
) {
  const url = `${server.url}/oauth1/initiate/`;
  return sendSigned({ url, method: 'POST', ...made, more: { oauth_callback }, origin }, headers);
}

async function allowed(
  server: Server,
  made: Awaited<ReturnType<Server['consumer']>>,
): Promise<readonly [Credentials, verifier: string]> {
  const temporary = await initiate(server, made);
  return [temporary, (await authorize(server, temporary)).get('oauth_verifier') ?? ''];
}

async function* flowCases(records: Vectors['flow_negative']): AsyncIterable<VectorResult> {
  const server = await startServer({ settings: { trustedProxies: 1 } });
  try {
    const made = await server.consumer();
    for (const record of records) {
      const found = FLOW[record.case];
      if (found === undefined) {
        yield { id: record.case, ok: false, message: `nothing tries: ${record.expected}` };
        continue;
      }
      const [check, expected] = found;
      yield sameJson(record.case, expected, await check(server, made));
    }
  } finally {
    await server.close();
  }
}
