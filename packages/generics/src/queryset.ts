import type { EntityManager, EntityMetadata, ObjectLiteral, SelectQueryBuilder } from 'typeorm';

/** A query of rows of one entity, as `getQueryset()` returns it: filters, ordering and pages are added to it. */
export type Queryset<Entity extends ObjectLiteral = ObjectLiteral> = SelectQueryBuilder<Entity>;

/** A class of entities. */
export type EntityType<Entity = unknown> = new (...args: never[]) => Entity;

/** The name of the rows of a query, and what TypeORM knows of them. */
export interface QueryRoot {
  readonly alias: string;
  readonly metadata: EntityMetadata;
}

/** The rows that a query is about. Throws a TypeError for one that selects from no entity. */
export function rootOf(queryset: Queryset): QueryRoot {
  const alias = queryset.expressionMap.mainAlias;
  if (alias === undefined || !alias.hasMetadata) {
    throw new TypeError('The query selects from no entity: make it with db(request).createQueryBuilder(Entity, name).');
  }
  return { alias: alias.name, metadata: alias.metadata };
}

/** A new query of all rows of an entity, called like the entity with a small first letter. */
export function rowsOf<Entity extends ObjectLiteral>(
  manager: EntityManager,
  entity: EntityType<Entity>,
): Queryset<Entity> {
  const name = entity.name.charAt(0).toLowerCase() + entity.name.slice(1);
  return manager.createQueryBuilder(entity, name) as Queryset<Entity>;
}

/** The same rows as a query whose rows PostgreSQL can lock, which those of a grouped one are not: they are found by its keys. */
export function lockable(queryset: Queryset): Queryset {
  if (queryset.expressionMap.groupBys.length === 0) return queryset;
  const { alias, metadata } = rootOf(queryset);
  const keysOf = (name: string): string[] =>
    metadata.primaryColumns.map((column) => `"${name}"."${column.databaseName}"`);
  const grouped = queryset.clone().select(keysOf(alias)).distinct(false).orderBy().setOption('disable-global-order');
  const rows = queryset.createQueryBuilder().from(metadata.target, 'rf_locked') as Queryset;
  return rows
    .where(`(${keysOf('rf_locked').join(', ')}) IN (${grouped.getQuery()})`)
    .setParameters(grouped.getParameters());
}

/** Adds a value to the query; returns how it stands in SQL. */
export function bind(queryset: Queryset, value: unknown): string {
  // Parameters are never taken away, so their number makes a new name, also in a clone.
  const name = `rf_${Object.keys(queryset.expressionMap.parameters).length + 1}`;
  queryset.setParameter(name, value);
  return `:${name}`;
}
