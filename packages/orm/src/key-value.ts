import {
  Decimal,
  type Failure,
  failure,
  Moment,
  parseFloatText,
  parseInteger,
  pythonString,
  uuidText,
} from '@rf/serializers';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import { columnType } from './entity-shape.ts';
import { INTEGER_LIMITS } from './integer-limits.ts';

/** No row can have such a key: a number too large for the column. */
export const noSuchKey: unique symbol = Symbol('no such key');

/** A value of the wrong type. */
export const wrongType: unique symbol = Symbol('wrong type');

/**
 * What a client's value means as a value of a column that names rows: what to ask the database for, `wrongType`,
 * `noSuchKey`, or a Failure with a text of its own. Reads values as Django's columns do, so that `"7"`, `" 7 "`, 7.5 and
 * true have a meaning where a number is wanted, and everything has one where a text is.
 */
export function keyValue(column: ColumnMetadata, data: unknown): unknown {
  if (data === null || data === undefined) return noSuchKey;
  const type = columnType(column.type);
  const limits = INTEGER_LIMITS[type];
  if (limits !== undefined) return integerKey(data, limits);
  const read = READERS[type];
  if (read !== undefined) return read(data);
  const text = pythonString(data);
  // PostgreSQL has no such texts: to ask for one would be an error of the whole statement.
  if (text.includes('\0') || /[\ud800-\udfff]/u.test(text)) return wrongType;
  return type === 'enum' && column.enum?.some((value) => String(value) === text) !== true ? noSuchKey : text;
}

/** False for what no row can have in the column: to ask for it would be an error of the whole statement. */
export function canHold(column: ColumnMetadata, value: unknown): boolean {
  if (typeof value === 'string') return !value.includes('\0');
  const limits = INTEGER_LIMITS[columnType(column.type)];
  if (limits === undefined || (typeof value !== 'number' && typeof value !== 'bigint')) return true;
  return value >= limits[0] && value <= limits[1];
}

type Reader = (data: unknown) => unknown;

/** Reads what PostgreSQL would not take as it is. */
const READERS: Readonly<Record<string, Reader>> = {
  boolean: booleanKey,
  numeric: decimalKey,
  'double precision': floatKey,
  uuid: (data) => uuidText(data) ?? failure(`“${pythonString(data)}” is not a valid UUID.`, 'invalid'),
  date: dateKey,
  timestamp: ifText((text) => isDay(text.slice(0, 10)) && Moment.read(text) !== null),
  timestamptz: ifText((text) => isDay(text.slice(0, 10)) && Moment.read(text) !== null),
  time: ifText((text) => /^(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?)?$/.test(text)),
};

function ifText(isRead: (text: string) => boolean): Reader {
  return (data) => (typeof data === 'string' && isRead(data) ? data : wrongType);
}

function integerKey(data: unknown, [least, greatest]: readonly [bigint, bigint]): unknown {
  const value = typeof data === 'string' ? parseInteger(data) : truncated(data);
  if (value === null) return wrongType;
  const whole = BigInt(value);
  return whole < least || whole > greatest ? noSuchKey : value;
}

/** Python's `int()` cuts fractions off. */
function truncated(data: unknown): number | bigint | null {
  if (typeof data === 'bigint') return data;
  if (typeof data === 'boolean') return Number(data);
  return typeof data === 'number' && Number.isFinite(data) ? Math.trunc(data) : null;
}

const BOOLEANS: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  ...[true, 1, 't', 'True', '1'].map((value) => [value, true] as const),
  ...[false, 0, 'f', 'False', '0'].map((value) => [value, false] as const),
]);

function booleanKey(data: unknown): boolean | Failure {
  return BOOLEANS.get(data) ?? failure(`“${pythonString(data)}” value must be either True or False.`, 'invalid');
}

/** More digits than any column has, and less than it takes to write them all down. */
const MAX_DECIMAL_SIZE = 1000;

function decimalKey(data: unknown): unknown {
  const value = typeof data === 'boolean' ? Decimal.of(Number(data)) : Decimal.parse(pythonString(data));
  if (value === null) return failure(`“${pythonString(data)}” value must be a decimal number.`, 'invalid');
  return Math.abs(value.exponent) + value.digitCount > MAX_DECIMAL_SIZE ? noSuchKey : value.toFixed();
}

function floatKey(data: unknown): unknown {
  if (typeof data === 'object') return wrongType;
  if (typeof data !== 'string') return Number(data);
  if (/^[+-]?(?:nan|inf(?:inity)?)$/i.test(data.trim())) return noSuchKey;
  const value = parseFloatText(data);
  if (value === null) return wrongType;
  return Number.isFinite(value) ? value : noSuchKey;
}

function dateKey(data: unknown): unknown {
  if (typeof data !== 'string') return wrongType;
  const parts = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(data) ?? /^(\d{4})(\d\d)(\d\d)$/.exec(data);
  if (parts === null) {
    return failure(`“${data}” value has an invalid date format. It must be in YYYY-MM-DD format.`, 'invalid');
  }
  const [, year = '', month = '', day = ''] = parts;
  const text = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  if (isDay(text)) return text;
  return failure(`“${data}” value has the correct format (YYYY-MM-DD) but it is an invalid date.`, 'invalid_date');
}

function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text) || text.startsWith('0000')) return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}
