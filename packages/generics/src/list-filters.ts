import { type FilterInput, type FilterOptions, Filter, invalid, type TextFilter } from './filter.ts';
import type { Queryset } from './queryset.ts';

/** Options of filters that take values parted by commas. */
export interface ListFilterOptions extends FilterOptions {
  /** Reads one value. */
  readonly of: TextFilter;
}

/** Reads values parted by commas: `?id=1,2,5`. */
abstract class ListFilter extends Filter<readonly unknown[], ListFilterOptions> {
  override async read(name: string, input: FilterInput): Promise<readonly unknown[] | null> {
    const text = input.params.get(name);
    if (text === undefined || text === '') return null;
    const values: unknown[] = [];
    for (const part of text.split(',')) values.push(await this.options.of.clean(part, input));
    return this.checked(values);
  }

  protected checked(values: readonly unknown[]): readonly unknown[] {
    return values;
  }

  override stored(values: readonly unknown[], queryset: Queryset, field: string): unknown {
    return values.map((value) => (value === null ? null : this.options.of.stored(value, queryset, field)));
  }
}

/** Any of some values: `new BaseInFilter({ of: new NumberFilter(), fieldName: 'id' })`. */
export class BaseInFilter extends ListFilter {
  override get lookupExpr(): string {
    return this.options.lookupExpr ?? 'in';
  }
}

/** From one value to another: `?price=5,10`. */
export class BaseRangeFilter extends ListFilter {
  override get lookupExpr(): string {
    return this.options.lookupExpr ?? 'range';
  }

  protected override checked(values: readonly unknown[]): readonly unknown[] {
    if (values.length !== 2) throw invalid('Range query expects two values.', 'invalid_values');
    return values;
  }
}
