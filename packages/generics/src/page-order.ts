import { ImproperlyConfigured } from '@rf/exceptions';
import type { APIView, Request } from '@rf/views';
import type { EntityMetadata } from 'typeorm';
import { requireColumn } from './model-path.ts';
import { OrderingFilter } from './ordering-filter.ts';
import type { Queryset } from './queryset.ts';
import { type OrderTerm, orderTerm } from './row-order.ts';

/** A view with filter backends. */
interface FilteredView extends APIView {
  getFilterBackends?(): readonly unknown[];
}

/**
 * The order of pages that are found by position: what the view's OrderingFilter makes of the request, else the paginator's.
 */
export function pageOrder(
  queryset: Queryset,
  request: Request,
  view: APIView,
  own: string | readonly string[] | null,
  paginator: string,
): OrderTerm[] {
  for (const backend of (view as FilteredView).getFilterBackends?.() ?? []) {
    if (!(backend instanceof OrderingFilter)) continue;
    const ordering = backend.getOrdering(request, queryset, view);
    if (ordering !== null && ordering.length > 0) return backend.getOrderTerms(ordering, queryset, view);
    break;
  }
  return namesOf(own, paginator).map((name) => orderTerm(queryset, name, `${paginator}.ordering`));
}

/** Looks up what a paginator orders by. Throws ImproperlyConfigured for nothing, and for what there is not. */
export function checkPageOrder(
  metadata: EntityMetadata,
  own: string | readonly string[] | null,
  paginator: string,
): void {
  for (const name of namesOf(own, paginator)) requireColumn(metadata, name.replace(/^-/, ''), `${paginator}.ordering`);
}

function namesOf(own: string | readonly string[] | null, paginator: string): readonly string[] {
  const names = typeof own === 'string' ? [own] : (own ?? []);
  if (names.length > 0) return names;
  throw new ImproperlyConfigured(`${paginator} has no ordering. Write \`ordering = '-created';\` in the class.`);
}

/** The query of a paginator that needs one. */
export function queryOf(queryset: Queryset | null, paginator: string): Queryset {
  if (queryset !== null) return queryset;
  throw new ImproperlyConfigured(
    `${paginator} finds pages by comparing columns, so it takes a query. For a list use PageNumberPagination.`,
  );
}
