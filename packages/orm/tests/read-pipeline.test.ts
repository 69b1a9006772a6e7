import { atomic, prepared } from '@rf/orm';
import { type OpenTestDatabase, openTestDatabase } from '@rf/testing/database';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { StatementPace } from '../src/statement-pace.ts';
import { siteOf } from './fixtures/site.ts';

describe('the pace of statements', () => {
  const slow = (pace: StatementPace, from: number): void => {
    for (let run = 0; run < 40; run += 1) pace.note('report', 50, from);
  };

  test('is taken to be quick until they were run', () => {
    expect(new StatementPace().expected('book', 0)).toBe(1);
  });

  test('is their average, in which a single slow run does not count for much', () => {
    const pace = new StatementPace();
    pace.note('book', 30, 0);
    expect(pace.expected('book', 0)).toBeCloseTo(1 + 29 / 16);

    for (let run = 1; run < 200; run += 1) pace.note('book', 0.2, run);
    expect(pace.expected('book', 200)).toBeCloseTo(0.2);

    pace.note('book', 30, 201);
    expect(pace.expected('book', 201)).toBeCloseTo(0.2 + 29.8 / 16);
  });

  test('says nothing for slow ones, which get another chance after five seconds', () => {
    const pace = new StatementPace();
    slow(pace, 1_000);

    expect(pace.expected('report', 5_999)).toBeNull();
    expect(pace.expected('report', 6_000)).toBe(1);
    expect(pace.expected('other', 1_000)).toBe(1);
  });

  test('is remembered for two thousand statements at most', () => {
    const pace = new StatementPace();
    slow(pace, 0);
    for (let at = 0; at < 2_000; at += 1) pace.note(`book ${at}`, 0.2, 0);

    expect(pace.expected('report', 0)).toBe(1);
    expect(pace.expected('book 1999', 0)).toBeCloseTo(1 - 0.8 / 16);
  });
});

// The embedded database has one connection, which nothing can share.
if (process.env.DATABASE_URL !== undefined) {
  describe('read-only statements on a server', () => {
    const POOL_SIZE = 8;
    /** A quarter of the pool. */
    const SHARED = 2;
    let database: OpenTestDatabase;
    let site: ReturnType<typeof siteOf>;

    beforeAll(async () => {
      database = await openTestDatabase({ entities: [], poolSize: POOL_SIZE });
      site = siteOf(database.dataSource);
      await database.dataSource.query('CREATE TABLE book (id integer PRIMARY KEY, title text)');
      await database.dataSource.query("INSERT INTO book SELECT n, 'Book ' || n FROM generate_series(1, 100) n");
      await shared();
    });
    afterAll(() => database.close());

    const backend = { name: 'backend', text: 'SELECT pg_backend_pid() AS pid', readOnly: true };
    const title = { name: 'title', text: 'SELECT title FROM book WHERE id = $1', readOnly: true };

    const backends = async (count: number, statement = backend): Promise<Set<number>> => {
      const all = await Promise.all(Array.from({ length: count }, () => prepared<{ pid: number }>(site, statement)));
      return new Set(all.map(({ rows }) => rows[0]?.pid as number));
    };

    /** The shared connections, once all of them are open. */
    const shared = async (): Promise<Set<number>> => {
      for (;;) {
        const found = await backends(12);
        if (found.size === SHARED) return found;
      }
    };

    const stopIdleTime = () =>
      vi.spyOn(performance.nodeTiming, 'idleTime', 'get').mockReturnValue(performance.nodeTiming.idleTime);

    const others = async (): Promise<Set<number>> =>
      backends(12, { name: 'own', text: 'SELECT pg_backend_pid() AS pid, pg_sleep(0.02)::text', readOnly: false });

    test('share a quarter of the connections, and each gets its own answer', async () => {
      // With its clocks stopped a busy machine cannot make a quick statement look like a slow one.
      vi.spyOn(performance, 'now').mockReturnValue(performance.now());
      stopIdleTime();
      onTestFinished(() => void vi.restoreAllMocks());
      const quick = { ...backend, name: 'quick' };
      for (let run = 0; run < 40; run += 1) await backends(1, quick);

      expect((await backends(20, quick)).size).toBeLessThanOrEqual(SHARED);
      const ids = Array.from({ length: 60 }, (_, at) => at + 1);
      const found = await Promise.all(ids.map((id) => prepared<{ title: string }>(site, { ...title, values: [id] })));

      expect(found.map(({ rows }) => rows[0]?.title)).toEqual(ids.map((id) => `Book ${id}`));
    });

    test('are not taken for slow ones because the process was busy when their answers came', async () => {
      // A busy machine cannot make it look slow either.
      stopIdleTime();
      onTestFinished(() => void vi.restoreAllMocks());
      const busy = { ...backend, name: 'busy' };
      for (let run = 0; run < 40; run += 1) {
        const answered = backends(1, busy);
        // The packet goes out at the end of this turn, and in the next the process has something else to do first.
        await new Promise<void>((resolve) => {
          setImmediate(() => {
            const end = performance.now() + 10;
            while (performance.now() < end);
            resolve();
          });
        });
        await answered;
      }

      expect((await backends(12, busy)).size).toBeLessThanOrEqual(SHARED);
    });

    test('are apart from all others, with which they stay within the size of the pool', async () => {
      const own = await others();

      expect([...(await shared())].filter((pid) => own.has(pid))).toEqual([]);
      expect(own.size).toBeLessThanOrEqual(POOL_SIZE - SHARED);
      const [{ count }] = await database.dataSource.query(
        'SELECT count(*)::int FROM pg_stat_activity WHERE datname = current_database()',
      );
      expect(count).toBeLessThanOrEqual(POOL_SIZE);
    });

    test('see what was committed just before', async () => {
      const insert = { name: 'insert', text: 'INSERT INTO book VALUES ($1, $2)' };
      for (let id = 201; id < 230; id += 1) {
        await prepared(site, { ...insert, values: [id, `New ${id}`] });
        expect((await prepared(site, { ...title, values: [id] })).rows).toEqual([{ title: `New ${id}` }]);
      }
    });

    test('stay on the connection of their transaction', async () => {
      await atomic(site, async (manager) => {
        const [{ pid }] = await manager.query('SELECT pg_backend_pid() AS pid');
        await manager.query("UPDATE book SET title = 'Changed' WHERE id = 1");

        expect((await prepared(site, { ...title, values: [1] })).rows).toEqual([{ title: 'Changed' }]);
        expect(await backends(1)).toEqual(new Set([pid]));
      });
    });

    test('fail alone: those around one with an error are answered', async () => {
      const divide = { name: 'divide', text: 'SELECT 10 / $1::integer AS result', readOnly: true };
      const all = await Promise.allSettled(
        [1, 0, 2, 0, 5].map((value) => prepared<{ result: number }>(site, { ...divide, values: [value] })),
      );

      const results = all.map((one) => (one.status === 'fulfilled' ? one.value.rows[0]?.result : one.reason.code));
      expect(results).toEqual([10, '22012', 5, '22012', 2]);
    });

    test('are not sent behind one that takes long, which leaves the shared connections to the others', async () => {
      const wait = { name: 'wait', text: 'SELECT pg_backend_pid() AS pid, pg_sleep(0.4)::text', readOnly: true };
      const order: string[] = [];
      const long = prepared(site, wait).then(() => order.push('long'));
      await new Promise((resolve) => setTimeout(resolve, 50));
      const quick = backends(20).then(() => order.push('quick'));
      await Promise.all([long, quick]);

      expect(order).toEqual(['quick', 'long']);
      const sharing = await shared();
      const { rows } = await prepared<{ pid: number }>(site, wait);
      expect(sharing.has(rows[0]?.pid as number)).toBe(false);
    });

    test('go on after a migration changed the table', async () => {
      const all = { name: 'all', text: 'SELECT * FROM book WHERE id = 5', readOnly: true };
      await Promise.all(Array.from({ length: 6 }, () => prepared(site, all)));
      await database.dataSource.query('ALTER TABLE book ADD pages integer');
      const results = await Promise.all(Array.from({ length: 6 }, () => prepared(site, all)));

      expect(results.map(({ rows }) => rows)).toEqual(Array(6).fill([{ id: 5, title: 'Book 5', pages: null }]));
      expect((await shared()).size).toBe(SHARED);
    });

    test('are run again elsewhere when their connection is lost, and others take its place', async () => {
      const before = [...(await shared())];
      const asked = Array.from({ length: 8 }, () =>
        prepared<{ title: string }>(site, {
          name: 'a little later',
          text: 'SELECT title FROM book, pg_sleep(0.1) WHERE id = $1',
          values: [7],
          readOnly: true,
        }),
      );
      await new Promise((resolve) => setTimeout(resolve, 20));
      await database.dataSource.query('SELECT pg_terminate_backend(pid) FROM unnest($1::integer[]) pid', [before]);

      const answers = await Promise.all(asked);
      expect(answers.map(({ rows }) => rows[0]?.title)).toEqual(Array(8).fill('Book 7'));
      expect([...(await shared())].filter((pid) => before.includes(pid))).toEqual([]);
    });
  });

  test('a database that is closed while its first connections are made leaves none of them open', async () => {
    const database = await openTestDatabase({ entities: [], poolSize: 8 });
    const read = { name: 'one', text: 'SELECT 1 AS one', readOnly: true };
    await prepared(siteOf(database.dataSource), read);
    await database.dataSource.destroy();
    const other = await openTestDatabase({ entities: [] });
    const name = new URL(database.url).pathname.slice(1);
    const [{ count }] = await other.dataSource.query('SELECT count(*)::int FROM pg_stat_activity WHERE datname = $1', [
      name,
    ]);
    await other.close();
    await database.remove();

    expect(count).toBe(0);
  });

  test('a pool of three has no connections to share', async () => {
    const database = await openTestDatabase({ entities: [], poolSize: 3 });
    const site = siteOf(database.dataSource);
    const statement = { name: 'pid', text: 'SELECT pg_backend_pid() AS pid, pg_sleep(0.05)::text', readOnly: true };
    const all = await Promise.all([1, 2, 3].map(() => prepared<{ pid: number }>(site, statement)));
    await database.close();

    expect(new Set(all.map(({ rows }) => rows[0]?.pid)).size).toBe(3);
  });
}
