import { ImproperlyConfigured } from '@rf/exceptions';
import {
  BigIntegerField,
  BooleanField,
  CharField,
  type Choices,
  DateField,
  DateTimeField,
  Decimal,
  DecimalField,
  DurationField,
  EmailField,
  type Field,
  FileField,
  FloatField,
  HStoreField,
  ImageField,
  IntegerField,
  IPAddressField,
  JSONField,
  ListField,
  SlugField,
  TimeField,
  URLField,
  UUIDField,
  type Validator,
} from '@rf/serializers';
import { entityField, entityName, words } from './entity-field.ts';
import { keyProperty } from './entity-key.ts';
import type { EntityShape, ShapeColumn, ShapeRelation } from './entity-shape.ts';
import { INTEGER_LIMITS } from './integer-limits.ts';
import { ModelField } from './model-field.ts';
import { refuseNullCharacters } from './null-characters.ts';
import { RelationTarget } from './related-source.ts';
import type { EntityClass } from './substitutable.ts';
import { UniqueColumnValidator } from './unique-validator.ts';

/** A class of fields. */
export type FieldClass = new (options: never) => Field;

/** Options of a derived field, by name. */
export type FieldOptionsMap = Record<string, unknown>;

/** The field classes of column types (row SE18): TypeORM's names without synonyms, and the kinds of `@field`. */
export const fieldMapping: Readonly<Record<string, FieldClass>> = {
  boolean: BooleanField,
  varchar: CharField,
  char: CharField,
  text: CharField,
  email: EmailField,
  url: URLField,
  slug: SlugField,
  ip: IPAddressField,
  file: FileField,
  image: ImageField,
  inet: IPAddressField,
  uuid: UUIDField,
  smallint: IntegerField,
  integer: IntegerField,
  bigint: BigIntegerField,
  'double precision': FloatField,
  numeric: DecimalField,
  date: DateField,
  time: TimeField,
  timestamp: DateTimeField,
  timestamptz: DateTimeField,
  interval: DurationField,
  json: JSONField,
  hstore: HStoreField,
};

const TEXTS: readonly unknown[] = [CharField, EmailField, URLField, SlugField, IPAddressField];
const FILES: readonly unknown[] = [FileField, ImageField];

/** The field class of a column and its options (row SE16). */
export function standardField(
  column: ShapeColumn,
  name: string,
  shape: EntityShape,
  mapping: Readonly<Record<string, FieldClass>>,
  choiceField: FieldClass,
): { type: FieldClass; options: FieldOptionsMap } {
  const { declared } = column;
  if (column.options.array === true) return arrayField(column, name, shape, mapping, choiceField);
  const kind = declared.kind ?? column.type;
  let type = mapping[kind] ?? (ModelField as FieldClass);
  const options = commonOptions(column, name);
  const choices = choicesOf(column);
  if (choices !== null) {
    type = choiceField;
    options.choices = choices;
  }
  if (options.readOnly === true) return { type, options: withNumberFormat(options, type, column) };

  if (column.isNullable || column.hasDefault || declared.blank === true) options.required = false;
  if (declared.blank === true && (choices !== null || TEXTS.includes(type))) options.allowBlank = true;
  if (choices === null) Object.assign(options, limitsOf(column, type));
  const validators: Validator<never>[] = [...(declared.validators ?? [])];
  if (column.isUnique) validators.unshift(uniqueValidator(shape.entity, column.property, column.label));
  if (column.options.type === 'jsonb') validators.unshift(refuseNullCharacters);
  if (validators.length > 0) options.validators = validators;
  return { type, options: withNumberFormat(options, type, column) };
}

function commonOptions(column: ShapeColumn, name: string): FieldOptionsMap {
  const { declared } = column;
  const options: FieldOptionsMap = labelOptions(column.label, name, declared.helpText);
  if (column.type === 'text' || column.type === 'json') options.style = { baseTemplate: 'textarea.html' };
  if (column.isNullable) options.allowNull = true;
  const isEditable = declared.editable ?? (column.options.insert !== false || column.options.update !== false);
  if (column.isAutomatic || !isEditable) options.readOnly = true;
  return options;
}

/** Decimals need their digits, whether they are read or only shown. */
function withNumberFormat(options: FieldOptionsMap, type: FieldClass, column: ShapeColumn): FieldOptionsMap {
  if ((type as unknown) !== DecimalField) return options;
  const { precision, scale } = column.options;
  return { maxDigits: precision ?? null, decimalPlaces: scale ?? (precision === undefined ? null : 0), ...options };
}

/** Label and help text where they say more than the name does. */
function labelOptions(label: string, name: string, helpText: string | undefined): FieldOptionsMap {
  const options: FieldOptionsMap = {};
  const shown = label.charAt(0).toUpperCase() + label.slice(1);
  const plain = name.replaceAll('_', ' ');
  if (shown !== plain.charAt(0).toUpperCase() + plain.slice(1).toLowerCase()) options.label = shown;
  if (helpText !== undefined) options.helpText = helpText;
  return options;
}

function limitsOf(column: ShapeColumn, type: FieldClass): FieldOptionsMap {
  const { declared, options } = column;
  const limits: FieldOptionsMap = {};
  if (TEXTS.includes(type)) {
    const length = Number(options.length ?? 0);
    if (length > 0) limits.maxLength = length;
    if (declared.minLength !== undefined) limits.minLength = declared.minLength;
  } else if (FILES.includes(type)) {
    const length = Number(options.length ?? 0);
    if (length > 0) limits.maxLength = length;
  } else if (column.type in INTEGER_LIMITS) {
    const range = INTEGER_LIMITS[column.type] as readonly [bigint, bigint];
    const [least, greatest] = column.type === 'bigint' ? range : range.map(Number);
    limits.minValue = declared.min === undefined ? least : Number(declared.min);
    limits.maxValue = declared.max === undefined ? greatest : Number(declared.max);
  } else {
    const read = (limit: number | string): unknown => (column.type === 'numeric' ? Decimal.of(limit) : Number(limit));
    if (declared.min !== undefined) limits.minValue = read(declared.min);
    if (declared.max !== undefined) limits.maxValue = read(declared.max);
  }
  return limits;
}

function choicesOf(column: ShapeColumn): Choices | null {
  const { choices } = column.declared;
  if (choices !== undefined) {
    return Array.isArray(choices) ? (choices as Choices) : Object.entries(choices as Readonly<Record<string, string>>);
  }
  const given = column.options.enum;
  if (given === undefined) return null;
  const values = Array.isArray(given) ? given : enumValues(given as Readonly<Record<string, string | number>>);
  return values.map((value) => [value, labelOfValue(value)]);
}

/** An enum of numbers also has its names as values. */
function enumValues(given: Readonly<Record<string, string | number>>): (string | number)[] {
  return Object.entries(given)
    .filter(([name]) => !/^-?\d+$/.test(name))
    .map(([, value]) => value);
}

function labelOfValue(value: string | number): string {
  const text = words(String(value));
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function arrayField(
  column: ShapeColumn,
  name: string,
  shape: EntityShape,
  mapping: Readonly<Record<string, FieldClass>>,
  choiceField: FieldClass,
): { type: FieldClass; options: FieldOptionsMap } {
  const item: ShapeColumn = {
    ...column,
    options: { ...column.options, array: false },
    declared: { ...column.declared, blank: false },
    isNullable: false,
    hasDefault: false,
    isUnique: false,
    isAutomatic: false,
  };
  const child = standardField(item, '', shape, mapping, choiceField);
  const { label: _label, style: _style, helpText: _helpText, ...childOptions } = child.options;
  const options = commonOptions(item, name);
  if (column.isNullable) options.allowNull = true;
  if (column.isAutomatic) options.readOnly = true;
  delete options.style;
  options.child = new child.type(childOptions as never);
  if (options.readOnly !== true) {
    if (column.isNullable || column.hasDefault || column.declared.blank === true) options.required = false;
    if (column.declared.blank !== true) options.allowEmpty = false;
    if (column.declared.validators !== undefined) options.validators = column.declared.validators;
  }
  return { type: ListField as FieldClass, options };
}

/** The validator of a unique column: `book with this ISBN already exists.` */
function uniqueValidator(entity: EntityClass, property: string, label: string): Validator<never> {
  return new UniqueColumnValidator({
    queryset: entity as never,
    message: uniqueMessage(entity, property, label),
  }) as Validator<never>;
}

/** The text for a value that another row has. */
export function uniqueMessage(entity: EntityClass, property: string, label: string): string {
  return entityField(entity, property).uniqueMessage ?? `${entityName(entity)} with this ${label} already exists.`;
}

/** Options of a field for a relation, whatever stands for the related objects (row SE16). */
export function relationOptions(relation: ShapeRelation, name: string, shape: EntityShape): FieldOptionsMap {
  const { declared } = relation;
  const options: FieldOptionsMap = labelOptions(relation.label, name, declared.helpText);
  if (relation.isToMany) options.many = true;
  if (relation.isNullable) options.allowNull = true;
  if (declared.editable === false) return { ...options, readOnly: true };
  options.queryset = new RelationTarget(shape.entity, relation.property);
  if (!relation.isForward) return relation.isToMany ? options : { ...options, readOnly: true, queryset: undefined };
  if (declared.blank === true || declared.default !== undefined || relation.isNullable) options.required = false;
  if (relation.isToMany && declared.blank !== true) options.allowEmpty = false;
  const validators: Validator<never>[] = [...(declared.validators ?? [])];
  if (relation.isUnique) validators.unshift(uniqueValidator(shape.entity, relation.property, relation.label));
  if (validators.length > 0) options.validators = validators;
  return options;
}

/** The property that stands for a related object where its key is not what the relation refers to; null for the key. */
export function slugOf(relation: ShapeRelation): string | null {
  const { toField } = relation;
  return toField === null || toField === keyProperty(relation.target()) ? null : toField;
}

/** Name of the URL of one object: `book-detail`. */
export function detailViewName(entity: EntityClass): string {
  return `${entity.name.toLowerCase()}-detail`;
}

/**
 * The options of a derived field with those of `extraKwargs` on top (row SE18).
 *
 * What makes no sense with them is left out: limits and validators of a field that is only shown, `required` beside a default.
 */
export function includeExtraKwargs(options: FieldOptionsMap, extra: FieldOptionsMap): FieldOptionsMap {
  const merged = { ...options };
  const drop = (...names: string[]): void => {
    for (const name of names) delete merged[name];
  };
  const added = { ...extra };
  if (extra.readOnly === true) {
    drop(
      'required',
      'default',
      'allowBlank',
      'minLength',
      'maxLength',
      'minValue',
      'maxValue',
      'validators',
      'queryset',
    );
    drop('allowEmpty');
  }
  if (extra.default !== undefined && merged.required === false) drop('required');
  if (extra.required === true && merged.default !== undefined) drop('default');
  if (extra.readOnly === true || merged.readOnly === true) delete added.required;
  if (extra.readOnly === false && options.readOnly === true) drop('readOnly');
  return { ...merged, ...added };
}

/** @throws ImproperlyConfigured always: a name in `fields` that is nothing of the entity */
export function refuseUnknownField(name: string, entity: EntityClass, owner: string): never {
  throw new ImproperlyConfigured(
    `Field name \`${name}\` is not valid for entity \`${entity.name}\` in \`${owner}\`. Take it out of \`fields\`, or declare it as a class field.`,
  );
}
