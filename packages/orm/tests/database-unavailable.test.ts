import { atomic, ConnectionWaitError, createDataSource, isDatabaseUnavailable, prepared } from '@rf/orm';
import { type OpenTestDatabase, openTestDatabase } from '@rf/testing/database';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { siteOf } from './fixtures/site.ts';

const reasonOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (reason: unknown) => reason,
  );

describe('isDatabaseUnavailable', () => {
  test('knows a server that does not answer', async () => {
    const reason = await reasonOf(createDataSource({ url: 'postgresql://u@127.0.0.1:1/d', entities: [] }));

    expect(isDatabaseUnavailable(reason)).toBe(true);
  });

  test('knows waiting in vain for a connection', () => {
    expect(isDatabaseUnavailable(new ConnectionWaitError(1, 10))).toBe(true);
  });

  test.each([
    [Object.assign(new Error('x'), { code: '57P01' }), true],
    [Object.assign(new Error('x'), { code: '08006' }), true],
    [Object.assign(new Error('x'), { code: 'ECONNRESET' }), true],
    [new AggregateError([Object.assign(new Error('x'), { code: 'ECONNREFUSED' })]), true],
    [new Error('Connection terminated unexpectedly'), true],
    [Object.assign(new Error('x'), { code: '23505' }), false],
    [Object.assign(new Error('x'), { code: '57014' }), false],
    [Object.assign(new Error('x'), { code: 'ENOENT' }), false],
    [new Error('x'), false],
    ['ECONNREFUSED', false],
  ])('tells %o from a refused statement: %s', (error, expected) => {
    expect(isDatabaseUnavailable(error)).toBe(expected);
  });
});

describe('a lost connection', () => {
  let database: OpenTestDatabase;
  let killer: OpenTestDatabase['dataSource'] | undefined;
  beforeAll(async () => {
    database = await openTestDatabase({ entities: [], poolSize: 2 });
    if (database.kind === 'postgresql')
      killer = await createDataSource({ url: database.url, entities: [], applicationName: 'killer' });
    await database.dataSource.query('CREATE TABLE note (text text)');
  });
  afterAll(async () => {
    await killer?.destroy();
    await database.close();
  });

  /** Ends all connections of the pool: by the server, or for the embedded one by what a lost socket would report. */
  async function kill(): Promise<void> {
    if (killer !== undefined) {
      await killer.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name <> 'killer'",
      );
      return;
    }
    const runner = database.dataSource.createQueryRunner();
    const client = await runner.connect();
    client.connection.stream.destroy();
    await runner.release();
  }

  test('is an error of whoever uses it, once; then the pool makes new ones', async () => {
    const site = siteOf(database.dataSource);
    const statement = { name: 'one', text: 'SELECT 1 AS one' };
    await Promise.all([prepared(site, statement), prepared(site, statement)]);
    await kill();
    const reasons = [await reasonOf(prepared(site, statement)), await reasonOf(prepared(site, statement))];

    expect(reasons.filter((reason) => reason !== undefined && !isDatabaseUnavailable(reason))).toEqual([]);
    expect((await prepared(site, statement)).rows).toEqual([{ one: 1 }]);
  });

  test('inside atomic() undoes the block', async () => {
    const site = siteOf(database.dataSource);
    const reason = await reasonOf(
      atomic(site, async (manager) => {
        await manager.query("INSERT INTO note VALUES ('lost')");
        if (killer !== undefined) await kill();
        else (await manager.queryRunner?.connect())?.connection.stream.destroy();
        await manager.query("INSERT INTO note VALUES ('late')");
      }),
    );

    expect(isDatabaseUnavailable(reason)).toBe(true);
    expect(await database.dataSource.query('SELECT * FROM note')).toEqual([]);
  });
});
