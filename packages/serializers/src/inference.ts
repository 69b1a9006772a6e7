import type { TYPES } from './field-types.ts';
import type { Serializer } from './serializer.ts';

/*
 * What a serializer's declaration says about its types. Everything is read off the class fields in two or three mapped
 * types, so that hundreds of serializers stay cheap to check.
 */

/** Key of the types of fields that no class field declares; no such property exists at run time. */
export declare const DERIVED: unique symbol;

/** Key of the names that `omit` took away; no such property exists at run time. */
export declare const OMITTED: unique symbol;

/** Key of the item's type in a list serializer; no such property exists at run time. */
export declare const ITEM: unique symbol;

/** Key that tells serializers with fields from those without; no such property exists at run time. */
export declare const KIND: unique symbol;

/*
 * Serializers are told apart by these keys and not by `extends Serializer`: comparing whole classes would have to look
 * into the very members whose types are computed here.
 */

interface IsSerializer {
  readonly [KIND]: 'base' | 'fields' | 'list';
}

interface ListOf<Child> {
  readonly [KIND]: 'list';
  readonly [ITEM]: Child;
}

interface HasFields {
  readonly [KIND]: 'fields';
}

/** Anything that carries a field's types. */
export interface Typed {
  readonly [TYPES]: {
    readonly value: unknown;
    readonly shown: unknown;
    readonly input: unknown;
    readonly options: unknown;
  };
}

/** Fields by name. */
export type FieldMap = { readonly [name: string]: Typed };

/** The types of one declared field. A nested serializer made with `new` does not tell its options: it may be anything. */
type TypesOf<Declared> = Declared extends { readonly [TYPES]: infer Types }
  ? Types
  : Declared extends IsSerializer
    ? {
        readonly value: ValidatedData<Declared> | ValidatedData<Declared>[] | null;
        readonly shown: Representation<Declared> | Representation<Declared>[] | null;
        readonly input: Input<Declared> | Input<Declared>[] | null;
        readonly options: { readonly required: false };
      }
    : never;

type OwnNames<S> = Exclude<keyof S, keyof Serializer>;

type Declarations<S> = {
  [Name in OwnNames<S> as S[Name] extends Typed | IsSerializer ? Name : never]: TypesOf<S[Name]>;
};

type DerivedTypes<S> = S extends { readonly [DERIVED]: infer Derived }
  ? { [Name in Exclude<keyof Derived, OwnNames<S>>]: TypesOf<Derived[Name]> }
  : unknown;

type OmittedNames<S> = S extends { readonly [OMITTED]: infer Names } ? keyof Names : never;

/** The types of all fields by name. */
export type FieldTypesOf<S> = [OmittedNames<S>] extends [never]
  ? Declarations<S> & DerivedTypes<S>
  : Omit<Declarations<S> & DerivedTypes<S>, OmittedNames<S>>;

// Value, as it is written

type OrNull<Types, Type> = Types extends { readonly options: { readonly allowNull: true } } ? Type | null : Type;

type PrimitiveDefault<Default> = Default extends (...args: never) => infer Result
  ? Awaited<Result> extends string | number | bigint | boolean | null
    ? Awaited<Result>
    : never
  : Default extends string | number | bigint | boolean | null
    ? Default
    : never;

type OrDefault<Types, Type> = Types extends { readonly options: { readonly default: infer Default } }
  ? Type | Widened<PrimitiveDefault<Default>>
  : Type;

type Widened<Value> = Value extends string
  ? string
  : Value extends number
    ? number
    : Value extends boolean
      ? boolean
      : Value;

type ValueOf<Types> = Types extends { readonly value: infer Value } ? OrDefault<Types, OrNull<Types, Value>> : never;
type ShownOf<Types> = Types extends { readonly shown: infer Shown } ? OrNull<Types, Shown> : never;
type InputOf<Types> = Types extends { readonly input: infer In } ? OrNull<Types, In> : never;

type HasDefault<Types> = Types extends { readonly options: { readonly default: unknown } } ? true : false;
type IsOptional<Types> = Types extends { readonly options: { readonly required: false } } ? true : false;
type IsReadOnly<Types> = Types extends { readonly options: { readonly readOnly: true } } ? true : false;
type IsWriteOnly<Types> = Types extends { readonly options: { readonly writeOnly: true } } ? true : false;

/** The key in validated data; none for a path and for the whole object. */
type Target<Name, Types> = Types extends { readonly options: { readonly source: infer Source extends string } }
  ? Source extends '*' | `${string}.${string}`
    ? never
    : Source
  : Name;

type PresentName<Name, Types> =
  IsReadOnly<Types> extends true
    ? never
    : IsOptional<Types> extends true
      ? HasDefault<Types> extends true
        ? Target<Name, Types>
        : never
      : Target<Name, Types>;

type AbsentName<Name, Types> =
  IsReadOnly<Types> extends true
    ? never
    : IsOptional<Types> extends true
      ? HasDefault<Types> extends true
        ? never
        : Target<Name, Types>
      : never;

type PlainValidated<Fields> = {
  [Name in keyof Fields as PresentName<Name, Fields[Name]>]: ValueOf<Fields[Name]>;
} & { [Name in keyof Fields as AbsentName<Name, Fields[Name]>]?: ValueOf<Fields[Name]> };

/** Names of fields whose value goes to a path, or into the whole object. */
type PathNames<Fields> = {
  [Name in keyof Fields]: Fields[Name] extends { readonly options: { readonly readOnly: true } }
    ? never
    : Fields[Name] extends { readonly options: { readonly source: '*' | `${string}.${string}` } }
      ? Name
      : never;
}[keyof Fields];

type AtPath<Path extends string, Value> = Path extends '*'
  ? Value
  : Path extends `${infer First}.${infer Rest}`
    ? { [Key in First]: AtPath<Rest, Value> }
    : { [Key in Path]: Value };

type PathPart<Types> = Types extends { readonly options: { readonly source: infer Path extends string } }
  ? IsOptional<Types> extends true
    ? HasDefault<Types> extends true
      ? AtPath<Path, ValueOf<Types>>
      : Partial<AtPath<Path, ValueOf<Types>>>
    : AtPath<Path, ValueOf<Types>>
  : never;

type ToIntersection<Union> = (Union extends unknown ? (part: Union) => void : never) extends (
  part: infer Intersection,
) => void
  ? Intersection
  : never;

type ValidatedOf<Fields> = [PathNames<Fields>] extends [never]
  ? PlainValidated<Fields>
  : PlainValidated<Fields> & ToIntersection<{ [Name in PathNames<Fields>]: PathPart<Fields[Name]> }[PathNames<Fields>]>;

type RepresentationOf<Fields> = {
  [Name in keyof Fields as IsWriteOnly<Fields[Name]> extends true
    ? never
    : MayBeLeftOut<Fields[Name]> extends true
      ? never
      : Name]: ShownOf<Fields[Name]>;
} & {
  [Name in keyof Fields as IsWriteOnly<Fields[Name]> extends true
    ? never
    : MayBeLeftOut<Fields[Name]> extends true
      ? Name
      : never]?: ShownOf<Fields[Name]>;
};

type MayBeLeftOut<Types> = Types extends { readonly options: { readonly required: false } }
  ? Types extends { readonly options: { readonly default: unknown } | { readonly allowNull: true } }
    ? false
    : true
  : false;

type InputOfFields<Fields> = {
  [Name in keyof Fields as IsReadOnly<Fields[Name]> extends true
    ? never
    : IsOptional<Fields[Name]> | HasDefault<Fields[Name]> extends false
      ? Name
      : never]: InputOf<Fields[Name]>;
} & {
  [Name in keyof Fields as IsReadOnly<Fields[Name]> extends true
    ? never
    : IsOptional<Fields[Name]> | HasDefault<Fields[Name]> extends false
      ? never
      : Name]?: InputOf<Fields[Name]>;
};

/** What `create`, `update` and `validate` are given: the validated data that the fields of a serializer make. */
export type Validated<S> = ValidatedOf<FieldTypesOf<S>>;

/** The input that a serializer reads. */
export type Input<S> = S extends ListOf<infer Child> ? Input<Child>[] : InputOfFields<FieldTypesOf<S>>;

/** The result of a hook, or `Default` where the class leaves the hook alone. */
type ResultOr<Result, Default> = unknown extends Awaited<Result> ? Default : Awaited<Result>;

type ResultOf<S, Hook extends string> = S extends { readonly [Key in Hook]: (...args: never) => infer Result }
  ? Result
  : unknown;

/** The type of `validatedData`: what `validate` returns if it is overridden, else {@link Validated}. */
export type ValidatedData<S> =
  S extends ListOf<infer Child>
    ? ValidatedData<Child>[]
    : S extends HasFields
      ? ResultOr<ResultOf<S, 'validate'>, ResultOr<ResultOf<S, 'toInternalValue'>, Validated<S>>>
      : Awaited<ResultOf<S, 'toInternalValue'>>;

/** The type of the representation: what `toRepresentation` returns if it is overridden, else what the fields show. */
export type Representation<S> =
  S extends ListOf<infer Child>
    ? Representation<Child>[]
    : S extends HasFields
      ? ResultOr<ResultOf<S, 'toRepresentation'>, RepresentationOf<FieldTypesOf<S>>>
      : Awaited<ResultOf<S, 'toRepresentation'>>;

/** What `save` gives: what `create` returns, else what `update` returns. */
export type Saved<S> =
  S extends ListOf<infer Child> ? Saved<Child>[] : ResultOr<ResultOf<S, 'create'>, Awaited<ResultOf<S, 'update'>>>;

/** The type of `instance`. */
export type Instance<S> = Saved<S>;

/** Item or list, by the option `many`. */
type OneOrMany<Options, Type> = Options extends { readonly many: true } ? Type[] : Type;

/** The types of a nested serializer. */
export type NestedValue<S, Options> = OneOrMany<Options, ValidatedData<S>>;
export type NestedShown<S, Options> = OneOrMany<Options, Representation<S>>;
export type NestedInput<S, Options> = OneOrMany<Options, Input<S>>;

/** The types of the `child` of a list or dictionary; anything without one. */
type ChildTypes<Options> = Options extends { readonly child: infer Child } ? TypesOf<Child> : AnyTypes;

interface AnyTypes {
  readonly value: unknown;
  readonly shown: unknown;
  readonly input: unknown;
}

export type ValueOfChild<Options> = ValueOf<ChildTypes<Options>>;
export type ShownOfChild<Options> = ShownOf<ChildTypes<Options>>;
export type InputOfChild<Options> = InputOf<ChildTypes<Options>>;
