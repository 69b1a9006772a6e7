import { userModel, users } from '@rf/auth';
import { OAuth1Consumer, type OAuth1Options } from '@rf/oauth1';
import { db } from '@rf/orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bitChanges } from '../../auth/tests/bit-changes.ts';
import type { Page } from '../../oauth2/tests/server.ts';
import {
  type Answer,
  authorize,
  CALLBACK,
  type Credentials,
  exchange,
  headerOf,
  initiate,
  obtainToken,
  send,
  sendSigned,
  type Server,
  signedParameters,
  startServer,
  startTwin,
} from './server.ts';

let server: Server;
let made: Awaited<ReturnType<Server['consumer']>>;
beforeAll(async () => {
  server = await startServer({ settings: { trustedProxies: 1, atomicRequests: true } });
  made = await server.consumer({ description: 'Keeps <notes>' });
});
afterAll(() => server.close());

const refusal = ({ status, body }: Answer): readonly [number, string] => [status, body.detail];

const withOptions = async (oauth1: OAuth1Options, run: (own: Server) => Promise<void>): Promise<void> => {
  const own = await startServer({ oauth1 });
  await run(own);
  await own.close();
};

describe('initiate', () => {
  const post = (oauth_callback: string | undefined, consumer = made, path = '/oauth1/initiate/'): Promise<Answer> =>
    sendSigned({ url: `${server.url}${path}`, method: 'POST', ...consumer, more: { oauth_callback } });

  test('gives form-encoded credentials that no cache keeps', async () => {
    const { status, headers, body } = await post(CALLBACK);
    expect(status).toBe(200);
    expect(body).toEqual({
      oauth_token: expect.stringMatching(/^o1t_\w{49}$/),
      oauth_token_secret: expect.stringMatching(/^o1s_\w{49}$/),
      oauth_callback_confirmed: 'true',
    });
    expect(headers.get('content-type')).toBe('application/x-www-form-urlencoded');
    expect(headers.get('cache-control')).toBe('no-store');
  });

  test('keeps token and secret in no readable form', async () => {
    const { token, secret } = await initiate(server, made);
    const rows = await db(server.site).query('SELECT * FROM oauth1_temporary');
    expect(JSON.stringify(rows)).not.toContain(token);
    expect(JSON.stringify(rows)).not.toContain(secret);
    const consumers = await db(server.site).query('SELECT * FROM oauth1_consumer');
    expect(JSON.stringify(consumers)).not.toContain(made.secret);
  });

  test('needs a callback, letter by letter one that is registered', async () => {
    expect(refusal(await post(undefined))).toEqual([400, 'Missing parameters: oauth_callback']);
    const others = [`${CALLBACK}&x=1`, 'https://client.example/cb/more?from=notes', CALLBACK.toUpperCase(), 'oob'];
    for (const callback of others) {
      expect(refusal(await post(callback))).toEqual([400, 'oauth_callback is not registered.']);
    }
    const typed = await server.consumer({ callbacks: [] });
    expect((await post('oob', typed)).status).toBe(200);
    expect((await post(CALLBACK, typed)).status).toBe(400);
  });

  test('gives no scope that the consumer may not ask for', async () => {
    const own = await server.consumer({ scopes: ['read'] });
    const path = '/oauth1/initiate/?scope=';
    expect((await post(CALLBACK, own, `${path}read`)).status).toBe(200);
    for (const scope of ['write', 'read%20write', 'nope', 'read&scope=read']) {
      expect((await post(CALLBACK, own, path + scope)).status).toBe(400);
    }
  });

  test('answers in clear to the own machine only, unless the project says otherwise', async () => {
    const request = {
      url: `${server.url}/oauth1/initiate/`,
      method: 'POST',
      ...made,
      more: { oauth_callback: CALLBACK },
    };
    const from = (scheme: string, host: string) =>
      sendSigned(
        { ...request, origin: `${scheme}://${host}` },
        { 'x-forwarded-proto': scheme, 'x-forwarded-host': host },
      );
    expect(refusal(await from('http', 'api.example.com'))).toEqual([403, 'Use https: the answer holds a secret.']);
    expect((await from('http', 'localhost:8000')).status).toBe(200);
    expect((await from('https', 'api.example.com')).status).toBe(200);
  });

  test('is asked by POST, signed by the consumer', async () => {
    expect((await fetch(`${server.url}/oauth1/initiate/`)).status).toBe(405);
    expect((await fetch(`${server.url}/oauth1/initiate/`, { method: 'POST' })).status).toBe(400);
    const forged = await post(CALLBACK, { ...made, secret: 'wrong' });
    expect(refusal(forged)).toEqual([401, 'Invalid signature']);
    expect(forged.headers.get('www-authenticate')).toBe('OAuth realm="api"');
  });
});

describe('the consent page', () => {
  const open = async (token: string, username = 'alice'): Promise<Page> => {
    const browser = server.browser();
    await browser.login(username);
    return browser.get(`/oauth1/authorize/?oauth_token=${token}`);
  };

  test('shows consumer, user, scopes, and where the user is sent; hostile names as text', async () => {
    const hostile = await server.consumer({ name: '<script>alert(1)</script>"\'&' });
    const { token } = await initiate(server, hostile);
    const { status, body, headers } = await open(token);
    expect(status).toBe(200);
    for (const text of ['alice', 'Read your data', 'Change your data', 'client.example']) expect(body).toContain(text);
    expect(body).not.toContain('<script');
    expect((await open((await initiate(server, made)).token)).body).toContain('Keeps &lt;notes&gt;');
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    // Browsers would stop the redirect to the consumer.
    expect(headers.get('content-security-policy')).not.toContain('form-action');
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('cache-control')).toBe('no-store');
  });

  test('sends who is not logged in to the login page and back', async () => {
    const { token } = await initiate(server, made);
    const target = `/oauth1/authorize/?oauth_token=${token}`;
    const { location } = await server.browser().get(target);
    const url = new URL(location ?? '', server.url);
    expect([url.pathname, url.searchParams.get('next')]).toEqual(['/login/', target]);
  });

  test('needs a CSRF token', async () => {
    const { token } = await initiate(server, made);
    const browser = server.browser();
    await browser.login('alice');
    const forged = await browser.post('/oauth1/authorize/', { oauth_token: token, decision: 'allow' });
    expect([forged.status, forged.location]).toEqual([403, null]);
  });

  test('adds token and verifier to the callback’s own query', async () => {
    const temporary = await initiate(server, made);
    const answer = await authorize(server, temporary);
    expect(Object.fromEntries(answer)).toEqual({
      from: 'notes',
      oauth_token: temporary.token,
      oauth_verifier: expect.stringMatching(/^o1v_\w{49}$/),
    });
  });

  test('tells the consumer when the user refuses, and the request is over', async () => {
    const temporary = await initiate(server, made);
    const answer = await authorize(server, temporary, { decision: 'deny' });
    expect(Object.fromEntries(answer)).toEqual({
      from: 'notes',
      oauth_token: temporary.token,
      oauth_problem: 'permission_denied',
    });
    expect((await open(temporary.token)).status).toBe(400);
    expect((await exchange(server, made, temporary, 'o1v_x')).status).toBe(401);
  });

  test('is not shown, and redirects nowhere, for what is unknown, decided, used or over', async () => {
    const decided = await initiate(server, made);
    await authorize(server, decided);
    const used = await initiate(server, made);
    const verifier = (await authorize(server, used)).get('oauth_verifier') ?? '';
    await exchange(server, made, used, verifier);
    const over = await initiate(server, made);
    server.clock.now += 600_000;
    const canceled = await server.consumer();
    const late = { timestamp: server.clock.now / 1000 };
    const ofCanceled = await initiate(server, canceled, late);
    await db(server.site).update(OAuth1Consumer, { id: canceled.consumer.id }, { status: 'canceled' });
    for (const token of ['', 'nobody', 'a%00b', decided.token, used.token, over.token, ofCanceled.token]) {
      const { status, location } = await open(token);
      expect([status, location]).toEqual([400, null]);
    }
    const good = await initiate(server, made, late);
    expect((await open(`${good.token}&oauth_token=x`)).status).toBe(400);
    expect((await open(good.token)).status).toBe(200);
    server.clock.now -= 600_000;
  });

  test('takes one decision', async () => {
    const temporary = await initiate(server, made);
    const browser = server.browser();
    await browser.login('alice');
    const page = await browser.get(`/oauth1/authorize/?oauth_token=${temporary.token}`);
    const answers = await Promise.all(
      [1, 2, 3].map(() => browser.submit('/oauth1/authorize/', page, { decision: 'allow' })),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([302, 400, 400]);
  });
});

describe('token', () => {
  const allowed = async (username = 'alice'): Promise<readonly [Credentials, string]> => {
    const temporary = await initiate(server, made);
    return [temporary, (await authorize(server, temporary, { username })).get('oauth_verifier') ?? ''];
  };

  test('gives form-encoded credentials that no cache keeps, once', async () => {
    const [temporary, verifier] = await allowed();
    const { status, headers, body } = await exchange(server, made, temporary, verifier);
    expect(status).toBe(200);
    expect(body).toEqual({
      oauth_token: expect.stringMatching(/^o1a_\w{49}$/),
      oauth_token_secret: expect.stringMatching(/^o1s_\w{49}$/),
    });
    expect(headers.get('cache-control')).toBe('no-store');
    const rows = JSON.stringify(await db(server.site).query('SELECT * FROM oauth1_access_token'));
    expect(rows).not.toContain(body.oauth_token);
    expect(rows).not.toContain(body.oauth_token_secret);
    const again = await exchange(server, made, temporary, verifier);
    expect(refusal(again)).toEqual([401, `Invalid access token: ${temporary.token}`]);
  });

  test('needs the verifier; a wrong one spoils the request', async () => {
    const [temporary, verifier] = await allowed();
    expect(refusal(await exchange(server, made, temporary, undefined))).toEqual([
      400,
      'Missing parameters: oauth_verifier',
    ]);
    expect(refusal(await exchange(server, made, temporary, `${verifier}x`))).toEqual([401, 'Invalid verifier']);
    expect((await exchange(server, made, temporary, verifier)).status).toBe(401);
  });

  test('is refused with any one bit of the verifier or of the credentials changed', async () => {
    const [temporary, verifier] = await allowed();
    for (const changed of bitChanges(verifier)) {
      expect([changed, (await exchange(server, made, temporary, changed)).status]).toEqual([changed, 401]);
      // A wrong one has spoilt the request.
      await db(server.site).query('UPDATE oauth1_temporary SET used_at = NULL WHERE verifier_sealed IS NOT NULL');
    }
    for (const member of ['token', 'secret'] as const) {
      for (const changed of bitChanges(temporary[member])) {
        const { status } = await exchange(server, made, { ...temporary, [member]: changed }, verifier);
        expect([changed, status]).toEqual([changed, 401]);
      }
    }
    expect((await exchange(server, made, temporary, verifier)).status).toBe(200);
  }, 30_000);

  test('is refused before somebody allowed it, which spoils nothing', async () => {
    const temporary = await initiate(server, made);
    expect(refusal(await exchange(server, made, temporary, 'o1v_x'))).toEqual([401, 'Invalid verifier']);
    const verifier = (await authorize(server, temporary)).get('oauth_verifier') ?? '';
    expect((await exchange(server, made, temporary, verifier)).status).toBe(200);
  });

  test('is refused to another consumer, with another secret, and after ten minutes', async () => {
    const [temporary, verifier] = await allowed();
    expect((await exchange(server, await server.consumer(), temporary, verifier)).status).toBe(401);
    expect((await exchange(server, made, { ...temporary, secret: 'x' }, verifier)).status).toBe(401);
    server.clock.now += 600_000;
    const late = { timestamp: server.clock.now / 1000 };
    expect((await exchange(server, made, temporary, verifier, late)).status).toBe(401);
    server.clock.now -= 1;
    expect((await exchange(server, made, temporary, verifier, late)).status).toBe(200);
    server.clock.now -= 599_999;
  });

  test('is refused when the user has become inactive, or is deleted', async () => {
    const people = users(server.site);
    const [inactive, verifier] = await allowed('bob');
    const [deleted, another] = await allowed('bob');
    await people.update({ username: 'bob' }, { isActive: false });
    expect((await exchange(server, made, inactive, verifier)).status).toBe(401);
    await people.update({ username: 'bob' }, { isActive: true });
    await db(server.site).delete(userModel(server.site), { username: 'bob' });
    expect((await exchange(server, made, deleted, another)).status).toBe(401);
  });

  test('admits one of several requests at the same moment, on two servers', async () => {
    const twin = await startTwin(server);
    for (let round = 0; round < 5; round += 1) {
      const [temporary, verifier] = await allowed();
      const answers = await Promise.all(
        [server, twin, server, twin].map((one) => exchange(one, made, temporary, verifier)),
      );
      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 401, 401, 401]);
    }
    await twin.close();
  });

  test('temporary credentials are no access token', async () => {
    const [temporary] = await allowed();
    const answer = await sendSigned({ url: `${server.url}/me/`, ...made, token: temporary });
    expect(refusal(answer)).toEqual([401, `Invalid access token: ${temporary.token}`]);
  });
});

describe('a verifier that is typed', () => {
  const start = async (): Promise<readonly [typeof made, Credentials, string]> => {
    const typed = await server.consumer({ callbacks: [], name: 'Printer' });
    const temporary = await initiate(server, typed, { callback: 'oob', more: { oauth_callback: 'oob' } });
    const browser = server.browser();
    await browser.login('alice');
    const page = await browser.get(`/oauth1/authorize/?oauth_token=${temporary.token}`);
    const { body } = await browser.submit('/oauth1/authorize/', page, { decision: 'allow' });
    return [typed, temporary, /<strong>([A-Z]{8})<\/strong>/.exec(body)?.[1] ?? ''];
  };

  test('is shown to the user, and may be wrong four times', async () => {
    const [typed, temporary, verifier] = await start();
    for (let tries = 0; tries < 4; tries += 1) {
      expect((await exchange(server, typed, temporary, 'WRONGONE')).status).toBe(401);
    }
    expect((await exchange(server, typed, temporary, verifier)).status).toBe(200);
  });

  test('is spoilt by the fifth wrong one', async () => {
    const [typed, temporary, verifier] = await start();
    for (let tries = 0; tries < 5; tries += 1) await exchange(server, typed, temporary, 'WRONGONE');
    expect((await exchange(server, typed, temporary, verifier)).status).toBe(401);
  });
});

test('a user sees which applications may act for them, and disconnects one', async () => {
  const own = await server.consumer({ name: 'To disconnect' });
  const token = await obtainToken(server, own);
  const request = { url: `${server.url}/me/`, ...own, token };
  const browser = server.browser();
  expect((await browser.get('/oauth1/authorized_tokens/')).location).toContain('/login/');
  await browser.login('alice');
  const page = await browser.get('/oauth1/authorized_tokens/');
  expect(page.body).toContain('<td>To disconnect</td><td>read write</td>');
  const target = `/oauth1/authorized_tokens/${own.consumer.id}/delete/`;
  expect((await browser.post(target, {})).status).toBe(403);
  expect((await sendSigned(request)).status).toBe(200);
  expect((await browser.submit(target, page, {})).location).toBe('/oauth1/authorized_tokens/');
  expect((await browser.get('/oauth1/authorized_tokens/')).body).not.toContain('To disconnect');
  expect((await sendSigned(request)).status).toBe(401);
});

test('tokens end after tokenLifetime, and the endpoints speak http where tlsRequired is false', () =>
  withOptions({ tokenLifetime: 60, tlsRequired: false }, async (own) => {
    const consumer = await own.consumer();
    const token = await obtainToken(own, consumer);
    const request = { url: `${own.url}/me/`, ...consumer, token, timestamp: own.clock.now / 1000 + 60 };
    own.clock.now += 59_999;
    expect((await sendSigned(request)).status).toBe(200);
    own.clock.now += 1;
    expect((await sendSigned(request)).status).toBe(401);
  }));

test('nothing of a flow is in any log line', async () => {
  const temporary = await initiate(server, made);
  const verifier = (await authorize(server, temporary)).get('oauth_verifier') ?? '';
  await exchange(server, made, temporary, `${verifier}x`);
  const token = await obtainToken(server, made);
  const log = server.log.join('\n');
  expect(log).toContain('A verifier was wrong');
  for (const secret of [temporary.token, temporary.secret, verifier, token.token, token.secret, made.secret ?? '']) {
    expect(log.includes(secret)).toBe(false);
  }
});

test('bodies must be covered where bodyHashRequired is true', () =>
  withOptions({ bodyHashRequired: true }, async (own) => {
    const consumer = await own.consumer();
    const request = { url: `${own.url}/me/`, ...consumer, token: await obtainToken(own, consumer) };
    expect((await sendSigned(request)).status).toBe(200);
    expect((await sendSigned({ ...request, method: 'POST', form: { a: 'b' } })).status).toBe(200);
    const authorization = headerOf(signedParameters({ ...request, method: 'POST' }));
    const headers = { authorization, 'content-type': 'application/json' };
    expect(refusal(await send(request.url, { method: 'POST', body: '{}', headers }))).toEqual([
      401,
      'Missing parameters: oauth_body_hash',
    ]);
  }));
