import type { APIView, Request } from '@rf/views';
import type { OpenApiObject } from './base-pagination.ts';
import { filterName, FilterSet, type FilterSetClass, type FilterSetFields } from './filter-set.ts';
import { BaseFilterBackend } from './filter-backend.ts';
import type { EntityType, Queryset } from './queryset.ts';

/** A view that says what it can be filtered by. */
interface FieldFilteredView extends APIView {
  readonly filtersetFields?: FilterSetFields | null;
  readonly filtersetClass?: FilterSetClass | null;
  getQueryset?(): Queryset;
}

const made = new WeakMap<object, Map<string, FilterSetClass>>();

/**
 * Filters by the values of columns, `?price__lt=20&language=fr`, as django-filter does (FT07).
 *
 * The view says by which: `filtersetFields`, a list of columns or a map of columns to lookups, or `filtersetClass`, a
 * {@link FilterSet} of its own. Wrong values are answered 400 with a text for each parameter; empty values and unknown
 * parameters are passed over.
 */
export class FieldFilter extends BaseFilterBackend {
  /** The filter set class of a view; null when it has none. */
  getFiltersetClass(view: APIView): FilterSetClass | null {
    const { filtersetClass, filtersetFields } = view as FieldFilteredView;
    if (filtersetClass) return filtersetClass;
    if (!filtersetFields || Object.keys(filtersetFields).length === 0) return null;
    return filterSetOf(view.constructor, filtersetFields);
  }

  override isIdle(request: Request, view: APIView): boolean {
    const { prototype } = FieldFilter;
    if (this.filterQueryset !== prototype.filterQueryset || this.getFiltersetClass !== prototype.getFiltersetClass) {
      return false;
    }
    const { filtersetClass, filtersetFields } = view as FieldFilteredView;
    if (filtersetClass) return false;
    if (!filtersetFields) return true;
    return (
      filtersetFields !== '__all__' && !parametersOf(filtersetFields).some((name) => request.queryParams.has(name))
    );
  }

  override async filterQueryset(request: Request, queryset: Queryset, view: APIView): Promise<Queryset> {
    const Class = this.getFiltersetClass(view);
    return Class === null ? queryset : new Class(queryset, request).filterQueryset();
  }

  override getSchemaOperationParameters(view: APIView): OpenApiObject[] {
    const Class = this.getFiltersetClass(view);
    const queryset = (view as FieldFilteredView).getQueryset?.();
    if (Class === null || queryset === undefined) return [];
    const filters = new Class(queryset, view.request).getFilters();
    return [...filters].flatMap(([name, filter]) => filter.schemaParameters(name));
  }
}

function parametersOf(fields: Exclude<FilterSetFields, '__all__'>): readonly string[] {
  if (Array.isArray(fields)) return fields as readonly string[];
  const entries = Object.entries(fields as Readonly<Record<string, readonly string[]>>);
  return entries.flatMap(([field, lookups]) => lookups.map((lookup) => filterName(field, lookup)));
}

/** The filter set of fields that a view class names; made once for each. */
function filterSetOf(viewClass: object, fields: FilterSetFields): FilterSetClass {
  let known = made.get(viewClass);
  if (known === undefined) made.set(viewClass, (known = new Map()));
  const key = JSON.stringify(fields);
  let type = known.get(key);
  if (type === undefined) {
    type = class extends FilterSet {
      static override fields = fields;
    };
    Object.defineProperty(type, 'name', { value: `${(viewClass as EntityType).name}.filterset` });
    known.set(key, type);
  }
  return type;
}
