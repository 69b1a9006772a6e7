import type { EntityMetadata } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import type { RelationMetadata } from 'typeorm/metadata/RelationMetadata.js';
import { quoteName, quotePath } from './column-codec.ts';

/** Two columns that a relation holds equal, by their names in the database. */
export interface ColumnPair {
  readonly left: string;
  readonly right: string;
}

/** The columns of a join table: those that point to the relation's own side, and those that point to the other. */
export function junctionColumns(relation: RelationMetadata): {
  readonly own: readonly ColumnMetadata[];
  readonly other: readonly ColumnMetadata[];
} {
  if (relation.isOwning) return { own: relation.joinColumns, other: relation.inverseJoinColumns };
  const inverse = relation.inverseRelation as RelationMetadata;
  return { own: inverse.inverseJoinColumns, other: inverse.joinColumns };
}

/** The column that a join column points to. */
export function referenced(column: ColumnMetadata): ColumnMetadata {
  return column.referencedColumn as ColumnMetadata;
}

/** `a.x = b.y AND …` of the pairs. */
function equal(pairs: readonly ColumnPair[], leftAlias: string, rightAlias: string): string {
  return pairs
    .map(
      ({ left, right }) => `${quoteName(leftAlias)}.${quoteName(left)} = ${quoteName(rightAlias)}.${quoteName(right)}`,
    )
    .join(' AND ');
}

/** The condition under which `child` is what the parent's relation, without join table, leads to. */
export function relationCondition(relation: RelationMetadata, parent: string, child: string): string {
  if (relation.isOwning) {
    return equal(
      relation.joinColumns.map((column) => ({ left: referenced(column).databaseName, right: column.databaseName })),
      child,
      parent,
    );
  }
  return equal(ownerPairs(relation), child, parent);
}

/** The condition under which a row of the join table belongs to `parent`. */
export function junctionCondition(relation: RelationMetadata, parent: string, junction: string): string {
  return equal(ownerPairs(relation), junction, parent);
}

/** Of a to-many relation: columns of the join table, or else of the related one, with those of the parent that they equal. */
export function ownerPairs(relation: RelationMetadata): ColumnPair[] {
  const columns =
    relation.junctionEntityMetadata === undefined
      ? (relation.inverseRelation as RelationMetadata).joinColumns
      : junctionColumns(relation).own;
  return columns.map((column) => ({ left: column.databaseName, right: referenced(column).databaseName }));
}

/** The condition under which `child` is what a row of the join table points to. */
export function destinationCondition(relation: RelationMetadata, junction: string, child: string): string {
  const { other } = junctionColumns(relation);
  return equal(
    other.map((column) => ({ left: referenced(column).databaseName, right: column.databaseName })),
    child,
    junction,
  );
}

/** What TypeORM adds to every query of an entity: deleted rows are left out, and so are other kinds in the same table. */
export function entityConditions(metadata: EntityMetadata, alias: string): string[] {
  const conditions: string[] = [];
  const { deleteDateColumn, discriminatorColumn } = metadata;
  if (deleteDateColumn !== undefined) {
    conditions.push(`${quoteName(alias)}.${quoteName(deleteDateColumn.databaseName)} IS NULL`);
  }
  if (discriminatorColumn !== undefined && metadata.tableType === 'entity-child') {
    const kinds = [metadata, ...metadata.childEntityMetadatas].map(({ discriminatorValue }) => discriminatorValue);
    const values = kinds.map((kind) => `'${String(kind).replaceAll("'", "''")}'`).join(', ');
    conditions.push(`${quoteName(alias)}.${quoteName(discriminatorColumn.databaseName)} IN (${values})`);
  }
  return conditions;
}

/** One column to order by. */
export interface OrderItem {
  readonly column: ColumnMetadata;
  readonly direction: 'ASC' | 'DESC';
  readonly nulls?: 'FIRST' | 'LAST' | undefined;
}

/** The order of an entity that nobody asked for another: its own `orderBy`, else its key. */
export function defaultOrder(metadata: EntityMetadata): OrderItem[] {
  const items: OrderItem[] = [];
  for (const [path, given] of Object.entries(metadata.orderBy ?? {})) {
    const column = metadata.findColumnWithPropertyPath(path);
    if (column === undefined) continue;
    const { order, nulls } = typeof given === 'string' ? { order: given, nulls: undefined } : given;
    items.push({
      column,
      direction: order,
      nulls: nulls === undefined ? undefined : nulls === 'NULLS FIRST' ? 'FIRST' : 'LAST',
    });
  }
  return items.length > 0 ? items : metadata.primaryColumns.map((column) => ({ column, direction: 'ASC' }));
}

/** `ORDER BY`'s list. */
export function orderList(items: readonly OrderItem[], alias: string): string {
  return items
    .map(({ column, direction, nulls }) => {
      const end = `${direction === 'DESC' ? ' DESC' : ''}${nulls === undefined ? '' : ` NULLS ${nulls}`}`;
      return `${quoteName(alias)}.${quoteName(column.databaseName)}${end}`;
    })
    .join(', ');
}

/** The table of an entity, named `alias`. */
export function tableAs(metadata: EntityMetadata, alias: string): string {
  return `${quotePath(metadata.tablePath)} ${quoteName(alias)}`;
}
