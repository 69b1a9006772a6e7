import type { APIView, Awaitable, Request } from '@rf/views';
import type { OpenApiObject } from './base-pagination.ts';
import type { Queryset } from './queryset.ts';

/**
 * Narrows or orders the rows of a view by what the request says (FT01, FT06).
 *
 * ```ts
 * class IsOwnerFilter extends BaseFilterBackend {
 *   override filterQueryset(request: Request, queryset: Queryset<Book>) {
 *     return queryset.andWhere('book.owner = :owner', { owner: request.user.id });
 *   }
 * }
 * ```
 *
 * A view asks its backends in order, for lists and for single objects. A new object serves each request.
 */
export abstract class BaseFilterBackend {
  /** The rows that are left: the query itself, with more conditions, or another one. */
  abstract filterQueryset(request: Request, queryset: Queryset, view: APIView): Awaitable<Queryset>;

  /**
   * True when the request asks nothing of this backend, so that no query has to be made for it. Answer so only where
   * {@link filterQueryset} would change nothing.
   */
  isIdle(_request: Request, _view: APIView): boolean {
    return false;
  }

  /** The query parameters that are read, as OpenAPI has them. */
  getSchemaOperationParameters(_view: APIView): OpenApiObject[] {
    return [];
  }
}

/** A concrete filter backend, made for each request without arguments. */
export type FilterBackendClass = new () => BaseFilterBackend;
