import { ImproperlyConfigured } from '@rf/exceptions';
import { columnType, INTEGER_LIMITS } from '@rf/orm';
import { Decimal, Duration, Moment } from '@rf/serializers';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';

/** SQL that gives a value, and the value's type in PostgreSQL's words. */
export interface Expression {
  readonly sql: string;
  readonly type: string;
}

/** Adds a value to the query; returns how it stands in SQL. */
export type Bind = (value: unknown) => string;

/** What follows a column in a path: parts of it, then a comparison. */
export interface Lookup {
  /** The comparison: `icontains`, `gte` … */
  readonly name: string;
  /** The type of what is compared. */
  readonly type: string;
  /** The condition under which a column's value compares with `value` in this way. */
  condition(column: Expression, value: unknown, bind: Bind): string;
}

/** A column of the rows called `alias`. */
export function columnExpression(column: ColumnMetadata, alias: string): Expression {
  return {
    sql: `${quote(alias)}.${quote(column.databaseName)}`,
    type: columnType((column.referencedColumn ?? column).type),
  };
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * Reads what follows a column: transforms such as `year`, then a comparison, `exact` where none is named. Null when
 * there is no such transform or comparison for the type.
 *
 * @param timeZone in which moments are taken apart
 */
export function readLookup(type: string, parts: readonly string[], timeZone: string): Lookup | null {
  const applied: Transform[] = [];
  let current = type;
  for (const [at, part] of parts.entries()) {
    const transforms = transformsOf(current);
    const transform = Object.hasOwn(transforms, part) ? transforms[part] : undefined;
    if (transform !== undefined) {
      applied.push(transform);
      current = transform.type;
      continue;
    }
    if (at !== parts.length - 1 || !isComparison(part)) return null;
    return lookup(part, applied, current, timeZone);
  }
  return lookup('exact', applied, current, timeZone);
}

function lookup(name: string, transforms: readonly Transform[], type: string, timeZone: string): Lookup {
  const compare = COMPARISONS[name] as Comparison;
  return {
    name,
    type,
    condition(column, value, bind) {
      let at = column;
      let bindOther = bind;
      for (const transform of transforms) {
        at = { sql: transform.sql(at, bind, timeZone), type: transform.type };
        const { other } = transform;
        if (other !== undefined) bindOther = (bound) => other(bind(bound));
      }
      return compare(at, value, bindOther);
    },
  };
}

/** The same as {@link readLookup} for what a programmer wrote. Throws ImproperlyConfigured. */
export function requireLookup(type: string, parts: readonly string[], timeZone: string, where: string): Lookup {
  const found = readLookup(type, parts, timeZone);
  if (found !== null) return found;
  const known = [...Object.keys(COMPARISONS), ...Object.keys(transformsOf(type))].join(', ');
  throw new ImproperlyConfigured(
    `${where}: ${parts.join('__')} is no lookup of a column of type ${type}. Known are ${known}.`,
  );
}

// ---- parts of values ------------------------------------------------------------------------------------------------

interface Transform {
  readonly type: string;
  /** What is done to the other side of a comparison as well. */
  readonly other?: (sql: string) => string;
  sql(expression: Expression, bind: Bind, timeZone: string): string;
}

/** A moment as clocks in the zone show it. */
function local({ sql, type }: Expression, bind: Bind, timeZone: string): string {
  return type === 'timestamptz' ? `(${sql} AT TIME ZONE ${bind(timeZone)})` : sql;
}

const extract = (field: string): Transform => ({
  type: 'integer',
  sql: (expression, bind, timeZone) => `CAST(EXTRACT(${field} FROM ${local(expression, bind, timeZone)}) AS integer)`,
});

const DATE_PARTS: Readonly<Record<string, Transform>> = {
  year: extract('year'),
  iso_year: extract('isoyear'),
  quarter: extract('quarter'),
  month: extract('month'),
  week: extract('week'),
  day: extract('day'),
  // 1 is Sunday, as in the reference.
  week_day: {
    type: 'integer',
    sql: (expression, bind, timeZone) =>
      `(CAST(EXTRACT(dow FROM ${local(expression, bind, timeZone)}) AS integer) + 1)`,
  },
  iso_week_day: extract('isodow'),
};

const TIME_PARTS: Readonly<Record<string, Transform>> = {
  hour: extract('hour'),
  minute: extract('minute'),
  second: {
    type: 'integer',
    sql: (expression, bind, timeZone) =>
      `CAST(FLOOR(EXTRACT(second FROM ${local(expression, bind, timeZone)})) AS integer)`,
  },
};

const MOMENT_PARTS: Readonly<Record<string, Transform>> = {
  ...DATE_PARTS,
  ...TIME_PARTS,
  date: { type: 'date', sql: (...args) => `CAST(${local(...args)} AS date)` },
  time: { type: 'time', sql: (...args) => `CAST(${local(...args)} AS time)` },
};

const TEXT_PARTS: Readonly<Record<string, Transform>> = {
  unaccent: {
    type: 'text',
    other: (sql) => `unaccent(CAST(${sql} AS text))`,
    sql: ({ sql }) => `unaccent(CAST(${sql} AS text))`,
  },
  length: { type: 'integer', sql: ({ sql }) => `LENGTH(${sql})` },
};

function transformsOf(type: string): Readonly<Record<string, Transform>> {
  if (type === 'timestamptz' || type === 'timestamp') return MOMENT_PARTS;
  if (type === 'date') return DATE_PARTS;
  if (type === 'time' || type === 'timetz') return TIME_PARTS;
  return isText(type) ? TEXT_PARTS : {};
}

// ---- comparisons ----------------------------------------------------------------------------------------------------

type Comparison = (expression: Expression, value: unknown, bind: Bind) => string;

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  exact(expression, value, bind) {
    if (value === null) return `${expression.sql} IS NULL`;
    return ordered('=', expression, value, bind);
  },
  gt: (expression, value, bind) => ordered('>', expression, value, bind),
  gte: (expression, value, bind) => ordered('>=', expression, value, bind),
  lt: (expression, value, bind) => ordered('<', expression, value, bind),
  lte: (expression, value, bind) => ordered('<=', expression, value, bind),
  range(expression, value, bind) {
    const [from, to] = value as readonly [unknown, unknown];
    if (from === null || to === null) return 'FALSE';
    return `(${ordered('>=', expression, from, bind)} AND ${ordered('<=', expression, to, bind)})`;
  },
  in(expression, value, bind) {
    const values = (value as readonly unknown[])
      .filter((item) => item !== null)
      .map((item) => storable(item, expression.type))
      .filter((item) => typeof item !== 'symbol');
    return values.length === 0 ? 'FALSE' : `${expression.sql} = ANY(${bind(values)})`;
  },
  isnull: ({ sql }, value) => `${sql} IS ${value ? '' : 'NOT '}NULL`,
  iexact(expression, value, bind) {
    if (value === null) return `${expression.sql} IS NULL`;
    return `UPPER(${asText(expression)}) = UPPER(${bind(String(value))})`;
  },
  contains: (expression, value, bind) => like(expression, `%${literal(value)}%`, bind),
  icontains: (expression, value, bind) => likeIgnoringCase(expression, `%${literal(value)}%`, bind),
  startswith: (expression, value, bind) => like(expression, `${literal(value)}%`, bind),
  istartswith: (expression, value, bind) => likeIgnoringCase(expression, `${literal(value)}%`, bind),
  endswith: (expression, value, bind) => like(expression, `%${literal(value)}`, bind),
  iendswith: (expression, value, bind) => likeIgnoringCase(expression, `%${literal(value)}`, bind),
  regex: (expression, value, bind) => `${asText(expression)} ~ ${bind(String(value))}`,
  iregex: (expression, value, bind) => `${asText(expression)} ~* ${bind(String(value))}`,
  search: (expression, value, bind) =>
    `to_tsvector(COALESCE(${asText(expression)}, '')) @@ plainto_tsquery(${bind(String(value))})`,
};

/** Comparisons with text, whatever the column holds. */
export const TEXTUAL_LOOKUPS: ReadonlySet<string> = new Set([
  'iexact',
  'contains',
  'icontains',
  'startswith',
  'istartswith',
  'endswith',
  'iendswith',
  'regex',
  'iregex',
  'search',
]);

/** True for the name of a comparison, false for that of a transform. */
export function isComparison(name: string): boolean {
  return Object.hasOwn(COMPARISONS, name);
}

/** Of these a condition on related rows is true where there is none. */
export function asksForAbsence(lookup: Lookup, value: unknown): boolean {
  return (lookup.name === 'isnull' && value === true) || (lookup.name === 'exact' && value === null);
}

function ordered(operator: '=' | '<' | '<=' | '>' | '>=', expression: Expression, value: unknown, bind: Bind): string {
  const stored = storable(value, expression.type);
  if (typeof stored !== 'symbol') return `${expression.sql} ${operator} ${bind(stored)}`;
  // All values of the column lie on one side.
  const isOnThisSide = stored === beyond ? operator.startsWith('<') : operator.startsWith('>');
  return isOnThisSide ? `${expression.sql} IS NOT NULL` : 'FALSE';
}

function like(expression: Expression, pattern: string, bind: Bind): string {
  return `${asText(expression)} LIKE ${bind(pattern)}`;
}

function likeIgnoringCase(expression: Expression, pattern: string, bind: Bind): string {
  return `UPPER(${asText(expression)}) LIKE UPPER(${bind(pattern)})`;
}

/** Wildcards of LIKE as the characters that they are. */
function literal(value: unknown): string {
  return String(value).replace(/[\\%_]/g, '\\$&');
}

function asText({ sql, type }: Expression): string {
  return type === 'text' || type === 'varchar' ? sql : `CAST(${sql} AS text)`;
}

/** True for types whose values are text. */
export function isText(type: string): boolean {
  return type === 'text' || type === 'varchar' || type === 'char';
}

// ---- values ---------------------------------------------------------------------------------------------------------

/** Greater than any value of the column. */
const beyond = Symbol('beyond');
/** Less than any value of the column. */
const below = Symbol('below');

/** PostgreSQL's numeric takes more digits, but nobody's column has them. */
const MAX_DIGITS = 1000;

/** A value as the database takes it for a column of a type, or the side on which it lies outside. */
function storable(value: unknown, type: string): unknown {
  const limits = INTEGER_LIMITS[type];
  if (limits !== undefined) return storableInteger(value, limits);
  if (value instanceof Decimal) return type === 'double precision' ? floatOf(value) : storableDecimal(value);
  if (value instanceof Moment) return value.toISO();
  if (value instanceof Duration) return intervalText(value);
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'bigint' ? String(value) : value;
}

function storableInteger(value: unknown, [least, greatest]: readonly [bigint, bigint]): unknown {
  if (value instanceof Decimal && value.exponent > MAX_DIGITS) return value.isNegative ? below : beyond;
  const whole = wholePart(value);
  if (whole === null) return value;
  if (whole < least) return below;
  return whole > greatest ? beyond : String(whole);
}

/** The reference cuts fractions off where a column holds integers. */
function wholePart(value: unknown): bigint | null {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? BigInt(Math.trunc(value)) : null;
  return value instanceof Decimal ? BigInt(String(value.quantize(0, 'ROUND_DOWN'))) : null;
}

function storableDecimal(value: Decimal): unknown {
  if (value.isZero()) return '0';
  if (value.digitCount + value.exponent > MAX_DIGITS) return value.isNegative ? below : beyond;
  return String(value.exponent < -MAX_DIGITS ? value.quantize(MAX_DIGITS) : value);
}

function floatOf(value: Decimal): string {
  return String(Number(String(value)));
}

function intervalText({ microseconds }: Duration): string {
  const seconds = microseconds / 1_000_000n;
  return `${seconds / 86_400n} days ${seconds % 86_400n} seconds ${microseconds % 1_000_000n} microseconds`;
}
