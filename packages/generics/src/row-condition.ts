import { ImproperlyConfigured } from '@rf/exceptions';
import { destinationCondition, entityConditions, junctionCondition, relationCondition, tableAs } from '@rf/orm';
import { createHash } from 'node:crypto';
import type { EntityMetadata } from 'typeorm';
import type { RelationMetadata } from 'typeorm/metadata/RelationMetadata.js';
import { asksForAbsence, columnExpression, type Expression, type Lookup } from './lookups.ts';
import { isToMany, type ModelPath } from './model-path.ts';
import { bind, type Queryset, rootOf } from './queryset.ts';

/**
 * The condition under which a row's value at `path` compares with `value`.
 *
 * To-one relations on the way are joined. Where the way leads through a to-many relation, one of the related rows has to
 * compare so: no row of the query appears twice for it.
 */
export function pathCondition(queryset: Queryset, path: ModelPath, lookup: Lookup, value: unknown): string {
  const add = (bound: unknown): string => bind(queryset, bound);
  const many = path.steps.findIndex(isToMany);
  if (many === -1) return lookup.condition(pathExpression(queryset, path), value, add);

  const parent = joinPath(queryset, path.steps.slice(0, many));
  const related = new RelatedRows(path.steps.slice(many), parent);
  const column = columnExpression(path.column, related.alias);
  if (asksForAbsence(lookup, value)) return `NOT ${related.exists(`${column.sql} IS NOT NULL`)}`;
  return related.exists(lookup.condition(column, value, add));
}

/** The value of a row at a path; to-one relations on the way are joined. Throws ImproperlyConfigured for a to-many one. */
export function pathExpression(queryset: Queryset, path: ModelPath): Expression {
  const many = path.steps.find(isToMany);
  if (many !== undefined) {
    throw new ImproperlyConfigured(
      `${rootOf(queryset).metadata.name}: ${path.text} leads through ${many.propertyPath}, of which a row has several. ` +
        'Name a column of the row itself, or of one related row.',
    );
  }
  return columnExpression(path.column, joinPath(queryset, path.steps));
}

/** Joins what a chain of to-one relations leads to, once for each query. Returns its alias. */
function joinPath(queryset: Queryset, steps: readonly RelationMetadata[]): string {
  let { alias } = rootOf(queryset);
  let name = 'rf';
  for (const relation of steps) {
    name = shortened(`${name}__${relation.propertyPath.replaceAll('.', '_')}`);
    if (!queryset.expressionMap.aliases.some((known) => known.name === name)) {
      queryset.leftJoin(`${alias}.${relation.propertyPath}`, name);
    }
    alias = name;
  }
  return alias;
}

/**
 * Several conditions that one and the same combination of related rows has to meet, as `filter(a, b)` of Django means it: the rows are
 * joined once, inside one EXISTS, so that no row of the query appears twice.
 */
export class JoinedRows {
  readonly #aliases = new Map<string, string>();
  #from = '(SELECT 1) AS rf_one';

  constructor(private readonly queryset: Queryset) {}

  /** The value at a path, of one combination of related rows. */
  expression(path: ModelPath): Expression {
    const many = path.steps.findIndex(isToMany);
    if (many === -1) return pathExpression(this.queryset, path);
    let at = joinPath(this.queryset, path.steps.slice(0, many));
    for (const relation of path.steps.slice(many)) {
      const key = `${at}.${relation.propertyPath}`;
      let alias = this.#aliases.get(key);
      if (alias === undefined) {
        alias = `rf_s${this.#aliases.size}`;
        this.#aliases.set(key, alias);
        this.#from += furtherRows(relation, at, alias, relation.inverseEntityMetadata);
      }
      at = alias;
    }
    return columnExpression(path.column, at);
  }

  /** The condition for the query, where `condition` is made of {@link expression}s. */
  where(condition: string): string {
    return this.#aliases.size === 0 ? condition : `EXISTS (SELECT 1 FROM ${this.#from} WHERE ${condition})`;
  }
}

/** PostgreSQL cuts names at 63 bytes. */
function shortened(name: string): string {
  if (name.length <= 50) return name;
  return `${name.slice(0, 40)}_${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;
}

/** The rows that a chain of relations leads to from one row. */
class RelatedRows {
  /** Names the rows at the end. */
  readonly alias: string;
  readonly #from: string;
  readonly #where: readonly string[];

  constructor(steps: readonly RelationMetadata[], parent: string) {
    let at = parent;
    let from = '';
    let where: readonly string[] = [];
    for (const [index, relation] of steps.entries()) {
      const alias = `rf_r${index}`;
      const target = relation.inverseEntityMetadata;
      if (index === 0) {
        ({ from, where } = firstRows(relation, at, alias, target));
      } else {
        from += furtherRows(relation, at, alias, target);
      }
      at = alias;
    }
    this.alias = at;
    this.#from = from;
    this.#where = where;
  }

  exists(condition: string): string {
    return `EXISTS (SELECT 1 FROM ${this.#from} WHERE ${[...this.#where, condition].join(' AND ')})`;
  }
}

function firstRows(
  relation: RelationMetadata,
  parent: string,
  alias: string,
  target: EntityMetadata,
): { from: string; where: readonly string[] } {
  const own = entityConditions(target, alias);
  const junction = relation.junctionEntityMetadata;
  if (junction === undefined) {
    return { from: tableAs(target, alias), where: [relationCondition(relation, parent, alias), ...own] };
  }
  const middle = `${alias}_j`;
  return {
    from: `${tableAs(junction, middle)} JOIN ${tableAs(target, alias)} ON ${destinationCondition(relation, middle, alias)}`,
    where: [junctionCondition(relation, parent, middle), ...own],
  };
}

function furtherRows(relation: RelationMetadata, parent: string, alias: string, target: EntityMetadata): string {
  const own = entityConditions(target, alias);
  const junction = relation.junctionEntityMetadata;
  if (junction === undefined) {
    const on = [relationCondition(relation, parent, alias), ...own].join(' AND ');
    return ` LEFT JOIN ${tableAs(target, alias)} ON ${on}`;
  }
  const middle = `${alias}_j`;
  const on = [destinationCondition(relation, middle, alias), ...own].join(' AND ');
  return (
    ` LEFT JOIN ${tableAs(junction, middle)} ON ${junctionCondition(relation, parent, middle)}` +
    ` LEFT JOIN ${tableAs(target, alias)} ON ${on}`
  );
}
