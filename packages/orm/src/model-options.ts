import type { Decimal, FieldTypes, Moment, Validator } from '@rf/serializers';
import type { NestedWrite } from './nested-write.ts';

/** Options of a derived field that `extraKwargs` may change (row SE15). */
export interface ExtraKwargs {
  readonly readOnly?: boolean;
  readonly writeOnly?: boolean;
  readonly required?: boolean;
  readonly default?: unknown;
  readonly allowNull?: boolean;
  readonly allowBlank?: boolean;
  readonly allowEmpty?: boolean;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minValue?: unknown;
  readonly maxValue?: unknown;
  readonly validators?: readonly Validator<never>[];
  readonly label?: string;
  readonly helpText?: string;
  readonly initial?: unknown;
  readonly style?: Readonly<Record<string, unknown>>;
  readonly errorMessages?: Readonly<Record<string, string>>;
  /** Of relations: the objects that may be chosen. */
  readonly queryset?: unknown;
  /** Of hyperlinks. */
  readonly viewName?: string;
  readonly lookupField?: string;
  readonly lookupUrlKwarg?: string;
  readonly [option: string]: unknown;
}

/** What a model serializer is made of: DRF's `Meta` (row SE15). */
export interface ModelSerializerOptions<Entity = unknown> {
  /** The fields in order: properties of the entity, and names that class fields declare. `'__all__'`: see {@link exclude}. */
  readonly fields?: '__all__' | readonly (PropertyName<Entity> | (string & {}))[];
  /** All fields but these: the key, the columns and the forward relations, sensitive ones left out. */
  readonly exclude?: readonly (PropertyName<Entity> | (string & {}))[];
  /** Derived fields that are shown and not read. */
  readonly readOnlyFields?: readonly string[];
  /** Options of derived fields. */
  readonly extraKwargs?: Readonly<Record<string, ExtraKwargs>>;
  /** Levels of related objects that are shown as objects, read-only. Default 0: keys. At most 10. */
  readonly depth?: number;
  /** Validators of the object, instead of those that follow from the entity's unique constraints. */
  readonly validators?: readonly Validator<never>[];
  /** Nested serializers that are written, by field: see docs/how-to/nested-writes.md. */
  readonly nestedWrites?: Readonly<Record<string, NestedWrite>>;
}

/** Names of an entity's properties. */
export type PropertyName<Entity> = {
  [Name in keyof Entity]: Entity[Name] extends (...args: never) => unknown ? never : Name;
}[keyof Entity] &
  string;

// Types of derived fields

/** The fields that a serializer derives, with their types: read off the entity's properties. */
export type DerivedFields<Entity, Options> = {
  [Name in DerivedNames<Entity, Options>]: DerivedField<Entity[Name], OptionsOf<Entity[Name], Name, Options>>;
};

type DerivedNames<Entity, Options> = Options extends { readonly fields: readonly (infer Name)[] }
  ? Name & keyof Entity
  : Options extends { readonly exclude: readonly (infer Name)[] }
    ? Exclude<PropertyName<Entity>, Name>
    : PropertyName<Entity>;

type DerivedField<Property, Options> = FieldTypes<
  ValueOf<NonNullable<Property>>,
  ShownOf<NonNullable<Property>>,
  InputOf<NonNullable<Property>>,
  Options
>;

type ReadOnlyNames<Options> = Options extends { readonly readOnlyFields: readonly (infer Name)[] } ? Name | 'id' : 'id';

type Extra<Options, Name> = Options extends { readonly extraKwargs: { readonly [Key in Name & string]: infer Given } }
  ? Given
  : unknown;

/** What the property's type says about the field's options, unless `extraKwargs` says otherwise. */
type OptionsOf<Property, Name, Options> = (Name extends ReadOnlyNames<Options>
  ? { readonly readOnly: true }
  : unknown) &
  (null extends Property ? Unless<Extra<Options, Name>, 'allowNull', { readonly allowNull: true }> : unknown) &
  (null extends Property
    ? Unless<Extra<Options, Name>, 'required', { readonly required: false }>
    : undefined extends Property
      ? Unless<Extra<Options, Name>, 'required', { readonly required: false }>
      : unknown) &
  Extra<Options, Name>;

type Unless<Given, Key extends string, Flag> = Given extends { readonly [Name in Key]: unknown } ? unknown : Flag;

/** A class of entities has a key. */
interface Keyed {
  readonly id: unknown;
}

type ValueOf<Property> = Property extends Date ? Moment : Property;

type ShownOf<Property> = Property extends Date | Decimal
  ? string
  : Property extends readonly (infer Item)[]
    ? ShownOf<Item>[]
    : Property extends Keyed
      ? Property['id']
      : Property;

type InputOf<Property> = Property extends Date
  ? string | Date
  : Property extends Decimal | number
    ? string | number
    : Property extends readonly (infer Item)[]
      ? InputOf<Item>[]
      : Property extends Keyed
        ? Property['id']
        : Property;
