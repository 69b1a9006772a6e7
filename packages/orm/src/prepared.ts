import { EntityManager } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import type pg from 'pg';
import { blockAround, transactionOn } from './open-transaction.ts';
import { dataSource, type SiteOwner } from './site-database.ts';

/** A statement that PostgreSQL parses and plans once for each connection. */
export interface PreparedStatement {
  /** Identifies the statement: the same name must always carry the same text. At most 63 characters. */
  readonly name: string;
  /** SQL with `$1`, `$2` … */
  readonly text: string;
  readonly values?: readonly unknown[];
  /** How values are read; `pg`'s parsers unless given. See {@link rawText}. */
  readonly types?: pg.CustomTypesConfig;
}

export interface PreparedResult<Row> {
  readonly rows: Row[];
  /** Rows read or changed. */
  readonly rowCount: number;
}

/** Leaves every value as PostgreSQL writes it: `'t'`, `'2026-01-31 08:15:00.123456+00'`; microseconds are kept. */
export const rawText: pg.CustomTypesConfig = { getTypeParser: () => (value: string) => value };

/**
 * Runs a named prepared statement, straight on a connection of the pool; inside `atomic()` on the transaction's.
 *
 * The fast path beside TypeORM: rows are plain objects with the statement's column names. Throws `pg`'s DatabaseError.
 */
export async function prepared<Row = Record<string, unknown>>(
  target: SiteOwner | EntityManager,
  statement: PreparedStatement,
): Promise<PreparedResult<Row>> {
  const manager = target instanceof EntityManager ? target : undefined;
  const source = manager === undefined ? dataSource(target as SiteOwner) : manager.dataSource;
  const opened = manager === undefined ? blockAround(source)?.transaction : transactionOn(manager.queryRunner);
  source.logger.logQuery(statement.text, statement.values as unknown[]);

  if (opened !== undefined) {
    opened.checkTurn();
    return run<Row>(opened.client, statement);
  }
  if (manager?.queryRunner !== undefined) return run<Row>(await manager.queryRunner.connect(), statement);

  const pool: pg.Pool = (source.driver as PostgresDriver).master;
  const client = await pool.connect();
  try {
    return await run<Row>(client, statement).catch((error: unknown) => {
      if (!isStalePlan(error)) throw error;
      // A migration changed a table under a running server. Nothing was done yet, so ask again with a new plan.
      return client.query(`DEALLOCATE ${client.escapeIdentifier(statement.name)}`).then(() => {
        forget(client, statement.name);
        return run<Row>(client, statement);
      });
    });
  } finally {
    client.release();
  }
}

async function run<Row>(client: pg.PoolClient, statement: PreparedStatement): Promise<PreparedResult<Row>> {
  // pg hands the array to its own code only, which does not write to it.
  const result = await client.query(statement as pg.QueryConfig);
  return { rows: result.rows as Row[], rowCount: result.rowCount ?? 0 };
}

function isStalePlan(error: unknown): boolean {
  const { code, routine } = error as pg.DatabaseError;
  return code === '0A000' && routine === 'RevalidateCachedQuery';
}

/** pg remembers on its connection which names the server knows, and offers no way to take one back. */
function forget(client: pg.PoolClient, name: string): void {
  delete (client.connection as unknown as { parsedStatements: Record<string, string> }).parsedStatements[name];
}
