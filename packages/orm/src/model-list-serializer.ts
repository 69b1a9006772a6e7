import {
  andThen,
  type Awaitable,
  type BaseSerializer,
  ListSerializer,
  type Representation,
  SCOPE,
} from '@rf/serializers';
import { SelectQueryBuilder } from 'typeorm';
import { validateNested } from './nested-match.ts';
import type { PlanSource } from './read-options.ts';
import { isEntityClass } from './related-source.ts';
import { type EntitySerializerClass, planIn, representEntities } from './represent-entities.ts';

/**
 * A list of entities: what `many: true` makes of a model serializer.
 *
 * The instance may be a list of entities, an entity class for all its rows, or a query: `new BookSerializer({ instance:
 * db(request).createQueryBuilder(Book, 'book').where(…), many: true, context: { request } })` reads and shows the rows by
 * the read plan.
 */
export class ModelListSerializer<Child extends BaseSerializer = BaseSerializer> extends ListSerializer<Child> {
  override runChildValidation(data: unknown): unknown {
    return validateNested(this as unknown as ListSerializer, data, () => super.runChildValidation(data));
  }

  override represent(): Awaitable<Representation<this>> {
    const type = this.child.constructor as unknown as EntitySerializerClass;
    const scope = this[SCOPE];
    const { instance } = scope;
    if (scope.shown === null && isPlanSource(instance)) {
      return andThen(planIn(type, this).list(instance, {}, this), (value) => {
        scope.shown = { value };
        return value as Representation<this>;
      });
    }
    return representEntities(this, type, () => super.represent()) as Awaitable<Representation<this>>;
  }
}

function isPlanSource(instance: unknown): instance is PlanSource {
  return instance instanceof SelectQueryBuilder || isEntityClass(instance);
}
