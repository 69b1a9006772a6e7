import type { DataSource, EntityMetadata } from 'typeorm';
import type { RelationMetadata } from 'typeorm/metadata/RelationMetadata.js';
import type { Need } from './need.ts';
import { QueryLogger } from './query-logger.ts';

/** Rows that were made just now, and how many statements there had been then. */
const fresh = new WeakMap<object, number>();

/** Says that an entity's row was made just now. */
export function markFresh(entity: object, dataSource: DataSource): void {
  if (dataSource.logger instanceof QueryLogger) fresh.set(entity, dataSource.logger.statements);
}

/**
 * True for an entity whose row was made by the last statement that this process sent: nothing can refer to the row yet.
 *
 * What goes on with the entity in the same turn of the event loop comes before anybody else's statement, so many requests
 * at once do not disturb each other here.
 */
export function isFresh(entity: object, dataSource: DataSource): boolean {
  const { logger } = dataSource;
  return logger instanceof QueryLogger && fresh.get(entity) === logger.statements;
}

/** The relations of a need that entities do not have, or not deep enough, by their paths. */
export function missingRelations(entities: readonly object[], need: Need): string[] {
  const missing = new Set<string>();
  for (const entity of entities) {
    for (const [path, edge] of need.toOne) if (lacks(entity, edge.relation, edge.need)) missing.add(path);
    for (const [path, edge] of need.toMany) if (lacks(entity, edge.relation, edge.need)) missing.add(path);
    for (const [path, relation] of need.counts) {
      if (relatedValue(entity, relation) === undefined) missing.add(path);
    }
  }
  return [...missing];
}

function lacks(entity: object, relation: RelationMetadata, need: Need): boolean {
  const value = relatedValue(entity, relation);
  if (value === undefined) return true;
  if (value === null) return false;
  const related = (Array.isArray(value) ? value : [value]) as object[];
  return related.some((item) => !isComplete(item, need));
}

/** Whether an object has everything that is needed of it. */
function isComplete(entity: unknown, need: Need): boolean {
  if (typeof entity !== 'object' || entity === null) return false;
  for (const column of need.columns) if (!hasOwn(entity, column.propertyName)) return false;
  return missingRelations([entity], need).length === 0;
}

/** What an entity has in a relation. Only its own properties are read: others may be guarded. */
function relatedValue(entity: object, { propertyName }: RelationMetadata): unknown {
  return hasOwn(entity, propertyName) ? (entity as Record<string, unknown>)[propertyName] : undefined;
}

function hasOwn(entity: object, property: string): boolean {
  return Object.hasOwn(entity, property) && (entity as Record<string, unknown>)[property] !== undefined;
}

/** The text of an entity's key; null where it has none yet. */
export function keyText(metadata: EntityMetadata, entity: object): string | null {
  const values = metadata.primaryColumns.map((column) => column.getEntityValue(entity) as unknown);
  return values.some((value) => value === undefined || value === null) ? null : values.map(String).join(' ');
}
