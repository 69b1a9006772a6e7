import { Http404 } from '@rf/exceptions';
import { Failure } from '@rf/serializers';
import type { EntityMetadata } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import { keyValue, noSuchKey, wrongType } from './key-value.ts';
import { type Edge, Need, propertyName } from './need.ts';

/** A column, and the to-one relations that lead to it. */
export interface ColumnPath {
  readonly column: ColumnMetadata;
  readonly through: readonly Edge[];
}

/** The column at a path; a to-one relation stands for its key. Null when there is none. */
export function columnPath(metadata: EntityMetadata, path: string): ColumnPath | null {
  const name = propertyName(metadata, path.replaceAll('__', '.'));
  const source = new Need(metadata, '').resolve(name.split('.'));
  if (source.kind === 'column') return { column: source.column, through: source.through };
  if (source.kind !== 'related' || source.isList || !source.edge.relation.isOwning) return null;
  const [column] = source.edge.relation.joinColumns;
  return column === undefined ? null : { column, through: source.through };
}

/**
 * The value that a client's text means for a property of an entity, such as a part of a URL. Null when no row can have
 * it: a number too large for the column.
 *
 * @throws Http404 without a message for text of a wrong type, such as `abc` for a number
 */
export function lookupValue(metadata: EntityMetadata, path: string, value: unknown): unknown {
  const found = columnPath(metadata, path);
  return found === null ? value : columnValue(found.column, value);
}

/** The same for a column. */
export function columnValue(column: ColumnMetadata, value: unknown): unknown {
  if (typeof value !== 'string' && typeof value !== 'number') return value;
  const key = keyValue(column, value);
  if (key === wrongType || key instanceof Failure) throw new Http404();
  return key === noSuchKey ? null : key;
}
