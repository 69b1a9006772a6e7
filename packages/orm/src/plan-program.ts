import {
  BooleanField,
  boundFields,
  CharField,
  ChoiceField,
  type CompilableClass,
  DateField,
  DateTimeField,
  DecimalField,
  Field,
  FloatField,
  IntegerField,
  JSONField,
  ListSerializer,
  type ListSerializerClass,
  NestedField,
  type Presenter,
  presenterOf,
  ReadOnlyField,
  RelatedField,
  type Scope,
  Serializer,
  type SerializerSettings,
  TimeField,
  UUIDField,
} from '@rf/serializers';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import { codecOf } from './column-codec.ts';
import { columnType } from './entity-shape.ts';
import { HyperlinkedRelatedField } from './hyperlinked-related-field.ts';
import { momentText } from './moment-text.ts';
import type { Need, Source } from './need.ts';
import { PrimaryKeyRelatedField } from './primary-key-related-field.ts';
import { SlugRelatedField } from './slug-related-field.ts';
import { StringRelatedField } from './string-related-field.ts';

/** How a serializer class shows the entities of a need: field by field, or by a method of its own that wants an object. */
export interface Program {
  readonly need: Need;
  /** Null where the class shows objects itself. */
  readonly steps: readonly Step[] | null;
  /** Whether anything asks for the serializer at work. */
  readonly usesScope: boolean;
}

/** How one field is shown. */
export interface Step {
  readonly name: string;
  readonly field: Field;
  readonly source: Source;
  readonly show: Show;
}

/** Shows a value that is not null. */
type Present = (value: unknown, scope: Scope) => unknown;

/** What is done with the value of a field. */
export type Show =
  /** A column's raw value, perhaps through a function. */
  | { readonly kind: 'raw'; readonly convert: ((raw: never) => unknown) | null }
  /** A column's value as an entity holds it, through the field. */
  | { readonly kind: 'value'; readonly column: ColumnMetadata; readonly present: Present }
  /** A number of related entities, perhaps through the field. */
  | { readonly kind: 'count'; readonly present: Present | null }
  /** The entity itself, or related ones, shown by a serializer. */
  | { readonly kind: 'nested'; readonly field: NestedField; readonly program: Program }
  /** A property of the entity itself, or of related ones; `at` is where it stands, seen from them. */
  | { readonly kind: 'property'; readonly at: Source & { readonly kind: 'column' }; readonly present: Present | null }
  /** Objects, through the field. */
  | { readonly kind: 'object'; readonly present: Present }
  /** What a getter, a method or a path that only an object can follow gives, through the field. */
  | { readonly kind: 'member'; readonly present: Present }
  /** What the field's own `getAttribute` finds in the whole object. */
  | { readonly kind: 'attribute'; readonly present: Present };

/** The steps of a serializer class, adding to `need` what they read. */
export function makeProgram(type: CompilableClass, need: Need, settings: SerializerSettings): Program {
  const steps: Step[] = [];
  for (const field of boundFields(type).values()) {
    if (!field.writeOnly) steps.push(stepOf(field, need, settings));
  }
  for (const path of (type as { needs?: readonly string[] }).needs ?? []) {
    need.readers.add(`${type.name}.needs`);
    need.addPath(path, type.name);
  }
  if (!showsFieldByField(type)) {
    need.addAllColumns();
    need.readers.add(`${type.name}.toRepresentation`);
    return { need, steps: null, usesScope: true };
  }
  return { need, steps, usesScope: steps.some(({ show }) => asksForScope(show)) };
}

function showsFieldByField(type: CompilableClass): boolean {
  const prototype = type.prototype as Serializer;
  return prototype.toRepresentation === Serializer.prototype.toRepresentation;
}

/** False for classes whose lists are shown by a class of their own. */
export function showsItemByItem(type: CompilableClass): boolean {
  const list = (type as { listSerializerClass?: ListSerializerClass | null }).listSerializerClass;
  return list?.prototype === undefined || list.prototype.toRepresentation === ListSerializer.prototype.toRepresentation;
}

function asksForScope(show: Show): boolean {
  switch (show.kind) {
    case 'raw':
      return false;
    case 'count':
    case 'property':
      return show.present !== null;
    case 'nested':
      return show.program.usesScope;
    default:
      return true;
  }
}

function stepOf(field: Field, need: Need, settings: SerializerSettings): Step {
  const reader = `${field.owner}.${field.fieldName}`;
  const present = presenterOf(field, settings);
  if (field.getAttribute !== Field.prototype.getAttribute) {
    need.addAllColumns();
    need.readers.add(reader);
    const source: Source = { kind: 'self', need, through: [] };
    return { name: field.fieldName, field, source, show: { kind: 'attribute', present } };
  }
  const source = need.resolve(field.sourceAttrs);
  return { name: field.fieldName, field, source, show: showOf(field, source, present, reader, settings) };
}

function showOf(field: Field, source: Source, present: Presenter, reader: string, settings: SerializerSettings): Show {
  switch (source.kind) {
    case 'column': {
      const { need, column } = source;
      need.columns.add(column);
      const convert = rawConversion(field, column, settings);
      return convert === undefined ? { kind: 'value', column, present } : { kind: 'raw', convert };
    }
    case 'count':
      source.need.counts.set(source.relation.propertyPath, source.relation);
      return { kind: 'count', present: isStock(field, IntegerField) ? null : present };
    case 'member':
      source.need.addMember(source.rest[0] as string, reader);
      return { kind: 'member', present };
    default: {
      const need = source.kind === 'self' ? source.need : source.edge.need;
      const isList = source.kind === 'related' && source.isList;
      if (field instanceof NestedField && field.many === isList) {
        const type = field.serializerClass as unknown as CompilableClass;
        const program = makeProgram(type, need, settings);
        return showsItemByItem(type) || !isList ? { kind: 'nested', field, program } : { kind: 'object', present };
      }
      const property = field instanceof RelatedField && field.many === isList ? propertyShow(field, need) : null;
      return property ?? objectShow(field, need, present, reader);
    }
  }
}

/** Relation fields of which it is known what property they show. */
function propertyShow(field: RelatedField, need: Need): Show | null {
  const isPlain =
    field.toRepresentation === RelatedField.prototype.toRepresentation &&
    field.presenter === RelatedField.prototype.presenter;
  if (!isPlain) return null;
  if (field instanceof PrimaryKeyRelatedField && field.show === PrimaryKeyRelatedField.prototype.show) {
    return property(need, 'pk', field.pkField === null ? null : (key, scope) => field.showKey(key, scope));
  }
  if (field instanceof SlugRelatedField && field.show === SlugRelatedField.prototype.show) {
    return property(need, field.slugField.replaceAll('__', '.'), null);
  }
  if (
    field instanceof HyperlinkedRelatedField &&
    field.show === HyperlinkedRelatedField.prototype.show &&
    field.getUrl === HyperlinkedRelatedField.prototype.getUrl
  ) {
    return property(need, field.lookupField, (value, scope) =>
      field.urlFor(value, field.requestOf(scope), field.formatOf(scope)),
    );
  }
  return null;
}

function property(need: Need, path: string, present: Present | null): Show | null {
  const at = need.resolve(path.split('.'));
  if (at.kind !== 'column') return null;
  at.need.columns.add(at.column);
  return { kind: 'property', at, present };
}

/** Fields that look at whole objects, or at what they say they need of them. */
function objectShow(field: Field, need: Need, present: Presenter, reader: string): Show {
  const paths = (field.options as { needs?: readonly string[] }).needs;
  need.readers.add(reader);
  if (paths !== undefined) for (const path of paths) need.addPath(path, reader);
  else if (field instanceof StringRelatedField && field.show === StringRelatedField.prototype.show) {
    need.addMember('toString', reader);
  } else need.addAllColumns();
  return { kind: 'object', present };
}

/** True for a field that shows values as its stock class does. */
function isStock(field: Field, type: { readonly prototype: Pick<Field, 'toRepresentation' | 'presenter'> }): boolean {
  return (
    field instanceof (type as unknown as new () => Field) &&
    field.toRepresentation === type.prototype.toRepresentation &&
    field.presenter === type.prototype.presenter
  );
}

/**
 * How a column's raw value becomes what the field would show: null as it is, a function, undefined when only the field
 * itself knows.
 */
function rawConversion(
  field: Field,
  column: ColumnMetadata,
  settings: SerializerSettings,
): ((raw: never) => unknown) | null | undefined {
  const { raw, isTransformed, decode } = codecOf(column);
  if (isTransformed || column.isArray) return undefined;
  if (isStock(field, ReadOnlyField) && decode === null) return null;
  switch (raw) {
    case 'text':
      return decode === null && showsText(field, column) ? null : undefined;
    case 'number':
      if (columnType(column.type) === 'double precision') return isStock(field, FloatField) ? decode : undefined;
      return isStock(field, IntegerField) || isStock(field, FloatField) ? null : undefined;
    case 'boolean':
      return isStock(field, BooleanField) ? null : undefined;
    case 'json':
      return isStock(field, JSONField) && (field as JSONField<{ binary?: boolean }>).options.binary !== true
        ? null
        : undefined;
    case 'decimal':
      return showsDecimal(field, column, settings) ? null : undefined;
    case 'date':
      return isStock(field, DateField) && formatOf(field, settings.dateFormat) === 'iso-8601' ? null : undefined;
    case 'time':
      return isStock(field, TimeField) && formatOf(field, settings.timeFormat) === 'iso-8601'
        ? (decode as (raw: never) => unknown)
        : undefined;
    case 'moment': {
      if (!isStock(field, DateTimeField) || formatOf(field, settings.datetimeFormat) !== 'iso-8601') return undefined;
      return (field as DateTimeField).zone(settings) === 'UTC' ? momentText : undefined;
    }
    default:
      return undefined;
  }
}

function formatOf(field: Field, setting: string | null): string | null {
  const { format } = field.options as { format?: string | null };
  return format === undefined ? setting : format;
}

function showsText(field: Field, column: ColumnMetadata): boolean {
  if (isStock(field, CharField)) return true;
  if (isStock(field, UUIDField)) {
    return columnType(column.type) === 'uuid' && formatOf(field, 'hex_verbose') === 'hex_verbose';
  }
  // A choice shows the value that the choices have for a text.
  return (
    isStock(field, ChoiceField) && [...(field as ChoiceField).choices.keys()].every((key) => typeof key === 'string')
  );
}

/** PostgreSQL writes as many places as the column has. */
function showsDecimal(field: Field, column: ColumnMetadata, settings: SerializerSettings): boolean {
  if (!isStock(field, DecimalField)) return false;
  const { decimalPlaces, coerceToString, normalizeOutput, localize } = (field as DecimalField).options;
  const isText = coerceToString ?? settings.coerceDecimalToString;
  return isText && localize !== true && normalizeOutput !== true && decimalPlaces === column.scale;
}
