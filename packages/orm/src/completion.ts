import type { DataSource, EntityMetadata } from 'typeorm';
import type { RelationMetadata } from 'typeorm/metadata/RelationMetadata.js';
import type { Need } from './need.ts';
import { QueryLogger } from './query-logger.ts';

/** The rows that a data source's last INSERT made, and how many statements there had been then. */
interface Newest {
  readonly entities: readonly object[];
  readonly statements: number;
}

// Not by entity: an entry for each would be one that every collection of young objects has to look at.
const newest = new WeakMap<QueryLogger, Newest>();

/** Says that the entities' rows were made just now. */
export function markFresh(entities: readonly object[], { logger }: DataSource): void {
  if (logger instanceof QueryLogger) newest.set(logger, { entities, statements: logger.statements });
}

/**
 * The entities whose rows were made by the last statement that this process sent: nothing can refer to these rows yet.
 *
 * What goes on with an entity in the same turn of the event loop comes before anybody else's statement, so many requests
 * at once do not disturb each other here.
 */
export function freshEntities({ logger }: DataSource): ReadonlySet<object> {
  const last = logger instanceof QueryLogger ? newest.get(logger) : undefined;
  return last === undefined || last.statements !== (logger as QueryLogger).statements ? NONE : new Set(last.entities);
}

const NONE: ReadonlySet<object> = new Set();

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
  let text: string | null = null;
  for (const column of metadata.primaryColumns) {
    const value: unknown = column.getEntityValue(entity);
    if (value === undefined || value === null) return null;
    text = text === null ? String(value) : `${text} ${String(value)}`;
  }
  return text;
}
