import type { EntityManager, EntityMetadata } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import { quoteName } from './column-codec.ts';
import { tableAs } from './join-path.ts';
import { prepared } from './prepared.ts';
import { statementName } from './statement-name.ts';

/**
 * What an entity's row has in columns: from the object where it has the properties, else from the database, as with the
 * key of a relation that was not loaded. Values are those of statements; related objects stand for themselves.
 */
export async function storedValues(
  manager: EntityManager,
  metadata: EntityMetadata,
  entity: object,
  columns: readonly ColumnMetadata[],
): Promise<Map<ColumnMetadata, unknown>> {
  const values = new Map<ColumnMetadata, unknown>();
  const unknown: ColumnMetadata[] = [];
  for (const column of columns) {
    const relation = column.relationMetadata;
    const own: unknown = relation === undefined || !column.isVirtual ? column.getEntityValue(entity) : undefined;
    const value = own === undefined && relation !== undefined ? (relation.getEntityValue(entity) as unknown) : own;
    if (value === undefined) unknown.push(column);
    else values.set(column, value);
  }
  if (unknown.length === 0) return values;
  const selected = unknown.map((column, at) => `${quoteName(column.databaseName)} AS "c${at}"`).join(', ');
  const keys = metadata.primaryColumns
    .map((column, at) => `${quoteName(column.databaseName)} = $${at + 1}`)
    .join(' AND ');
  const text = `SELECT ${selected} FROM ${tableAs(metadata, 't0')} WHERE ${keys}`;
  const { rows } = await prepared(manager, {
    name: statementName(text),
    text,
    readOnly: true,
    values: metadata.primaryColumns.map((column) => column.getEntityValue(entity) as unknown),
  });
  for (const [at, column] of unknown.entries()) values.set(column, rows[0]?.[`c${at}`] ?? null);
  return values;
}
