import { type Failure, failure, Moment, parseInteger } from '@rf/serializers';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import { columnType } from './entity-shape.ts';

/** No row can have such a key: a number too large for the column. */
export const noSuchKey: unique symbol = Symbol('no such key');

/** A value that the column cannot take: of the wrong type, or text with U+0000 in it. */
export const wrongType: unique symbol = Symbol('wrong type');

const LIMITS: Readonly<Record<string, readonly [bigint, bigint]>> = {
  smallint: [-32_768n, 32_767n],
  integer: [-2_147_483_648n, 2_147_483_647n],
  bigint: [-9_223_372_036_854_775_808n, 9_223_372_036_854_775_807n],
};

/**
 * What a client's value means as a value of a key column: what to ask the database for, `wrongType`, `noSuchKey`, or a
 * Failure with a text of its own. Reads text as Python's conversions do, so that `"7"` and `" 7 "` are 7.
 */
export function keyValue(column: ColumnMetadata, data: unknown): unknown {
  const type = columnType(column.type);
  if (typeof data === 'boolean') return type === 'boolean' ? data : wrongType;
  if (typeof data === 'object' && data !== null) return wrongType;
  if (data === null || data === undefined) return noSuchKey;
  const limits = LIMITS[type];
  if (limits !== undefined) return integerKey(data, limits);
  if (type === 'uuid') return uuidKey(data);
  const text = String(data);
  if (text.includes('\0')) return wrongType;
  const isRead = READABLE[type];
  return isRead === undefined || isRead(text) ? text : wrongType;
}

/** False for what no row can have in the column: to ask for it would be an error of the whole statement. */
export function canHold(column: ColumnMetadata, value: unknown): boolean {
  if (typeof value === 'string') return !value.includes('\0');
  const limits = LIMITS[columnType(column.type)];
  if (limits === undefined || (typeof value !== 'number' && typeof value !== 'bigint')) return true;
  return value >= limits[0] && value <= limits[1];
}

const isNumber = (text: string): boolean => /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,2})?$/i.test(text);
const isDay = (text: string): boolean => {
  if (!/^\d{4}-\d\d-\d\d$/.test(text) || text.startsWith('0000')) return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
};

/** What PostgreSQL reads for types that do not take any text; anything else would be an error of the whole statement. */
const READABLE: Readonly<Record<string, (text: string) => boolean>> = {
  numeric: isNumber,
  'double precision': isNumber,
  boolean: (text) => text === 'true' || text === 'false',
  date: isDay,
  timestamp: (text) => isDay(text.slice(0, 10)) && Moment.read(text) !== null,
  timestamptz: (text) => isDay(text.slice(0, 10)) && Moment.read(text) !== null,
  time: (text) => /^(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?)?$/.test(text),
};

/** True for a column that takes any text. */
export function holdsAnyText(column: ColumnMetadata): boolean {
  const type = columnType(column.type);
  return type !== 'uuid' && !Object.hasOwn(LIMITS, type) && !Object.hasOwn(READABLE, type);
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
  return typeof data === 'number' && Number.isFinite(data) ? Math.trunc(data) : null;
}

function uuidKey(data: unknown): string | Failure {
  const text = String(data);
  const digits = text
    .replace(/^urn:uuid:/i, '')
    .replace(/^\{|\}$/g, '')
    .replaceAll('-', '');
  if (/^[0-9a-f]{32}$/i.test(digits)) {
    return digits.toLowerCase().replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  }
  return failure(`“${text}” is not a valid UUID.`, 'invalid');
}
