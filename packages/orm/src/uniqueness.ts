import {
  boundFields,
  type CompilableClass,
  CreateOnlyDefault,
  type Declared,
  Field,
  Moment,
  type Validator,
} from '@rf/serializers';
import { type FieldOptionsMap, uniqueMessage } from './derived-fields.ts';
import type { EntityShape, ShapeColumn, ShapeUnique } from './entity-shape.ts';
import {
  UniqueForDateValidator,
  UniqueForMonthValidator,
  type UniqueForValidatorOptions,
  UniqueForYearValidator,
} from './unique-for-validator.ts';
import { UniqueTogetherValidator } from './unique-together-validator.ts';

/** What unique constraints over several properties do to the fields of a serializer (rows SE20, W28). */
export interface UniquenessOptions {
  /** Options by field name, with what was given already. */
  readonly kwargs: Readonly<Record<string, FieldOptionsMap>>;
  /** Defaults of properties that are not shown and that a constraint needs, by property. */
  readonly hidden: ReadonlyMap<string, unknown>;
}

/**
 * A property that is unique together with others has to be in the input, unless the row can be made without it: then its
 * default stands in for it when a new object is checked.
 */
export function uniquenessOptions(
  shape: EntityShape,
  names: readonly string[],
  declared: ReadonlyMap<string, Declared>,
  extra: Readonly<Record<string, FieldOptionsMap>>,
): UniquenessOptions {
  const sources = propertiesShown(shape, names, declared, extra);
  const constrained = new Set<string>();
  for (const property of sources) {
    for (const date of datesOf(shape.columns.get(property))) constrained.add(date);
  }
  for (const { properties, where } of shape.uniques) {
    if (where === null && properties.every((property) => sources.has(property))) {
      for (const property of properties) constrained.add(property);
    }
  }
  const kwargs: Record<string, FieldOptionsMap> = { ...extra };
  const hidden = new Map<string, unknown>();
  for (const property of constrained) {
    const options = optionsFor(shape, property);
    if (sources.has(property)) kwargs[property] = { ...options, ...kwargs[property] };
    else if (options.default !== undefined) hidden.set(property, options.default);
  }
  return { kwargs, hidden };
}

/** The properties that fields stand for, one to one. */
function propertiesShown(
  shape: EntityShape,
  names: readonly string[],
  declared: ReadonlyMap<string, Declared>,
  extra: Readonly<Record<string, FieldOptionsMap>>,
): ReadonlySet<string> {
  const sources = new Set<string>();
  for (const name of names) {
    const own = declared.get(name);
    const given = own instanceof Field ? own.options.source : extra[name]?.source;
    const source = typeof given === 'string' ? given : name;
    if (shape.columns.has(source) || shape.relations.has(source)) sources.add(source);
  }
  return sources;
}

function datesOf(column: ShapeColumn | undefined): string[] {
  const { uniqueForDate, uniqueForMonth, uniqueForYear } = column?.declared ?? {};
  return [uniqueForDate, uniqueForMonth, uniqueForYear].filter((date) => date !== undefined);
}

function optionsFor(shape: EntityShape, property: string): FieldOptionsMap {
  const column = shape.columns.get(property);
  const declared = column?.declared.default;
  if (column?.isCreateDate === true || column?.isUpdateDate === true) {
    return { default: new CreateOnlyDefault(() => new Moment(Date.now())) };
  }
  const literal = declared ?? column?.options.default;
  // What only the database can compute is left to it, and to its constraint.
  if (typeof literal === 'function' && declared === undefined) return {};
  if (literal !== undefined) return { default: new CreateOnlyDefault(literal) };
  const isNullable = column?.isNullable ?? shape.relations.get(property)?.isNullable ?? false;
  return isNullable ? { default: new CreateOnlyDefault(null) } : { required: true };
}

const cache = new WeakMap<object, readonly Validator<never>[]>();

/** The validators that follow from an entity's unique constraints, for a serializer class that has all their properties. */
export function derivedValidators(type: CompilableClass, shape: EntityShape): readonly Validator<never>[] {
  let validators = cache.get(type);
  if (validators === undefined) {
    const names = namesBySource(boundFields(type).values());
    validators = [...togetherValidators(shape, names), ...datedValidators(shape, names)] as Validator<never>[];
    cache.set(type, validators);
  }
  return validators;
}

/** Names of the fields that are read, or that have a default, by their source. */
function namesBySource(fields: Iterable<Field>): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const field of fields) {
    if (field.source === '*' || field.source.includes('.') || (field.readOnly && !field.hasDefault)) continue;
    names.set(field.source, field.fieldName);
  }
  return names;
}

function togetherValidators(shape: EntityShape, names: ReadonlyMap<string, string>): UniqueTogetherValidator[] {
  const complete = shape.uniques.filter(({ properties }) => properties.every((property) => names.has(property)));
  return complete.map((unique) => togetherValidator(unique, shape, names));
}

function togetherValidator(
  { properties, where }: ShapeUnique,
  shape: EntityShape,
  names: ReadonlyMap<string, string>,
): UniqueTogetherValidator {
  const fields = properties.map((property) => names.get(property) as string);
  const optional = properties.filter((property) => hasDatabaseDefault(shape.columns.get(property)));
  const [only] = properties as [string];
  return new UniqueTogetherValidator({
    queryset: shape.entity as never,
    fields,
    ...(where === null ? {} : { condition: where }),
    optionalFields: where === null ? optional.map((property) => names.get(property) as string) : fields,
    // A condition over one property is a rule of that field.
    ...(properties.length === 1
      ? { errorField: fields[0] as string, message: uniqueMessage(shape.entity, only, labelOf(shape, only)) }
      : {}),
  });
}

function labelOf(shape: EntityShape, property: string): string {
  return (shape.columns.get(property) ?? shape.relations.get(property))?.label ?? property;
}

function hasDatabaseDefault(column: ShapeColumn | undefined): boolean {
  return typeof column?.options.default === 'function' && column.declared.default === undefined;
}

const DATED = [
  ['uniqueForDate', UniqueForDateValidator],
  ['uniqueForMonth', UniqueForMonthValidator],
  ['uniqueForYear', UniqueForYearValidator],
] as const;

function* datedValidators(
  shape: EntityShape,
  names: ReadonlyMap<string, string>,
): Generator<InstanceType<(typeof DATED)[number][1]>> {
  for (const { property, declared } of shape.columns.values()) {
    const field = names.get(property);
    for (const [kind, type] of DATED) {
      const dateField = declared[kind];
      if (dateField === undefined || field === undefined) continue;
      const options: UniqueForValidatorOptions = {
        queryset: shape.entity as never,
        field,
        dateField: names.get(dateField) ?? dateField,
      };
      yield new type(options);
    }
  }
}
