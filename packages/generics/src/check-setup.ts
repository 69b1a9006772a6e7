import { ImproperlyConfigured } from '@rf/exceptions';
import type { EntityMetadata } from 'typeorm';
import { derivedFilter } from './derived-filters.ts';
import type { FilterSetFields } from './filter-set.ts';
import { memberNames, resolvePath } from './model-path.ts';
import type { OrderingFields } from './ordering-filter.ts';

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
  const column = (path: string, member: string): void => {
    const found = resolvePath(metadata, path);
    if (found !== null && found.rest.length === 0) return;
    throw new ImproperlyConfigured(
      `${name}.${member}: ${metadata.name} has no column ${path}. It has ${memberNames(metadata)}.`,
    );
  };
  if (lookupField !== 'pk') column(lookupField, 'lookupField');
  if (etagField !== null) column(etagField, 'etagField');
  for (const field of searchFields ?? []) {
    if (resolvePath(metadata, field.replace(/^[\^=@$]/, '')) !== null) continue;
    throw new ImproperlyConfigured(
      `${name}.searchFields: ${metadata.name} has no ${field} to search. It has ${memberNames(metadata)}.`,
    );
  }
  for (const term of typeof ordering === 'string' ? [ordering] : (ordering ?? [])) {
    if (!isAlias(orderingFields, withoutSign(term))) column(withoutSign(term), 'ordering');
  }
  for (const field of columnsOf(orderingFields)) column(field, 'orderingFields');
  if (filtersetFields === null || filtersetFields === '__all__') return;
  const lookups: readonly (readonly [string, readonly string[]])[] = Array.isArray(filtersetFields)
    ? (filtersetFields as readonly string[]).map((field) => [field, ['exact']] as const)
    : Object.entries(filtersetFields as Readonly<Record<string, readonly string[]>>);
  for (const [field, names] of lookups) {
    for (const lookup of names) derivedFilter(metadata, field, lookup, `${name}.filtersetFields`);
  }
}

function columnsOf(fields: OrderingFields | null): readonly string[] {
  if (fields === null || fields === '__all__') return [];
  if (Array.isArray(fields)) return fields as readonly string[];
  return Object.values(fields).map((given) => (typeof given === 'string' ? given : given.field));
}

function isAlias(fields: OrderingFields | null, name: string): boolean {
  return fields !== null && typeof fields === 'object' && !Array.isArray(fields) && Object.hasOwn(fields, name);
}

function withoutSign(term: string): string {
  return term.startsWith('-') ? term.slice(1) : term;
}
