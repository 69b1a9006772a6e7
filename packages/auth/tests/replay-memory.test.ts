import { ReplayEntry } from '../src/replay-entry.ts';
import { ReplayMemory, replayMemory } from '@rf/auth';
import { atomic, countQueries, db } from '@rf/orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestServer } from './server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await TestServer.start({ urls: [] });
});
afterAll(() => server.close());

const later = (): number => server.now + 60_000;

test('a thing is new once', async () => {
  const memory = replayMemory(server.site);
  expect(await memory.remember('hawk', ['id', 'nonce'], later())).toBe(true);
  expect(await memory.remember('hawk', ['id', 'nonce'], later())).toBe(false);
});

test('schemes, and parts cut otherwise, are other things', async () => {
  const memory = replayMemory(server.site);
  expect(await memory.remember('digest', ['id', 'nonce'], later())).toBe(true);
  expect(await memory.remember('hawk', ['idn', 'once'], later())).toBe(true);
  expect(await memory.remember('hawk', ['idnonce'], later())).toBe(true);
});

test('of twenty at once one is new', async () => {
  const memory = replayMemory(server.site);
  const all = await Promise.all(Array.from({ length: 20 }, () => memory.remember('race', ['x'], later())));
  expect(all.filter(Boolean)).toHaveLength(1);
});

test('uses that come while one is stored are stored together', async () => {
  const memory = replayMemory(server.site);
  const { result, statements } = await countQueries(() =>
    Promise.all(
      ['a', 'b', 'c', 'a', 'b'].map(async (name) => ({
        name,
        isNew: await memory.remember('batch', [name], later()),
      })),
    ),
  );
  expect(result.map(({ isNew }) => isNew)).toEqual([true, true, true, false, false]);
  expect(statements).toHaveLength(1);
});

test('memories that store the same things in opposite orders do not wait for each other', async () => {
  const names = Array.from({ length: 4000 }, (_, at) => `n${at}`);
  const all = await Promise.all(
    [names, names.toReversed(), names, names.toReversed()].flatMap((order) => {
      const memory = new ReplayMemory(server.site);
      return order.map((name) => memory.remember('order', [name], later()));
    }),
  );
  expect(all.filter(Boolean)).toHaveLength(names.length);
});

test('a batch that cannot be stored fails for those in it, and for no other', async () => {
  const memory = replayMemory(server.site);
  const tooLong = memory.remember('s'.repeat(41), ['x'], later());
  await expect(tooLong).rejects.toThrow('value too long');
  expect(await memory.remember('afterwards', ['x'], later())).toBe(true);
});

test('a request that is rolled back afterwards does not make its nonce new again', async () => {
  const memory = replayMemory(server.site);
  expect(await memory.remember('rollback', ['x'], later())).toBe(true);
  await expect(
    atomic(server.site, async () => {
      throw new Error('the handler failed');
    }),
  ).rejects.toThrow('the handler failed');
  expect(await memory.remember('rollback', ['x'], later())).toBe(false);
});

test('purging forgets only what has expired by the clock of every server, five minutes slow or not', async () => {
  const memory = replayMemory(server.site);
  await memory.remember('old', ['x'], server.now - 300_001);
  await memory.remember('just expired', ['x'], server.now - 300_000);
  await memory.remember('fresh', ['x'], later());
  await memory.purge();
  const schemes = (await db(server.site).find(ReplayEntry)).map(({ scheme }) => scheme);
  expect(schemes).toEqual(expect.arrayContaining(['fresh', 'just expired']));
  expect(schemes).not.toContain('old');
  expect(await memory.remember('just expired', ['x'], later())).toBe(false);
});
