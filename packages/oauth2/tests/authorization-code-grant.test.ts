import { createUser, users } from '@rf/auth';
import { type ClientWithSecret, OAuth2Client, OAuth2Code } from '@rf/oauth2';
import { db } from '@rf/orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bitChanges } from '../../auth/tests/bit-changes.ts';
import {
  type Answer,
  authorize,
  CALLBACK,
  obtainTokens,
  send,
  type Server,
  startServer,
  startTwin,
  VERIFIER,
  whoAmI,
} from './server.ts';

let server: Server;
let made: ClientWithSecret;
beforeAll(async () => {
  server = await startServer();
  made = await server.client();
});
afterAll(() => server.close());

async function newCode(params: Readonly<Record<string, string>> = {}): Promise<string> {
  return (await authorize(server, made.client, { params })).get('code') as string;
}

function redeem(code: string, form: Readonly<Record<string, string>> = {}, url = server.url): Promise<Answer> {
  return send(
    `${url}/oauth2/token/`,
    { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: VERIFIER, ...form },
    { basic: `${made.client.clientId}:${made.secret}` },
  );
}

test('a code is exchanged for tokens that authenticate the user', async () => {
  const tokens = await obtainTokens(server, made);
  expect(tokens).toEqual({
    access_token: expect.stringMatching(/^oat_/),
    expires_in: 3600,
    token_type: 'Bearer',
    scope: 'read write',
    refresh_token: expect.stringMatching(/^ort_/),
  });
  const me = await whoAmI(server, tokens.access_token);
  expect(me.status).toBe(200);
  expect(me.body.user).toBe('alice');
});

test('the answer is never cached', async () => {
  const { headers } = await redeem(await newCode());
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('pragma')).toBe('no-cache');
});

test('a client without the refresh grant gets no refresh token', async () => {
  const once = await server.client({ grants: ['authorization_code'] });
  expect(await obtainTokens(server, once)).not.toHaveProperty('refresh_token');
});

test('only the hash of a code is kept', async () => {
  const code = await newCode();
  const rows = await db(server.site).find(OAuth2Code);
  expect(JSON.stringify(rows)).not.toContain(code);
});

test('a code lives for 60 seconds', async () => {
  const [early, late] = [await newCode(), await newCode()];
  server.clock.now += 59_999;
  expect((await redeem(early)).status).toBe(200);
  server.clock.now += 1;
  expect((await redeem(late)).body).toEqual({ error: 'invalid_grant' });
});

test('a code with a bit changed is refused', async () => {
  const code = await newCode();
  for (const changed of bitChanges(code)) {
    const { status } = await redeem(changed);
    expect(status).toBe(400);
  }
  expect((await redeem(code)).status).toBe(200);
});

test('a verifier or redirect URI with a bit changed is refused', async () => {
  const code = await newCode();
  for (const code_verifier of bitChanges(VERIFIER)) {
    expect([code_verifier, (await redeem(code, { code_verifier })).status]).toEqual([code_verifier, 400]);
  }
  for (const redirect_uri of bitChanges(CALLBACK)) {
    expect([redirect_uri, (await redeem(code, { redirect_uri })).status]).toEqual([redirect_uri, 400]);
  }
  expect((await redeem(code)).status).toBe(200);
});

describe('a second use', () => {
  test('is refused and ends the tokens of the first, refresh tokens included', async () => {
    const code = await newCode();
    const first = await redeem(code);
    expect((await redeem(code)).body).toEqual({ error: 'invalid_grant' });
    expect((await whoAmI(server, first.body.access_token)).status).toBe(401);
    const refreshed = await send(
      `${server.url}/oauth2/token/`,
      { grant_type: 'refresh_token', refresh_token: first.body.refresh_token },
      { basic: `${made.client.clientId}:${made.secret}` },
    );
    expect(refreshed.body).toEqual({ error: 'invalid_grant' });
  });

  test('ends them even when it shows a wrong verifier', async () => {
    const code = await newCode();
    const first = await redeem(code);
    await redeem(code, { code_verifier: 'x'.repeat(43) });
    expect((await whoAmI(server, first.body.access_token)).status).toBe(401);
  });

  test('by another client changes nothing', async () => {
    const other = await server.client();
    const code = await newCode();
    const first = await redeem(code);
    const answer = await send(
      `${server.url}/oauth2/token/`,
      { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: VERIFIER },
      { basic: `${other.client.clientId}:${other.secret}` },
    );
    expect(answer.body).toEqual({ error: 'invalid_grant' });
    expect((await whoAmI(server, first.body.access_token)).status).toBe(200);
  });

  test('at the same time, through two servers on one database, gets tokens once, and they end', async () => {
    const twin = await startTwin(server);
    for (let round = 0; round < 5; round += 1) {
      const code = await newCode();
      const urls = [server.url, twin.url, server.url, twin.url];
      const answers = await Promise.all(urls.map((url) => redeem(code, {}, url)));
      const good = answers.filter(({ status }) => status === 200);
      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 400, 400, 400]);
      expect((await whoAmI(server, good[0]?.body.access_token)).status).toBe(401);
    }
    await twin.close();
  });
});

test('a wrong verifier does not use the code up', async () => {
  const code = await newCode();
  expect((await redeem(code, { code_verifier: 'x'.repeat(43) })).body).toEqual({ error: 'invalid_grant' });
  expect((await redeem(code)).status).toBe(200);
});

test('a user who was deactivated meanwhile gets nothing', async () => {
  const code = await newCode();
  await users(server.site).update({ username: 'alice' }, { isActive: false });
  const { body } = await redeem(code);
  await users(server.site).update({ username: 'alice' }, { isActive: true });
  expect(body).toEqual({ error: 'invalid_grant' });
});

test('a user who was deleted meanwhile takes the code along', async () => {
  await createUser(server.site, { username: 'leaver', password: 'pw' });
  const code = (await authorize(server, made.client, { username: 'leaver' })).get('code') as string;
  await users(server.site).delete({ username: 'leaver' });
  expect((await redeem(code)).body).toEqual({ error: 'invalid_grant' });
});

test('a scope that the client lost meanwhile is not given', async () => {
  const code = await newCode();
  await db(server.site).update(OAuth2Client, { id: made.client.id }, { scopes: ['read'] });
  const { body } = await redeem(code);
  await db(server.site).update(OAuth2Client, { id: made.client.id }, { scopes: ['read', 'write'] });
  expect(body.scope).toBe('read');
});

test('a request without redirect URI needs none at the token endpoint, or the registered one', async () => {
  const query = { redirect_uri: '' };
  expect((await redeem(await newCode(query), { redirect_uri: '' })).status).toBe(200);
  expect((await redeem(await newCode(query))).status).toBe(200);
  expect((await redeem(await newCode(query), { redirect_uri: `${CALLBACK}/` })).status).toBe(400);
});

test('the port of a loopback address is bound to the code', async () => {
  const native = await server.client({
    clientType: 'public',
    redirectUris: ['http://127.0.0.1/cb'],
  });
  const params = { redirect_uri: 'http://127.0.0.1:51004/cb' };
  const code = (await authorize(server, native.client, { params })).get('code') as string;
  const form = {
    grant_type: 'authorization_code',
    client_id: native.client.clientId,
    code,
    code_verifier: VERIFIER,
  };
  const url = `${server.url}/oauth2/token/`;
  expect((await send(url, { ...form, redirect_uri: 'http://127.0.0.1:51005/cb' })).body.error).toBe('invalid_grant');
  expect((await send(url, { ...form, redirect_uri: 'http://127.0.0.1:51004/cb' })).status).toBe(200);
});

test('what goes wrong while tokens are issued leaves the code unused', async () => {
  const strict = await startServer({
    oauth2: {
      onIssue: ({ user }) => {
        if (user?.username === 'bob') throw new Error('not bob');
      },
    },
  });
  const { client, secret } = await strict.client();
  const code = (await authorize(strict, client, { username: 'bob' })).get('code') as string;
  const form = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: VERIFIER };
  const answer = await send(`${strict.url}/oauth2/token/`, form, { basic: `${client.clientId}:${secret}` });
  expect(answer.status).toBe(500);
  expect((await db(strict.site).find(OAuth2Code))[0]?.usedAt).toBeNull();
  await strict.close();
});
