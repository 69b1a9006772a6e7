import { EntityManager } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import type pg from 'pg';
import { ConnectionPool } from './connection-pool.ts';
import { blockAround, type OpenTransaction, transactionOn } from './open-transaction.ts';
import { forget, PreparedQuery } from './prepared-query.ts';
import type { PreparedResult, PreparedStatement } from './prepared-statement.ts';
import { dataSource, type SiteOwner } from './site-database.ts';

/** Leaves every value as PostgreSQL writes it: `'t'`, `'2026-01-31 08:15:00.123456+00'`; microseconds are kept. */
export const rawText: pg.CustomTypesConfig = { getTypeParser: () => (value: string) => value };

/**
 * Runs a named prepared statement, straight on a connection of the pool; inside `atomic()` on the transaction's.
 *
 * The fast path beside TypeORM: rows are plain objects with the statement's column names. Throws `pg`'s DatabaseError.
 */
export function prepared<Row = Record<string, unknown>>(
  target: SiteOwner | EntityManager,
  statement: PreparedStatement,
): Promise<PreparedResult<Row>> {
  const manager = target instanceof EntityManager ? target : undefined;
  const source = manager === undefined ? dataSource(target as SiteOwner) : manager.dataSource;
  const opened = manager === undefined ? blockAround(source)?.transaction : transactionOn(manager.queryRunner);
  source.logger.logQuery(statement.text, statement.values as unknown[]);

  if (opened !== undefined) return inTransaction<Row>(opened, statement).catch(retrace);
  if (manager?.queryRunner !== undefined) {
    return manager.queryRunner
      .connect()
      .then((client: pg.PoolClient) => run<Row>(client, statement))
      .catch(retrace);
  }
  return onPool<Row>((source.driver as PostgresDriver).master as pg.Pool, statement).catch(retrace);
}

async function inTransaction<Row>(opened: OpenTransaction, statement: PreparedStatement): Promise<PreparedResult<Row>> {
  opened.checkTurn();
  return run(opened.client, statement);
}

/** Callbacks rather than promises: this is the way of almost every query. */
function onPool<Row>(pool: pg.Pool, statement: PreparedStatement): Promise<PreparedResult<Row>> {
  if (statement.readOnly !== true || !(pool instanceof ConnectionPool)) return onConnection<Row>(pool, statement);
  return new Promise((resolve, reject) => {
    const isShared = pool.reads?.run<Row>(statement, (error, result) => {
      if (result !== null) resolve(result);
      else if (error === null) resolve(onConnection<Row>(pool, statement));
      else reject(error);
    });
    if (isShared !== true) resolve(onConnection<Row>(pool, statement));
  });
}

/** On a connection that nobody else has meanwhile. */
function onConnection<Row>(pool: pg.Pool, statement: PreparedStatement): Promise<PreparedResult<Row>> {
  return new Promise((resolve, reject) => {
    pool.connect((error, client, release) => {
      if (client === undefined) return reject(error);
      const query = new PreparedQuery<Row>(statement, (failure, result) => {
        if (result !== undefined) {
          release();
          resolve(result);
        } else if (isStalePlan(failure)) {
          // A migration changed a table under a running server. Nothing was done yet, so ask again with a new plan.
          forget(client, statement.name)
            .then(() => run<Row>(client, statement))
            .finally(() => release())
            .then(resolve, reject);
        } else {
          release();
          reject(failure);
        }
      });
      client.query(query);
    });
  });
}

function run<Row>(client: pg.PoolClient, statement: PreparedStatement): Promise<PreparedResult<Row>> {
  return new Promise((resolve, reject) => {
    client.query(
      new PreparedQuery<Row>(statement, (failure, result) => {
        if (result === undefined) reject(failure);
        else resolve(result);
      }),
    );
  });
}

/** The stack of an error that the server sent leads to the socket: this one leads to who asked. */
function retrace(error: unknown): never {
  if (error instanceof Error) Error.captureStackTrace(error, retrace);
  throw error;
}

function isStalePlan(error: unknown): boolean {
  const { code, routine } = error as pg.DatabaseError;
  return code === '0A000' && routine === 'RevalidateCachedQuery';
}
