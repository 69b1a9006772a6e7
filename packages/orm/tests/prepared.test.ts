import { atomic, dataSource, prepared, rawText } from '@rf/orm';
import { type OpenTestDatabase, openTestDatabase } from '@rf/testing/database';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { siteOf } from './fixtures/site.ts';

let database: OpenTestDatabase;
let site: ReturnType<typeof siteOf>;

beforeAll(async () => {
  database = await openTestDatabase({ entities: [], poolSize: 3 });
  site = siteOf(database.dataSource);
  await database.dataSource.query('CREATE TABLE book (id integer PRIMARY KEY, title text)');
});
afterAll(() => database.close());

const statement = { name: 'book by id', text: 'SELECT id, title FROM book WHERE id = $1' };

describe('prepared', () => {
  test('returns rows as objects and how many there are', async () => {
    await database.dataSource.query("INSERT INTO book VALUES (1, 'Emma')");

    expect(await prepared(site, { ...statement, values: [1] })).toEqual({
      rows: [{ id: 1, title: 'Emma' }],
      rowCount: 1,
    });
    expect(await prepared(site, { ...statement, values: [2] })).toEqual({ rows: [], rowCount: 0 });
    const update = { name: 'shout', text: 'UPDATE book SET title = upper(title)' };
    expect(await prepared(site, update)).toEqual({ rows: [], rowCount: 1 });
  });

  test('has the server keep the statement', async () => {
    await atomic(site, async () => {
      await prepared(site, { ...statement, values: [1] });
      const { rows } = await prepared(site, {
        name: 'kept',
        text: 'SELECT count(*)::int AS n FROM pg_prepared_statements WHERE name = $1',
        values: [statement.name],
      });
      expect(rows).toEqual([{ n: 1 }]);
    });
  });

  test('takes a manager of a transaction, a bare query runner, or the data source', async () => {
    const inside = { name: 'inside', text: 'SELECT pg_current_xact_id_if_assigned() IS NOT NULL AS inside' };
    const runner = database.dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.query('SELECT pg_current_xact_id()');
    expect((await prepared(runner.manager, inside)).rows).toEqual([{ inside: true }]);
    await runner.rollbackTransaction();
    await runner.release();

    await atomic(site, async (manager) => {
      await manager.query('SELECT pg_current_xact_id()');
      expect((await prepared(manager, inside)).rows).toEqual([{ inside: true }]);
      expect((await prepared(site, inside)).rows).toEqual([{ inside: true }]);
    });
    expect((await prepared(dataSource(site).manager, inside)).rows).toEqual([{ inside: false }]);
  });

  test('leaves text as it is on demand, with its microseconds', async () => {
    const text =
      "SELECT '2026-01-31 08:15:00.123456+00'::timestamptz AT TIME ZONE 'UTC' AS moment, true AS yes, NULL AS none";
    const { rows } = await prepared(site, { name: 'raw', text, types: rawText });

    expect(rows).toEqual([{ moment: '2026-01-31 08:15:00.123456', yes: 't', none: null }]);
  });

  test('goes on after a migration changed the table', async () => {
    await Promise.all([1, 2, 3].map(() => prepared(site, { name: 'all', text: 'SELECT * FROM book' })));
    await database.dataSource.query('ALTER TABLE book ADD pages integer');
    const results = await Promise.all([1, 2, 3].map(() => prepared(site, { name: 'all', text: 'SELECT * FROM book' })));

    expect(results.map(({ rows }) => Object.keys(rows[0] ?? {}))).toEqual(Array(3).fill(['id', 'title', 'pages']));
  });

  test('throws the error of pg and keeps the connection usable', async () => {
    const insert = { name: 'insert', text: 'INSERT INTO book (id) VALUES (1)' };

    await expect(prepared(site, insert)).rejects.toMatchObject({ code: '23505', constraint: 'book_pkey' });
    expect((await prepared(site, { ...statement, values: [1] })).rowCount).toBe(1);
  });
});
