import type { QueryRunner } from 'typeorm';
import { Token } from './token.ts';

/** The table of the project's user model, quoted. */
export function userTable(runner: QueryRunner): string {
  const users = runner.connection.getMetadata(Token).findRelationWithPropertyPath('user')?.inverseEntityMetadata;
  if (users === undefined) throw new Error('Token.user has no target, so its table cannot be named.');
  return `"${users.tableName}"`;
}
