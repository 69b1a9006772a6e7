import { ImproperlyConfigured } from '@rf/exceptions';
import {
  type Awaitable,
  ChoiceField,
  type CompilableClass,
  type Declared,
  type DERIVED,
  HiddenField,
  NestedField,
  ReadOnlyField,
  type Representation,
  Serializer,
  type SerializerClass,
  type SerializerOptions,
} from '@rf/serializers';
import {
  detailViewName,
  type FieldClass,
  fieldMapping,
  type FieldOptionsMap,
  includeExtraKwargs,
  refuseUnknownField,
  relationOptions,
  slugOf,
  standardField,
} from './derived-fields.ts';
import { type EntityShape, type ShapeColumn, shapeOf, type ShapeRelation } from './entity-shape.ts';
import { HyperlinkedIdentityField } from './hyperlinked-identity-field.ts';
import { ModelListSerializer } from './model-list-serializer.ts';
import type { DerivedFields, ModelSerializerOptions } from './model-options.ts';
import { ModelWriter } from './model-writer.ts';
import { PrimaryKeyRelatedField } from './primary-key-related-field.ts';
import type { EntityType } from './related-source.ts';
import { representEntities } from './represent-entities.ts';
import { SlugRelatedField } from './slug-related-field.ts';
import { markStock } from './stock-methods.ts';
import type { EntityClass } from './substitutable.ts';
import { derivedValidators, uniquenessOptions } from './uniqueness.ts';

/** A field class and its options, before the field is made. */
export interface DerivedFieldPlan {
  readonly type: FieldClass;
  readonly options: FieldOptionsMap;
}

const MAX_DEPTH = 10;

/** What every model serializer can do; make one with {@link ModelSerializer}. */
export class BaseModelSerializer<Entity extends object = object> extends Serializer {
  /** The entity. */
  static entity: EntityClass;
  /** Which fields, and how: what {@link ModelSerializer} was given. */
  static model: ModelSerializerOptions;
  /** Paths that reading an object takes besides what the fields show, for a `toRepresentation` of your own. */
  static needs: readonly string[] = [];
  static override listSerializerClass = ModelListSerializer;

  /** Field classes by column type and by the kinds of `@field`. */
  static serializerFieldMapping: Readonly<Record<string, FieldClass>> = fieldMapping;
  /** What stands for a related object. */
  static serializerRelatedField: FieldClass = PrimaryKeyRelatedField as FieldClass;
  /** What stands for a related object whose key is not what the relation refers to. */
  static serializerRelatedToField: FieldClass = SlugRelatedField as FieldClass;
  /** The field of the object's own URL. */
  static serializerUrlField: FieldClass = HyperlinkedIdentityField as FieldClass;
  /** The field of columns with choices. */
  static serializerChoiceField: FieldClass = ChoiceField as FieldClass;
  /** The name of the field of the object's own URL. */
  static urlFieldName = 'url';

  static override collectFields(declared: ReadonlyMap<string, Declared>): ReadonlyMap<string, Declared> {
    const shape = shapeOf(this.entity);
    const names = this.getFieldNames(declared, shape);
    const { kwargs, hidden } = uniquenessOptions(shape, names, declared, this.getExtraKwargs());
    const fields = new Map<string, Declared>();
    for (const name of names) fields.set(name, declared.get(name) ?? this.makeField(name, shape, kwargs[name] ?? {}));
    for (const [property, value] of hidden) {
      if (!fields.has(property)) fields.set(property, new HiddenField({ default: value }));
    }
    return fields;
  }

  private static makeField(name: string, shape: EntityShape, extra: FieldOptionsMap): Declared {
    const { source } = extra;
    const property = typeof source === 'string' && source !== '*' ? source : name;
    const { type, options } = this.buildField(name, property, shape);
    return new type(this.includeExtraKwargs(options, extra) as never);
  }

  /** The names of the fields, in order (rows SE15, SE17). */
  static getFieldNames(declared: ReadonlyMap<string, Declared>, shape: EntityShape): readonly string[] {
    const { fields, exclude = [] } = this.model;
    if (fields !== undefined && fields !== '__all__') {
      const forgotten = [...declared.keys()].find((name) => !fields.includes(name));
      if (forgotten === undefined) return fields;
      throw new ImproperlyConfigured(
        `The field '${forgotten}' was declared on serializer ${this.name}, but has not been included in the 'fields' option.`,
      );
    }
    for (const name of exclude) this.checkExcluded(name, declared, shape);
    return this.getDefaultFieldNames(declared, shape).filter((name) => !exclude.includes(name));
  }

  private static checkExcluded(name: string, declared: ReadonlyMap<string, Declared>, shape: EntityShape): void {
    if (declared.has(name)) {
      throw new ImproperlyConfigured(
        `Cannot both declare the field '${name}' and include it in the ${this.name} 'exclude' option. ` +
          `Remove the field or, if inherited from a parent serializer, write \`${this.name}.omit('${name}')\`.`,
      );
    }
    if (shape.columns.has(name) || shape.relations.has(name)) return;
    throw new ImproperlyConfigured(
      `The field '${name}' was included on serializer ${this.name} in the 'exclude' option, but does not match any property of ${shape.entity.name}.`,
    );
  }

  /** What `'__all__'` means: the key, declared fields, columns, forward relations. Sensitive columns are left out. */
  static getDefaultFieldNames(declared: ReadonlyMap<string, Declared>, shape: EntityShape): readonly string[] {
    const columns = [...shape.columns.values()].filter(({ isHidden, isJoin }) => !isHidden && !isJoin);
    const relations = [...shape.relations.values()].filter(({ isForward }) => isForward);
    const keys = columns.filter(({ isPrimary }) => isPrimary).map(({ property }) => property);
    return [
      ...new Set([
        ...this.getKeyFieldNames(keys),
        ...declared.keys(),
        ...columns.filter(({ isPrimary }) => !isPrimary).map(({ property }) => property),
        ...relations.filter(({ isToMany }) => !isToMany).map(({ property }) => property),
        ...relations.filter(({ isToMany }) => isToMany).map(({ property }) => property),
      ]),
    ];
  }

  /** What stands first in `'__all__'`. */
  static getKeyFieldNames(keys: readonly string[]): readonly string[] {
    return keys;
  }

  /** `extraKwargs`, with `readOnlyFields` among them. */
  static getExtraKwargs(): Record<string, FieldOptionsMap> {
    const result: Record<string, FieldOptionsMap> = {};
    for (const [name, given] of Object.entries(this.model.extraKwargs ?? {})) result[name] = { ...given };
    for (const name of this.model.readOnlyFields ?? []) result[name] = { ...result[name], readOnly: true };
    return result;
  }

  // Deriving one field (row SE18)

  /** Decides on the field of one name, for a property of the entity. */
  static buildField(name: string, property: string, shape: EntityShape): DerivedFieldPlan {
    const { depth = 0 } = this.model;
    const column = shape.columns.get(property);
    if (column !== undefined && !column.isVirtual) return this.buildStandardField(name, column, shape);
    const relation = shape.relations.get(property);
    if (relation !== undefined && depth > 0) return this.buildNestedField(name, relation, depth);
    if (relation !== undefined) return this.buildRelationalField(name, relation, shape);
    const isMember = column !== undefined || property in (shape.entity.prototype as object) || property.includes('.');
    if (isMember) return this.buildPropertyField(name, shape.entity);
    if (name === this.urlFieldName) return this.buildUrlField(name, shape.entity);
    return this.buildUnknownField(property, shape.entity);
  }

  /** The field of a column. */
  static buildStandardField(name: string, column: ShapeColumn, shape: EntityShape): DerivedFieldPlan {
    return standardField(column, name, shape, this.serializerFieldMapping, this.serializerChoiceField);
  }

  /** The field of a relation. */
  static buildRelationalField(name: string, relation: ShapeRelation, shape: EntityShape): DerivedFieldPlan {
    const options = relationOptions(relation, name, shape);
    const slugField = slugOf(relation);
    if (slugField !== null) return { type: this.serializerRelatedToField, options: { ...options, slugField } };
    return { type: this.serializerRelatedField, options };
  }

  /** The field of a relation under `depth`: all fields of the related object, read-only. */
  static buildNestedField(_name: string, relation: ShapeRelation, depth: number): DerivedFieldPlan {
    const Base = this.getNestedBase();
    class NestedSerializer extends Base {
      static override entity = relation.target();
      static override model: ModelSerializerOptions = { fields: '__all__', depth: depth - 1 };
    }
    class NestedEntityField extends NestedField {
      constructor(options: FieldOptionsMap) {
        super(NestedSerializer as never, options);
      }
    }
    return { type: NestedEntityField as unknown as FieldClass, options: { readOnly: true, many: relation.isToMany } };
  }

  /** The class that serializers of `depth` extend. */
  static getNestedBase(): typeof BaseModelSerializer {
    return BaseModelSerializer;
  }

  /** The field of a getter or method, or of a path. */
  static buildPropertyField(_name: string, _entity: EntityClass): DerivedFieldPlan {
    return { type: ReadOnlyField as FieldClass, options: {} };
  }

  /** The field of the object's own URL. */
  static buildUrlField(_name: string, entity: EntityClass): DerivedFieldPlan {
    return { type: this.serializerUrlField, options: { viewName: detailViewName(entity) } };
  }

  /** @throws ImproperlyConfigured always */
  static buildUnknownField(name: string, entity: EntityClass): DerivedFieldPlan {
    return refuseUnknownField(name, entity, this.name);
  }

  /** Options of a derived field with those of `extraKwargs` on top. */
  static includeExtraKwargs(options: FieldOptionsMap, extra: FieldOptionsMap): FieldOptionsMap {
    return includeExtraKwargs(options, extra);
  }

  // Reading and writing

  /** The representation; relations that an entity lacks are loaded first, all in one query. */
  override represent(): Awaitable<Representation<this>> {
    return representEntities(this, this.constructor as never, () => super.represent()) as Awaitable<
      Representation<this>
    >;
  }

  /**
   * Makes a row of validated data, and what belongs to it, in one transaction.
   *
   * @throws ValidationError when a constraint of the database refuses it
   */
  override create(validated: Readonly<Record<string, unknown>>): Promise<Entity> {
    return ModelWriter.of(this).create(validated) as Promise<Entity>;
  }

  /**
   * Writes what differs from the row, and what belongs to it, in one transaction.
   *
   * @throws ValidationError when a constraint of the database refuses it, Http404 when the row is gone
   */
  override update(instance: Entity, validated: Readonly<Record<string, unknown>>): Promise<Entity> {
    return ModelWriter.of(this).update(instance, validated) as Promise<Entity>;
  }

  static {
    markStock(this.prototype.create, this.prototype.update);
    // A property in the base class, so TypeScript wants it to be one here too; a class of its own may still set it.
    Object.defineProperty(this, 'validators', {
      configurable: true,
      get(this: typeof BaseModelSerializer & CompilableClass) {
        return this.model.validators ?? derivedValidators(this, shapeOf(this.entity));
      },
      set(this: object, value: unknown) {
        Object.defineProperty(this, 'validators', { value, writable: true, configurable: true });
      },
    });
  }
}

/** The class that {@link ModelSerializer} makes: its instances carry the types of derived fields. */
export type ModelSerializerClass<
  Entity extends object,
  Options,
  Base extends SerializerClass = typeof BaseModelSerializer<Entity>,
> = {
  [Name in Exclude<keyof Base, 'prototype'>]: Base[Name];
} & (new (
  options?: SerializerOptions,
) => InstanceType<Base> & { readonly [DERIVED]: DerivedFields<Entity, Options> });

/**
 * A base class of serializers that derives its fields from an entity (rows SE15–SE20):
 *
 * ```ts
 * export class BookSerializer extends ModelSerializer(Book, {
 *   fields: ['id', 'title', 'isbn', 'price', 'publisher', 'authors'],
 *   readOnlyFields: ['id'],
 * }) {
 *   publisher = new PublisherSerializer({ readOnly: true });
 * }
 * ```
 *
 * Class fields take the place of derived ones; the order is that of `fields`. Types of validated data are those of the
 * entity's properties.
 *
 * @throws ImproperlyConfigured without `fields` and `exclude`, with both, and for a `depth` beyond 10
 */
export function ModelSerializer<Entity extends object, const Options extends ModelSerializerOptions<Entity>>(
  entity: EntityType<Entity>,
  options: Options,
): ModelSerializerClass<Entity, Options> {
  return makeModelSerializer(BaseModelSerializer, entity, options) as never;
}

/** A class of model serializers on another base. */
export function makeModelSerializer<Base extends typeof BaseModelSerializer>(
  base: Base,
  entity: EntityType,
  options: ModelSerializerOptions,
): Base {
  checkOptions(entity, options);
  class EntitySerializer extends (base as typeof BaseModelSerializer) {
    static override entity = entity as unknown as EntityClass;
    static override model: ModelSerializerOptions = options;
  }
  return EntitySerializer as unknown as Base;
}

function checkOptions(entity: EntityType, { fields, exclude, depth = 0 }: ModelSerializerOptions): void {
  const where = `ModelSerializer(${entity?.name ?? String(entity)}, …)`;
  if (typeof entity !== 'function') {
    throw new ImproperlyConfigured(`${where}: the first argument is no class. Is its module imported in a circle?`);
  }
  if (fields === undefined && exclude === undefined) {
    throw new ImproperlyConfigured(
      `${where}: either 'fields' or 'exclude' is needed. Write \`fields: ['id', …]\`, or \`fields: '__all__'\` for all.`,
    );
  }
  if (fields !== undefined && exclude !== undefined) {
    throw new ImproperlyConfigured(`${where}: cannot set both 'fields' and 'exclude' options. Remove one of them.`);
  }
  if (fields !== undefined && fields !== '__all__' && !Array.isArray(fields)) {
    throw new ImproperlyConfigured(
      `${where}: the 'fields' option must be a list or '__all__'. Got ${typeof fields}. Write \`fields: ['id', …]\`.`,
    );
  }
  if (!Number.isInteger(depth) || depth < 0 || depth > MAX_DEPTH) {
    throw new ImproperlyConfigured(`${where}: 'depth' must be a whole number from 0 to ${MAX_DEPTH}, not ${depth}.`);
  }
}
