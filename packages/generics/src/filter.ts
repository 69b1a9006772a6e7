import { ErrorDetail, ValidationError } from '@rf/exceptions';
import { type Field, settingsOf, SkipField, Scope, strip } from '@rf/serializers';
import { type Awaitable, isPromise, type MultiValueDict, type Request } from '@rf/views';
import type { EntityMetadata } from 'typeorm';
import { type OpenApiObject, queryParameter } from './base-pagination.ts';
import { columnExpression, requireLookup } from './lookups.ts';
import { type ModelPath, noMember, resolvePath } from './model-path.ts';
import { type Queryset, rootOf } from './queryset.ts';
import { pathCondition } from './row-condition.ts';

/** Narrows a query by a filter's value; may make another query of it. */
export type FilterMethod<Value = never> = (
  queryset: Queryset,
  name: string,
  value: Value,
  request: Request,
) => Awaitable<Queryset>;

/** Options of every filter. */
export interface FilterOptions {
  /** The column or path, `authors__name`. Default: the filter's own name. */
  readonly fieldName?: string;
  /** How it compares, transforms in front: `gte`, `icontains`, `year__lt`. Default `exact`. */
  readonly lookupExpr?: string;
  /** True leaves the rows out that match. Default false. */
  readonly exclude?: boolean;
  /** True for a `method` that joins rows of which there are several. What filters do themselves repeats no row. */
  readonly distinct?: boolean;
  /** True refuses requests without the parameter. Default false. */
  readonly required?: boolean;
  /** Does the work itself: a function, or the name of a method of the filter set. */
  readonly method?: string | FilterMethod<never>;
  /** Human name. */
  readonly label?: string;
  readonly helpText?: string;
}

/** What a filter reads its value from. */
export interface FilterInput {
  readonly params: MultiValueDict<string>;
  readonly request: Request;
  readonly scope: Scope;
  /** The query that is filtered. */
  readonly queryset: Queryset;
}

/** The input of a request. */
export function filterInput(request: Request, queryset: Queryset): FilterInput {
  return { params: request.queryParams, request, queryset, scope: new Scope({}, { context: { request } }) };
}

/**
 * One thing that rows can be filtered by: reads a parameter, checks it, narrows the query (FT07). One object serves all
 * requests.
 */
export abstract class Filter<Value = unknown, Options extends FilterOptions = FilterOptions> {
  readonly options: Options;

  constructor(options: Options = {} as Options) {
    this.options = options;
  }

  get lookupExpr(): string {
    return this.options.lookupExpr ?? 'exact';
  }

  get exclude(): boolean {
    return this.options.exclude === true;
  }

  /** The column or path of a filter of this name. */
  fieldName(name: string): string {
    return this.options.fieldName ?? name;
  }

  /** The names of the query parameters that a filter of this name reads. */
  parameterNames(name: string): readonly string[] {
    return [name];
  }

  /**
   * The value in the request; null for none.
   *
   * @throws ValidationError for a wrong one
   */
  abstract read(name: string, input: FilterInput): Awaitable<Value | null>;

  /**
   * What the column is compared with: a row stands for its key.
   *
   * @param _field the column or path
   */
  stored(value: Value, _queryset: Queryset, _field: string): unknown {
    return value;
  }

  /** Narrows the query by a value that is not null. */
  apply(queryset: Queryset, name: string, value: Value, request: Request): Awaitable<Queryset> {
    return this.compare(queryset, name, this.lookupExpr, this.stored(value, queryset, this.fieldName(name)), request);
  }

  /** Adds the condition that the column compares so with the value. */
  protected compare(queryset: Queryset, name: string, lookupExpr: string, value: unknown, request: Request): Queryset {
    return queryset.andWhere(this.condition(queryset, name, lookupExpr, value, request));
  }

  /** The condition that the column compares so with the value; with `exclude`, that it does not. */
  protected condition(queryset: Queryset, name: string, lookupExpr: string, value: unknown, request: Request): string {
    const where = `${this.constructor.name} ${name}`;
    const path = this.requirePath(rootOf(queryset).metadata, name, lookupExpr, where);
    const zone = settingsOf({ request }).timeZone;
    const lookup = requireLookup(columnExpression(path.column, '').type, path.rest, zone, where);
    const condition = pathCondition(queryset, path, lookup, value);
    return this.exclude ? `(${condition}) IS NOT TRUE` : condition;
  }

  /**
   * Called when a URL is mounted. Throws ImproperlyConfigured for a column or a lookup that there is not; a filter that has an
   * `apply` of its own says what it needs.
   *
   * @param where what declares the filter, for the error
   */
  checkSetup(metadata: EntityMetadata, name: string, where: string): void {
    if (this.apply === Filter.prototype.apply) this.requirePath(metadata, name, this.lookupExpr, where);
  }

  /** Where the filter's column is, with what follows it. Throws ImproperlyConfigured when it is nowhere. */
  protected requirePath(metadata: EntityMetadata, name: string, lookupExpr: string, where: string): ModelPath {
    const field = this.fieldName(name);
    const path = resolvePath(metadata, `${field}__${lookupExpr}`);
    if (path === null) throw noMember(metadata, field, where, `new ${this.constructor.name}({ fieldName: '…' })`);
    requireLookup(columnExpression(path.column, '').type, path.rest, 'UTC', where);
    return path;
  }

  /** The parameters, as OpenAPI has them. */
  schemaParameters(name: string): OpenApiObject[] {
    return this.parameterNames(name).map((parameter) => ({
      ...queryParameter(parameter, this.options.helpText ?? this.options.label ?? parameter, { type: 'string' }),
      required: this.options.required === true,
    }));
  }
}

/** A filter that reads one text. */
export abstract class TextFilter<Value = unknown, Options extends FilterOptions = FilterOptions> extends Filter<
  Value,
  Options
> {
  override read(name: string, input: FilterInput): Awaitable<Value | null> {
    const text = input.params.get(name);
    return text === undefined ? null : this.clean(text, input);
  }

  /**
   * The value that a text stands for; null for none.
   *
   * @throws ValidationError for a wrong one
   */
  abstract clean(text: string, input: FilterInput): Awaitable<Value | null>;
}

/** A filter whose text is read as a serializer field reads it, under its own error texts. */
export abstract class FieldedFilter<Value, Options extends FilterOptions = FilterOptions> extends TextFilter<
  Value,
  Options
> {
  /** Reads and checks the text. */
  protected abstract readonly field: Field;

  override clean(text: string, { scope }: FilterInput): Awaitable<Value | null> {
    if (text === '') return null;
    try {
      // Nothing but white space is something written, so the field refuses it.
      const value = this.field.runValidation(strip(text) || text, scope);
      return (isPromise(value) ? value.then(undefined, unlessSkipped) : value) as Awaitable<Value | null>;
    } catch (error) {
      return unlessSkipped(error);
    }
  }
}

function unlessSkipped(error: unknown): null {
  if (error instanceof SkipField) return null;
  throw error;
}

/** The error of a value. */
export function invalid(message: string, code = 'invalid'): ValidationError {
  return new ValidationError([new ErrorDetail(message, code)]);
}
