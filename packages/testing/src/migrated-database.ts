import { createHash, randomBytes } from 'node:crypto';
import { migrate, MigrationGraph, type Project } from '@rf/project';
import type pg from 'pg';
import { fingerprintMigrations } from './migrations-fingerprint.ts';
import { dumpOf } from './pglite-template.ts';
import { databaseUrl, onServer, serverUrl } from './postgres-server.ts';
import type { TestDatabase } from './test-database.ts';

const UNKNOWN_DATABASE = '3D000';
const TEMPLATE = 'rf_test_template';

/**
 * A new database with the migrations of a project, as a copy of one that was made once and is kept: in `node_modules/.cache`, or on
 * the server of `DATABASE_URL` under a name that begins with `rf_test_template_`, where the next one takes its place.
 *
 * `postMigrate` of the apps is the caller's to run: it may look at more than the migrations.
 */
export async function createMigratedDatabase(project: Project): Promise<TestDatabase> {
  const graph = await MigrationGraph.load(project);
  const { family, key } = await fingerprintMigrations(project, graph);
  const server = serverUrl();
  if (server === undefined) {
    const file = await dumpOf(family, key, async (directory) => {
      await migrate({ ...project, database: `pglite://${directory}` });
    });
    return { url: `pglite://memory?from=${file}`, kind: 'pglite', remove: async () => {} };
  }
  // Other checkouts may be at another state of the same migrations.
  const checkout = createHash('sha256').update(process.cwd()).digest('hex').slice(0, 8);
  const prefix = `${TEMPLATE}_${checkout}_${family}_`;
  const name = `rf_test_${randomBytes(6).toString('hex')}`;
  await onServer(server, (client) => copyTemplate(client, server, { prefix, template: prefix + key, name, project }));
  return {
    url: databaseUrl(server, name),
    kind: 'postgresql',
    async remove() {
      await onServer(server, (client) => client.query(`DROP DATABASE ${name} WITH (FORCE)`));
    },
  };
}

interface Copy {
  readonly prefix: string;
  readonly template: string;
  readonly name: string;
  readonly project: Project;
}

async function copyTemplate(client: pg.Client, server: string, copy: Copy): Promise<void> {
  const make = () => client.query(`CREATE DATABASE ${copy.name} TEMPLATE ${copy.template}`);
  try {
    await make();
  } catch (error) {
    if ((error as pg.DatabaseError).code !== UNKNOWN_DATABASE) throw error;
    // Of test files at once one makes it, the others wait.
    await client.query('SELECT pg_advisory_lock(hashtext($1))', [copy.template]);
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [copy.template]);
    if (rowCount === 0) await makeTemplate(client, server, copy);
    await make();
  }
}

async function makeTemplate(client: pg.Client, server: string, { prefix, template, project }: Copy): Promise<void> {
  const { rows } = await client.query<{ datname: string }>(
    'SELECT datname FROM pg_database WHERE starts_with(datname, $1)',
    [prefix],
  );
  for (const { datname } of rows) await client.query(`DROP DATABASE IF EXISTS ${datname}`);
  const beside = `rf_test_${randomBytes(6).toString('hex')}`;
  await client.query(`CREATE DATABASE ${beside}`);
  try {
    await migrate({ ...project, database: databaseUrl(server, beside) });
    await client.query(`ALTER DATABASE ${beside} WITH ALLOW_CONNECTIONS false`);
    await client.query(`ALTER DATABASE ${beside} RENAME TO ${template}`);
  } catch (error) {
    await client.query(`DROP DATABASE ${beside} WITH (FORCE)`);
    throw error;
  }
}
