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

/** Any serializer, known by its mark alone: comparing classes member by member would work out all their types. */
export interface AnySerializer {
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

/** A nested serializer made with `new` does not tell its options: it may be one or many, null, and left out. */
interface LooseTypes<S> {
  readonly value: ValidatedData<S> | ValidatedData<S>[] | null;
  readonly shown: Representation<S> | Representation<S>[] | null;
  readonly input: Input<S> | Input<S>[] | null;
  readonly options: { readonly required: false };
}

/** The types of what is declared as a field. */
type TypesOf<Declared> = Declared extends Typed
  ? Declared[typeof TYPES]
  : Declared extends AnySerializer
    ? LooseTypes<Declared>
    : never;

type WithOptions<Options> = { readonly [TYPES]: { readonly options: Options } };

// Which members are fields

type OmittedNames<S> = S extends { readonly [OMITTED]: infer Names } ? keyof Names : never;

/** Names of what the class declares: fields, and methods. */
type OwnNames<S> = Exclude<keyof S, keyof Serializer | OmittedNames<S>>;

type DerivedOf<S> = S extends { readonly [DERIVED]: infer Fields } ? Fields : {};

/** Names of derived fields that the class does not declare itself. */
type DerivedNames<S> = Exclude<keyof DerivedOf<S>, OwnNames<S> | OmittedNames<S>>;

/** The types of all fields by name. */
export type FieldTypesOf<S> = {
  [Name in OwnNames<S> as S[Name] extends Typed | AnySerializer ? Name : never]: TypesOf<S[Name]>;
} & { [Name in DerivedNames<S>]: TypesOf<DerivedOf<S>[Name]> };

// Values, as they are written

type Primitive = string | number | bigint | boolean | null;

/** What options add to a value's type: null, and a default of another type, which is taken as it is. */
type Extra<Options> = Options extends { readonly allowNull: true } | { readonly default: unknown }
  ? (Options extends { readonly allowNull: true } ? null : never) | DefaultOf<Options>
  : never;

type DefaultOf<Options> = Options extends { readonly default: infer Default }
  ? Widened<Default extends (...args: never) => infer Result ? Awaited<Result> : Default>
  : never;

/** The type of a literal; objects are not looked into. */
type Widened<Value> = Value extends Primitive
  ? Value extends string
    ? string
    : Value extends number
      ? number
      : Value extends boolean
        ? boolean
        : Value
  : never;

type ValueOf<Declared> = Declared extends Typed
  ? Declared[typeof TYPES]['value'] | Extra<Declared[typeof TYPES]['options']>
  : TypesOf<Declared>['value'];

type NullOf<Options> = Options extends { readonly allowNull: true } ? null : never;

type ShownOf<Declared> = Declared extends Typed
  ? Declared[typeof TYPES]['shown'] | NullOf<Declared[typeof TYPES]['options']>
  : TypesOf<Declared>['shown'];

type InputOf<Declared> = Declared extends Typed
  ? Declared[typeof TYPES]['input'] | NullOf<Declared[typeof TYPES]['options']>
  : TypesOf<Declared>['input'];

/*
 * Each pass over the fields asks one question of each, against a union: that is what keeps it cheap. The questions are
 * put so that options nobody gave need no answer.
 */

type LeftOut = { readonly required: false; readonly default?: undefined };

/** Fields that validated data may not have under their own name. */
type NotPresent = WithOptions<{ readonly readOnly: true } | { readonly source: string } | LeftOut>;

type Optional = WithOptions<LeftOut & { readonly readOnly?: false; readonly source?: undefined }> | AnySerializer;

type Elsewhere = WithOptions<{ readonly source: string; readonly readOnly?: false }>;

type IsOptional<Declared> = Declared extends WithOptions<LeftOut> ? true : false;

type ValidatedFields<Fields, Names extends keyof Fields> = {
  [Name in Names as Fields[Name] extends NotPresent ? never : Fields[Name] extends Typed ? Name : never]: ValueOf<
    Fields[Name]
  >;
} & {
  [Name in Names as Fields[Name] extends Optional ? Name : never]?: ValueOf<Fields[Name]>;
} & ElsewhereFields<Fields, { [Name in Names]: Fields[Name] extends Elsewhere ? Name : never }[Names]>;

/** Fields that go to another name, to a path or into the whole object. Most serializers have none. */
type ElsewhereFields<Fields, Names extends keyof Fields> = [Names] extends [never]
  ? unknown
  : ToIntersection<{ [Name in Names]: PathPart<Fields[Name]> }[Names]>;

type PathPart<Declared> =
  Declared extends WithOptions<{ readonly source: infer Source extends string }>
    ? IsOptional<Declared> extends true
      ? Partial<AtPath<Source, ValueOf<Declared>>>
      : AtPath<Source, ValueOf<Declared>>
    : never;

type AtPath<Path extends string, Value> = Path extends '*'
  ? Value
  : Path extends `${infer First}.${infer Rest}`
    ? { [Key in First]: AtPath<Rest, Value> }
    : { [Key in Path]: Value };

type ToIntersection<Union> = (Union extends unknown ? (part: Union) => void : never) extends (
  part: infer Intersection,
) => void
  ? Intersection
  : never;

/** Fields that are not in every representation. */
type NotAlwaysShown = WithOptions<{ readonly writeOnly: true } | (LeftOut & { readonly allowNull?: false })>;

type PerhapsShown = WithOptions<LeftOut & { readonly allowNull?: false; readonly writeOnly?: false }> | AnySerializer;

type ShownFields<Fields, Names extends keyof Fields> = {
  [Name in Names as Fields[Name] extends NotAlwaysShown ? never : Fields[Name] extends Typed ? Name : never]: ShownOf<
    Fields[Name]
  >;
} & { [Name in Names as Fields[Name] extends PerhapsShown ? Name : never]?: ShownOf<Fields[Name]> };

/** Fields that input need not have. */
type NotNeeded = WithOptions<
  { readonly readOnly: true } | { readonly required: false } | { readonly default: unknown }
>;

type MayBeSent =
  | WithOptions<
      { readonly required: false; readonly readOnly?: false } | { readonly default: unknown; readonly readOnly?: false }
    >
  | AnySerializer;

type InputFields<Fields, Names extends keyof Fields> = {
  [Name in Names as Fields[Name] extends NotNeeded ? never : Fields[Name] extends Typed ? Name : never]: InputOf<
    Fields[Name]
  >;
} & { [Name in Names as Fields[Name] extends MayBeSent ? Name : never]?: InputOf<Fields[Name]> };

/** What `create`, `update` and `validate` are given: the validated data that the fields of a serializer make. */
export type Validated<S> = [DerivedNames<S>] extends [never]
  ? ValidatedFields<S, OwnNames<S>>
  : ValidatedFields<S, OwnNames<S>> & ValidatedFields<DerivedOf<S>, DerivedNames<S>>;

type ShownBy<S> = [DerivedNames<S>] extends [never]
  ? ShownFields<S, OwnNames<S>>
  : ShownFields<S, OwnNames<S>> & ShownFields<DerivedOf<S>, DerivedNames<S>>;

type ReadBy<S> = [DerivedNames<S>] extends [never]
  ? InputFields<S, OwnNames<S>>
  : InputFields<S, OwnNames<S>> & InputFields<DerivedOf<S>, DerivedNames<S>>;

/** The input that a serializer reads. */
export type Input<S> = S extends ListOf<infer Child> ? Input<Child>[] : ReadBy<S>;

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
      ? ResultOr<ResultOf<S, 'toRepresentation'>, ShownBy<S>>
      : Awaited<ResultOf<S, 'toRepresentation'>>;

/** What `save` gives: what `create` returns, else what `update` returns. */
export type Saved<S> =
  S extends ListOf<infer Child> ? Saved<Child>[] : ResultOr<ResultOf<S, 'create'>, Awaited<ResultOf<S, 'update'>>>;

/** The type of `instance`. */
export type Instance<S> = Saved<S>;

/** Item or list, by the option `many`. */
type OneOrMany<Options, Type> = Options extends { readonly many: true } ? Type[] : Type;

/*
 * Interfaces, since the types of their members are worked out when they are asked for: a field that is only declared
 * costs nothing.
 */

/** The types of a nested serializer. */
export interface NestedTypes<S, Options> {
  readonly value: OneOrMany<Options, ValidatedData<S>>;
  readonly shown: OneOrMany<Options, Representation<S>>;
  readonly input: OneOrMany<Options, Input<S>>;
  readonly options: Options;
}

/** The types of a list of fields. */
export interface ListTypes<Options> {
  readonly value: ValueOf<ChildOf<Options>>[];
  readonly shown: ShownOf<ChildOf<Options>>[];
  readonly input: InputOf<ChildOf<Options>>[];
  readonly options: Options;
}

/** The types of a dictionary of fields. */
export interface DictTypes<Options> {
  readonly value: Record<string, ValueOf<ChildOf<Options>>>;
  readonly shown: Record<string, ShownOf<ChildOf<Options>>>;
  readonly input: Record<string, InputOf<ChildOf<Options>>>;
  readonly options: Options;
}

/** The `child` of a list or dictionary; anything where none is given. */
type ChildOf<Options> = Options extends { readonly child: infer Child } ? Child : AnyField;

interface AnyField {
  readonly [TYPES]: { readonly value: unknown; readonly shown: unknown; readonly input: unknown; readonly options: {} };
}
