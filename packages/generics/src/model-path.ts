import { ImproperlyConfigured } from '@rf/exceptions';
import { type EntityClass, isSensitive } from '@rf/orm';
import type { EntityMetadata } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import type { RelationMetadata } from 'typeorm/metadata/RelationMetadata.js';

/** Where a path such as `publisher__name` leads. */
export interface ModelPath {
  /** As it was written. */
  readonly text: string;
  /** The relations to go through, in order. */
  readonly steps: readonly RelationMetadata[];
  /** The column at the end; of a path that ends with a relation, its key. */
  readonly column: ColumnMetadata;
  /** The relation that the path ends with, or null. */
  readonly relation: RelationMetadata | null;
  /** What follows the column: transforms and a lookup. */
  readonly rest: readonly string[];
}

/**
 * Follows a path through columns and relations. Steps are parted by `__` or `.`, `pk` is the primary key, and what comes
 * after the column is left as `rest`. Null when the first step is neither column nor relation.
 */
export function resolvePath(root: EntityMetadata, text: string): ModelPath | null {
  const names = text.split(/__|\./);
  const steps: RelationMetadata[] = [];
  let metadata = root;
  let at = 0;
  while (at < names.length) {
    const found = memberAt(metadata, names, at);
    if (found === null) break;
    at += found.length;
    if ('column' in found) return { text, steps, column: found.column, relation: null, rest: names.slice(at) };

    const { relation } = found;
    const next = at < names.length ? memberAt(relation.inverseEntityMetadata, names, at) : null;
    const key = keyOf(relation);
    // A key is found in the row that refers to it, so its own table is not needed.
    if (key !== null && (next === null || ('column' in next && next.column === key.referencedColumn))) {
      const rest = names.slice(next === null ? at : at + next.length);
      return { text, steps, column: key, relation, rest };
    }
    steps.push(relation);
    metadata = relation.inverseEntityMetadata;
    if (next === null) {
      const [primary] = metadata.primaryColumns;
      return primary === undefined ? null : { text, steps, column: primary, relation, rest: names.slice(at) };
    }
  }
  return null;
}

type Member = { readonly length: number } & (
  | { readonly column: ColumnMetadata }
  | { readonly relation: RelationMetadata }
);

/** The column or relation whose property path starts at `at`; those of embedded classes have several steps. */
function memberAt(metadata: EntityMetadata, names: readonly string[], at: number): Member | null {
  if (names[at] === 'pk' && metadata.primaryColumns.length === 1) {
    return { length: 1, column: metadata.primaryColumns[0] as ColumnMetadata };
  }
  for (let length = 1; at + length <= names.length; length += 1) {
    const path = names.slice(at, at + length).join('.');
    const relation = metadata.findRelationWithPropertyPath(path);
    if (relation !== undefined) return { length, relation };
    const column = metadata.findColumnWithPropertyPath(path);
    if (column !== undefined) return { length, column };
  }
  return null;
}

/** The one column in which a row keeps the key that a relation leads to; null when the key is elsewhere. */
function keyOf(relation: RelationMetadata): ColumnMetadata | null {
  if (isToMany(relation) || !relation.isOwning || relation.joinColumns.length !== 1) return null;
  return relation.joinColumns[0] as ColumnMetadata;
}

/** True for a column that only who names it may reach: sensitive, or not selected by itself. */
export function isSecret(column: ColumnMetadata): boolean {
  const { propertyName } = column.relationMetadata ?? column;
  const owners = [column.entityMetadata.target, column.target] as EntityClass[];
  return !column.isSelect || owners.some((owner) => isSensitive(owner, propertyName));
}

/** True for relations to several entities. */
export function isToMany(relation: RelationMetadata): boolean {
  return relation.isOneToMany || relation.isManyToMany;
}

/**
 * The error where an entity has no such column or relation.
 *
 * @param where class and member that name it
 * @param line what to write in its place; `…` stands for the name of a member
 */
export function noMember(metadata: EntityMetadata, name: string, where: string, line: string): ImproperlyConfigured {
  return new ImproperlyConfigured(
    `${where}: ${metadata.name} has no ${name}. Write \`${line}\` with one of ${memberNames(metadata)}.`,
  );
}

/** The column that a path leads to. Throws ImproperlyConfigured when there is none, or a lookup behind it. */
export function requireColumn(metadata: EntityMetadata, text: string, where: string): ModelPath {
  const path = resolvePath(metadata, text);
  if (path !== null && path.rest.length === 0) return path;
  throw noMember(metadata, `column ${text}`, where, `${where.slice(where.indexOf('.') + 1)} = '…';`);
}

/** What an entity has, for error texts. */
function memberNames(metadata: EntityMetadata): string {
  const columns = metadata.columns.filter(({ relationMetadata }) => relationMetadata === undefined);
  const names = [...columns, ...metadata.relations].map(({ propertyPath }) => propertyPath.replaceAll('.', '__'));
  return names.join(', ');
}
