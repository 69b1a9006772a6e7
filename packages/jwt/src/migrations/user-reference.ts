import type { QueryRunner } from 'typeorm';
import { OutstandingToken } from '../outstanding-token.ts';

/** Where a foreign key to the project's user model points. */
export interface UserReference {
  /** Quoted for SQL. */
  readonly table: string;
  readonly column: string;
  /** Type of the key. */
  readonly type: string;
  readonly tableName: string;
  readonly columnName: string;
}

export function userReference(runner: QueryRunner): UserReference {
  const users = runner.connection
    .getMetadata(OutstandingToken)
    .findRelationWithPropertyPath('user')?.inverseEntityMetadata;
  const key = users?.primaryColumns[0];
  if (users === undefined || key === undefined) throw new Error('The user model of the project has no primary key.');
  return {
    table: `"${users.tableName}"`,
    column: `"${key.databaseName}"`,
    type: runner.connection.driver.normalizeType(key),
    tableName: users.tableName,
    columnName: key.databaseName,
  };
}
