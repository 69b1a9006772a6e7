import type { EntityMetadata, ObjectLiteral } from 'typeorm';
import type { Expression } from './lookups.ts';
import { type Queryset, rootOf } from './queryset.ts';
import { defaultTerms, isOrdered, orderBy } from './row-order.ts';
import type { RowExtras, RowRange, RowSlice, RowSource } from './row-source.ts';

/** The entities of a query. */
export class EntitySource<Entity extends ObjectLiteral> implements RowSource<Entity> {
  readonly isShown = false;

  constructor(readonly queryset: Queryset<Entity>) {}

  count(): Promise<number> {
    return countRows(this.queryset);
  }

  estimatedCount(): Promise<number> {
    return estimateRows(this.queryset);
  }

  async read(range: RowRange, { positions = [], counted = false }: RowExtras = {}): Promise<RowSlice<Entity>> {
    // Pages of rows in no order would lose some and repeat others.
    if (!isOrdered(this.queryset)) orderBy(this.queryset, defaultTerms(this.queryset));
    const paged = range.offset > 0 || range.limit !== undefined;
    if (paged && hasSelectedLists(this.queryset)) return this.#readByKey(range, positions);

    const query = this.queryset.clone();
    inRange(query, range);
    if (positions.length === 0 && !counted) return { rows: await query.getMany(), positions: [], total: null };
    for (const [at, { sql }] of positions.entries()) query.addSelect(`CAST(${sql} AS text)`, `rf_p${at}`);
    if (counted) query.addSelect(`(${countSql(this.queryset)})`, 'rf_total');
    const { entities, raw } = await query.getRawAndEntities<TextRow>();
    return {
      rows: entities,
      positions: textsIn(raw, positions),
      total: counted && raw[0] !== undefined ? Number(raw[0].rf_total) : null,
    };
  }

  /** A query that selects lists gives several rows for each entity, so the page is found by keys first. */
  async #readByKey(range: RowRange, positions: readonly Expression[]): Promise<RowSlice<Entity>> {
    const { alias, metadata } = rootOf(this.queryset);
    const keySql = metadata.primaryColumns.map((column) => `"${alias}"."${column.databaseName}"`);
    const keys = this.queryset.clone().select([]).distinct(true);
    for (const [at, sql] of keySql.entries()) keys.addSelect(sql, `rf_k${at}`);
    const found = await rawTexts(keys, range, positions);
    if (found.length === 0) return { rows: [], positions: [], total: null };

    const query = this.queryset.clone();
    const tuples = found.map((_row, row) => `(${keySql.map((_, at) => `:rf_k${row}_${at}`).join(', ')})`);
    query.andWhere(`(${keySql.join(', ')}) IN (${tuples.join(', ')})`);
    for (const [row, key] of found.entries()) {
      for (const at of keySql.keys()) query.setParameter(`rf_k${row}_${at}`, key[`rf_k${at}`]);
    }
    return { rows: await query.getMany(), positions: textsIn(found, positions), total: null };
  }
}

/** The texts of values of each row in a range, without the rows. */
export async function textsOf(
  queryset: Queryset,
  range: RowRange,
  values: readonly Expression[],
): Promise<(string | null)[][]> {
  const query = queryset.clone();
  if (!isOrdered(query)) orderBy(query, defaultTerms(query));
  const isDistinct = query.expressionMap.selectDistinct || hasSelectedLists(query);
  return textsIn(await rawTexts(query.select([]).distinct(isDistinct), range, values), values);
}

type TextRow = Record<string, string | null>;

/** Reads texts with a query that selects nothing else that matters; a distinct one has to select what it orders by. */
function rawTexts(query: Queryset, range: RowRange, values: readonly Expression[]): Promise<TextRow[]> {
  for (const [at, { sql }] of values.entries()) query.addSelect(`CAST(${sql} AS text)`, `rf_p${at}`);
  for (const [at, sql] of Object.keys(query.expressionMap.allOrderBys).entries()) query.addSelect(sql, `rf_o${at}`);
  inRange(query, range);
  return query.getRawMany<TextRow>();
}

function textsIn(rows: readonly TextRow[], values: readonly Expression[]): (string | null)[][] {
  return rows.map((row) => values.map((_, at) => row[`rf_p${at}`] ?? null));
}

/** Limits a query to a range; TypeORM's `skip` and `take` would run it twice. */
export function inRange(queryset: Queryset, { offset, limit }: RowRange): void {
  queryset
    .skip(undefined)
    .take(undefined)
    .offset(offset === 0 ? undefined : offset)
    .limit(limit);
}

/** The number of rows of a query, its range and order left aside. */
export async function countRows(queryset: Queryset): Promise<number> {
  const [row] = (await counting(queryset).getRawMany()) as { total: string }[];
  return Number(row?.total ?? 0);
}

/** The same as a subquery; its parameters are those of the query. */
export function countSql(queryset: Queryset): string {
  return counting(queryset).getQuery();
}

function counting(queryset: Queryset): Queryset {
  const { alias, metadata } = rootOf(queryset);
  const query = unordered(queryset);
  const { groupBys, selectDistinct } = query.expressionMap;
  if (groupBys.length > 0 || selectDistinct) {
    const outer = query.createQueryBuilder().select('COUNT(*)', 'total').from(`(${query.getQuery()})`, 'rf_rows');
    return outer.setParameters(query.getParameters()) as Queryset;
  }
  return query.select(hasLists(query) ? `COUNT(DISTINCT ${keySql(alias, metadata)})` : 'COUNT(*)', 'total');
}

/** All rows of a query, in any order. */
function unordered(queryset: Queryset): Queryset {
  const query = queryset.clone().orderBy().setOption('disable-global-order');
  return query.skip(undefined).take(undefined).offset(undefined).limit(undefined);
}

function keySql(alias: string, metadata: EntityMetadata): string {
  const columns = metadata.primaryColumns.map((column) => `"${alias}"."${column.databaseName}"`);
  return columns.length === 1 ? (columns[0] as string) : `(${columns.join(', ')})`;
}

/** True when a row of the entity may stand in several rows of the result. */
function hasLists(queryset: Queryset): boolean {
  return queryset.expressionMap.joinAttributes.some((join) => join.relation === undefined || join.isMany);
}

/** True when the query selects related rows: its entities are loaded with them. */
export function selectsRelated(queryset: Queryset): boolean {
  return queryset.expressionMap.joinAttributes.some((join) => join.isSelected);
}

function hasSelectedLists(queryset: Queryset): boolean {
  return queryset.expressionMap.joinAttributes.some((join) => join.isMany && join.isSelected);
}

/** How many rows the planner expects; exact for none. Costs no reading of rows. */
export async function estimateRows(queryset: Queryset): Promise<number> {
  const query = unordered(queryset).select('1');
  const [sql, values] = query.getQueryAndParameters();
  const found: unknown = await query.dataSource.query(`EXPLAIN (FORMAT JSON) ${sql}`, values, query['queryRunner']);
  const [{ 'QUERY PLAN': plan }] = found as [{ 'QUERY PLAN': readonly [{ Plan: { 'Plan Rows': number } }] }];
  return plan[0].Plan['Plan Rows'];
}
