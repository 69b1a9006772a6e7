import { Decimal, Moment } from '@rf/serializers';
import type { EntityMetadata } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import { columnType } from './entity-shape.ts';
import { referenced } from './join-path.ts';

/**
 * A value of an entity as the parameter of a statement. A related entity stands for its key; moments keep their
 * microseconds, which pg would cut off.
 */
export function parameterOf(column: ColumnMetadata, value: unknown): unknown {
  if (value === undefined) return null;
  if (isVerbatim(column, value)) return value;
  const key = column.relationMetadata !== undefined && isEntityLike(value) ? keyFor(column, value) : value;
  const prepared: unknown = column.entityMetadata.dataSource.driver.preparePersistentValue(key, column);
  return prepared instanceof Date ? momentParameter(column, prepared) : prepared;
}

/** Types of columns for which TypeORM gives texts and numbers to the database as they are; asking it costs more than all the rest. */
const VERBATIM: ReadonlySet<unknown> = new Set([
  String,
  Number,
  'varchar',
  'character varying',
  'text',
  'char',
  'uuid',
  'int',
  'int2',
  'int4',
  'int8',
  'integer',
  'smallint',
  'bigint',
  'numeric',
  'decimal',
  'float',
  'real',
  'double precision',
]);

function isVerbatim(column: ColumnMetadata, value: unknown): boolean {
  return (
    (typeof value === 'string' || typeof value === 'number') &&
    column.transformer === undefined &&
    VERBATIM.has(column.type)
  );
}

function isEntityLike(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !(value instanceof Date) && !(value instanceof Decimal);
}

function keyFor(column: ColumnMetadata, entity: object): unknown {
  return referenced(column).getEntityValue(entity);
}

function momentParameter(column: ColumnMetadata, moment: Date): string | Date {
  if (Number.isNaN(moment.getTime())) return moment;
  if (columnType(column.type) === 'timestamptz') return Moment.of(moment, 'UTC').toISO();
  // Without a zone the column keeps what a clock of this process shows.
  const minutes = moment.getTimezoneOffset();
  const micros = moment instanceof Moment ? moment.microseconds : 0;
  return new Moment(moment.getTime() - minutes * 60_000, micros, null).toISO();
}

/** True for two values of a column that are stored alike. */
export function isSameValue(column: ColumnMetadata, a: unknown, b: unknown): boolean {
  if (a === b) return true;
  const [first, second] = [parameterOf(column, a), parameterOf(column, b)];
  if (first === null || second === null) return first === second;
  if (Buffer.isBuffer(first) && Buffer.isBuffer(second)) return first.equals(second);
  return textOf(column, first) === textOf(column, second);
}

function textOf(column: ColumnMetadata, value: unknown): string {
  if (typeof value === 'object') return JSON.stringify(value);
  const text = String(value);
  return columnType(column.type) === 'numeric' ? canonical(text) : text;
}

/** `12.50` and `12.5` are the same number. */
function canonical(text: string): string {
  return Decimal.parse(text)?.normalize().toFixed() ?? text;
}

/** The column behind a property or a to-one relation that holds its key; undefined when there is none. */
export function storedColumn(metadata: EntityMetadata, property: string): ColumnMetadata | undefined {
  const relation = metadata.findRelationWithPropertyPath(property);
  if (relation === undefined) return metadata.findColumnWithPropertyPath(property);
  return relation.isOwning && relation.joinColumns.length === 1 ? relation.joinColumns[0] : undefined;
}

/** The columns that a property, or the key of a to-one relation, is stored in; none for what is not stored. */
export function storedColumns(metadata: EntityMetadata, property: string): readonly ColumnMetadata[] {
  const relation = metadata.findRelationWithPropertyPath(property);
  if (relation !== undefined) return relation.joinColumns;
  const column = metadata.findColumnWithPropertyPath(property);
  return column === undefined ? [] : [column];
}
