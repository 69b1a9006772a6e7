import { ImproperlyConfigured } from '@rf/exceptions';
import { HyperlinkedRelatedField } from '@rf/orm';
import { boundFields, type CompilableClass, NestedField, Serializer } from '@rf/serializers';
import type { UrlResolver } from '@rf/views';
import type { EntityMetadata } from 'typeorm';
import { derivedFilter } from './derived-filters.ts';
import type { FilterSetClass, FilterSetFields } from './filter-set.ts';
import { requireColumn } from './model-path.ts';
import type { OrderingFields } from './ordering-filter.ts';
import { type Queryset, rootOf } from './queryset.ts';
import { SearchFilter } from './search-filter.ts';

/** What a generic view declares, as far as it can be checked before there is a request. */
interface DeclaredView {
  readonly lookupField: string;
  readonly etagField: string | null;
  readonly searchFields: readonly string[] | null;
  readonly ordering: string | readonly string[] | null;
  readonly orderingFields: OrderingFields | null;
  readonly filtersetFields: FilterSetFields | null;
}

/**
 * Looks up every column and path that a view names, so that a wrong one is found when the server starts.
 *
 * Throws ImproperlyConfigured.
 */
export function checkPaths(view: DeclaredView, metadata: EntityMetadata, name: string): void {
  const { lookupField, etagField, searchFields, ordering, orderingFields, filtersetFields } = view;
  if (lookupField !== 'pk') requireColumn(metadata, lookupField, `${name}.lookupField`);
  if (etagField !== null) checkOwnColumn(metadata, etagField, `${name}.etagField`);
  new SearchFilter().checkFields(metadata, searchFields ?? [], `${name}.searchFields`);
  for (const term of typeof ordering === 'string' ? [ordering] : (ordering ?? [])) {
    const field = term.startsWith('-') ? term.slice(1) : term;
    if (!isAlias(orderingFields, field)) requireColumn(metadata, field, `${name}.ordering`);
  }
  for (const field of columnsOf(orderingFields)) requireColumn(metadata, field, `${name}.orderingFields`);
  if (filtersetFields === null || filtersetFields === '__all__') return;
  const lookups: readonly (readonly [string, readonly string[]])[] = Array.isArray(filtersetFields)
    ? (filtersetFields as readonly string[]).map((field) => [field, ['exact']] as const)
    : Object.entries(filtersetFields as Readonly<Record<string, readonly string[]>>);
  for (const [field, names] of lookups) {
    for (const lookup of names) derivedFilter(metadata, field, lookup, `${name}.filtersetFields`);
  }
}

/**
 * Reads the fields of a serializer class, so that one that cannot be compiled, or links to a URL that there is not, is found when
 * the server starts.
 *
 * Throws ImproperlyConfigured.
 */
export function checkSerializer(type: object, urls: UrlResolver, seen = new Set<object>()): void {
  if (typeof type !== 'function' || !(type.prototype instanceof Serializer) || seen.has(type)) return;
  seen.add(type);
  for (const field of boundFields(type as unknown as CompilableClass).values()) {
    if (field instanceof NestedField) checkSerializer(field.serializerClass, urls, seen);
    if (field instanceof HyperlinkedRelatedField) field.checkUrl(urls);
  }
}

/** Looks up what each filter of a set compares. Throws ImproperlyConfigured. */
export function checkFilterSet(type: FilterSetClass, queryset: Queryset, name: string): void {
  if (typeof type !== 'function') {
    throw new ImproperlyConfigured(
      `${name}.filtersetClass is no class: write \`filtersetClass = SomeFilter;\`, without \`new\`.`,
    );
  }
  const set = new type(queryset);
  const { metadata } = rootOf(queryset);
  for (const [filterName, filter] of set.getFilters()) {
    const { method } = filter.options;
    if (method === undefined) filter.checkSetup(metadata, filterName, `${type.name}.${filterName}`);
    else if (typeof method === 'string') set.requireMethod(method, filterName);
  }
}

function checkOwnColumn(metadata: EntityMetadata, text: string, where: string): void {
  const { steps } = requireColumn(metadata, text, where);
  if (steps.length === 0) return;
  throw new ImproperlyConfigured(`${where} is ${text}, which is no column of ${metadata.name} itself.`);
}

function columnsOf(fields: OrderingFields | null): readonly string[] {
  if (fields === null || fields === '__all__') return [];
  if (Array.isArray(fields)) return fields as readonly string[];
  return Object.values(fields).map((given) => (typeof given === 'string' ? given : given.field));
}

function isAlias(fields: OrderingFields | null, name: string): boolean {
  return fields !== null && typeof fields === 'object' && !Array.isArray(fields) && Object.hasOwn(fields, name);
}
