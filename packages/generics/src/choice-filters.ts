import { Http404 } from '@rf/exceptions';
import { db, lookupValue } from '@rf/orm';
import { ChoiceField, type Choices, type ChoiceValue } from '@rf/serializers';
import type { Request } from '@rf/views';
import { type EntityMetadata, getMetadataArgsStorage, type ObjectLiteral } from 'typeorm';
import { Filter, type FilterInput, type FilterOptions, invalid, TextFilter } from './filter.ts';
import { narrowTo } from './get-object.ts';
import { resolvePath } from './model-path.ts';
import { type EntityType, type Queryset, rootOf } from './queryset.ts';

/** Options of filters with a choice that stands for no value. */
interface NullChoice {
  /** Human name of the choice for rows without a value; null, the default, for no such choice. */
  readonly nullLabel?: string | null;
  /** The text of that choice. Default `null`. */
  readonly nullValue?: string;
}

/** Options of {@link ChoiceFilter}. */
export interface ChoiceFilterOptions extends FilterOptions, NullChoice {
  readonly choices: Choices;
}

/** Stands for a choice of rows without a value. */
const NULL_CHOICE: unique symbol = Symbol('no value');

function isNullChoice({ nullLabel, nullValue = 'null' }: NullChoice, text: string): boolean {
  return nullLabel !== undefined && nullLabel !== null && text === nullValue;
}

function notAChoice(text: string): string {
  return `Select a valid choice. ${text} is not one of the available choices.`;
}

/** One of some values. */
export class ChoiceFilter extends TextFilter<ChoiceValue | typeof NULL_CHOICE, ChoiceFilterOptions> {
  readonly #field: ChoiceField;

  constructor(options: ChoiceFilterOptions) {
    super(options);
    this.#field = new ChoiceField({ choices: options.choices });
  }

  override clean(text: string, { scope }: FilterInput): ChoiceValue | typeof NULL_CHOICE | null {
    if (text === '') return null;
    if (isNullChoice(this.options, text)) return NULL_CHOICE;
    const value: unknown = this.#field.parse(text, scope);
    if (typeof value === 'object' && value !== null) throw invalid(notAChoice(text), 'invalid_choice');
    return value as ChoiceValue;
  }

  override stored(value: ChoiceValue | typeof NULL_CHOICE): unknown {
    return value === NULL_CHOICE ? null : value;
  }
}

/** Options of filters that take several values. */
interface SeveralOptions {
  /** True asks for rows that have all of the values; default: any of them. */
  readonly conjoined?: boolean;
}

/** Several of some values, `?language=fr&language=de`: alternatives, unless `conjoined`. */
export class MultipleChoiceFilter extends Filter<
  readonly (ChoiceValue | typeof NULL_CHOICE)[],
  ChoiceFilterOptions & SeveralOptions
> {
  readonly #one: ChoiceFilter;

  constructor(options: ChoiceFilterOptions & SeveralOptions) {
    super(options);
    this.#one = new ChoiceFilter(options);
  }

  override read(name: string, input: FilterInput): readonly (ChoiceValue | typeof NULL_CHOICE)[] | null {
    const texts = input.params.getList(name);
    if (texts.length === 0) return null;
    return texts.map((text) => {
      const value = this.#one.clean(text, input);
      if (value === null) throw invalid(notAChoice(text), 'invalid_choice');
      return value;
    });
  }

  override checkSetup(metadata: EntityMetadata, name: string, where: string): void {
    this.requirePath(metadata, name, this.lookupExpr, where);
  }

  override apply(
    queryset: Queryset,
    name: string,
    values: readonly (ChoiceValue | typeof NULL_CHOICE)[],
    request: Request,
  ): Queryset {
    const conditions = [...new Set(values)].map((value) =>
      this.condition(queryset, name, this.lookupExpr, this.#one.stored(value), request),
    );
    return queryset.andWhere(joined(conditions, this.options.conjoined === true, this.exclude));
  }
}

/** Any of the conditions, or all of them. Each is turned round already where rows are left out. */
function joined(conditions: readonly string[], conjoined: boolean, exclude: boolean): string {
  return `(${conditions.map((condition) => `(${condition})`).join(conjoined || exclude ? ' AND ' : ' OR ')})`;
}

/** Where rows that can be chosen come from: an entity class, or a function that makes a query for each request. */
export type ChoiceSource = EntityType | ((input: FilterInput) => Queryset);

/** Options of {@link ModelChoiceFilter}. */
export interface ModelChoiceFilterOptions extends FilterOptions, NullChoice {
  readonly queryset: ChoiceSource;
  /** The column that the parameter holds. Default: the key. */
  readonly toFieldName?: string;
}

function choices(source: ChoiceSource, input: FilterInput): Queryset {
  if (!isEntity(source)) return source(input);
  return db(input.request).createQueryBuilder(source, 'choice') as Queryset;
}

function isEntity(source: ChoiceSource): source is EntityType {
  return getMetadataArgsStorage().tables.some(({ target }) => target === source);
}

/** One row of another entity, named by its key; value is the row. */
export class ModelChoiceFilter extends TextFilter<ObjectLiteral | typeof NULL_CHOICE, ModelChoiceFilterOptions> {
  override async clean(text: string, input: FilterInput): Promise<ObjectLiteral | typeof NULL_CHOICE | null> {
    if (text === '') return null;
    if (isNullChoice(this.options, text)) return NULL_CHOICE;
    if (text.includes('\0')) throw invalid('Null characters are not allowed.', 'null_characters_not_allowed');
    const found = await this.#find(text, input);
    if (found !== null) return found;
    throw invalid('Select a valid choice. That choice is not one of the available choices.', 'invalid_choice');
  }

  async #find(text: string, input: FilterInput): Promise<ObjectLiteral | null> {
    const query = choices(this.options.queryset, input);
    try {
      return narrowTo(query, { [this.options.toFieldName ?? 'pk']: text }) ? await query.getOne() : null;
    } catch (error) {
      if (error instanceof Http404) return null;
      throw error;
    }
  }

  override stored(value: ObjectLiteral | typeof NULL_CHOICE, queryset: Queryset, field: string): unknown {
    return value === NULL_CHOICE ? null : keyOf(value, this.options, queryset, field);
  }
}

/** Several rows of another entity, `?tags=1&tags=3`: alternatives, unless `conjoined`. */
export class ModelMultipleChoiceFilter extends Filter<
  readonly (ObjectLiteral | typeof NULL_CHOICE)[],
  ModelChoiceFilterOptions & SeveralOptions
> {
  override async read(
    name: string,
    input: FilterInput,
  ): Promise<readonly (ObjectLiteral | typeof NULL_CHOICE)[] | null> {
    const given = input.params.getList(name);
    if (given.length === 0) return null;
    const withNull = given.some((text) => isNullChoice(this.options, text));
    const texts = [...new Set(given.filter((text) => !isNullChoice(this.options, text)))];
    const found: readonly (ObjectLiteral | typeof NULL_CHOICE)[] =
      texts.length === 0 ? [] : await this.#find(texts, input);
    return withNull ? [...found, NULL_CHOICE] : found;
  }

  async #find(texts: readonly string[], input: FilterInput): Promise<ObjectLiteral[]> {
    const query = choices(this.options.queryset, input);
    const { alias, metadata } = rootOf(query);
    const name = this.options.toFieldName ?? metadata.primaryColumns[0]?.propertyPath ?? 'pk';
    const keys = texts.map((text) => readKey(query, name, text));
    const known = keys.filter((key) => key !== null);
    const rows =
      known.length === 0
        ? []
        : await query.andWhere(`${alias}.${name} IN (:...rf_choices)`, { rf_choices: known }).getMany();
    // A choice is its text: 01 is not 1.
    const byText = new Map(rows.map((row) => [String(row[name]), row]));
    return texts.map((text) => {
      const row = byText.get(text);
      if (row === undefined) throw invalid(notAChoice(text), 'invalid_choice');
      return row;
    });
  }

  override checkSetup(metadata: EntityMetadata, name: string, where: string): void {
    this.requirePath(metadata, name, this.lookupExpr, where);
  }

  override apply(
    queryset: Queryset,
    name: string,
    rows: readonly (ObjectLiteral | typeof NULL_CHOICE)[],
    request: Request,
  ): Queryset {
    if (rows.length === 0) return queryset;
    const keys = rows.map((row) =>
      row === NULL_CHOICE ? null : keyOf(row, this.options, queryset, this.fieldName(name)),
    );
    const conjoined = this.options.conjoined === true;
    const conditions =
      conjoined || keys.includes(null)
        ? keys.map((key) => this.condition(queryset, name, this.lookupExpr, key, request))
        : [this.condition(queryset, name, 'in', keys, request)];
    return queryset.andWhere(joined(conditions, conjoined, this.exclude));
  }
}

function readKey(query: Queryset, name: string, text: string): unknown {
  if (text.includes('\0')) throw invalid('Null characters are not allowed.', 'null_characters_not_allowed');
  try {
    return lookupValue(rootOf(query).metadata, name, text);
  } catch (error) {
    if (error instanceof Http404) throw invalid(`“${text}” is not a valid value.`, 'invalid_pk_value');
    throw error;
  }
}

/** What a row is compared by: the column that the filtered relation refers to, whatever the client names rows by. */
function keyOf(
  row: ObjectLiteral,
  { toFieldName }: ModelChoiceFilterOptions,
  queryset: Queryset,
  field: string,
): unknown {
  const path = resolvePath(rootOf(queryset).metadata, field);
  if (path !== null && path.relation !== null) {
    return (path.column.referencedColumn ?? path.column).getEntityValue(row);
  }
  if (toFieldName !== undefined) return row[toFieldName];
  const metadata = queryset.dataSource.getMetadata(row.constructor);
  return metadata.primaryColumns[0]?.getEntityValue(row);
}
