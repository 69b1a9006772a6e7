import type { Scope, SerializerContext } from '@rf/serializers';
import type { Site } from '@rf/views';
import { EntityManager, getMetadataArgsStorage, type ObjectLiteral, type SelectQueryBuilder } from 'typeorm';
import { db } from './atomic.ts';
import { shapeOf } from './entity-shape.ts';
import { blockAround } from './open-transaction.ts';
import type { SiteOwner } from './site-database.ts';
import type { EntityClass } from './substitutable.ts';

/** A class of entities with its type. */
export type EntityType<Entity = unknown> = abstract new (...args: never) => Entity;

/**
 * Where related objects come from: an entity class, or a function that makes a query. The function is called for each
 * use, so it may look at the request: `(manager, { context }) => manager.createQueryBuilder(Author, 'author').where(…)`.
 */
export type RelatedSource<Entity = unknown> =
  | EntityType<Entity>
  | ((manager: EntityManager, scope: Scope) => SelectQueryBuilder<Entity & ObjectLiteral>);

/** What a relation of an entity leads to in the data source in use: a substitutable class may be replaced there. */
export class RelationTarget {
  constructor(
    readonly entity: EntityClass,
    readonly property: string,
  ) {}

  /** The related class. */
  in(manager: EntityManager): EntityClass {
    const { dataSource } = manager;
    const relation = dataSource.hasMetadata(this.entity)
      ? dataSource.getMetadata(this.entity).findRelationWithPropertyPath(this.property)
      : undefined;
    const target = relation?.inverseEntityMetadata.target;
    return typeof target === 'function' ? target : this.declared;
  }

  /** The class that the decorator names. */
  get declared(): EntityClass {
    return (shapeOf(this.entity).relations.get(this.property) as { target(): EntityClass }).target();
  }

  toString(): string {
    return this.declared.name;
  }
}

const entityClasses = new WeakSet<object>();

/** True for a class that is an entity. */
export function isEntityClass(value: unknown): value is EntityClass {
  if (typeof value !== 'function') return false;
  if (entityClasses.has(value)) return true;
  if (!getMetadataArgsStorage().tables.some(({ target }) => target === value)) return false;
  entityClasses.add(value);
  return true;
}

/** A source as it stands in code. */
export function sourceName(source: RelatedSource | RelationTarget): string {
  return source instanceof RelationTarget || !isEntityClass(source) ? String(source) : source.name;
}

/**
 * The database that a serializer works with: `context.manager`, else that of `context.request`, which is the transaction's
 * inside `atomic()`.
 *
 * @param who for the error text
 * @throws Error when the context has neither
 */
export function databaseOf(context: SerializerContext, who: string): SiteOwner | EntityManager {
  const { manager, request } = context;
  if (manager instanceof EntityManager) return inTransaction(manager);
  if (typeof request === 'object' && request !== null && 'site' in request) return request as { readonly site: Site };
  throw new Error(
    `${who} needs a database: pass \`context: { request }\`, as generic views do, or \`context: { manager }\` with an ` +
      'EntityManager.',
  );
}

/** A manager without a connection of its own joins the transaction around the caller, as a request does. */
function inTransaction(manager: EntityManager): EntityManager {
  if (manager.queryRunner !== undefined) return manager;
  return blockAround(manager.dataSource)?.transaction.manager ?? manager;
}

/** True for a context that leads to a database. */
export function hasDatabase({ manager, request }: SerializerContext): boolean {
  return manager instanceof EntityManager || (typeof request === 'object' && request !== null && 'site' in request);
}

/** The same as an entity manager. */
export function managerOf(scope: Scope): EntityManager {
  const database = databaseOf(scope.context, scope.serializer.constructor.name);
  return database instanceof EntityManager ? database : db(database);
}
