import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { createDataSource, type DataSourceSettings } from '@rf/orm';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { copyOfEmptyDatabase } from './pglite-template.ts';

/** A database of its own for one test file. */
export interface TestDatabase {
  /** For `createDataSource`, `defineProject` or a server process; what was written stays until `remove`. */
  readonly url: string;
  readonly kind: 'postgresql' | 'pglite';
  /** Removes the database; close every data source on it first. */
  remove(): Promise<void>;
}

/** A {@link TestDatabase} that is open, with the tables of its entities. */
export interface OpenTestDatabase extends TestDatabase {
  readonly dataSource: DataSource;
  /** Closes and removes it. */
  close(): Promise<void>;
}

export interface TestDatabaseSettings extends Omit<DataSourceSettings, 'url'> {
  /** Makes the tables from the entities, without migrations; default true. */
  readonly synchronize?: boolean;
}

/**
 * Makes an empty database: an embedded one in a temporary directory, or with `DATABASE_URL=postgresql://…` a new one on that server, so that test files
 * may run side by side. The user in the URL must be allowed to create databases.
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = process.env.DATABASE_URL;
  if (server === undefined || !server.startsWith('postgres')) {
    const directory = await copyOfEmptyDatabase();
    const remove = async () => rmSync(path.dirname(directory), { recursive: true, force: true });
    return { url: `pglite://${directory}`, kind: 'pglite', remove };
  }
  const name = `rf_test_${randomBytes(6).toString('hex')}`;
  const url = new URL(server);
  url.pathname = `/${name}`;
  await onServer(server, `CREATE DATABASE ${name}`);
  return { url: url.href, kind: 'postgresql', remove: () => onServer(server, `DROP DATABASE ${name} WITH (FORCE)`) };
}

/**
 * Makes a database as {@link createTestDatabase} does, opens it and makes the tables of `entities`.
 *
 * ```ts
 * const database = await openTestDatabase({ entities: [Book, Author] });
 * afterAll(() => database.close());
 * ```
 */
export async function openTestDatabase(settings: TestDatabaseSettings): Promise<OpenTestDatabase> {
  const { synchronize = true, ...rest } = settings;
  const database = await createTestDatabase();
  try {
    const dataSource = await createDataSource({ ...rest, url: database.url });
    if (synchronize) await dataSource.synchronize();
    return {
      ...database,
      dataSource,
      async close() {
        await dataSource.destroy();
        await database.remove();
      },
    };
  } catch (error) {
    await database.remove();
    throw error;
  }
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
