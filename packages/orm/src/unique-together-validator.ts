import { type DetailInput, ErrorDetail, ImproperlyConfigured, ValidationError } from '@rf/exceptions';
import { boundFields, type CompilableClass, type Field, type Scope, type ValidatorObject } from '@rf/serializers';
import type { EntityManager, EntityMetadata } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import { quoteName, quotePath } from './column-codec.ts';
import { isSameValue, parameterOf, storedColumn } from './column-value.ts';
import { prepared } from './prepared.ts';
import { type RelatedSource, type RelationTarget, sourceName } from './related-source.ts';
import { RowCheck, type RowCondition } from './row-check.ts';
import { statementName } from './statement-name.ts';
import { storedValues } from './stored-values.ts';

/** Options of UniqueTogetherValidator. */
export interface UniqueTogetherValidatorOptions {
  /** Among whose rows the values must be unique. */
  readonly queryset: RelatedSource | RelationTarget;
  /** Names of the serializer's fields. */
  readonly fields: readonly string[];
  /** Default `The fields {field_names} must make a unique set.` */
  readonly message?: string;
  /** Default `unique`. */
  readonly code?: string;
  /** Only rows for which this SQL over the table's columns is true count, the new one included. */
  readonly condition?: string;
  /** Whether rows with nulls differ from each other, as in SQL. Default true. */
  readonly nullsDistinct?: boolean;
  /** Fields that may be missing from a new object, because the database knows a value: then nothing is checked. */
  readonly optionalFields?: readonly string[];
  /** The field whose error it is; default: none, the error is the object's. */
  readonly errorField?: string;
}

const REQUIRED = 'This field is required.';

/** Refuses a combination of values that another row has already (row VA02). */
export class UniqueTogetherValidator implements ValidatorObject<Record<string, unknown>> {
  readonly requiresContext = true;
  readonly message: string;

  constructor(readonly options: UniqueTogetherValidatorOptions) {
    this.message = options.message ?? 'The fields {field_names} must make a unique set.';
  }

  /** @throws ValidationError when another row has the values, or when one is missing */
  async validate(attrs: Readonly<Record<string, unknown>>, scope: Scope): Promise<void> {
    const sources = this.#sources(scope);
    const { instance } = scope;
    const isUpdate = typeof instance === 'object' && instance !== null;
    if (!isUpdate && !this.#hasAll(attrs, sources)) return;
    const given = [...sources.values()].filter((source) => source in attrs);
    // Nothing of the set was sent: it stays what it is.
    if (isUpdate && given.length === 0) return;

    const check = new RowCheck(this.options.queryset, scope);
    const columns = [...sources.values()].map((source) => columnOf(check.metadata, source));
    const stored = isUpdate ? await storedValues(check.manager, check.metadata, instance, columns) : null;
    const values = columns.map((column, at) => {
      const source = [...sources.values()][at] as string;
      return source in attrs ? attrs[source] : stored?.get(column);
    });
    if (stored !== null && columns.every((column, at) => isSameValue(column, stored.get(column), values[at]))) return;

    const { condition, nullsDistinct = true } = this.options;
    if (nullsDistinct && values.some((value) => value === null || value === undefined)) return;
    if (condition !== undefined && !(await meetsCondition(check, condition, attrs, instance))) return;
    const conditions: RowCondition[] = columns.map((column, at) => ({
      sql: values[at] === null ? '{0} IS NULL' : '{0} = {=0}',
      terms: [{ column, value: values[at] }],
    }));
    if (condition !== undefined) conditions.push({ sql: `(${condition})`, terms: [] });
    if (await check.exists(conditions, instance)) throw this.#error();
  }

  /** Sources by field name. */
  #sources(scope: Scope): Map<string, string> {
    const fields = boundFields(scope.serializer.constructor as unknown as CompilableClass);
    return new Map(this.options.fields.map((name) => [name, sourceOf(fields, name, scope)]));
  }

  /** @throws ValidationError for fields that are missing and have to be there */
  #hasAll(attrs: Readonly<Record<string, unknown>>, sources: ReadonlyMap<string, string>): boolean {
    const names = [...sources].filter(([, source]) => !(source in attrs)).map(([name]) => name);
    const missing: Record<string, DetailInput> = {};
    for (const name of names) {
      if (this.options.optionalFields?.includes(name) !== true) missing[name] = [new ErrorDetail(REQUIRED, 'required')];
    }
    if (Object.keys(missing).length > 0) throw new ValidationError(missing);
    return names.length === 0;
  }

  #error(): ValidationError {
    const { fields, code = 'unique', errorField } = this.options;
    const error = new ErrorDetail(this.message.replaceAll('{field_names}', fields.join(', ')), code);
    return new ValidationError(errorField === undefined ? [error] : { [errorField]: [error] });
  }

  toString(): string {
    const { queryset, fields } = this.options;
    const names = fields.map((name) => `'${name}'`).join(', ');
    return `new UniqueTogetherValidator({ queryset: ${sourceName(queryset)}, fields: [${names}] })`;
  }
}

function sourceOf(fields: ReadonlyMap<string, Field>, name: string, scope: Scope): string {
  const field = fields.get(name);
  if (field !== undefined) return field.source;
  throw new ImproperlyConfigured(
    `${scope.serializer.constructor.name}: UniqueTogetherValidator names the field \`${name}\`, which the serializer does not have.`,
  );
}

function columnOf(metadata: EntityMetadata, source: string): ColumnMetadata {
  const column = storedColumn(metadata, source);
  if (column !== undefined) return column;
  throw new ImproperlyConfigured(`UniqueTogetherValidator finds no column \`${source}\` in ${metadata.name}.`);
}

/** Whether the row as it would be stored meets a condition in SQL. */
async function meetsCondition(
  { metadata, manager }: { readonly metadata: EntityMetadata; readonly manager: EntityManager },
  condition: string,
  attrs: Readonly<Record<string, unknown>>,
  instance: unknown,
): Promise<boolean> {
  const words = new Set(condition.match(/[\p{L}_][\p{L}\p{N}_$]*/gu));
  const columns = metadata.columns.filter((column) => words.has(column.databaseName));
  const stored =
    typeof instance === 'object' && instance !== null ? await storedValues(manager, metadata, instance, columns) : null;
  const values: unknown[] = [];
  const selected = columns.map((column) => {
    const name = column.relationMetadata?.propertyPath ?? column.propertyPath;
    const value = name in attrs ? attrs[name] : (stored?.get(column) ?? literalDefault(column));
    values.push(parameterOf(column, value));
    const type = metadata.dataSource.driver.normalizeType(column);
    return `$${values.length}::${type}${column.isArray ? '[]' : ''} AS ${quoteName(column.databaseName)}`;
  });
  const alias = quotePath(metadata.tableName);
  const text = `SELECT (${condition}) AS "met" FROM (SELECT ${selected.join(', ') || '1'}) ${alias}`;
  const { rows } = await prepared<{ met: boolean | null }>(manager, {
    name: statementName(text),
    text,
    values,
    readOnly: true,
  });
  return rows[0]?.met === true;
}

function literalDefault(column: ColumnMetadata): unknown {
  return typeof column.default === 'function' ? null : (column.default ?? null);
}
