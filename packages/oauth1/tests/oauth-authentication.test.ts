import { createHash, generateKeyPairSync } from 'node:crypto';
import { createConnection } from 'node:net';
import { createUser, replayMemory, userModel, users } from '@rf/auth';
import {
  issueOAuth1AccessToken,
  OAuth1AccessToken,
  OAuth1Consumer,
  OAuthAuthentication,
  oauth1Provider,
  percentEncode,
  type SignatureMethod,
} from '@rf/oauth1';
import { db } from '@rf/orm';
import { APIView, authenticationClasses, path, type Request } from '@rf/views';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bitChanges, headerBitChanges, inTurn, targetBitChanges } from '../../auth/tests/bit-changes.ts';
import { sendExactly } from '../../auth/tests/exact-request.ts';
import {
  type Answer,
  type Credentials,
  headerOf,
  obtainToken,
  send,
  sendSigned,
  type Server,
  signedParameters,
  startServer,
  startTwin,
  type ToSign,
} from './server.ts';

const rsa = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

/** Fails after it was authenticated, in the transaction of its request. */
@authenticationClasses(OAuthAuthentication)
class Failing extends APIView {
  override async post(request: Request) {
    await db(request).query('DELETE FROM auth_replay');
    throw new Error('rolled back');
  }
}

let server: Server;
let made: Awaited<ReturnType<Server['consumer']>>;
let token: Credentials;
beforeAll(async () => {
  server = await startServer({
    oauth1: { signatureMethods: ['HMAC-SHA1', 'HMAC-SHA256', 'HMAC-SHA512', 'RSA-SHA256', 'RSA-SHA512', 'PLAINTEXT'] },
    urls: [path('/failing/', Failing)],
    settings: { trustedProxies: 1, atomicRequests: true },
  });
  made = await server.consumer();
  token = await obtainToken(server, made);
});
afterAll(() => server.close());

const asked = (changes: Partial<ToSign> = {}): ToSign => ({
  url: `${server.url}/me/`,
  consumer: made.consumer,
  secret: made.secret,
  token,
  ...changes,
});

/** A consumer that signs in this way, with a token of alice's, and what the proxy in front says. */
async function signingBy(
  signatureMethod: SignatureMethod,
): Promise<{ asking: ToSign; headers: Record<string, string> }> {
  if (signatureMethod.startsWith('HMAC-')) return { asking: asked({ signatureMethod }), headers: {} };
  const isRsa = signatureMethod.startsWith('RSA-');
  const own = await server.consumer(isRsa ? { rsaPublicKey: rsa.publicKey } : { allowedMethods: ['PLAINTEXT'] });
  const user = await users(server.site).findOneByOrFail({ username: 'alice' });
  const issued = await issueOAuth1AccessToken(db(server.site), oauth1Provider(server.site), {
    consumer: own.consumer,
    user,
  });
  const asking = asked({ ...own, token: issued, signatureMethod, privateKey: rsa.privateKey });
  return { asking, headers: isRsa ? {} : { 'x-forwarded-proto': 'https' } };
}

/** False for what no HTTP client sends. */
// The characters that headers cannot have.
const isHeaderText = (text: string): boolean => !/[\x00-\x08\x0a-\x1f\x7f]/.test(text);

const refusal = ({ status, body }: Answer): readonly [number, string] => [status, body.detail];

const ALICE = { user: 'alice', auth: 'OAuth1AccessToken' };

describe('a signed request is accepted', () => {
  test('with the parameters in the header, the query or the form', async () => {
    const form = { title: 'a b+c', 'é!': "it's" };
    const url = `${server.url}/me/?a=2&a=1&b=x%20y&c=%C3%A9&d=it's&e`;
    expect((await sendSigned(asked({ url, method: 'POST', form }))).body).toEqual(ALICE);

    const inQuery = new URL(url);
    for (const [name, value] of signedParameters(asked({ url }))) inQuery.searchParams.append(name, value);
    expect((await send(inQuery.href)).body).toEqual(ALICE);

    const inForm = new URLSearchParams(form);
    for (const [name, value] of signedParameters(asked({ url, method: 'POST', form }))) inForm.append(name, value);
    expect((await send(url, { method: 'POST', body: inForm })).body).toEqual(ALICE);
  });

  test.each<SignatureMethod>(['HMAC-SHA1', 'HMAC-SHA256', 'HMAC-SHA512'])('by %s', async (signatureMethod) => {
    expect((await sendSigned(asked({ signatureMethod }))).body).toEqual(ALICE);
  });

  test.each<SignatureMethod>(['RSA-SHA256', 'RSA-SHA512'])('by %s, without any secret', async (signatureMethod) => {
    const own = await server.consumer({ rsaPublicKey: rsa.publicKey });
    expect(own.secret).toBe(null);
    const signing = { consumer: own.consumer, secret: null, privateKey: rsa.privateKey, signatureMethod };
    const temporary = await sendSigned({
      ...signing,
      url: `${server.url}/oauth1/initiate/`,
      method: 'POST',
      more: { oauth_callback: 'https://client.example/cb?from=notes' },
    });
    expect(temporary.status).toBe(200);
  });

  test('from a client that signs the name a proxy has', async () => {
    const origin = 'https://api.example.com';
    const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'API.example.com:443' };
    expect((await sendSigned(asked({ origin }), headers)).body).toEqual(ALICE);
    expect((await sendSigned(asked({ origin }))).status).toBe(401);
  });

  test('beside a JSON body, which oauth_body_hash covers', async () => {
    const body = '{"title":"a"}';
    const hash = (algorithm: string) => createHash(algorithm).update(body).digest('base64');
    const post = (sent: string, oauth_body_hash: string | undefined): Promise<Answer> =>
      send(`${server.url}/me/`, {
        method: 'POST',
        body: sent,
        headers: {
          'content-type': 'application/json',
          authorization: headerOf(signedParameters(asked({ method: 'POST', more: { oauth_body_hash } }))),
        },
      });
    expect((await post(body, undefined)).status).toBe(200);
    expect((await post(body, hash('sha1'))).status).toBe(200);
    expect((await post(body, hash('sha256'))).status).toBe(200);
    expect(refusal(await post('{"title":"b"}', hash('sha1')))).toEqual([401, 'Invalid body hash']);
    expect(refusal(await post(body, 'AAAA'))).toEqual([401, 'Invalid body hash']);
  });
});

describe('a request is refused', () => {
  describe.each<SignatureMethod>(['HMAC-SHA1', 'HMAC-SHA256', 'HMAC-SHA512', 'RSA-SHA256', 'RSA-SHA512', 'PLAINTEXT'])(
    'that is signed by %s',
    (signatureMethod) => {
      // PLAINTEXT signs nothing of the request; its consumer, its token and both secrets must be right.
      const ofPlaintext = ['oauth_consumer_key', 'oauth_token', 'oauth_signature_method', 'oauth_signature'];

      test('when one bit of a parameter is changed', async () => {
        const { asking, headers } = await signingBy(signatureMethod);
        const parameters = signedParameters({ ...asking, nonce: `bits of ${signatureMethod}` });
        const accepted: string[] = [];
        const attempt = async (name: string, authorization: string): Promise<void> => {
          const { status } = await send(`${server.url}/me/`, { headers: { ...headers, authorization } });
          if (status !== 401 && status !== 400) accepted.push(`${status} ${name}: ${authorization}`);
        };
        const pending = parameters
          .filter(([name]) => signatureMethod !== 'PLAINTEXT' || ofPlaintext.includes(name))
          .flatMap(([name, value], at) =>
            bitChanges(percentEncode(value))
              .filter(isHeaderText)
              .map((changed) => {
                const written = parameters.map(([other, text]) => `${other}="${percentEncode(text)}"`);
                return [name, `OAuth ${written.with(at, `${name}="${changed}"`).join(', ')}`] as const;
              }),
          );
        expect(new Set(pending.map(([name]) => name)).size).toBe(signatureMethod === 'PLAINTEXT' ? 4 : 7);
        while (pending.length > 0) await Promise.all(pending.splice(0, 32).map((change) => attempt(...change)));
        expect(accepted).toEqual([]);
        const authorization = headerOf(parameters);
        expect((await send(`${server.url}/me/`, { headers: { ...headers, authorization } })).body).toEqual(ALICE);
      }, 60_000);
    },
  );

  test('when one bit of its header is changed, names and separators too', async () => {
    const header = headerOf(signedParameters(asked({ nonce: 'bits' })));
    // Without the case of the scheme word, which does not count (RFC 9110, section 11.1).
    const changes = bitChanges(header).filter(
      (changed) => isHeaderText(changed) && (!/^oauth /i.test(changed) || changed.startsWith('OAuth')),
    );
    expect(changes.length).toBeGreaterThan(2000);
    const accepted: string[] = [];
    const attempt = async (changed: string): Promise<void> => {
      const { status } = await send(`${server.url}/me/`, { headers: { authorization: changed } });
      if (status !== 401 && status !== 400) accepted.push(`${status} ${changed}`);
    };
    while (changes.length > 0) await Promise.all(changes.splice(0, 32).map(attempt));
    expect(accepted).toEqual([]);
    expect((await send(`${server.url}/me/`, { headers: { authorization: header } })).body).toEqual(ALICE);
  }, 60_000);

  test.each<SignatureMethod>(['HMAC-SHA1', 'HMAC-SHA256', 'HMAC-SHA512', 'RSA-SHA256', 'RSA-SHA512'])(
    'when one bit of its target, host, media type or form is changed, signed by %s',
    async (signatureMethod) => {
      const { asking } = await signingBy(signatureMethod);
      const host = 'api.example.com:8080';
      const target = '/me/?q=1&b=%26';
      const form = { title: 'a b&c', done: '' };
      const signed = { url: server.url + target, origin: `http://${host}`, method: 'POST', form };
      const lines = {
        Host: host,
        'Content-Type': 'application/x-www-form-urlencoded',
        Authorization: headerOf(signedParameters({ ...asking, ...signed, nonce: `all of ${signatureMethod}` })),
      };
      const sent = { method: 'POST', target, body: String(new URLSearchParams(form)), headers: lines };
      const changes = [
        ...targetBitChanges(target).map((changed) => ({ ...sent, target: changed })),
        ...(['Host', 'Content-Type'] as const).flatMap((name) =>
          headerBitChanges(lines[name])
            // Neither is told apart by case.
            .filter((changed) => changed.toLowerCase() !== lines[name])
            .map((changed) => ({ ...sent, headers: { ...lines, [name]: changed } })),
        ),
        ...bitChanges(sent.body).map((body) => ({ ...sent, body })),
      ];
      const answers = await inTurn(changes, async (one) => (await sendExactly(server.url, one)).status);
      expect(answers.filter(([, status]) => status < 400 || status >= 500)).toEqual([]);
      expect(answers.length).toBeGreaterThan(500);
      expect((await sendExactly(server.url, sent)).status).toBe(200);
    },
    60_000,
  );

  test('whatever stands in its header, with 400 or 401', async () => {
    const part = fc.oneof(
      fc.constantFrom(...signedParameters(asked()).map(([name, value]) => `${name}="${percentEncode(value)}"`)),
      fc.string({ unit: 'grapheme-ascii', maxLength: 40 }),
      fc.constantFrom('oauth_token=""', 'oauth_signature="%00"', 'oauth_timestamp="1e9"', 'realm="', '=', ',,', '%'),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 8 }), async (parts) => {
        const { status } = await send(`${server.url}/me/`, { headers: { authorization: `OAuth ${parts.join(', ')}` } });
        expect([400, 401]).toContain(status);
      }),
      { numRuns: 200 },
    );
  }, 30_000);

  test('when its method, path, query or form is another', async () => {
    const form = { title: 'a' };
    const url = `${server.url}/me/?q=1`;
    const authorization = headerOf(signedParameters(asked({ url, method: 'POST', form })));
    const body = (title: string) => new URLSearchParams({ title });
    const attempts: readonly (readonly [string, RequestInit])[] = [
      [url, { method: 'PUT', body: body('a') }],
      [`${server.url}/notes/?q=1`, { method: 'POST', body: body('a') }],
      [`${server.url}/%6de/?q=1`, { method: 'POST', body: body('a') }],
      [`${url}&z=`, { method: 'POST', body: body('a') }],
      [`${server.url}/me/`, { method: 'POST', body: body('a') }],
      [url, { method: 'POST', body: body('b') }],
      [url, { method: 'POST', body: 'title=a', headers: { 'content-type': 'application/json' } }],
    ];
    for (const [target, init] of attempts) {
      const headers = { ...(init.headers as Record<string, string>), authorization };
      expect((await send(target, { ...init, headers })).body).toEqual({ detail: 'Invalid signature' });
    }
    expect((await send(url, { method: 'POST', body: body('a'), headers: { authorization } })).status).toBe(200);
  });

  test('when what it says in its query or form has moved into the header, where no view reads it', async () => {
    const url = `${server.url}/me/`;
    const parameters = signedParameters(asked({ url: `${url}?id=5` }));
    const moved = headerOf([...parameters, ['id', '5']]);
    expect((await send(url, { headers: { authorization: moved } })).status).toBe(400);
    expect((await send(`${url}?id=5`, { headers: { authorization: headerOf(parameters) } })).status).toBe(200);
    const form = signedParameters(asked({ url, method: 'POST', form: { title: 'a' } }));
    const authorization = headerOf([...form, ['title', 'a']]);
    expect((await send(url, { method: 'POST', headers: { authorization } })).status).toBe(400);
  });

  test('when its query has other bytes that are no UTF-8', async () => {
    const url = `${server.url}/me/`;
    const parameters = signedParameters(asked({ url: `${url}?a=%EF%BF%BD` }));
    for (const bytes of ['%FF', '%FE', '%C3']) {
      const answer = await send(`${url}?a=${bytes}`, { headers: { authorization: headerOf(parameters) } });
      expect(answer.body).toEqual({ detail: 'Invalid signature' });
    }
  });

  test('when its target is a whole URL, or its host comes twice', async () => {
    const { port } = new URL(server.url);
    const authorization = headerOf(signedParameters(asked()));
    const raw = (target: string, lines: readonly string[]): Promise<string> =>
      new Promise((resolve, reject) => {
        const socket = createConnection(Number(port), '127.0.0.1');
        let text = '';
        socket.on('data', (chunk) => {
          text += chunk;
        });
        socket.on('end', () => resolve(text));
        socket.on('error', reject);
        const head = [`GET ${target} HTTP/1.1`, ...lines, `Authorization: ${authorization}`, 'Connection: close'];
        socket.write(`${head.join('\r\n')}\r\n\r\n`);
      });
    const host = `Host: 127.0.0.1:${port}`;
    expect(await raw(`${server.url}/me/`, [host])).not.toContain(' 200 ');
    expect(await raw('/me/', [host, 'Host: evil.example'])).not.toContain(' 200 ');
    expect(await raw('/me/', [host])).toContain(' 200 ');
  });

  test('with the texts that clients know', async () => {
    const unknown = await sendSigned(asked({ consumer: { key: 'nobody' } }));
    expect(refusal(unknown)).toEqual([401, 'Invalid consumer token: nobody']);
    expect(unknown.headers.get('www-authenticate')).toBe('OAuth realm="api"');
    const foreign = { token: 'o1a_none', secret: token.secret };
    expect(refusal(await sendSigned(asked({ token: foreign })))).toEqual([401, 'Invalid access token: o1a_none']);
    const missing = { oauth_token: undefined, oauth_nonce: undefined };
    expect(refusal(await sendSigned(asked({ more: missing })))).toEqual([
      401,
      'Missing parameters: oauth_token, oauth_nonce',
    ]);
    for (const status of ['pending', 'canceled', 'rejected'] as const) {
      const own = await server.consumer({ status });
      const name = `${status[0]?.toUpperCase()}${status.slice(1)}`;
      const request = {
        url: `${server.url}/oauth1/initiate/`,
        method: 'POST',
        ...own,
        more: { oauth_callback: 'oob' },
      };
      expect(refusal(await sendSigned(request))).toEqual([401, `Invalid consumer key status: ${name}`]);
    }
  });

  test('with 400 when a parameter of the protocol cannot be', async () => {
    const refused = async (more: Record<string, string | undefined>, changes: Partial<ToSign> = {}) =>
      refusal(await sendSigned(asked({ more, ...changes })));
    expect(await refused({ oauth_version: '2.0' })).toEqual([400, 'oauth_version is not 1.0.']);
    const badMethod = [400, 'oauth_signature_method is not supported.'];
    expect(await refused({ oauth_signature_method: 'HMAC-MD5' })).toEqual(badMethod);
    expect(await refused({ oauth_signature_method: 'RSA-SHA1' })).toEqual(badMethod);
    for (const timestamp of ['0', '-5', '17e8', '0x10', '1700000000.5', ' 1700000000', '01700000000', '9'.repeat(13)]) {
      expect((await refused({}, { timestamp }))[0]).toBe(400);
    }
    const parameters = signedParameters(asked({ nonce: 'once' }));
    const twice = `${headerOf(parameters)}, oauth_nonce="x"`;
    expect((await send(`${server.url}/me/`, { headers: { authorization: twice } })).status).toBe(400);
    const elsewhere = await send(`${server.url}/me/?oauth_nonce=once`, {
      headers: { authorization: headerOf(parameters) },
    });
    expect(refusal(elsewhere)).toEqual([400, 'The parameter oauth_nonce was sent more than once.']);
  });

  test('with 401, not 500, for credentials that cannot be read', async () => {
    for (const rest of ['', ',', 'oauth_token', 'oauth_token="%zz"', 'oauth_token="é"', `a="${'x'.repeat(9000)}"`]) {
      const { status } = await send(`${server.url}/me/`, { headers: { authorization: `OAuth ${rest}` } });
      expect([400, 401]).toContain(status);
    }
    const long = await sendSigned(asked({ more: { oauth_signature: 'altérer' } }));
    expect(long.status).toBe(400);
    const nul = await sendSigned(asked({ consumer: { key: 'a\0b' } }));
    expect(nul.status).toBe(401);
  });

  test('without credentials, or with those of another scheme, as nobody’s', async () => {
    expect((await send(`${server.url}/me/`)).body.detail).toBe('Authentication credentials were not provided.');
    const basic = await send(`${server.url}/me/`, { headers: { authorization: 'Basic YTpi' } });
    expect(basic.body.detail).toBe('Authentication credentials were not provided.');
  });

  test('when it signs in a way that its consumer may not', async () => {
    const own = await server.consumer({ rsaPublicKey: rsa.publicKey });
    const headers = { 'x-forwarded-proto': 'https' };
    const origin = server.url.replace('http:', 'https:');
    for (const signatureMethod of ['HMAC-SHA256', 'PLAINTEXT'] as const) {
      for (const secret of ['', rsa.publicKey]) {
        const request = { ...asked({ origin, signatureMethod }), consumer: own.consumer, secret, method: 'POST' };
        const answer = await sendSigned(
          {
            ...request,
            url: `${server.url}/oauth1/initiate/`,
            token: undefined as never,
            more: { oauth_callback: 'oob' },
          },
          headers,
        );
        expect(refusal(answer)).toEqual([401, 'Invalid signature']);
      }
    }
    const signatureMethod = 'RSA-SHA256';
    const forged = await sendSigned(asked({ signatureMethod, privateKey: rsa.privateKey }));
    expect(refusal(forged)).toEqual([401, 'Invalid signature']);
  });

  test('by PLAINTEXT, unless the consumer may and it came over TLS', async () => {
    const own = await server.consumer({ allowedMethods: ['PLAINTEXT', 'HMAC-SHA256'] });
    const ownToken = await obtainToken(server, own);
    const plain = asked({ ...own, token: ownToken, signatureMethod: 'PLAINTEXT' });
    expect((await sendSigned(plain, { 'x-forwarded-proto': 'https' })).body).toEqual(ALICE);
    expect(refusal(await sendSigned(plain))).toEqual([400, 'PLAINTEXT needs https.']);
    const notAllowed = await sendSigned(asked({ signatureMethod: 'PLAINTEXT' }), { 'x-forwarded-proto': 'https' });
    expect(refusal(notAllowed)).toEqual([401, 'Invalid signature']);
  });

  test('with an access token of another consumer, revoked, or expired', async () => {
    const other = await server.consumer();
    const text = `Invalid access token: ${token.token}`;
    expect(refusal(await sendSigned(asked({ ...other })))).toEqual([401, text]);

    const manager = db(server.site);
    const [newest] = await manager.find(OAuth1AccessToken, { order: { id: 'ASC' }, take: 1 });
    const id = newest?.id as string;
    await manager.update(OAuth1AccessToken, { id }, { revokedAt: new Date(server.clock.now) });
    expect(refusal(await sendSigned(asked()))).toEqual([401, text]);
    await manager.update(OAuth1AccessToken, { id }, { revokedAt: null, expires: new Date(server.clock.now) });
    expect(refusal(await sendSigned(asked()))).toEqual([401, text]);
    await manager.update(OAuth1AccessToken, { id }, { expires: new Date(server.clock.now + 1) });
    expect((await sendSigned(asked())).status).toBe(200);
    await manager.update(OAuth1AccessToken, { id }, { expires: null });
  });

  test('when its user is inactive or deleted', async () => {
    const [bob] = [await obtainToken(server, made, { username: 'bob' })];
    const people = users(server.site);
    await people.update({ username: 'bob' }, { isActive: false });
    expect(refusal(await sendSigned(asked({ token: bob })))).toEqual([401, 'User inactive or deleted: bob']);
    await people.update({ username: 'bob' }, { isActive: true });
    expect((await sendSigned(asked({ token: bob }))).body.user).toBe('bob');
    await db(server.site).delete(userModel(server.site), { username: 'bob' });
    expect(refusal(await sendSigned(asked({ token: bob })))).toEqual([401, `Invalid access token: ${bob.token}`]);
  });
});

describe('a request counts once', () => {
  const replayed: readonly [number, string] = [401, 'Nonce check failed'];

  test('for the same consumer, token, timestamp and nonce', async () => {
    const authorization = headerOf(signedParameters(asked({ nonce: 'n1' })));
    const again = () => send(`${server.url}/me/`, { headers: { authorization } });
    expect((await again()).status).toBe(200);
    expect(refusal(await again())).toEqual(replayed);
    expect((await sendSigned(asked({ nonce: 'n1', timestamp: 1_700_000_001 }))).status).toBe(200);
    expect(refusal(await sendSigned(asked({ nonce: 'n1', url: `${server.url}/me/?x=1` })))).toEqual(replayed);
  });

  test('even when it is rolled back', async () => {
    const request = asked({ url: `${server.url}/failing/`, method: 'POST', nonce: 'rolled back' });
    const authorization = headerOf(signedParameters(request));
    const again = () => send(request.url, { method: 'POST', headers: { authorization } });
    expect((await again()).status).toBe(500);
    expect(refusal(await again())).toEqual(replayed);
  });

  test('when two servers get it at the same moment', async () => {
    const twin = await startTwin(server);
    const { host } = new URL(server.url);
    for (let round = 0; round < 5; round += 1) {
      const authorization = headerOf(signedParameters(asked({ nonce: `race ${round}` })));
      const answers = await Promise.all(
        [server.url, twin.url, server.url, twin.url].map((url) =>
          send(`${url}/me/`, { headers: { authorization, 'x-forwarded-host': host } }),
        ),
      );
      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 401, 401, 401]);
    }
    await twin.close();
  });

  test('and a wrong signature spends no nonce', async () => {
    expect((await sendSigned(asked({ nonce: 'n2', secret: 'wrong' }))).status).toBe(401);
    expect((await sendSigned(asked({ nonce: 'n2' }))).status).toBe(200);
  });
});

test('the timestamp may differ by 300 seconds both ways, and a stale one is not remembered', async () => {
  const now = server.clock.now / 1000;
  for (const [timestamp, status] of [
    [now - 301, 401],
    [now - 300, 200],
    [now + 300, 200],
    [now + 301, 401],
  ] as const) {
    expect((await sendSigned(asked({ timestamp, nonce: 'edge' }))).status).toBe(status);
  }
  const [{ count } = { count: 0 }] = await db(server.site).query(
    'SELECT count(*)::int AS count FROM auth_replay WHERE expires_at <= to_timestamp($1)',
    [now],
  );
  expect(count).toBe(0);
  // The future one is fresh until 600 seconds from now, and so long it is remembered.
  server.clock.now += 600_000;
  await replayMemory(server.site).purge();
  expect(refusal(await sendSigned(asked({ timestamp: now + 300, nonce: 'edge' })))).toEqual([
    401,
    'Nonce check failed',
  ]);
  expect((await sendSigned(asked({ timestamp: now + 300, nonce: 'not used before' }))).status).toBe(200);
  server.clock.now += 1;
  expect((await sendSigned(asked({ timestamp: now + 300, nonce: 'too late' }))).status).toBe(401);
  server.clock.now += 2000;
  await replayMemory(server.site).purge();
  expect((await sendSigned(asked({ timestamp: now + 300, nonce: 'edge' }))).status).toBe(401);
  server.clock.now -= 602_001;
});

describe('a read-only token', () => {
  test('reads, and writes nothing where TokenHasReadWriteScope asks', async () => {
    const own = await server.consumer({ readonly: true });
    const request = { ...own, token: await obtainToken(server, own), url: `${server.url}/notes/` };
    expect((await sendSigned(request)).status).toBe(200);
    expect(refusal(await sendSigned({ ...request, method: 'POST' }))).toEqual([
      403,
      'You do not have permission to perform this action.',
    ]);
    expect((await sendSigned(asked({ url: `${server.url}/notes/`, method: 'POST' }))).status).toBe(200);
  });

  test('is what a client gets that asks for the scope read', async () => {
    const url = `${server.url}/oauth1/initiate/?scope=read`;
    const own = await obtainToken(server, made, { initiate: { url } });
    const request = asked({ token: own, url: `${server.url}/notes/` });
    expect((await sendSigned(request)).status).toBe(200);
    expect((await sendSigned({ ...request, method: 'POST' })).status).toBe(403);
  });
});

test('two-legged requests are their consumer’s owner’s, where the project allows them', async () => {
  const own = await startServer({ oauth1: { twoLegged: true } });
  const alice = await users(own.site).findOneByOrFail({ username: 'alice' });
  const owned = await own.consumer({ owner: alice });
  const url = `${own.url}/me/`;
  expect((await sendSigned({ url, ...owned })).body).toEqual({ user: 'alice', auth: OAuth1Consumer.name });
  expect((await sendSigned({ url, ...owned, more: { oauth_token: '' } })).status).toBe(200);
  expect(refusal(await sendSigned({ url, ...(await own.consumer()) }))).toEqual([
    401,
    'Invalid consumer token: it has no owner',
  ]);
  await users(own.site).update({ username: 'alice' }, { isActive: false });
  expect(refusal(await sendSigned({ url, ...owned }))).toEqual([401, 'User inactive or deleted: alice']);
  const leaver = await createUser(own.site, { username: 'leaver' });
  const left = await own.consumer({ owner: leaver });
  expect((await sendSigned({ url, ...left })).body.user).toBe('leaver');
  await users(own.site).remove(leaver);
  expect((await sendSigned({ url, ...left })).status).toBe(401);
  await own.close();
});

test('no secret, token, nonce or signature is in any log line, wherever the client puts them', async () => {
  const url = `${server.url}/me/`;
  const nonce = 'a-nonce-to-look-for';
  const signatures: string[] = [];
  const sign = (request: ToSign): ReturnType<typeof signedParameters> => {
    const parameters = signedParameters(request);
    signatures.push(parameters.find(([name]) => name === 'oauth_signature')?.[1] ?? '');
    return parameters;
  };
  const authorization = headerOf(sign(asked({ nonce })));
  expect((await send(url, { headers: { authorization } })).status).toBe(200);
  expect((await send(url, { headers: { authorization } })).status).toBe(401);
  await send(url, { headers: { authorization: headerOf(sign(asked({ nonce, secret: 'wrong' }))) } });
  const failing = asked({ url: `${server.url}/failing/`, method: 'POST' });
  await send(failing.url, { method: 'POST', headers: { authorization: headerOf(sign(failing)) } });
  const inQuery = new URLSearchParams(Object.fromEntries(sign(asked({ nonce: `${nonce}-in-the-query` }))));
  expect((await send(`${url}?${inQuery}`)).status).toBe(200);
  expect((await send(`${url}?${inQuery}`)).status).toBe(401);
  const inForm = new URLSearchParams(Object.fromEntries(sign(asked({ method: 'POST', nonce: `${nonce}-in-a-form` }))));
  expect((await send(url, { method: 'POST', body: inForm })).status).toBe(200);
  const { asking, headers } = await signingBy('PLAINTEXT');
  const plain = { ...headers, authorization: headerOf(sign(asking)) };
  expect((await send(url, { headers: plain })).status).toBe(200);
  expect((await send(url, { headers: { authorization: headerOf(sign(asking)) } })).status).toBe(400);

  const log = server.log.join('\n');
  expect(log.length).toBeGreaterThan(1000);
  const { secret, token: ownToken } = asking;
  const shared = [made.secret, token.secret, token.token, secret, ownToken?.secret, ownToken?.token];
  for (const text of [...shared, ...signatures, nonce]) {
    expect(text).toMatch(/./);
    expect(log.includes(text ?? '')).toBe(false);
    expect(log.includes(encodeURIComponent(text ?? ''))).toBe(false);
  }
});
