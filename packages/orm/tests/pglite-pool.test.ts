import { ConnectionWaitError, createDataSource } from '@rf/orm';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const folder = mkdtempSync(path.join(tmpdir(), 'rf-pool-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the one connection of the embedded database', () => {
  let source: DataSource;
  beforeAll(async () => {
    source = await createDataSource({ url: 'pglite://memory', entities: [], connectTimeoutMs: 2000 });
    await source.query('CREATE TABLE entry (holder text, step integer)');
  });
  afterAll(() => source.destroy());

  test('is lent to one transaction at a time: interleaved ones neither see nor undo each other', async () => {
    const work = async (holder: string, commit: boolean) => {
      const runner = source.createQueryRunner();
      await runner.startTransaction();
      const seen = await runner.query('SELECT DISTINCT holder FROM entry ORDER BY 1');
      for (const step of [1, 2, 3]) {
        await runner.query('INSERT INTO entry VALUES ($1, $2)', [holder, step]);
        await sleep(1);
      }
      await (commit ? runner.commitTransaction() : runner.rollbackTransaction());
      await runner.release();
      return seen.map((row: { holder: string }) => row.holder);
    };
    const seen = await Promise.all([
      work('a', true),
      work('b', false),
      work('c', true),
      work('d', false),
      work('e', true),
    ]);

    expect(seen).toEqual([[], ['a'], ['a'], ['a', 'c'], ['a', 'c']]);
    expect(await source.query('SELECT holder, count(*)::int AS steps FROM entry GROUP BY 1 ORDER BY 1')).toEqual([
      { holder: 'a', steps: 3 },
      { holder: 'c', steps: 3 },
      { holder: 'e', steps: 3 },
    ]);
  });

  test('is lent in the order of asking', async () => {
    const order: number[] = [];
    await Promise.all(
      [1, 2, 3, 4, 5].map(async (turn) => {
        await source.query('SELECT pg_sleep(0.001)');
        order.push(turn);
      }),
    );

    expect(order).toEqual([1, 2, 3, 4, 5]);
  });

  test('is given on clean when its holder left a transaction open', async () => {
    const careless = source.createQueryRunner();
    await careless.startTransaction();
    await careless.query("INSERT INTO entry VALUES ('careless', 1); CREATE TEMPORARY TABLE rest (n integer)");
    await careless.release();

    expect(await source.query("SELECT count(*)::int AS n FROM entry WHERE holder = 'careless'")).toEqual([{ n: 0 }]);
    await expect(source.query('SELECT * FROM rest')).rejects.toThrow('relation "rest" does not exist');
  });

  test('is usable after a failed statement', async () => {
    await expect(source.query('SELECT 1/0')).rejects.toThrow('division by zero');

    expect(await source.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('is not waited for without end', async () => {
    const holder = source.createQueryRunner();
    await holder.connect();
    const waiting = source.query('SELECT 1').catch((error) => error);

    expect(await waiting).toBeInstanceOf(ConnectionWaitError);
    await holder.release();
    expect(await source.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });
});

describe('a database directory', () => {
  test('is open in one data source only, until it is closed', async () => {
    const url = `pglite://${folder}/once`;
    const first = await createDataSource({ url, entities: [] });

    await expect(createDataSource({ url, entities: [] })).rejects.toThrow('is already open in this process');
    expect(readFileSync(`${folder}/once.lock`, 'utf8')).toBe(String(process.pid));
    await first.destroy();
    expect(existsSync(`${folder}/once.lock`)).toBe(false);
  });

  test('that another living process has is refused', async () => {
    writeFileSync(`${folder}/taken.lock`, String(process.ppid));

    await expect(createDataSource({ url: `pglite://${folder}/taken`, entities: [] })).rejects.toThrow(
      `is open in process ${process.ppid}. Stop it first`,
    );
  });

  test('whose process is gone is taken over', async () => {
    writeFileSync(`${folder}/left.lock`, '2147483646');
    const source = await createDataSource({ url: `pglite://${folder}/left`, entities: [] });

    expect(await source.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await source.destroy();
  });
});
