import { modelFor } from '@rf/orm';
import type { QueryRunner } from 'typeorm';
import { User } from './user.ts';

/** The table of the project's user model, quoted: what a migration's foreign key refers to. */
export function userTable({ connection }: QueryRunner): string {
  return `"${connection.getMetadata(modelFor(connection, User)).tableName}"`;
}
