import { ImproperlyConfigured, type Detail, ValidationError } from '@rf/exceptions';
import { type Awaitable, isPromise, type MultiValueDict, type Request } from '@rf/views';
import type { EntityMetadata } from 'typeorm';
import { derivedFilter } from './derived-filters.ts';
import { Filter, filterInput, type FilterMethod } from './filter.ts';
import { isSecret } from './model-path.ts';
import { type Queryset, rootOf } from './queryset.ts';

/** Columns and paths that can be filtered by: a list, where each is compared for equality, or each with its lookups. */
export type FilterSetFields = readonly string[] | Readonly<Record<string, readonly string[]>> | '__all__';

/** A filter set class. */
export type FilterSetClass = (new (
  queryset: Queryset,
  request?: Request,
) => FilterSet) & {
  readonly fields: FilterSetFields | null;
  readonly exclude: readonly string[];
};

const derived = new WeakMap<FilterSetClass, WeakMap<EntityMetadata, ReadonlyMap<string, Filter>>>();

/**
 * The filters of a view (FT07): class fields, and one for each column that `fields` names.
 *
 * ```ts
 * class BookFilter extends FilterSet {
 *   static override fields = ['inPrint'];
 *
 *   minPrice = new NumberFilter({ fieldName: 'price', lookupExpr: 'gte' });
 *   author = new CharFilter({ fieldName: 'authors__name', lookupExpr: 'iexact' });
 *   cheap = new BooleanFilter({ method: 'filterCheap' });
 *
 *   filterCheap(queryset: Queryset, _name: string, isCheap: boolean) {
 *     return queryset.andWhere(isCheap ? 'book.price < 10' : 'book.price >= 10');
 *   }
 * }
 * ```
 *
 * All parameters are checked before rows are narrowed: a request with wrong ones is answered 400 with a text for each.
 */
export class FilterSet {
  /** Columns with derived filters; `__all__` for every one that is not sensitive. */
  static fields: FilterSetFields | null = null;
  /** Columns to leave out. */
  static exclude: readonly string[] = [];

  readonly #queryset: Queryset;
  readonly #request: Request | undefined;

  /** @param request left out where the filters are only looked at */
  constructor(queryset: Queryset, request?: Request) {
    this.#queryset = queryset;
    this.#request = request;
  }

  /** The request that is answered, for methods of filters. */
  get request(): Request {
    if (this.#request !== undefined) return this.#request;
    throw new ImproperlyConfigured(
      `${this.constructor.name} reads \`request\` where there is none yet: read it in the method of a filter.`,
    );
  }

  /** All filters by name: declared ones, then derived ones. */
  getFilters(): ReadonlyMap<string, Filter> {
    const declared = new Map<string, Filter>();
    for (const [name, value] of Object.entries(this)) if (value instanceof Filter) declared.set(name, value);
    const filters = new Map<string, Filter>();
    for (const [name, filter] of this.#derived()) filters.set(name, declared.get(name) ?? filter);
    for (const [name, filter] of declared) filters.set(name, filter);
    return filters;
  }

  #derived(): ReadonlyMap<string, Filter> {
    const type = this.constructor as FilterSetClass;
    const { metadata } = rootOf(this.#queryset);
    let byEntity = derived.get(type);
    if (byEntity === undefined) derived.set(type, (byEntity = new WeakMap()));
    let filters = byEntity.get(metadata);
    if (filters === undefined) byEntity.set(metadata, (filters = deriveFilters(type, metadata, this)));
    return filters;
  }

  /** The rows that all filters leave. Throws ValidationError with the texts of all wrong parameters. */
  async filterQueryset(): Promise<Queryset> {
    const filters = this.getFilters();
    const values = await this.#read(filters);
    let queryset = this.#queryset;
    for (const [name, value] of values) {
      const filtered = this.#apply(filters.get(name) as Filter, queryset, name, value);
      queryset = isPromise(filtered) ? await filtered : filtered;
    }
    return queryset;
  }

  async #read(filters: ReadonlyMap<string, Filter>): Promise<Map<string, unknown>> {
    const input = filterInput(this.request, this.#queryset);
    const values = new Map<string, unknown>();
    const errors: Record<string, Detail> = {};
    for (const [name, filter] of filters) {
      try {
        if (!isGiven(filter, name, input.params)) continue;
        const value = await filter.read(name, input);
        if (!isEmptyValue(value)) values.set(name, value);
      } catch (error) {
        if (!(error instanceof ValidationError)) throw error;
        errors[name] = error.detail;
      }
    }
    if (Object.keys(errors).length > 0) throw new ValidationError(errors);
    return values;
  }

  #apply(filter: Filter, queryset: Queryset, name: string, value: unknown): Awaitable<Queryset> {
    const { method, distinct } = filter.options;
    if (method === undefined) return filter.apply(queryset, name, value, this.request);
    const run = (typeof method === 'function' ? method : this.requireMethod(method, name)) as FilterMethod<unknown>;
    const rows = distinct === true ? queryset.distinct(true) : queryset;
    return run.call(this, rows, filter.fieldName(name), value, this.request);
  }

  /** The method that a filter names. Throws ImproperlyConfigured when there is none. */
  requireMethod(method: string, name: string): unknown {
    const found = (this as unknown as Record<string, unknown>)[method];
    if (typeof found === 'function') return found;
    throw new ImproperlyConfigured(
      `Expected parent FilterSet '${this.constructor.name}.${name}' to have a '.${method}()' method: write ` +
        `\`${method}(queryset, name, value) { return queryset; }\`.`,
    );
  }
}

/** Throws ValidationError when a required filter has none of its parameters. */
function isGiven(filter: Filter, name: string, params: MultiValueDict<string>): boolean {
  const given = filter.parameterNames(name).some((parameter) => params.has(parameter));
  const filled = given && filter.parameterNames(name).some((parameter) => params.get(parameter) !== '');
  if (filter.options.required === true && !filled) {
    throw new ValidationError(['This field is required.'], 'required');
  }
  return given;
}

function isEmptyValue(value: unknown): boolean {
  return value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
}

function deriveFilters(type: FilterSetClass, metadata: EntityMetadata, set: FilterSet): ReadonlyMap<string, Filter> {
  const filters = new Map<string, Filter>();
  if (type.fields === null && type.exclude.length === 0) return filters;
  const where = `${type.name}.fields`;
  for (const [field, lookups] of fieldsOf(type, metadata)) {
    for (const lookup of lookups) {
      const name = filterName(field, lookup);
      const declared = (set as unknown as Record<string, unknown>)[name];
      filters.set(name, declared instanceof Filter ? declared : derivedFilter(metadata, field, lookup, where));
    }
  }
  return filters;
}

function fieldsOf(type: FilterSetClass, metadata: EntityMetadata): [string, readonly string[]][] {
  const { fields, exclude } = type;
  const given: [string, readonly string[]][] =
    fields === null || fields === '__all__'
      ? allFields(metadata)
      : Array.isArray(fields)
        ? (fields as readonly string[]).map((field) => [field, ['exact']])
        : Object.entries(fields as Readonly<Record<string, readonly string[]>>);
  return given.filter(([field]) => !exclude.includes(field));
}

/** Every column and forward relation that is not anybody's secret and has a filter. */
function allFields(metadata: EntityMetadata): [string, readonly string[]][] {
  const columns = metadata.columns.filter((column) => column.relationMetadata === undefined && !isSecret(column));
  const relations = metadata.relations.filter(({ isOwning, joinColumns }) => isOwning && !joinColumns.some(isSecret));
  return [...columns, ...relations].map(({ propertyPath }) => [propertyPath.replaceAll('.', '__'), ['exact']]);
}

/** `price__lt`; equality needs no word. */
export function filterName(field: string, lookup: string): string {
  const name = `${field}__${lookup}`;
  return name.endsWith('__exact') ? name.slice(0, -'__exact'.length) : name;
}
