import { modelFor } from '@rf/orm';
import type { QueryRunner } from 'typeorm';
import { User } from './user.ts';

/** Where a foreign key to the project's user model points. */
export interface UserReference {
  readonly tableName: string;
  readonly columnName: string;
  /** Table and column as they follow REFERENCES: `"auth_user" ("id")`. */
  readonly target: string;
  /** SQL type of the key: `integer`. */
  readonly type: string;
}

/** The project's user model, whichever it is, for a migration whose table refers to it. */
export function userReference({ connection }: QueryRunner): UserReference {
  const { tableName, primaryColumns } = connection.getMetadata(modelFor(connection, User));
  // The checks of @rf/auth refuse a user model of several keys; TypeORM refuses one without.
  const key = primaryColumns[0] as (typeof primaryColumns)[number];
  return {
    tableName,
    columnName: key.databaseName,
    target: `"${tableName}" ("${key.databaseName}")`,
    type: connection.driver.normalizeType(key),
  };
}
