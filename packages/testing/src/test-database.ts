import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { createDataSource, type DataSourceSettings } from '@rf/orm';
import type { DataSource } from 'typeorm';
import { copyOfEmptyDatabase, dumpOf } from './pglite-template.ts';
import { databaseUrl, onServer, serverUrl } from './postgres-server.ts';

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
  const server = serverUrl();
  if (server !== undefined) return createOnServer(server);
  const directory = await copyOfEmptyDatabase();
  const remove = async () => rmSync(path.dirname(directory), { recursive: true, force: true });
  return { url: `pglite://${directory}`, kind: 'pglite', remove };
}

async function createOnServer(server: string): Promise<TestDatabase> {
  const name = `rf_test_${randomBytes(6).toString('hex')}`;
  await onServer(server, (client) => client.query(`CREATE DATABASE ${name}`));
  return {
    url: databaseUrl(server, name),
    kind: 'postgresql',
    async remove() {
      await onServer(server, (client) => client.query(`DROP DATABASE ${name} WITH (FORCE)`));
    },
  };
}

/**
 * Makes a database as {@link createTestDatabase} does, the embedded one in memory, opens it and makes the tables of `entities`.
 *
 * ```ts
 * const database = await openTestDatabase({ entities: [Book, Author] });
 * afterAll(() => database.close());
 * ```
 */
export async function openTestDatabase(settings: TestDatabaseSettings): Promise<OpenTestDatabase> {
  const { synchronize = true, ...rest } = settings;
  const database = await createForThisProcess();
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

/** One that no other process will open. */
async function createForThisProcess(): Promise<TestDatabase> {
  const server = serverUrl();
  if (server !== undefined) return createOnServer(server);
  const file = await dumpOf('empty', 'empty', async () => {});
  return { url: `pglite://memory?from=${file}`, kind: 'pglite', remove: async () => {} };
}
