import { type Detail, ValidationError } from '@rf/exceptions';
import type { ListSerializer, Serializer } from '@rf/serializers';
import { EntityManager } from 'typeorm';
import { atomic, db } from './atomic.ts';
import { ModelWriter } from './model-writer.ts';
import { databaseOf } from './related-source.ts';
import { isStockMethod } from './stock-methods.ts';
import { togetherOrEach, WritePass } from './write-pass.ts';

type Attributes = Readonly<Record<string, unknown>>;

/** Makes all items of a list or none: rows that need nothing but themselves in one statement. */
export async function createItems(list: ListSerializer, items: readonly Attributes[]): Promise<unknown[]> {
  const child = list.child as unknown as Serializer;
  const database = databaseOf(list.context, child.constructor.name);
  if (!isStockMethod(child.create)) return atomic(database, () => eachOf(items, (item) => child.create(item)));
  const writer = ModelWriter.of(child);
  const each = (pass: WritePass) => eachOf(items, (item) => writer.createIn(pass, item));
  if (!writer.writesTogether(items, false)) {
    return atomic(database, (manager) => each(new WritePass(manager, 'either')));
  }
  const manager = database instanceof EntityManager ? database : db(database);
  if (manager.queryRunner?.isTransactionActive !== true) {
    try {
      const made = await writer.createRows(items);
      if (made !== null) return made;
    } catch (error) {
      // The database says which value it refuses, but not of which item: one after the other tells.
      if (!(error instanceof ValidationError)) throw error;
      return atomic(database, (inside) => each(new WritePass(inside, 'each')));
    }
  }
  return togetherOrEach(database, (pass) =>
    pass.mode === 'together' ? writer.createTogether(pass, items) : each(pass),
  );
}

/** Changes all entities of a list or none. */
export async function updateItems(
  list: ListSerializer,
  entities: readonly object[],
  items: readonly Attributes[],
): Promise<unknown[]> {
  const child = list.child as unknown as Serializer;
  const database = databaseOf(list.context, child.constructor.name);
  if (!isStockMethod(child.update)) {
    return atomic(database, () => eachOf(items, (item, at) => child.update(entities[at] as object, item)));
  }
  const writer = ModelWriter.of(child);
  const each = (pass: WritePass) => eachOf(items, (item, at) => writer.updateIn(pass, entities[at] as object, item));
  if (!writer.writesTogether(items, true)) {
    return atomic(database, (manager) => each(new WritePass(manager, 'either')));
  }
  return togetherOrEach(database, async (pass) => {
    if (pass.mode === 'each') return each(pass);
    const changes = items.map((attributes, at) => ({ entity: entities[at] as object, attributes }));
    await writer.updateTogether(pass, changes);
    return changes.map(({ entity }) => entity);
  });
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
