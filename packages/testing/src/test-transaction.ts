import type pg from 'pg';
import type { DataSource } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import { RolledBackConnection } from './rolled-back-connection.ts';

/** A transaction around everything that a data source does, until it is rolled back. */
export interface TestTransaction {
  /** Undoes all that was written since {@link beginTestTransaction}. Waits for work that is under way. */
  rollback(): Promise<void>;
}

const open = new WeakSet<DataSource>();

/**
 * Puts all that a data source does into one transaction on one connection, which `rollback()` undoes (TE07).
 *
 * Transactions inside, those of `atomic` and of TypeORM, become savepoints: they commit and roll back as ever, deferred constraints
 * are checked, `onCommit` callbacks run. A failed statement outside of a transaction fails alone.
 *
 * As with the embedded database there is one connection: work waits its turn, and what waits for a second one inside a transaction
 * gets an error. `now()` stands still, and sequences go on counting.
 *
 * Throws an Error when one is open already.
 */
export async function beginTestTransaction(source: DataSource): Promise<TestTransaction> {
  if (open.has(source)) throw new Error('A test transaction is open already: roll it back before the next one.');
  open.add(source);
  const driver = source.driver as PostgresDriver;
  const pool: pg.Pool = driver.master;
  const client = await pool.connect();
  await client.query('BEGIN');
  const connection = new RolledBackConnection(client);
  driver.master = connection;
  return {
    async rollback() {
      try {
        await connection.take();
        await client.query('ROLLBACK');
      } finally {
        driver.master = pool;
        open.delete(source);
        // One inside a transaction is not lent again.
        client.release();
      }
    },
  };
}
