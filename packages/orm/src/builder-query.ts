import type { EntityMetadata, ObjectLiteral, OrderByCondition, SelectQueryBuilder } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import { quoteName } from './column-codec.ts';
import { columnPath, lookupValue } from './column-path.ts';
import { defaultOrder, tableAs } from './join-path.ts';
import { propertyName } from './need.ts';
import type { PlanRows, ReadOptions } from './read-options.ts';

type Query = SelectQueryBuilder<ObjectLiteral>;

/** The rows of a TypeORM query, which stays as it is inside the plan's statement: conditions, joins and parameters. */
export interface BuilderRows extends PlanRows {
  readonly values: readonly unknown[];
}

/** The rows of a query; null when a value says that there can be none. */
export function builderRows(metadata: EntityMetadata, source: Query, options: ReadOptions): BuilderRows | null {
  const query = source.clone();
  if (!addConditions(query, metadata, options.where)) return null;
  const { expressionMap } = query;
  const isLocked = options.lock === true;
  // PostgreSQL locks no rows of a result that is grouped or made distinct: the rows are found by its keys, and locked then.
  const isByKey = expressionMap.selectDistinct || (isLocked && expressionMap.groupBys.length > 0);
  const count = countStatement(query, metadata);
  const limit = options.limit ?? expressionMap.limit ?? expressionMap.take;
  const offset = options.offset ?? expressionMap.offset ?? expressionMap.skip;
  const order = selectRows(query, metadata, options.order ?? [], isByKey);
  const texts = (options.texts ?? []).map((sql, at) => {
    query.addSelect(`CAST(${sql} AS text)`, `rf_text_${at}`);
    return `${isByKey ? '"q"' : quoteName('t0')}.${quoteName(`rf_text_${at}`)}`;
  });
  withoutPage(query).limit(limit).offset(offset);
  // Inside, so that of joined tables no row is locked. TypeORM does not quote the name.
  if (isLocked && !isByKey) query.setLock('pessimistic_write', undefined, [quoteName(query.alias)]);
  const [text, values] = query.getQueryAndParameters();
  const from = isByKey
    ? `((${text}) "q" JOIN ${tableAs(metadata, 't0')} ON ${keysEqual(metadata)})`
    : `(${text}) ${quoteName('t0')}`;
  return {
    from,
    page: isByKey || limit === undefined || isLocked ? null : text,
    where: '',
    order: ` ORDER BY ${order}`,
    end: isLocked && isByKey ? ` FOR UPDATE OF ${quoteName('t0')}` : '',
    count: isSame(count.values, values) ? count.text : null,
    texts,
    values,
  };
}

/** Counts the rows of a query, without its limit. */
export function builderCount(
  metadata: EntityMetadata,
  source: Query,
  where: ReadOptions['where'],
): { readonly text: string; readonly values: readonly unknown[] } | null {
  const query = source.clone();
  return addConditions(query, metadata, where) ? countStatement(query, metadata) : null;
}

function addConditions(query: Query, metadata: EntityMetadata, where: ReadOptions['where'] = {}): boolean {
  for (const [at, [path, given]] of Object.entries(where).entries()) {
    const property = conditionColumn(query, metadata, path);
    const parameter = `rfWhere${at}`;
    if (given === null || given === undefined) query.andWhere(`${property} IS NULL`);
    else if (Array.isArray(given)) query.andWhere(`${property} IN (:...${parameter})`, { [parameter]: given });
    else {
      const value = lookupValue(metadata, path, given);
      if (value === null) return false;
      query.andWhere(`${property} = :${parameter}`, { [parameter]: value });
    }
  }
  return true;
}

/** The column at a path, as it stands in a condition; the to-one relations that lead to it are joined, once for each query. */
function conditionColumn(query: Query, metadata: EntityMetadata, path: string): string {
  const found = columnPath(metadata, path);
  if (found === null) return `${query.alias}.${propertyName(metadata, path.replaceAll('__', '.'))}`;
  let { alias } = query;
  for (const { relation } of found.through) {
    const joined = `rfWhere_${alias}_${relation.propertyPath.replaceAll('.', '_')}`;
    if (!query.expressionMap.aliases.some(({ name }) => name === joined)) {
      query.leftJoin(`${alias}.${relation.propertyPath}`, joined);
    }
    alias = joined;
  }
  return `${quoteName(alias)}.${quoteName(found.column.databaseName)}`;
}

function withoutPage(query: Query): Query {
  query.expressionMap.take = undefined;
  query.expressionMap.skip = undefined;
  return query.limit().offset();
}

function countStatement(source: Query, metadata: EntityMetadata): { text: string; values: unknown[] } {
  const query = withoutPage(source.clone()).orderBy();
  query.select(query.expressionMap.selectDistinct ? keyList(metadata, query.alias) : '1');
  query.expressionMap.options.push('disable-global-order');
  const [text, values] = query.getQueryAndParameters();
  return { text: `SELECT count(*)::int FROM (${text}) "q"`, values };
}

/** Makes a query select the entity's columns, and what it orders by; answers the order of the statement around it. */
function selectRows(query: Query, metadata: EntityMetadata, terms: readonly string[], isByKey: boolean): string {
  const { alias, expressionMap } = query;
  if (terms.length > 0) {
    query.orderBy();
    for (const term of terms) {
      const path = propertyName(metadata, term.replace(/^-/, '').replaceAll('__', '.'));
      query.addOrderBy(`${alias}.${path}`, term.startsWith('-') ? 'DESC' : 'ASC');
    }
  }
  if (Object.keys(expressionMap.allOrderBys).length === 0) {
    for (const { column, direction } of defaultOrder(metadata)) {
      query.addOrderBy(`${alias}.${column.propertyPath}`, direction);
    }
  }
  query.select(isByKey ? keyList(metadata, alias) : `${quoteName(alias)}.*`);
  return Object.entries(expressionMap.allOrderBys as OrderByCondition)
    .map(([expression, given], at) => {
      const { order, nulls } = typeof given === 'string' ? { order: given, nulls: undefined } : given;
      const end = `${order === 'DESC' ? ' DESC' : ''}${nulls === undefined ? '' : ` ${nulls}`}`;
      const own = isByKey ? undefined : ownColumn(metadata, alias, expression);
      if (own !== undefined) return `${quoteName('t0')}.${quoteName(own.databaseName)}${end}`;
      const name = `rf_order_${at}`;
      query.addSelect(expression, name);
      return `${isByKey ? '"q"' : quoteName('t0')}.${quoteName(name)}${end}`;
    })
    .join(', ');
}

function ownColumn(metadata: EntityMetadata, alias: string, expression: string): ColumnMetadata | undefined {
  return expression.startsWith(`${alias}.`)
    ? metadata.findColumnWithPropertyPath(expression.slice(alias.length + 1))
    : undefined;
}

function keyList(metadata: EntityMetadata, alias: string): string {
  return metadata.primaryColumns
    .map((column, at) => `${quoteName(alias)}.${quoteName(column.databaseName)} AS "rf_key_${at}"`)
    .join(', ');
}

function keysEqual(metadata: EntityMetadata): string {
  return metadata.primaryColumns
    .map((column, at) => `${quoteName('t0')}.${quoteName(column.databaseName)} = "q"."rf_key_${at}"`)
    .join(' AND ');
}

function isSame(some: readonly unknown[], all: readonly unknown[]): boolean {
  return some.length === all.length && some.every((value, at) => Object.is(value, all[at]));
}
