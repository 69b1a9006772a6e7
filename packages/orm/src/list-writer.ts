import { type Detail, ValidationError } from '@rf/exceptions';
import type { ListSerializer, Serializer } from '@rf/serializers';
import { EntityManager } from 'typeorm';
import { atomic, db } from './atomic.ts';
import { ModelWriter } from './model-writer.ts';
import { databaseOf } from './related-source.ts';
import { isStockMethod } from './stock-methods.ts';

type Attributes = Readonly<Record<string, unknown>>;

/** Makes all items of a list or none: rows that need nothing but themselves in one statement. */
export async function createItems(list: ListSerializer, items: readonly Attributes[]): Promise<unknown[]> {
  const child = list.child as unknown as Serializer;
  const database = databaseOf(list.context, child.constructor.name);
  if (!isStockMethod(child.create)) return atomic(database, () => eachOf(items, (item) => child.create(item)));
  const writer = ModelWriter.of(child);
  try {
    // Inside a transaction a savepoint, so that the second attempt finds it alive.
    const manager = database instanceof EntityManager ? database : db(database);
    const isInside = manager.queryRunner?.isTransactionActive === true;
    const made = await (isInside ? atomic(database, () => writer.createAll(items)) : writer.createAll(items));
    if (made !== null) return made;
  } catch (error) {
    // The database says which value it refuses, but not of which item: one after the other tells.
    if (!(error instanceof ValidationError)) throw error;
  }
  return atomic(database, (manager) => eachOf(items, (item) => writer.createIn(manager, item)));
}

/** Changes all entities of a list or none. */
export async function updateItems(
  list: ListSerializer,
  entities: readonly object[],
  items: readonly Attributes[],
): Promise<unknown[]> {
  const child = list.child as unknown as Serializer;
  const database = databaseOf(list.context, child.constructor.name);
  const update = isStockMethod(child.update)
    ? (manager: EntityManager, entity: object, item: Attributes) =>
        ModelWriter.of(child).updateIn(manager, entity, item)
    : (_manager: EntityManager, entity: object, item: Attributes) => child.update(entity, item);
  return atomic(database, (manager) => eachOf(items, (item, at) => update(manager, entities[at] as object, item)));
}

/** Does the same with one item after the other; an error says of which item it is. */
async function eachOf(
  items: readonly Attributes[],
  write: (item: Attributes, at: number) => unknown,
): Promise<unknown[]> {
  const written: unknown[] = [];
  for (const [at, item] of items.entries()) {
    try {
      written.push(await write(item, at));
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error;
      throw new ValidationError({ [at]: error.detail } as { [key: string]: Detail });
    }
  }
  return written;
}
