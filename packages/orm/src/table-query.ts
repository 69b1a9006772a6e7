import { ImproperlyConfigured } from '@rf/exceptions';
import type { EntityMetadata } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import { quoteName } from './column-codec.ts';
import { type ColumnPath, columnPath, columnValue } from './column-path.ts';
import { defaultOrder, entityConditions, orderList, relationCondition, tableAs } from './join-path.ts';
import type { PlanRows, ReadOptions } from './read-options.ts';

/** How a parameter gets its value. */
interface Parameter {
  readonly path: string;
  readonly column: ColumnMetadata;
}

/** The rows of an entity's table under one kind of options; made once for each kind. */
export class TableQuery implements PlanRows {
  readonly from: string;
  readonly page: string | null = null;
  readonly where: string;
  readonly order: string;
  readonly end: string;
  readonly count: string;
  readonly texts: readonly string[] = [];
  readonly #parameters: Parameter[] = [];
  readonly #joins: string[] = [];
  readonly #aliases = new Map<string, string>();
  readonly #skips: boolean;

  /** What two options must have in common to share a query. */
  static keyOf({ where, order, limit, offset, lock }: ReadOptions): string {
    let key = `${limit ?? ''};${offset !== undefined && offset > 0 ? 'o' : ''};${lock === true ? 'l' : ''};${order?.join(',') ?? ''}`;
    for (const path in where) {
      const given = where[path];
      key += `;${path}${given === null || given === undefined ? '0' : Array.isArray(given) ? '[]' : ''}`;
    }
    return key;
  }

  constructor(
    private readonly metadata: EntityMetadata,
    options: ReadOptions,
  ) {
    const { where = {}, order = [], limit, offset = 0, lock = false } = options;
    const conditions = entityConditions(metadata, 't0');
    for (const [path, given] of Object.entries(where)) conditions.push(this.#condition(path, given));
    const filter = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
    const extra: string[] = [];
    const orders = order.length === 0 ? this.#ownOrder() : this.#givenOrder(order, extra);
    const table = `${tableAs(metadata, 't0')}${this.#joins.join('')}`;
    const locking = lock ? ` FOR UPDATE OF ${quoteName('t0')}` : '';
    this.count = `SELECT count(*)::int FROM ${table}${filter}`;
    this.#skips = offset > 0;
    if (limit === undefined && !this.#skips && this.#joins.length === 0) {
      this.from = table;
      this.where = filter;
      this.order = ` ORDER BY ${orders.inner}`;
      this.end = locking;
      return;
    }
    // The page is cut out first, so that related rows are read for its rows only. The first page has a text of its own:
    // the server's plan for it does not reckon with rows to skip.
    const cut =
      (limit === undefined ? '' : ` LIMIT ${limit}`) + (this.#skips ? ` OFFSET $${this.#parameters.length + 1}` : '');
    const selected = [`${quoteName('t0')}.*`, ...extra].join(', ');
    const page = `SELECT ${selected} FROM ${table}${filter} ORDER BY ${orders.inner}${cut}${locking}`;
    this.from = `(${page}) ${quoteName('t0')}`;
    if (limit !== undefined && !lock) this.page = page;
    this.where = '';
    this.order = ` ORDER BY ${orders.outer}`;
    this.end = '';
  }

  /**
   * The parameters of options of this kind; null when a value says that there can be no row.
   *
   * @throws Http404 for text of a wrong type
   */
  values({ where = {}, offset = 0 }: ReadOptions, forCount = false): unknown[] | null {
    const values: unknown[] = [];
    for (const { path, column } of this.#parameters) {
      const given = where[path];
      if (Array.isArray(given)) {
        values.push(given.map((item) => columnValue(column, item)).filter((item) => item !== null));
        continue;
      }
      const value = columnValue(column, given);
      if (value === null) return null;
      values.push(value);
    }
    if (this.#skips && !forCount) values.push(offset);
    return values;
  }

  #condition(path: string, given: unknown): string {
    const found = this.#path(path);
    const sql = this.#sql(found);
    if (given === null || given === undefined) return `${sql} IS NULL`;
    const parameter = `$${this.#parameters.push({ path, column: found.column })}`;
    return Array.isArray(given) ? `${sql} = ANY(${parameter})` : `${sql} = ${parameter}`;
  }

  #ownOrder(): { inner: string; outer: string } {
    const list = orderList(defaultOrder(this.metadata), 't0');
    return { inner: list, outer: list };
  }

  #givenOrder(terms: readonly string[], extra: string[]): { inner: string; outer: string } {
    const inner: string[] = [];
    const outer: string[] = [];
    for (const term of terms) {
      const direction = term.startsWith('-') ? ' DESC' : '';
      const found = this.#path(term.replace(/^-/, ''));
      const sql = this.#sql(found);
      inner.push(sql + direction);
      if (found.through.length === 0) {
        outer.push(sql + direction);
        continue;
      }
      const name = quoteName(`rf_order_${extra.length}`);
      extra.push(`${sql} AS ${name}`);
      outer.push(`${quoteName('t0')}.${name}${direction}`);
    }
    return { inner: inner.join(', '), outer: outer.join(', ') };
  }

  #path(path: string): ColumnPath {
    const found = columnPath(this.metadata, path);
    if (found !== null) return found;
    throw new ImproperlyConfigured(`${this.metadata.name} has no column \`${path}\` to look for or to order by.`);
  }

  /** A column in SQL; joins what stands between. */
  #sql({ column, through }: ColumnPath): string {
    let alias = 't0';
    let key = '';
    for (const { relation } of through) {
      key += `.${relation.propertyPath}`;
      let next = this.#aliases.get(key);
      if (next === undefined) {
        next = `j${this.#aliases.size}`;
        this.#aliases.set(key, next);
        const target = relation.inverseEntityMetadata;
        const conditions = [relationCondition(relation, alias, next), ...entityConditions(target, next)];
        this.#joins.push(` LEFT JOIN ${tableAs(target, next)} ON ${conditions.join(' AND ')}`);
      }
      alias = next;
    }
    return `${quoteName(alias)}.${quoteName(column.databaseName)}`;
  }
}
