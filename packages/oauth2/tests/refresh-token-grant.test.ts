import { users } from '@rf/auth';
import type { ClientWithSecret } from '@rf/oauth2';
import { db } from '@rf/orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bitChanges } from '../../auth/tests/bit-changes.ts';
import { type Answer, obtainTokens, send, type Server, startServer, startTwin, whoAmI } from './server.ts';

const DAY = 86_400_000;

let server: Server;
let made: ClientWithSecret;
beforeAll(async () => {
  server = await startServer();
  made = await server.client();
});
afterAll(() => server.close());

function refreshAt(
  { url, made: { client, secret } }: { url: string; made: ClientWithSecret },
  token: string,
  form: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  return send(
    `${url}/oauth2/token/`,
    { grant_type: 'refresh_token', refresh_token: token, ...form },
    { basic: `${client.clientId}:${secret}` },
  );
}

const refresh = (token: string, form: Readonly<Record<string, string>> = {}, url = server.url): Promise<Answer> =>
  refreshAt({ url, made }, token, form);

test('a refresh token gives new tokens, and the old access token lives on', async () => {
  const first = await obtainTokens(server, made);
  const { status, body } = await refresh(first.refresh_token);
  expect(status).toBe(200);
  expect(body).toEqual({
    access_token: expect.stringMatching(/^oat_/),
    expires_in: 3600,
    token_type: 'Bearer',
    scope: 'read write',
    refresh_token: expect.stringMatching(/^ort_/),
  });
  expect(body.refresh_token).not.toBe(first.refresh_token);
  expect((await whoAmI(server, body.access_token)).status).toBe(200);
  expect((await whoAmI(server, first.access_token)).status).toBe(200);
});

test('only hashes of tokens are kept', async () => {
  const tokens = await obtainTokens(server, made);
  const manager = db(server.site);
  const rows = JSON.stringify([
    await manager.query('SELECT * FROM oauth2_refresh_token'),
    await manager.query('SELECT * FROM oauth2_access_token'),
  ]);
  expect(rows).not.toContain(tokens.refresh_token);
  expect(rows).not.toContain(tokens.access_token);
});

test('a token with a bit changed is refused', async () => {
  const { refresh_token: token } = await obtainTokens(server, made);
  for (const changed of bitChanges(token)) expect((await refresh(changed)).status).toBe(400);
  expect((await refresh(token)).status).toBe(200);
});

describe('a second use', () => {
  test('is refused and ends the whole family, although the answer is an error', async () => {
    const first = await obtainTokens(server, made);
    const second = (await refresh(first.refresh_token)).body;
    const third = (await refresh(second.refresh_token)).body;
    expect((await refresh(first.refresh_token)).body).toEqual({ error: 'invalid_grant' });
    expect((await refresh(third.refresh_token)).body).toEqual({ error: 'invalid_grant' });
    for (const { access_token } of [first, second, third])
      expect((await whoAmI(server, access_token)).status).toBe(401);
  });

  test('is committed even where every request is one transaction', async () => {
    const atomic = await startServer({ settings: { atomicRequests: true } });
    const own = await atomic.client();
    const at = { url: atomic.url, made: own };
    const first = await obtainTokens(atomic, own);
    const second = (await refreshAt(at, first.refresh_token)).body;
    expect((await refreshAt(at, first.refresh_token)).status).toBe(400);
    expect((await refreshAt(at, second.refresh_token)).status).toBe(400);
    await atomic.close();
  });

  test('ends it even when it asks for a scope that was never granted', async () => {
    const first = await obtainTokens(server, made);
    const second = (await refresh(first.refresh_token)).body;
    await refresh(first.refresh_token, { scope: 'notes:read' });
    expect((await refresh(second.refresh_token)).status).toBe(400);
  });

  test('leaves other families of the same user and client alone', async () => {
    const other = await obtainTokens(server, made);
    const first = await obtainTokens(server, made);
    await refresh(first.refresh_token);
    await refresh(first.refresh_token);
    expect((await refresh(other.refresh_token)).status).toBe(200);
  });

  test('at the same time, through two servers on one database, is admitted once', async () => {
    const twin = await startTwin(server);
    for (let round = 0; round < 5; round += 1) {
      const { refresh_token: token } = await obtainTokens(server, made);
      const urls = [server.url, twin.url, server.url, twin.url];
      const answers = await Promise.all(urls.map((url) => refresh(token, {}, url)));
      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 400, 400, 400]);
      const good = answers.find(({ status }) => status === 200);
      expect((await refresh(good?.body.refresh_token)).status).toBe(400);
    }
    await twin.close();
  });

  test('by another client changes nothing', async () => {
    const other = await server.client();
    const { refresh_token: token } = await obtainTokens(server, made);
    const answer = await refreshAt({ url: server.url, made: other }, token);
    expect(answer.body).toEqual({ error: 'invalid_grant' });
    expect((await refresh(token)).status).toBe(200);
  });
});

describe('scope', () => {
  test('may shrink for an access token, while the family keeps what was granted', async () => {
    const first = await obtainTokens(server, made);
    const narrow = (await refresh(first.refresh_token, { scope: 'read' })).body;
    expect(narrow.scope).toBe('read');
    expect((await refresh(narrow.refresh_token)).body.scope).toBe('read write');
  });

  test.each(['read write notes:read', 'nonsense', 'read  write', 'READ'])('may not become %j', async (scope) => {
    const first = await obtainTokens(server, made);
    expect((await refresh(first.refresh_token, { scope })).body).toEqual({ error: 'invalid_scope' });
  });
});

describe('time', () => {
  test('a token that is not used ends after 14 days', async () => {
    const [early, late] = [await obtainTokens(server, made), await obtainTokens(server, made)];
    server.clock.now += 14 * DAY - 1;
    expect((await refresh(early.refresh_token)).status).toBe(200);
    server.clock.now += 1;
    expect((await refresh(late.refresh_token)).body).toEqual({ error: 'invalid_grant' });
  });

  test('a family ends after 90 days, however often it is used', async () => {
    let tokens = await obtainTokens(server, made);
    for (let step = 0; step < 9; step += 1) {
      server.clock.now += 10 * DAY - 1;
      tokens = (await refresh(tokens.refresh_token)).body;
      expect(tokens.refresh_token).toBeDefined();
    }
    server.clock.now += 9;
    expect((await refresh(tokens.refresh_token)).body).toEqual({ error: 'invalid_grant' });
  });
});

describe('users', () => {
  test('one who is inactive gets nothing, and what they had works again when they are back', async () => {
    const tokens = await obtainTokens(server, made, { username: 'bob' });
    await users(server.site).update({ username: 'bob' }, { isActive: false });
    expect((await refresh(tokens.refresh_token)).status).toBe(400);
    expect((await whoAmI(server, tokens.access_token)).status).toBe(401);
    await users(server.site).update({ username: 'bob' }, { isActive: true });
    expect((await refresh(tokens.refresh_token)).status).toBe(200);
  });

  test('one who is deleted takes their tokens along', async () => {
    const tokens = await obtainTokens(server, made, { username: 'bob' });
    await users(server.site).delete({ username: 'bob' });
    expect((await refresh(tokens.refresh_token)).status).toBe(400);
    expect((await whoAmI(server, tokens.access_token)).status).toBe(401);
  });
});

describe('with a grace period', () => {
  let lenient: Server;
  let own: ClientWithSecret;
  beforeAll(async () => {
    lenient = await startServer({ oauth2: { refreshGraceSeconds: 10 } });
    own = await lenient.client();
  });
  afterAll(() => lenient.close());
  const again = (token: string): Promise<Answer> => refreshAt({ url: lenient.url, made: own }, token);

  test('the predecessor yields the same successor while that is unused', async () => {
    const first = await obtainTokens(lenient, own);
    const second = (await again(first.refresh_token)).body;
    lenient.clock.now += 9_999;
    const repeated = await again(first.refresh_token);
    expect(repeated.body.refresh_token).toBe(second.refresh_token);
    expect((await whoAmI(lenient, repeated.body.access_token)).status).toBe(200);
    expect((await again(second.refresh_token)).status).toBe(200);
  });

  test('it ends the family once the successor was used', async () => {
    const first = await obtainTokens(lenient, own);
    const second = (await again(first.refresh_token)).body;
    const third = (await again(second.refresh_token)).body;
    expect((await again(first.refresh_token)).status).toBe(400);
    expect((await again(third.refresh_token)).status).toBe(400);
  });

  test('it ends the family when the period is over', async () => {
    const first = await obtainTokens(lenient, own);
    const second = (await again(first.refresh_token)).body;
    lenient.clock.now += 10_000;
    expect((await again(first.refresh_token)).status).toBe(400);
    expect((await again(second.refresh_token)).status).toBe(400);
  });

  test('parallel requests all get the same successor', async () => {
    const first = await obtainTokens(lenient, own);
    const answers = await Promise.all([1, 2, 3].map(() => again(first.refresh_token)));
    expect(new Set(answers.map(({ body }) => body.refresh_token)).size).toBe(1);
    expect((await again(answers[0]?.body.refresh_token)).status).toBe(200);
  });
});
