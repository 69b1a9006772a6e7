import type { FieldTypes, INPUT, OPTIONS, SHOWN, VALUE } from './field-types.ts';
import type { Serializer } from './serializer.ts';

/*
 * What a serializer's declaration says about its types. One pass over the class fields sorts their names, and each
 * type below takes those that it is made of, so that hundreds of serializers stay cheap to check.
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

interface AnyList {
  readonly [KIND]: 'list';
  readonly [ITEM]: unknown;
}

interface HasFields {
  readonly [KIND]: 'fields';
}

/** Anything that carries a field's types. */
export type Typed = FieldTypes;

/** Fields by name. */
export type FieldMap = { readonly [name: string]: Typed };

/** A nested serializer made with `new` does not tell its options: it may be one or many, null, and left out. */
type OneManyOrNull<Type> = Type | Type[] | null;

// What options say. These are interfaces because the compiler makes a type literal anew for each field it is compared with.

interface ReadOnly {
  readonly readOnly: true;
}

interface WriteOnly {
  readonly writeOnly: true;
}

interface NotRequired {
  readonly required: false;
}

interface Nullable {
  readonly allowNull: true;
}

interface WithDefault {
  readonly default: unknown;
}

interface WithSource {
  readonly source: string;
}

/** Neither required nor given a value: the key may be missing. */
interface LeftOut extends NotRequired {
  readonly default?: undefined;
}

/** Where the key may be missing in what is shown, too. */
interface NotAlwaysShown extends LeftOut {
  readonly allowNull?: false;
}

/** Options that keep a field from nowhere. */
interface Unrestricted {
  readonly readOnly?: false;
  readonly writeOnly?: false;
  readonly source?: undefined;
  readonly default?: undefined;
}

/** Options that add nothing to a value's type. */
interface PlainValue {
  readonly allowNull?: false;
  readonly default?: undefined;
}

// `& object` admits options that share no name with those above.

interface Everywhere {
  readonly [OPTIONS]: Unrestricted & { readonly required?: true } & object;
}

interface OnlyShown {
  readonly [OPTIONS]: ReadOnly & { readonly writeOnly?: false; readonly required?: true };
}

interface PerhapsEverywhere {
  readonly [OPTIONS]: Unrestricted & NotRequired & { readonly allowNull?: false };
}

interface PlainlyValued {
  readonly [VALUE]: unknown;
  readonly [OPTIONS]: PlainValue & object;
}

interface NullableField {
  readonly [SHOWN]: unknown;
  readonly [INPUT]: unknown;
  readonly [OPTIONS]: Nullable;
}

interface WithOptions<Options> {
  readonly [OPTIONS]: Options;
}

// Which members are fields, and where they appear

interface WithOmitted {
  readonly [OMITTED]: {};
}

interface WithDerived {
  readonly [DERIVED]: {};
}

/** Names of what the class declares: fields, and methods. */
type OwnNames<S> = S extends WithOmitted
  ? Exclude<keyof S & string, keyof Serializer | keyof S[typeof OMITTED]>
  : Exclude<keyof S & string, keyof Serializer>;

type DerivedOf<S> = S extends WithDerived ? S[typeof DERIVED] : {};

/** Names of derived fields that the class does not declare itself. */
type DerivedNames<S> = Exclude<
  keyof DerivedOf<S>,
  OwnNames<S> | (S extends WithOmitted ? keyof S[typeof OMITTED] : never)
>;

/** The types of all fields by name. */
export type FieldTypesOf<S> = {
  [Name in OwnNames<S> as S[Name] extends Typed | AnySerializer ? Name : never]: TypesOf<S[Name]>;
} & { [Name in DerivedNames<S>]: TypesOf<DerivedOf<S>[Name]> };

type TypesOf<Declared> = Declared extends Typed
  ? Declared
  : FieldTypes<
      OneManyOrNull<ValidatedData<Declared>>,
      OneManyOrNull<Representation<Declared>>,
      OneManyOrNull<Input<Declared>>,
      NotRequired
    >;

/**
 * The names of fields by the groups they belong to: where they are validated data, shown and input, with a `?` where the
 * key may be missing, and `elsewhere` for those whose validated data goes to another name. One pass over the fields, from
 * which all the types below take their names.
 */
type Groups<Fields, Names extends keyof Fields> = {
  [Name in Names as Fields[Name] extends Everywhere
    ? 'validated' | 'shown' | 'input'
    : Fields[Name] extends OnlyShown
      ? 'shown'
      : Fields[Name] extends PerhapsEverywhere | AnySerializer
        ? 'validated?' | 'shown?' | 'input?'
        : Fields[Name] extends WithOptions<unknown>
          ? GroupsOf<Fields[Name][typeof OPTIONS]>
          : never]: Name;
} & NoGroups;

/** A group without fields has no names. */
interface NoGroups {
  readonly [group: string]: never;
}

type GroupsOf<Options> =
  | (Options extends ReadOnly ? never : ValidatedGroup<Options> | InputGroup<Options>)
  | (Options extends WriteOnly ? never : Options extends NotAlwaysShown ? 'shown?' : 'shown');

type ValidatedGroup<Options> = Options extends WithSource
  ? 'elsewhere'
  : Options extends LeftOut
    ? 'validated?'
    : 'validated';

type InputGroup<Options> = Options extends NotRequired | WithDefault ? 'input?' : 'input';

// The key is no field. With it among the names, the compiler need not work out the groups of all fields together, which it
// does to find out whether they depend on a type parameter.
type OwnGroups<S> = Groups<S, (OwnNames<S> | typeof KIND) & keyof S>;

type DerivedGroups<S> = Groups<DerivedOf<S>, DerivedNames<S>>;

// Values, as they are written

type Primitive = string | number | bigint | boolean | null;

/** What options add to a value's type: null, and a default of another type, which is taken as it is. */
type Extra<Options> = (Options extends Nullable ? null : never) | DefaultOf<Options>;

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

type ValueOf<Declared> = Declared extends PlainlyValued
  ? Declared[typeof VALUE]
  : Declared extends Typed
    ? Declared[typeof VALUE] | Extra<Declared[typeof OPTIONS]>
    : OneManyOrNull<ValidatedData<Declared>>;

type ShownOf<Declared> = Declared extends NullableField
  ? Declared[typeof SHOWN] | null
  : Declared extends Typed
    ? Declared[typeof SHOWN]
    : OneManyOrNull<Representation<Declared>>;

type InputOf<Declared> = Declared extends NullableField
  ? Declared[typeof INPUT] | null
  : Declared extends Typed
    ? Declared[typeof INPUT]
    : OneManyOrNull<Input<Declared>>;

type ValidatedFields<Fields, By extends NoGroups> = Values<Fields, By['validated'] & keyof Fields> &
  PerhapsValues<Fields, By['validated?'] & keyof Fields> &
  ElsewhereFields<Fields, By['elsewhere'] & keyof Fields>;

type Values<Fields, Names extends keyof Fields> = { [Name in Names]: ValueOf<Fields[Name]> };

type PerhapsValues<Fields, Names extends keyof Fields> = { [Name in Names]?: ValueOf<Fields[Name]> };

/** Fields that go to another name, to a path or into the whole object. Most serializers have none. */
type ElsewhereFields<Fields, Names extends keyof Fields> = [Names] extends [never]
  ? unknown
  : ToIntersection<{ [Name in Names]: PathPart<Fields[Name]> }[Names]>;

type PathPart<Declared> =
  Declared extends WithOptions<{ readonly source: infer Source extends string }>
    ? Declared extends WithOptions<LeftOut>
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

type ShownFields<Fields, By extends NoGroups> = Shown<Fields, By['shown'] & keyof Fields> &
  PerhapsShown<Fields, By['shown?'] & keyof Fields>;

type Shown<Fields, Names extends keyof Fields> = { [Name in Names]: ShownOf<Fields[Name]> };

type PerhapsShown<Fields, Names extends keyof Fields> = { [Name in Names]?: ShownOf<Fields[Name]> };

type InputFields<Fields, By extends NoGroups> = Inputs<Fields, By['input'] & keyof Fields> &
  PerhapsInputs<Fields, By['input?'] & keyof Fields>;

type Inputs<Fields, Names extends keyof Fields> = { [Name in Names]: InputOf<Fields[Name]> };

type PerhapsInputs<Fields, Names extends keyof Fields> = { [Name in Names]?: InputOf<Fields[Name]> };

/** What `create`, `update` and `validate` are given: the validated data that the fields of a serializer make. */
export type Validated<S> = S extends WithDerived
  ? ValidatedFields<S, OwnGroups<S>> & ValidatedFields<S[typeof DERIVED], DerivedGroups<S>>
  : ValidatedFields<S, OwnGroups<S>>;

type ShownBy<S> = S extends WithDerived
  ? ShownFields<S, OwnGroups<S>> & ShownFields<S[typeof DERIVED], DerivedGroups<S>>
  : ShownFields<S, OwnGroups<S>>;

type ReadBy<S> = S extends WithDerived
  ? InputFields<S, OwnGroups<S>> & InputFields<S[typeof DERIVED], DerivedGroups<S>>
  : InputFields<S, OwnGroups<S>>;

/** The input that a serializer reads. */
export type Input<S> = S extends AnyList ? Input<S[typeof ITEM]>[] : ReadBy<S>;

/** The result of a hook, or `Default` where the class leaves the hook alone. */
type ResultOr<Result, Default> = unknown extends Awaited<Result> ? Default : Awaited<Result>;

interface Validates<Result> {
  validate(...args: never): Result;
}

interface Converts<Result> {
  toInternalValue(...args: never): Result;
}

interface Presents<Result> {
  toRepresentation(...args: never): Result;
}

interface Creates<Result> {
  create(...args: never): Result;
}

interface Updates<Result> {
  update(...args: never): Result;
}

type Converted<S, Default> = S extends Converts<infer Result> ? ResultOr<Result, Default> : Default;

/** The type of `validatedData`: what `validate` returns if it is overridden, else {@link Validated}. */
export type ValidatedData<S> = S extends AnyList
  ? ValidatedData<S[typeof ITEM]>[]
  : S extends HasFields & Validates<infer Result>
    ? ResultOr<Result, Converted<S, Validated<S>>>
    : Converted<S, unknown>;

/** The type of the representation: what `toRepresentation` returns if it is overridden, else what the fields show. */
export type Representation<S> = S extends AnyList
  ? Representation<S[typeof ITEM]>[]
  : S extends Presents<infer Result>
    ? ResultOr<Result, S extends HasFields ? ShownBy<S> : unknown>
    : unknown;

/** What `save` gives: what `create` returns, else what `update` returns. */
export type Saved<S> = S extends AnyList
  ? Saved<S[typeof ITEM]>[]
  : S extends Creates<infer Result>
    ? ResultOr<Result, Updated<S>>
    : Updated<S>;

type Updated<S> = S extends Updates<infer Result> ? Awaited<Result> : unknown;

/** The type of `instance`. */
export type Instance<S> = Saved<S>;

/** Item or list, by the option `many`. */
type OneOrMany<Options, Type> = Options extends { readonly many: true } ? Type[] : Type;

/** The types of a nested serializer. */
export type NestedValue<S, Options> = OneOrMany<Options, ValidatedData<S>>;
export type NestedShown<S, Options> = OneOrMany<Options, Representation<S>>;
export type NestedInput<S, Options> = OneOrMany<Options, Input<S>>;

/** The types of a list of fields. */
export type ListValue<Options> = ValueOf<ChildOf<Options>>[];
export type ListShown<Options> = ShownOf<ChildOf<Options>>[];
export type ListInput<Options> = InputOf<ChildOf<Options>>[];

/** The types of a dictionary of fields. */
export type DictValue<Options> = Record<string, ValueOf<ChildOf<Options>>>;
export type DictShown<Options> = Record<string, ShownOf<ChildOf<Options>>>;
export type DictInput<Options> = Record<string, InputOf<ChildOf<Options>>>;

/** The `child` of a list or dictionary; anything where none is given. */
type ChildOf<Options> = Options extends { readonly child: infer Child }
  ? Child
  : FieldTypes<unknown, unknown, unknown, {}>;
