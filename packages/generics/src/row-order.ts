import { defaultOrder } from '@rf/orm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import { columnExpression, type Expression } from './lookups.ts';
import { requireColumn } from './model-path.ts';
import { type Queryset, rootOf } from './queryset.ts';
import { pathExpression } from './row-condition.ts';

/** One value that rows are ordered by. */
export interface OrderTerm {
  readonly expression: Expression;
  /** The same as TypeORM's ORDER BY takes it: a property of the entity by its own name. */
  readonly key: string;
  readonly descending: boolean;
  /** Where rows without a value come; PostgreSQL's own habit, which is last when ascending, where nothing is said. */
  readonly nulls: 'first' | 'last' | null;
  /** True where the column cannot be null. */
  readonly isFilled: boolean;
  /** True where no two rows have the same value. */
  readonly isUnique: boolean;
}

/** Where rows without a value come, in an ordering that is written out. */
export interface NullsPlacement {
  readonly nulls?: 'first' | 'last';
}

/**
 * Reads `-price` or `publisher__name`; to-one relations on the way are joined.
 *
 * @param where what the name was written in, for the error
 * @throws ImproperlyConfigured when there is no such column
 */
export function orderTerm(queryset: Queryset, text: string, where: string, { nulls }: NullsPlacement = {}): OrderTerm {
  const descending = text.startsWith('-');
  const name = descending ? text.slice(1) : text;
  const { metadata } = rootOf(queryset);
  const path = requireColumn(metadata, name, where);
  const isOwn = path.steps.length === 0;
  const { column } = path;
  const isKey = column.isPrimary && metadata.primaryColumns.length === 1;
  const expression = pathExpression(queryset, path);
  return {
    expression,
    key: isOwn ? propertyKey(queryset, column) : expression.sql,
    descending,
    nulls: nulls ?? null,
    isFilled: isOwn && !column.isNullable,
    isUnique: isOwn && (isKey || isUniqueAlone(queryset, column.propertyPath)),
  };
}

function propertyKey(queryset: Queryset, column: ColumnMetadata): string {
  return `${rootOf(queryset).alias}.${column.propertyPath}`;
}

function isUniqueAlone(queryset: Queryset, property: string): boolean {
  return rootOf(queryset).metadata.uniques.some(
    ({ columns }) => columns.length === 1 && columns[0]?.propertyPath === property,
  );
}

/** The order of rows that nobody asked for another: the entity's own, else by its key. */
export function defaultTerms(queryset: Queryset): OrderTerm[] {
  const { alias, metadata } = rootOf(queryset);
  return defaultOrder(metadata).map(({ column, direction, nulls }) => ({
    expression: columnExpression(column, alias),
    key: propertyKey(queryset, column),
    descending: direction === 'DESC',
    nulls: nulls === undefined ? null : nulls === 'FIRST' ? 'first' : 'last',
    isFilled: !column.isNullable,
    isUnique: column.isPrimary && metadata.primaryColumns.length === 1,
  }));
}

/** The terms, and the key after them unless they tell all rows apart already: equal rows come in the same order each time. */
export function withTieBreak(queryset: Queryset, terms: readonly OrderTerm[]): OrderTerm[] {
  if (terms.some(({ isUnique, isFilled }) => isUnique && isFilled)) return [...terms];
  const { alias, metadata } = rootOf(queryset);
  const keys = metadata.primaryColumns.map((column) => ({
    expression: columnExpression(column, alias),
    key: propertyKey(queryset, column),
    descending: false,
    nulls: null,
    isFilled: true,
    isUnique: metadata.primaryColumns.length === 1,
  }));
  const known = new Set(terms.map(({ expression }) => expression.sql));
  return [...terms, ...keys.filter(({ expression }) => !known.has(expression.sql))];
}

/** Replaces the order of a query. Of terms for the same value the first one decides. */
export function orderBy(queryset: Queryset, terms: readonly OrderTerm[]): void {
  queryset.orderBy();
  const placedKeys = new Set<string>();
  for (const { key, descending, nulls } of terms) {
    if (placedKeys.has(key)) continue;
    placedKeys.add(key);
    const placed = nulls === null ? undefined : nulls === 'first' ? 'NULLS FIRST' : 'NULLS LAST';
    queryset.addOrderBy(key, descending ? 'DESC' : 'ASC', placed);
  }
}

/** The opposite order. */
export function reversed(terms: readonly OrderTerm[]): OrderTerm[] {
  return terms.map((term) => ({
    ...term,
    descending: !term.descending,
    nulls: term.nulls === null ? null : term.nulls === 'first' ? 'last' : 'first',
  }));
}

/** Where rows without a value come: PostgreSQL takes them for the greatest. */
export function nullsComeLast({ nulls, descending }: OrderTerm): boolean {
  return nulls === null ? !descending : nulls === 'last';
}

/** True when the query has an order, its own or the entity's. */
export function isOrdered(queryset: Queryset): boolean {
  return Object.keys(queryset.expressionMap.allOrderBys).length > 0;
}
