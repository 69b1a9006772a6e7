import {
  type App,
  appliedMigrations,
  defineProject,
  type Migration,
  migrate,
  type MigrateOptions,
  openProject,
  pendingMigrations,
  type Project,
} from '@rf/project';
import { createDataSource } from '@rf/orm';
import { createTestDatabase, type TestDatabase } from '@rf/testing/database';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { library } from './fixtures/library.ts';
import { appWith, tableMigration } from './fixtures/migrations.ts';

let database: TestDatabase;
let url: string;

beforeEach(async () => {
  database = await createTestDatabase();
  url = database.url;
});
afterEach(() => database.remove());

const projectOf = (...apps: App[]): Project => defineProject({ apps, database: url, urls: [] });
const taken = async (project: Project, options: MigrateOptions = {}) =>
  (await migrate(project, options)).map(
    ({ node, direction, faked }) => `${direction} ${node.id}${faked ? ' faked' : ''}`,
  );

async function query<T>(text: string): Promise<T[]> {
  const source = await createDataSource({ url, entities: [] });
  try {
    return await source.query(text);
  } finally {
    await source.destroy();
  }
}
const tables = async () =>
  (await query<{ name: string }>("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")).map(
    ({ name }) => name,
  );

describe('migrate', () => {
  test('applies everything once and records it in the table of TypeORM', async () => {
    const project = projectOf(library);

    expect(await taken(project)).toEqual(['forwards library.0001_initial', 'forwards library.0002_book_pages']);
    expect(await taken(project)).toEqual([]);
    expect(await tables()).toEqual(['library_author', 'library_book', 'migrations']);
    expect(await query('SELECT id, name FROM migrations ORDER BY id')).toEqual([
      { id: 1, name: 'library.0001_initial' },
      { id: 2, name: 'library.0002_book_pages' },
    ]);
  });

  test('migrates the database of an open project, which a database in memory has to be', async () => {
    const site = await openProject(defineProject({ apps: [library], database: 'pglite://memory', urls: [] }));
    try {
      expect((await migrate(site)).map(({ node }) => node.id)).toEqual([
        'library.0001_initial',
        'library.0002_book_pages',
      ]);
      expect(await site.dataSource.query('SELECT count(*)::int AS books FROM library_book')).toEqual([{ books: 0 }]);
    } finally {
      await site.close();
    }
  });

  test('goes to one migration of one app, forwards and backwards, and takes back what depends on it', async () => {
    const one = appWith('one', [tableMigration('a', '0001_initial'), tableMigration('b', '0002_more')]);
    const two = appWith('two', [tableMigration('c', '0001_initial', { dependencies: [['one', '0002_more']] })]);
    const project = projectOf(one, two);

    expect(await taken(project, { app: one, name: '0001' })).toEqual(['forwards one.0001_initial']);
    expect(await taken(project, { app: two })).toEqual(['forwards one.0002_more', 'forwards two.0001_initial']);
    expect(await taken(project, { app: one, name: '0001_initial' })).toEqual([
      'backwards two.0001_initial',
      'backwards one.0002_more',
    ]);
    expect(await taken(project, { app: one, name: 'zero' })).toEqual(['backwards one.0001_initial']);
    expect(await tables()).toEqual(['migrations']);
  });

  test('a migration that fails leaves nothing of itself, and what came before it stays', async () => {
    class Broken implements Migration {
      readonly name = '0002_broken';
      async up(runner: Parameters<Migration['up']>[0]) {
        await runner.query('CREATE TABLE half (id integer)');
        await runner.query('CREATE TABEL whole (id integer)');
      }
      async down() {}
    }
    const project = projectOf(appWith('one', [tableMigration('a', '0001_initial'), Broken]));

    await expect(migrate(project)).rejects.toThrow('one.0002_broken failed forwards: syntax error at or near "TABEL"');
    expect(await tables()).toEqual(['a', 'migrations']);
    expect([...(await appliedMigrations(project))]).toEqual(['one.0001_initial']);
  });

  test('says how to record a migration whose table is there already', async () => {
    await migrate(projectOf(appWith('one', [tableMigration('a', '0001_initial')])));
    const project = projectOf(appWith('two', [tableMigration('a', '0001_initial')]));

    await expect(migrate(project)).rejects.toThrow(
      'two.0001_initial failed forwards: relation "a" already exists. If all that it makes is in the database, record it: ' +
        'rf migrate two 0001_initial --fake.',
    );
  });

  test('a migration may say that it cannot run in a transaction', async () => {
    class Concurrently implements Migration {
      readonly name = '0002_index';
      readonly transaction = false;
      up: Migration['up'] = (runner) => runner.query('CREATE INDEX CONCURRENTLY a_id ON a (id)');
      down: Migration['down'] = (runner) => runner.query('DROP INDEX a_id');
    }
    const project = projectOf(appWith('one', [tableMigration('a', '0001_initial'), Concurrently]));

    expect(await taken(project)).toEqual(['forwards one.0001_initial', 'forwards one.0002_index']);
  });

  test('records only, when asked to fake', async () => {
    const project = projectOf(library);

    expect(await taken(project, { fake: true })).toEqual([
      'forwards library.0001_initial faked',
      'forwards library.0002_book_pages faked',
    ]);
    expect(await tables()).toEqual(['migrations']);
  });

  test('shows the steps without taking them', async () => {
    const project = projectOf(library);
    const steps = await pendingMigrations(project);

    expect(steps.map(({ node }) => node.id)).toEqual(['library.0001_initial', 'library.0002_book_pages']);
    expect(await tables()).toEqual([]);
  });

  test('refuses a history that is half recorded, and says how to mend it', async () => {
    const project = projectOf(library);
    await migrate(project);
    await query("DELETE FROM migrations WHERE name = 'library.0001_initial'");

    await expect(migrate(project)).rejects.toThrow(
      'library.0002_book_pages is applied, but library.0001_initial, which it depends on, is not. ' +
        'If its changes are in the database, record it: rf migrate library 0001_initial --fake.',
    );
  });

  test('leaves the records of others in the table alone', async () => {
    await migrate(projectOf(library));
    await query("INSERT INTO migrations (timestamp, name) VALUES (1, 'CreateThings1700000000000')");

    expect(await taken(projectOf(library))).toEqual([]);
  });

  test('runs postMigrate of the apps whose migrations are all applied', async () => {
    const calls: string[] = [];
    const one = appWith('one', [tableMigration('a', '0001_initial'), tableMigration('b', '0002_more')], {
      postMigrate: async ({ manager, migratedApps }) => {
        const [{ count }] = await manager.query('SELECT count(*)::int AS count FROM b');
        calls.push(`${migratedApps.map(({ label }) => label)} ${count}`);
      },
    });
    const project = projectOf(one);

    await migrate(project, { app: one, name: '0001' });
    expect(calls).toEqual([]);
    await migrate(project);
    expect(calls).toEqual(['one 0']);
  });
});

describe('--fake-initial', () => {
  test('adopts the tables that are there and applies the rest', async () => {
    await query('CREATE TABLE library_author (id integer PRIMARY KEY, name varchar(100) NOT NULL)');
    await query('CREATE TABLE library_book (id integer PRIMARY KEY, title varchar(100), author_id integer)');

    expect(await taken(projectOf(library), { fakeInitial: true })).toEqual([
      'forwards library.0001_initial faked',
      'forwards library.0002_book_pages',
    ]);
  });

  test('applies an initial migration none of whose tables is there', async () => {
    expect(await taken(projectOf(library), { fakeInitial: true })).toEqual([
      'forwards library.0001_initial',
      'forwards library.0002_book_pages',
    ]);
  });

  test('refuses when only some are there', async () => {
    await query('CREATE TABLE library_author (id integer PRIMARY KEY)');

    await expect(migrate(projectOf(library), { fakeInitial: true })).rejects.toThrow(
      'library.0001_initial can be neither adopted nor applied: library_author exist, library_book do not.',
    );
  });
});

describe('two deployments at once', () => {
  class Slow implements Migration {
    readonly name = '0001_initial';
    async up(runner: Parameters<Migration['up']>[0]) {
      await runner.query('CREATE TABLE slow (id integer)');
      await sleep(300);
    }
    async down() {}
  }

  test('do every step once: one waits and finds nothing left, or finds the embedded database in use', async () => {
    const lines: string[] = [];
    const project = projectOf(appWith('one', [Slow, tableMigration('b', '0002_more')]));
    const log = (text: string) => lines.push(text);
    const outcomes = await Promise.allSettled([migrate(project, { log }), migrate(project, { log })]);
    const steps = outcomes.map((outcome) =>
      outcome.status === 'fulfilled' ? outcome.value.length : outcome.reason.message,
    );

    if (database.kind === 'pglite') {
      expect(steps).toEqual([2, expect.stringContaining('is already open in this process')]);
    } else {
      expect(steps.sort()).toEqual([0, 2]);
      expect(lines).toContain('Another process is migrating this database; waiting for it.');
    }
  });
});
