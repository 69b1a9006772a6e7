import { type EntityClass, modelFor, type SelectiveSubscriber } from '@rf/orm';
import type { Awaitable } from '@rf/views';
import type { EntityManager, EntityMetadata, InsertEvent, ObjectLiteral, RemoveEvent } from 'typeorm';

/** Something that happens with the writing of an entity. */
export interface EntityHook {
  readonly event: 'create' | 'remove';
  readonly model: EntityClass;
  readonly run: (entity: ObjectLiteral, manager: EntityManager) => Awaitable<unknown>;
}

/**
 * Declares what else happens when an entity is created, in the same transaction: when it fails, nothing was created.
 *
 * ```ts
 * export const createTokenForNewUser = onCreate(User, (user, manager) => createToken(manager, user));
 * ```
 *
 * Put it into `hooks` of an app or of the project. For a class that the project replaces, the substitute counts.
 */
export function onCreate<T extends ObjectLiteral>(
  model: abstract new (...args: never[]) => T,
  run: (entity: T, manager: EntityManager) => Awaitable<unknown>,
): EntityHook {
  return { event: 'create', model, run: run as EntityHook['run'] };
}

/**
 * Declares what goes before an entity is removed by `manager.remove(entity)`, in the same transaction: rows that refer to it and that
 * the database does not delete by itself. A `delete(id)` past the entity does not call it.
 */
export function onRemove<T extends ObjectLiteral>(
  model: abstract new (...args: never[]) => T,
  run: (entity: T, manager: EntityManager) => Awaitable<unknown>,
): EntityHook {
  return { event: 'remove', model, run: run as EntityHook['run'] };
}

/** Runs the hooks of a project when TypeORM tells of an insert or a removal. */
export class HookSubscriber implements SelectiveSubscriber {
  constructor(private readonly hooks: readonly EntityHook[]) {}

  /** Serializers write rows without TypeORM where no hook follows their creation. */
  takesPartIn({ target, dataSource }: EntityMetadata): boolean {
    return this.hooks.some(({ event, model }) => event === 'create' && target === modelFor(dataSource, model));
  }

  afterInsert(event: InsertEvent<ObjectLiteral>): Promise<void> {
    return this.#run('create', event, event.entity);
  }

  async beforeRemove(event: RemoveEvent<ObjectLiteral>): Promise<void> {
    if (event.entity !== undefined) await this.#run('remove', event, event.entity);
  }

  async #run(
    event: EntityHook['event'],
    { manager, metadata, dataSource }: InsertEvent<ObjectLiteral> | RemoveEvent<ObjectLiteral>,
    entity: ObjectLiteral,
  ): Promise<void> {
    for (const hook of this.hooks) {
      // Not instanceof: an insert through a query builder hands over a plain object.
      const isMeant = hook.event === event && metadata.target === modelFor(dataSource, hook.model);
      if (isMeant) await hook.run(entity, manager);
    }
  }
}
