import type { Scope } from '@rf/serializers';
import type { EntityManager, EntityMetadata, ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import { quoteName } from './column-codec.ts';
import { parameterOf } from './column-value.ts';
import { entityConditions, tableAs } from './join-path.ts';
import { canHold } from './key-value.ts';
import { prepared } from './prepared.ts';
import { isEntityClass, managerOf, type RelatedSource, RelationTarget } from './related-source.ts';
import { statementName } from './statement-name.ts';

/** Something that a row must fulfil. */
export interface RowCondition {
  /** SQL in which `{0}` is the first column and `{=0}` its value. */
  readonly sql: string;
  readonly terms: readonly Term[];
}

/** A column, and its value as an entity has it or as a parameter already. */
interface Term {
  readonly column: ColumnMetadata;
  readonly value?: unknown;
  readonly parameter?: unknown;
}

const NO: Promise<boolean> = Promise.resolve(false);

/** Looks whether rows of an entity, or of a query, fulfil conditions. */
export class RowCheck {
  readonly metadata: EntityMetadata;
  readonly manager: EntityManager;
  readonly #query: SelectQueryBuilder<ObjectLiteral> | null;

  constructor(source: RelatedSource | RelationTarget, scope: Scope) {
    const manager = managerOf(scope);
    this.manager = manager;
    const entity = source instanceof RelationTarget ? source.in(manager) : source;
    if (isEntityClass(entity)) {
      this.metadata = manager.dataSource.getMetadata(entity);
      this.#query = null;
    } else {
      const make = entity as (manager: EntityManager, scope: Scope) => SelectQueryBuilder<ObjectLiteral>;
      this.#query = make(manager, scope);
      this.metadata = this.#query.expressionMap.mainAlias?.metadata as EntityMetadata;
    }
  }

  /**
   * True when a row other than that of `instance` fulfils all conditions.
   *
   * @param instance an entity, or anything else for none
   */
  exists(conditions: readonly RowCondition[], instance: unknown): Promise<boolean> {
    const all = [...conditions, ...this.#otherThan(instance)];
    // Such a value is for the field's other validators to refuse.
    if (!all.every(({ terms }) => terms.every((term) => canHold(term.column, parameterIn(term))))) return NO;
    return this.#query === null ? this.#inTable(all) : this.#inQuery(this.#query.clone(), all);
  }

  #otherThan(instance: unknown): RowCondition[] {
    if (typeof instance !== 'object' || instance === null) return [];
    const key = this.metadata.primaryColumns;
    const values = key.map((column) => column.getEntityValue(instance) as unknown);
    if (values.some((value) => value === null || value === undefined)) return [];
    const equal = key.map((_column, at) => `{${at}} = {=${at}}`).join(' AND ');
    return [{ sql: `NOT (${equal})`, terms: key.map((column, at) => ({ column, value: values[at] })) }];
  }

  #inTable(conditions: readonly RowCondition[]): Promise<boolean> {
    const { text, places } = tableCheck(this.metadata, conditions);
    const values = places.map(({ condition, term }) => parameterIn(conditions[condition]?.terms[term] as Term));
    return prepared(this.manager, { name: statementName(text), text, values, readOnly: true }).then(
      ({ rowCount }) => rowCount > 0,
    );
  }

  #inQuery(query: SelectQueryBuilder<ObjectLiteral>, conditions: readonly RowCondition[]): Promise<boolean> {
    let count = 0;
    for (const { sql, terms } of conditions) {
      const parameters: Record<string, unknown> = {};
      const text = filled(
        sql,
        (at) => `${quoteName(query.alias)}.${quoteName((terms[at] as Term).column.databaseName)}`,
        (at) => {
          count += 1;
          parameters[`rfCheck${count}`] = parameterIn(terms[at] as Term);
          return `:rfCheck${count}`;
        },
      );
      query.andWhere(text, parameters);
    }
    return query.getExists();
  }
}

/** A statement, and where its parameters come from. */
interface TableCheck {
  readonly text: string;
  readonly places: readonly { readonly condition: number; readonly term: number }[];
}

const checks = new WeakMap<EntityMetadata, Map<string, TableCheck>>();

/** The statement for conditions of this kind; made once. */
function tableCheck(metadata: EntityMetadata, conditions: readonly RowCondition[]): TableCheck {
  let key = '';
  for (const { sql, terms } of conditions) {
    key += `${sql};`;
    for (const { column } of terms) key += `${column.databaseName},`;
  }
  let ofEntity = checks.get(metadata);
  if (ofEntity === undefined) checks.set(metadata, (ofEntity = new Map()));
  let check = ofEntity.get(key);
  if (check === undefined) ofEntity.set(key, (check = makeCheck(metadata, conditions)));
  return check;
}

function makeCheck(metadata: EntityMetadata, conditions: readonly RowCondition[]): TableCheck {
  const places: { condition: number; term: number }[] = [];
  const parts = conditions.map(({ sql, terms }, condition) =>
    filled(
      sql,
      (at) => `${quoteName('t0')}.${quoteName((terms[at] as Term).column.databaseName)}`,
      (term) => `$${places.push({ condition, term })}`,
    ),
  );
  const all = [...entityConditions(metadata, 't0'), ...parts].join(' AND ');
  return { text: `SELECT 1 AS "found" FROM ${tableAs(metadata, 't0')} WHERE ${all} LIMIT 1`, places };
}

function parameterIn({ column, value, parameter }: Term): unknown {
  return parameter === undefined ? parameterOf(column, value) : parameter;
}

function filled(sql: string, column: (at: number) => string, value: (at: number) => string): string {
  return sql.replace(/\{(=?)(\d)\}/g, (_all, sign: string, at: string) =>
    sign === '=' ? value(Number(at)) : column(Number(at)),
  );
}
