import { failure, parseInteger, type Failure } from '@rf/serializers';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import { columnType } from './entity-shape.ts';

/** No row can have such a key: a number too large for the column. */
export const noSuchKey: unique symbol = Symbol('no such key');

/** A value of the wrong type. */
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
  if (text.includes('\0')) return noSuchKey;
  const notation = NOTATIONS[type];
  return notation === undefined || notation.test(text) ? text : wrongType;
}

/** What PostgreSQL reads for types that do not take any text; anything else would be an error of the statement. */
const NOTATIONS: Readonly<Record<string, RegExp>> = {
  numeric: /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?$/i,
  'double precision': /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,2})?$/i,
  boolean: /^(?:true|false)$/i,
  date: /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d)$/,
  timestamptz: /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d)[ T]\d\d:\d\d/,
  timestamp: /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d)[ T]\d\d:\d\d/,
};

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
