import { ErrorDetail, ImproperlyConfigured, ValidationError } from '@rf/exceptions';
import { boundFields, type CompilableClass, Serializer, strip } from '@rf/serializers';
import type { APIView, Request } from '@rf/views';
import { type OpenApiObject, queryParameter } from './base-pagination.ts';
import { BaseFilterBackend } from './filter-backend.ts';
import { isSecret, isToMany, resolvePath } from './model-path.ts';
import { type Queryset, rootOf } from './queryset.ts';
import { type NullsPlacement, orderBy, type OrderTerm, orderTerm, withTieBreak } from './row-order.ts';

/** A column that clients may order by under another name, and where rows without a value come. */
export interface OrderingField extends NullsPlacement {
  readonly field: string;
}

/**
 * What clients may order by: columns and paths, all columns, or columns by the names that clients use.
 *
 * `{ cost: 'price', rating: { field: 'rating', nulls: 'last' } }`
 */
export type OrderingFields = readonly string[] | '__all__' | Readonly<Record<string, string | OrderingField>>;

/** A view that says what it may be ordered by. */
interface OrderedView extends APIView {
  readonly ordering?: string | readonly string[] | null;
  readonly orderingFields?: OrderingFields | null;
  getSerializerClass?(): unknown;
  getOutputSerializerClass?(): unknown;
}

/**
 * `?ordering=-price,title` (FT05).
 *
 * What may be named are the view's `orderingFields`; without them, what its serializer shows. Other names are passed over,
 * and where none is left the view's `ordering` applies. Rows that are equal come in the order of their keys.
 */
export class OrderingFilter extends BaseFilterBackend {
  /** Name of the query parameter; null is the setting `orderingParam`. */
  orderingParam: string | null = null;
  /** For views that have no `orderingFields` of their own. */
  orderingFields: OrderingFields | null = null;
  orderingTitle = 'Ordering';
  orderingDescription = 'Which field to use when ordering the results.';
  /** `reject` answers 400 for names that may not be used; default `ignore`. */
  unknownOrdering: 'ignore' | 'reject' = 'ignore';

  /** The names that the request, else the view, orders by, `-` in front of descending ones; null for none. */
  getOrdering(request: Request, queryset: Queryset, view: APIView): readonly string[] | null {
    const name = this.orderingParam ?? request.site.settings.orderingParam;
    const asked = request.queryParams.get(name);
    if (asked) {
      const terms = asked.split(',').map(strip);
      const valid = this.removeInvalidFields(queryset, terms, view, request);
      if (valid.length < terms.length && this.unknownOrdering === 'reject') this.#refuse(name, terms, valid);
      if (valid.length > 0) return valid;
    }
    return this.getDefaultOrdering(view);
  }

  #refuse(name: string, terms: readonly string[], valid: readonly string[]): never {
    const unknown = terms.filter((term) => !valid.includes(term));
    throw new ValidationError({
      [name]: unknown.map((term) => new ErrorDetail(`"${term}" is not a field to order by.`, 'invalid_choice')),
    });
  }

  getDefaultOrdering(view: APIView): readonly string[] | null {
    const { ordering } = view as OrderedView;
    return typeof ordering === 'string' ? [ordering] : (ordering ?? null);
  }

  /** What may be named, with the columns that are meant. */
  getValidFields(queryset: Queryset, view: APIView, _request: Request): ReadonlyMap<string, OrderingField> {
    const given = (view as OrderedView).orderingFields ?? this.orderingFields;
    if (given === null) return this.getDefaultValidFields(queryset, view);
    return given === '__all__' ? allColumns(queryset) : namedFields(given);
  }

  /** The columns that the view's serializer shows, under the names that they have in the entity. */
  getDefaultValidFields(queryset: Queryset, view: APIView): ReadonlyMap<string, OrderingField> {
    const { getOutputSerializerClass, getSerializerClass } = view as OrderedView;
    const type = (getOutputSerializerClass ?? getSerializerClass)?.call(view);
    if (typeof type !== 'function' || !(type.prototype instanceof Serializer)) {
      throw new ImproperlyConfigured(
        `Cannot use ${this.constructor.name} on ${view.constructor.name}, which has neither a serializerClass with fields ` +
          "nor orderingFields. Write `orderingFields = ['id'];` in the view.",
      );
    }
    const { metadata } = rootOf(queryset);
    const fields = new Map<string, OrderingField>();
    for (const { writeOnly, source } of boundFields(type as unknown as CompilableClass).values()) {
      if (writeOnly || source === '*') continue;
      const path = resolvePath(metadata, source);
      // What is computed, and lists, have no place in an order.
      if (path === null || path.rest.length > 0 || path.steps.some(isToMany)) continue;
      const name = source.replaceAll('.', '__');
      fields.set(name, { field: name });
    }
    return fields;
  }

  removeInvalidFields(
    queryset: Queryset,
    terms: readonly string[],
    view: APIView,
    request: Request,
  ): readonly string[] {
    const valid = this.getValidFields(queryset, view, request);
    return terms.filter((term) => valid.has(term.startsWith('-') ? term.slice(1) : term));
  }

  /** What names mean for a query. */
  getOrderTerms(ordering: readonly string[], queryset: Queryset, view: APIView): OrderTerm[] {
    const given = (view as OrderedView).orderingFields ?? this.orderingFields;
    const named = given === null || given === '__all__' ? null : namedFields(given);
    const where = `${view.constructor.name}.ordering`;
    return ordering.map((term) => {
      const descending = term.startsWith('-');
      const name = descending ? term.slice(1) : term;
      // The view's own default may name what clients may not.
      const { field, ...placement } = named?.get(name) ?? { field: name };
      return orderTerm(queryset, `${descending ? '-' : ''}${field}`, where, placement);
    });
  }

  override isIdle(request: Request, view: APIView): boolean {
    const { prototype } = OrderingFilter;
    const isStock = this.filterQueryset === prototype.filterQueryset && this.getOrdering === prototype.getOrdering;
    if (!isStock || (this.getDefaultOrdering(view)?.length ?? 0) > 0) return false;
    return !request.queryParams.get(this.orderingParam ?? request.site.settings.orderingParam);
  }

  override filterQueryset(request: Request, queryset: Queryset, view: APIView): Queryset {
    const ordering = this.getOrdering(request, queryset, view);
    if (ordering === null || ordering.length === 0) return queryset;
    orderBy(queryset, withTieBreak(queryset, this.getOrderTerms(ordering, queryset, view)));
    return queryset;
  }

  override getSchemaOperationParameters(view: APIView): OpenApiObject[] {
    const name = this.orderingParam ?? view.site.settings.orderingParam;
    return [queryParameter(name, this.orderingDescription, { type: 'string' })];
  }
}

function namedFields(given: Exclude<OrderingFields, '__all__'>): ReadonlyMap<string, OrderingField> {
  const entries = Array.isArray(given)
    ? (given as readonly string[]).map((field) => [field, field] as const)
    : Object.entries(given as Readonly<Record<string, string | OrderingField>>);
  return new Map(entries.map(([name, field]) => [name, typeof field === 'string' ? { field } : field]));
}

/** Every column but those that are nobody's business. */
function allColumns(queryset: Queryset): ReadonlyMap<string, OrderingField> {
  const { metadata } = rootOf(queryset);
  const fields = new Map<string, OrderingField>();
  for (const column of metadata.columns) {
    const name = (column.relationMetadata ?? column).propertyPath.replaceAll('.', '__');
    if (!isSecret(column)) fields.set(name, { field: name });
  }
  return fields;
}
