import type { SerializerClass } from '@rf/serializers';
import { detailViewName, type FieldClass, type FieldOptionsMap } from './derived-fields.ts';
import type { EntityShape, ShapeRelation } from './entity-shape.ts';
import { HyperlinkedRelatedField } from './hyperlinked-related-field.ts';
import type { ModelSerializerOptions } from './model-options.ts';
import {
  BaseModelSerializer,
  type DerivedFieldPlan,
  makeModelSerializer,
  type ModelSerializerClass,
} from './model-serializer.ts';
import type { EntityType } from './related-source.ts';

/** A model serializer with URLs instead of keys; make one with {@link HyperlinkedModelSerializer}. */
export class BaseHyperlinkedModelSerializer<Entity extends object = object> extends BaseModelSerializer<Entity> {
  static override serializerRelatedField: FieldClass = HyperlinkedRelatedField as unknown as FieldClass;

  /** The object's own URL stands in for its key. */
  static override getKeyFieldNames(): readonly string[] {
    return [this.urlFieldName];
  }

  static override buildRelationalField(name: string, relation: ShapeRelation, shape: EntityShape): DerivedFieldPlan {
    const { type, options } = super.buildRelationalField(name, relation, shape);
    if (type !== this.serializerRelatedField) return { type, options };
    return { type, options: { ...options, viewName: detailViewName(relation.target()) } satisfies FieldOptionsMap };
  }

  static override getNestedBase(): typeof BaseModelSerializer {
    return BaseHyperlinkedModelSerializer;
  }
}

/**
 * As ModelSerializer, with URLs instead of keys (row SE21): `'__all__'` begins with `url`, and relations are links. The
 * names of URLs are `{entity}-detail`; `extraKwargs: { url: { viewName, lookupField } }` says otherwise.
 */
export function HyperlinkedModelSerializer<Entity extends object, const Options extends ModelSerializerOptions<Entity>>(
  entity: EntityType<Entity>,
  options: Options,
): ModelSerializerClass<Entity, Options, SerializerClass & typeof BaseHyperlinkedModelSerializer<Entity>> {
  return makeModelSerializer(BaseHyperlinkedModelSerializer, entity, options) as never;
}
