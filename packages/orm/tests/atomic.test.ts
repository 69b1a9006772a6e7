import { atomic, dataSource, db, isDatabaseUnavailable, onCommit, prepared, setRollback } from '@rf/orm';
import { type OpenTestDatabase, openTestDatabase } from '@rf/testing/database';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { QueryRunner } from 'typeorm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Author, Book } from './fixtures/entities.ts';
import { siteOf } from './fixtures/site.ts';

// pg warns once of a statement that is sent while others wait, and will refuse it some day.
const warnings: string[] = [];
const noteWarning = ({ message }: Error): void => void warnings.push(message);
process.on('warning', noteWarning);
afterAll(() => void process.off('warning', noteWarning));

let database: OpenTestDatabase;
let site: ReturnType<typeof siteOf>;

beforeAll(async () => {
  database = await openTestDatabase({ entities: [Author, Book] });
  site = siteOf(database.dataSource);
});
afterAll(() => database.close());
beforeEach(() => database.dataSource.query('TRUNCATE library_author, library_book, library_book_co_authors'));

const add = (name: string) => db(site).insert(Author, { fullName: name });
/** A promise that the test resolves itself. */
function deferred() {
  let resolve = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
const names = async () =>
  (await db(site).find(Author, { order: { fullName: 'ASC' } })).map((author) => author.fullName);

describe('atomic', () => {
  test('commits what its block did, and returns its result', async () => {
    const result = await atomic(site, async (manager) => {
      await manager.insert(Author, { fullName: 'Ada' });
      return 7;
    });

    expect(result).toBe(7);
    expect(await names()).toEqual(['Ada']);
  });

  test('undoes what its block did when it throws, and throws the same', async () => {
    const failure = new Error('no');
    const outcome = atomic(site, async () => {
      await add('Ada');
      throw failure;
    });

    await expect(outcome).rejects.toBe(failure);
    expect(await names()).toEqual([]);
  });

  test('db(site) and prepared(site) inside a block speak on its transaction', async () => {
    await expect(
      atomic(site, async () => {
        await add('Ada');
        const { rows } = await prepared(site, { name: 'authors', text: 'SELECT full_name FROM library_author' });
        expect(rows).toEqual([{ full_name: 'Ada' }]);
        throw new Error('undo');
      }),
    ).rejects.toThrow('undo');
    expect(await names()).toEqual([]);
  });

  test('a block inside a block is a savepoint: its failure undoes only itself', async () => {
    await atomic(site, async () => {
      await add('Ada');
      await atomic(site, async () => {
        await add('Bob');
        throw new Error('inner');
      }).catch(() => {});
      await add('Cleo');
    });

    expect(await names()).toEqual(['Ada', 'Cleo']);
  });

  test('the manager handed over begins a savepoint as well', async () => {
    await atomic(site, async (manager) => {
      await atomic(manager, async (same) => {
        await same.insert(Author, { fullName: 'Bob' });
        throw new Error('inner');
      }).catch(() => {});
      await manager.insert(Author, { fullName: 'Ada' });
    });

    expect(await names()).toEqual(['Ada']);
  });

  test('a failed statement in a block of its own leaves the outer block usable', async () => {
    await atomic(site, async () => {
      await add('Ada');
      await expect(atomic(site, () => add('Ada'))).rejects.toThrow('library_author_full_name_key');
      await add('Bob');
    });

    expect(await names()).toEqual(['Ada', 'Bob']);
  });

  test('blocks side by side in one transaction take turns, so that one may fail alone', async () => {
    await atomic(site, async () => {
      await Promise.allSettled([
        atomic(site, async () => {
          await add('Ada');
          await sleep(10);
          await add('Bob');
        }),
        atomic(site, async () => {
          await add('Cleo');
          throw new Error('second fails');
        }),
        atomic(site, () => add('Dora')),
      ]);
    });

    expect(await names()).toEqual(['Ada', 'Bob', 'Dora']);
  });

  test('statements side by side in one block take turns, in their order, whichever way they were sent', async () => {
    const found = await atomic(site, async (manager) => {
      const client = (await manager.queryRunner?.connect()) as pg.PoolClient;
      await manager.query('CREATE TEMPORARY SEQUENCE turn');
      const text = "SELECT nextval('turn')::integer AS turn";
      const byCallback = new Promise<number>((resolve, reject) => {
        client.query(text, (error, { rows }) => (error ? reject(error) : resolve(rows[0].turn)));
      });
      const turns = [
        manager.query(text).then(([row]) => row.turn),
        ...Array.from(
          { length: 4 },
          async () => (await prepared<{ turn: number }>(site, { name: 'turn', text })).rows[0]?.turn,
        ),
        client.query(text).then(({ rows }) => rows[0].turn),
        client.query({ text, values: [] }).then(({ rows }) => rows[0].turn),
        ...Array.from({ length: 4 }, () => manager.query(text).then(([row]) => row.turn)),
      ];
      return [...(await Promise.all(turns)), await byCallback];
    });

    expect([...found].sort((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, at) => at + 1));
    expect(found.slice(1, 5)).toEqual(found.slice(1, 5).sort((a, b) => a - b));
    await sleep(0);
    expect(warnings.filter((message) => message.includes('client.query()'))).toEqual([]);
  });

  test('statements that wait for their turn are told when the connection is lost', async () => {
    const outcomes: PromiseSettledResult<unknown>[] = [];
    const block = atomic(site, async (manager) => {
      const client = (await manager.queryRunner?.connect()) as pg.PoolClient;
      const statements = [1, 2, 3, 4].map((number) => client.query(`SELECT ${number}`));
      client.connection.stream.destroy();
      outcomes.push(...(await Promise.allSettled(statements)));
      await statements[3];
    });

    await expect(block).rejects.toSatisfy(isDatabaseUnavailable);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected', 'rejected']);
    expect(await names()).toEqual([]);
  });

  test('a failed statement among those side by side is told alone, the next that the transaction is aborted', async () => {
    const [first, failed, next] = await new Promise<PromiseSettledResult<unknown>[]>((resolve) => {
      atomic(site, async (manager) => {
        const all = ['SELECT 1', 'SELECT nothing', 'SELECT 3'].map((text) => manager.query(text));
        resolve(await Promise.allSettled(all));
      }).catch(() => {});
    });

    expect(first).toMatchObject({ status: 'fulfilled' });
    expect(failed).toMatchObject({ status: 'rejected', reason: { code: '42703' } });
    expect(next).toMatchObject({ status: 'rejected', reason: { code: '25P02' } });
  });

  test('a statement of the outer block beside an inner one is refused instead of being undone with it', async () => {
    await atomic(site, async () => {
      const inner = atomic(site, async () => {
        await add('Ada');
        await sleep(20);
      });
      await sleep(10);
      await expect(add('Bob')).rejects.toThrow('await the inner atomic() before going on');
      await expect(prepared(site, { name: 'one', text: 'SELECT 1' })).rejects.toThrow('await the inner atomic()');
      await inner;
    });

    expect(await names()).toEqual(['Ada']);
  });

  test('waits for an inner block that nobody awaited', async () => {
    await atomic(site, async () => {
      void atomic(site, async () => {
        await sleep(10);
        await add('Ada');
      });
    });

    expect(await names()).toEqual(['Ada']);
  });

  test('says so when an error was swallowed and nothing can be committed', async () => {
    const outcome = atomic(site, async () => {
      await add('Ada');
      await add('Ada').catch(() => {});
    });

    await expect(outcome).rejects.toThrow('Put the statement that may fail in an atomic() of its own');
    expect(await names()).toEqual([]);
  });

  test('says so as well when the server tells late what became of the transaction', async () => {
    const outcome = atomic(site, async (manager) => {
      const { connection } = (await (manager.queryRunner as QueryRunner).connect()) as pg.PoolClient;
      const emit = connection.emit.bind(connection);
      // As on a network that brings an error and what follows it in two packets.
      connection.emit = (name: string | symbol, ...values: unknown[]) => {
        if (name !== 'readyForQuery') return emit(name, ...values);
        delete (connection as { emit?: unknown }).emit;
        setTimeout(() => emit(name, ...values), 20);
        return true;
      };
      await prepared(site, { name: 'nonsense', text: 'SELECT 1 / 0' }).catch(() => {});
    });

    await expect(outcome).rejects.toThrow('Put the statement that may fail in an atomic() of its own');
  });

  test('transactions at the same time do not mix', async () => {
    const steps = async (name: string, fail: boolean) =>
      atomic(site, async () => {
        await add(`${name} 1`);
        await sleep(5);
        await add(`${name} 2`);
        await sleep(5);
        if (fail) throw new Error('undo');
      });
    const outcomes = await Promise.allSettled([
      steps('a', false),
      steps('b', true),
      steps('c', false),
      steps('d', true),
      add('outside'),
    ]);

    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(await names()).toEqual(['a 1', 'a 2', 'c 1', 'c 2', 'outside']);
  });

  test('other requests do not see what a block has not committed', async () => {
    let seen: Promise<string[]> | undefined;
    const outside = names;
    const begun = deferred();
    const watcher = begun.promise.then(() => {
      seen = outside();
    });
    await atomic(site, async () => {
      await add('Ada');
      begun.resolve();
      await watcher;
      await sleep(20);
      await add('Bob');
    });

    // Embedded, the reader waits for the block's end; on a server it reads beside it. Never does it see one of the two.
    expect([[], ['Ada', 'Bob']]).toContainEqual(await seen);
  });

  test('a deferred constraint that fails at the commit is an error of the block', async () => {
    const outcome = atomic(site, (manager) => manager.insert(Book, { title: 'Emma', author: { id: 999 } }));

    await expect(outcome).rejects.toMatchObject({ driverError: { code: '23503' } });
    expect(await db(site).count(Book)).toBe(0);
  });

  test('the data source’s own manager is another transaction', async () => {
    if (database.kind === 'pglite') return expect(dataSource(site).manager.queryRunner).toBeUndefined();
    await atomic(site, async () => {
      await add('Ada');
      await atomic(dataSource(site).manager, (manager) => manager.insert(Author, { fullName: 'Bob' }));
      throw new Error('undo');
    }).catch(() => {});

    expect(await names()).toEqual(['Bob']);
  });

  test('work that outlives the block uses the data source again', async () => {
    const released = deferred();
    let late: Promise<unknown> | undefined;
    await atomic(site, async () => {
      late = released.promise.then(() => add('Late'));
    });
    released.resolve();
    await late;

    expect(await names()).toEqual(['Late']);
  });

  test('a transaction that TypeORM opened gets a savepoint', async () => {
    await database.dataSource.transaction(async (manager) => {
      await manager.insert(Author, { fullName: 'Ada' });
      await atomic(manager, async (inner) => {
        await inner.insert(Author, { fullName: 'Bob' });
        throw new Error('inner');
      }).catch(() => {});
    });

    expect(await names()).toEqual(['Ada']);
  });
});

describe('setRollback', () => {
  test('undoes the block although nothing is thrown', async () => {
    const result = await atomic(site, async () => {
      await add('Ada');
      setRollback(site);
      return 'kept';
    });

    expect(result).toBe('kept');
    expect(await names()).toEqual([]);
  });

  test('in an inner block undoes only that', async () => {
    await atomic(site, async () => {
      await add('Ada');
      await atomic(site, async () => {
        await add('Bob');
        setRollback(site);
      });
    });

    expect(await names()).toEqual(['Ada']);
  });
});

describe('onCommit', () => {
  test('runs after the commit, in order, and may use the database', async () => {
    const calls: string[] = [];
    await atomic(site, async (manager) => {
      await onCommit(manager, async () => calls.push(`sees ${await names()}`));
      await atomic(site, () => onCommit(site, () => calls.push('of the inner block')));
      await add('Ada');
      calls.push('end of the block');
    });

    expect(calls).toEqual(['end of the block', 'sees Ada', 'of the inner block']);
  });

  test('never runs when the block, or the inner block, is undone', async () => {
    const calls: string[] = [];
    await atomic(site, async () => {
      await atomic(site, async () => {
        await onCommit(site, () => calls.push('inner'));
        throw new Error('inner');
      }).catch(() => {});
    });
    await atomic(site, async () => {
      await onCommit(site, () => calls.push('outer'));
      throw new Error('outer');
    }).catch(() => {});

    expect(calls).toEqual([]);
  });

  test('runs at once outside a transaction', async () => {
    const calls: string[] = [];
    await onCommit(site, () => calls.push('now'));

    expect(calls).toEqual(['now']);
  });

  test('an error of one does not keep the others from running', async () => {
    const calls: string[] = [];
    const outcome = atomic(site, async () => {
      await add('Ada');
      await onCommit(site, () => {
        throw new Error('first');
      });
      await onCommit(site, () => calls.push('second'));
    });

    await expect(outcome).rejects.toThrow('first');
    expect(calls).toEqual(['second']);
    expect(await names()).toEqual(['Ada']);
  });
});
