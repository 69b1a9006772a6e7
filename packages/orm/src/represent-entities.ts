import { andThen, type Awaitable, type BaseSerializer, isPromiseLike, SCOPE } from '@rf/serializers';
import { EntityManager } from 'typeorm';
import { planFor, type PlannableClass, type ReadPlan } from './read-plan.ts';
import { databaseOf, hasDatabase } from './related-source.ts';
import { dataSource } from './site-database.ts';
import type { EntityClass } from './substitutable.ts';

/** A class of model serializers. */
export type EntitySerializerClass = PlannableClass & { readonly entity: EntityClass; readonly name: string };

/** The read plan of a model serializer at work. */
export function planIn(type: EntitySerializerClass, serializer: BaseSerializer): ReadPlan {
  const database = databaseOf(serializer.context, type.name);
  const source = database instanceof EntityManager ? database.dataSource : dataSource(database);
  return planFor(type, source, type.entity, serializer[SCOPE].settings);
}

/** Lets a serializer show its entity, or its entities, once these have what it takes. */
export function representEntities(
  serializer: BaseSerializer,
  type: EntitySerializerClass,
  show: () => Awaitable<unknown>,
): Awaitable<unknown> {
  const { instance, shown } = serializer[SCOPE];
  if (shown !== null || !hasDatabase(serializer.context)) return show();
  const given: readonly unknown[] = Array.isArray(instance) ? instance : [instance];
  const entities = given.filter((item): item is object => item instanceof (type.entity as new () => object));
  if (entities.length === 0) return show();
  return andThen(planIn(type, serializer).complete(entities, serializer), (undo) => {
    const result = show();
    if (isPromiseLike(result)) return result.then((value) => (undo(), value));
    undo();
    return result;
  });
}
