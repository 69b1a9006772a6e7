import type pg from 'pg';
import { type EntityMetadata, QueryFailedError } from 'typeorm';

/** Which rule of the database a write broke. */
export type ConstraintKind =
  /** Another row has the same values. */
  | 'unique'
  /** The row that is referred to does not exist. */
  | 'foreignKey'
  /** Other rows refer to this one, so it cannot go. */
  | 'restricted'
  /** A CHECK condition does not hold. */
  | 'check'
  /** A value is missing. */
  | 'notNull'
  /** Another row excludes the values. */
  | 'exclusion';

/** A broken constraint in terms of an entity. */
export interface ConstraintViolation {
  readonly kind: ConstraintKind;
  /** Names of the properties concerned, relations for foreign keys; empty when none can be told. */
  readonly fields: readonly string[];
  /** Name of the constraint, or of the unique index; undefined for a missing value. */
  readonly constraint: string | undefined;
  /** The table that the database named. */
  readonly table: string | undefined;
}

/** Class 23 of SQLSTATE (PostgreSQL manual, appendix A). */
const KINDS: Readonly<Record<string, ConstraintKind>> = {
  '23505': 'unique',
  '23503': 'foreignKey',
  '23001': 'restricted',
  '23514': 'check',
  '23502': 'notNull',
  '23P01': 'exclusion',
};

/**
 * Reads which constraint `error` broke, and which properties of the entity it concerns; null when it is another error.
 *
 * So a write that lost a race is answered like the validator's refusal. The properties come from the metadata by the name of
 * the constraint, or from what the database says when a migration chose another name.
 */
export function translateConstraintError(error: unknown, metadata: EntityMetadata): ConstraintViolation | null {
  const cause = causeOf(error);
  const kind = kindOf(cause);
  if (kind === undefined) return null;
  const { constraint, table, column, detail } = cause;

  const columns = column !== undefined ? [column] : (columnsOf(constraint, metadata) ?? columnsIn(detail));
  const isOwn = table === undefined || table === metadata.tableName;
  if (kind === 'foreignKey' && !(isOwn && refersFrom(metadata, columns, detail))) {
    return { kind: 'restricted', fields: [], constraint, table };
  }
  return { kind, fields: isOwn ? propertiesOf(columns, metadata) : [], constraint, table };
}

/** True for an error with which the database said that a constraint is broken. */
export function isConstraintError(error: unknown): boolean {
  return kindOf(causeOf(error)) !== undefined;
}

function causeOf(error: unknown): Partial<pg.DatabaseError> {
  return (error instanceof QueryFailedError ? error.driverError : error) as Partial<pg.DatabaseError>;
}

function kindOf(cause: Partial<pg.DatabaseError>): ConstraintKind | undefined {
  return cause instanceof Error ? KINDS[(cause as pg.DatabaseError).code ?? ''] : undefined;
}

function columnsOf(constraint: string | undefined, metadata: EntityMetadata): string[] | undefined {
  if (constraint === undefined) return undefined;
  const named = <T extends { name?: string }>(list: readonly T[]) => list.find(({ name }) => name === constraint);
  const found =
    named(metadata.uniques)?.columns ?? named(metadata.indices)?.columns ?? named(metadata.foreignKeys)?.columns;
  if (found !== undefined) return found.map((column) => column.databaseName);
  const expression = named(metadata.checks)?.expression ?? named(metadata.exclusions)?.expression;
  return expression === undefined ? undefined : mentionedColumns(expression, metadata);
}

/** `Key (a, lower(b::text))=(1, x) already exists.`: the words differ with the server's language, the key does not. */
function columnsIn(detail: string | undefined): string[] {
  const key = /\((.*?)\)=\(/s.exec(detail ?? '')?.[1];
  return key === undefined ? [] : (key.match(/"(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_$]*/gu) ?? []).map(unquote);
}

/** The columns whose names stand in SQL, by these names. */
export function mentionedColumns(expression: string, metadata: EntityMetadata): string[] {
  const words = new Set((expression.match(/"(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_$]*/gu) ?? []).map(unquote));
  return metadata.columns.map((column) => column.databaseName).filter((name) => words.has(name));
}

function unquote(identifier: string): string {
  return identifier.startsWith('"') ? identifier.slice(1, -1).replaceAll('""', '"') : identifier;
}

/** A row that refers to nothing is told by the referring columns, one that is referred to by the others. */
function refersFrom(metadata: EntityMetadata, columns: readonly string[], detail: string | undefined): boolean {
  const key = columnsIn(detail);
  const shown = key.length > 0 ? key : columns;
  return metadata.foreignKeys.some((foreignKey) => sameNames(foreignKey.columnNames, shown));
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name) => b.includes(name));
}

function propertiesOf(columns: readonly string[], metadata: EntityMetadata): string[] {
  const properties = columns.flatMap((name) => {
    const column = metadata.findColumnWithDatabaseName(name);
    if (column === undefined) return [];
    return [column.relationMetadata?.propertyPath ?? column.propertyPath];
  });
  return [...new Set(properties)];
}
