import { type EntityClass, modelFor } from '@rf/orm';
import type { Awaitable } from '@rf/views';
import type { EntityManager, EntitySubscriberInterface, InsertEvent, ObjectLiteral } from 'typeorm';

/** Something that happens with the writing of an entity. */
export interface EntityHook {
  readonly event: 'create';
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

/** Runs the hooks of a project when TypeORM tells of an insert. */
export class HookSubscriber implements EntitySubscriberInterface {
  constructor(private readonly hooks: readonly EntityHook[]) {}

  async afterInsert({ entity, manager, metadata, dataSource }: InsertEvent<ObjectLiteral>): Promise<void> {
    for (const hook of this.hooks) {
      // Not instanceof: an insert through a query builder hands over a plain object.
      if (metadata.target === modelFor(dataSource, hook.model)) await hook.run(entity, manager);
    }
  }
}
