import { readJSON } from '@rf/serializers';
import pg from 'pg';
import type { ValueTransformer } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import { columnType } from './entity-shape.ts';
import { readLocalMoment, readMoment, timeOfDay } from './moment-text.ts';

/** How the values of one column come out of a read plan's statement. */
export interface ColumnCodec {
  /** What the raw value is: a plan shows some kinds as they are. */
  readonly raw: 'number' | 'boolean' | 'text' | 'date' | 'time' | 'moment' | 'decimal' | 'bigint' | 'json' | 'other';
  /** True when the value passes a transformer, so that the raw one means nothing by itself. */
  readonly isTransformed: boolean;
  /** The SQL that reads the column, at the top of a statement or inside JSON. */
  expression(alias: string, isInJson: boolean): string;
  /** The value as an entity holds it; null where that is the raw one. */
  readonly decode: ((raw: unknown) => unknown) | null;
}

const codecs = new WeakMap<ColumnMetadata, ColumnCodec>();

/** The codec of a column, made once. */
export function codecOf(column: ColumnMetadata): ColumnCodec {
  let codec = codecs.get(column);
  if (codec === undefined) codecs.set(column, (codec = makeCodec(column)));
  return codec;
}

/** An identifier as it stands in SQL. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A table's path, schema included, as it stands in SQL. */
export function quotePath(path: string): string {
  return path.split('.').map(quoteName).join('.');
}

/** The column itself, or the query of a virtual one. */
function reference(column: ColumnMetadata, alias: string): string {
  if (column.isVirtualProperty && column.query !== undefined) return `(${column.query(quoteName(alias))})`;
  return `${quoteName(alias)}.${quoteName(column.databaseName)}`;
}

function makeCodec(column: ColumnMetadata): ColumnCodec {
  const kind = column.isVirtualProperty ? virtualKind(column) : rawKind(column);
  const base = baseDecoder(column, kind);
  // Inside JSON, numbers lose what a double cannot hold, and hstore becomes an object.
  const isTextInJson = kind === 'decimal' || kind === 'bigint' || column.type === 'hstore';
  return {
    raw: kind,
    isTransformed: column.transformer !== undefined,
    expression(alias, isInJson) {
      const plain = reference(column, alias);
      if (column.isArray) return `to_json(${plain}${isTextInJson ? '::text[]' : ''})`;
      return isInJson && isTextInJson ? `${plain}::text` : plain;
    },
    decode: column.transformer === undefined ? base : transforming(base, column.transformer),
  };
}

function virtualKind(column: ColumnMetadata): ColumnCodec['raw'] {
  return column.type === undefined ? 'json' : kindOfType(columnType(column.type));
}

function rawKind(column: ColumnMetadata): ColumnCodec['raw'] {
  if (column.type === 'simple-json' || column.type === 'simple-array' || column.type === 'simple-enum') return 'text';
  return kindOfType(columnType(column.type));
}

function kindOfType(type: string): ColumnCodec['raw'] {
  switch (type) {
    case 'integer':
    case 'smallint':
    case 'double precision':
      return 'number';
    case 'boolean':
    case 'date':
    case 'json':
    case 'bigint':
    case 'time':
      return type;
    case 'numeric':
      return 'decimal';
    case 'timestamptz':
      return 'moment';
    case 'varchar':
    case 'text':
    case 'char':
    case 'uuid':
    case 'enum':
      return 'text';
    default:
      return 'other';
  }
}

function transforming(
  base: ColumnCodec['decode'],
  given: ValueTransformer | ValueTransformer[],
): ColumnCodec['decode'] {
  const transformers = Array.isArray(given) ? [...given].reverse() : [given];
  return (raw) => {
    let value = raw === null || base === null ? raw : base(raw);
    for (const transformer of transformers) value = transformer.from(value);
    return value;
  };
}

function baseDecoder(column: ColumnMetadata, kind: ColumnCodec['raw']): ColumnCodec['decode'] {
  const { type } = column;
  if (column.isArray) return kind === 'text' && type === 'enum' ? enumArray(column) : null;
  if (kind === 'moment') return nullable((raw) => readMoment(raw as string));
  if (kind === 'time') return nullable((raw) => timeOfDay(raw as string));
  if (kind === 'number' && columnType(type) === 'double precision') return floatOf;
  const name = columnType(type);
  if (name === 'timestamp') return nullable((raw) => readLocalMoment(raw as string));
  if (name === 'bytea') return nullable((raw) => Buffer.from((raw as string).slice(2), 'hex'));
  if (name in TEXT_PARSERS) {
    const parse = pg.types.getTypeParser(TEXT_PARSERS[name] as number);
    return nullable((raw) => parse(raw as string));
  }
  if (type === 'enum' && column.enum?.some((value) => typeof value === 'number')) return nullable(enumValue(column));
  if (HYDRATED.has(String(type))) {
    const { driver } = column.entityMetadata.dataSource;
    return nullable((raw) => driver.prepareHydratedValue(raw, column));
  }
  return null;
}

/** Types that pg itself reads into objects. */
const TEXT_PARSERS: Readonly<Record<string, number>> = { interval: 1186, point: 600, circle: 718 };

/** Types that TypeORM keeps in text of its own making. */
const HYDRATED = new Set(['simple-array', 'simple-json', 'simple-enum', 'hstore', 'vector', 'halfvec', 'cube']);

function nullable(decode: (raw: unknown) => unknown): (raw: unknown) => unknown {
  return (raw) => (raw === null || raw === undefined ? null : decode(raw));
}

/** JSON cannot hold NaN and infinities: PostgreSQL writes them as text there. */
function floatOf(raw: unknown): unknown {
  return typeof raw === 'string' ? Number(raw) : raw;
}

function enumValue(column: ColumnMetadata): (raw: unknown) => unknown {
  const byText = new Map(column.enum?.map((value) => [String(value), value]));
  return (raw) => byText.get(raw as string) ?? raw;
}

function enumArray(column: ColumnMetadata): (raw: unknown) => unknown {
  const one = enumValue(column);
  return nullable((raw) => (raw as unknown[]).map((item) => (item === null ? null : one(item))));
}

/** How a plan's statement is read: numbers, truth values and JSON as such, all other values as PostgreSQL writes them. */
export const planTypes: pg.CustomTypesConfig = {
  getTypeParser(oid: number): (text: string) => unknown {
    return (PARSERS.get(oid) ?? asText) as (text: string) => unknown;
  },
};

const asText = (text: string): string => text;

const PARSERS = new Map<number, (text: string) => unknown>([
  [16, (text) => text === 't'],
  [21, Number],
  [23, Number],
  [700, Number],
  [701, Number],
  [114, readJSON],
  [3802, readJSON],
]);
