import type { QueryRunner } from 'typeorm';
import type { MigrationNode } from './migration-graph.ts';

/** The table that TypeORM keeps for the same purpose, in the shape that it would give it. */
const TABLE = 'migrations';

/** Names the lock of everybody who migrates: the ASCII codes of `rfmigr`. */
const LOCK_KEY = '125779787671922';

/** What the database remembers of migrations. */
export class MigrationRecord {
  constructor(private readonly queryRunner: QueryRunner) {}

  /** Ids of what is applied; empty when there is no table yet. Changes nothing. */
  async applied(): Promise<Set<string>> {
    if (!(await this.queryRunner.hasTable(TABLE))) return new Set();
    const rows: { name: string }[] = await this.queryRunner.query(`SELECT name FROM "${TABLE}" ORDER BY id`);
    return new Set(rows.map(({ name }) => name));
  }

  async ensureTable(): Promise<void> {
    await this.queryRunner.query(
      `CREATE TABLE IF NOT EXISTS "${TABLE}" (` +
        '"id" SERIAL PRIMARY KEY, "timestamp" bigint NOT NULL, "name" character varying NOT NULL)',
    );
  }

  async add(node: MigrationNode): Promise<void> {
    await this.queryRunner.query(`INSERT INTO "${TABLE}" ("timestamp", "name") VALUES ($1, $2)`, [Date.now(), node.id]);
  }

  async remove(node: MigrationNode): Promise<void> {
    await this.queryRunner.query(`DELETE FROM "${TABLE}" WHERE "name" = $1`, [node.id]);
  }

  /** Waits until nobody else migrates this database, and keeps others waiting until {@link unlock}. */
  async lock(onWait: () => void): Promise<void> {
    const [row] = await this.queryRunner.query(`SELECT pg_try_advisory_lock(${LOCK_KEY}) AS locked`);
    if (row.locked) return;
    onWait();
    await this.queryRunner.query(`SELECT pg_advisory_lock(${LOCK_KEY})`);
  }

  async unlock(): Promise<void> {
    await this.queryRunner.query(`SELECT pg_advisory_unlock(${LOCK_KEY})`);
  }
}
