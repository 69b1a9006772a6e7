import { ErrorDetail, ValidationError } from '@rf/exceptions';
import type { Request } from '@rf/views';
import type { EntityMetadata } from 'typeorm';
import { Filter, type FilterInput, type TextFilter } from './filter.ts';
import type { Queryset } from './queryset.ts';
import { DateFilter, DateTimeFilter, IsoDateTimeFilter, NumberFilter, TimeFilter } from './value-filters.ts';

/** Two ends, of which one may be left open. */
interface Range {
  readonly from: unknown;
  readonly to: unknown;
}

/** Reads two ends from two parameters: `?price_min=5&price_max=10`. */
abstract class EndsFilter extends Filter<Range> {
  /** Reads one end. */
  protected abstract readonly end: TextFilter;
  protected readonly suffixes: readonly [string, string] = ['min', 'max'];

  override parameterNames(name: string): readonly string[] {
    return this.suffixes.map((suffix) => `${name}_${suffix}`);
  }

  override async read(name: string, input: FilterInput): Promise<Range | null> {
    const errors: ErrorDetail[] = [];
    const [from, to] = await Promise.all(
      this.parameterNames(name).map(async (parameter) => {
        try {
          return await this.end.read(parameter, input);
        } catch (error) {
          collect(error, errors);
          return null;
        }
      }),
    );
    if (errors.length > 0) throw new ValidationError(errors);
    return from === null && to === null ? null : { from, to };
  }

  override checkSetup(metadata: EntityMetadata, name: string, where: string): void {
    this.requirePath(metadata, name, 'range', where);
  }

  override apply(queryset: Queryset, name: string, { from, to }: Range, request: Request): Queryset {
    if (from !== null && to !== null) return this.compare(queryset, name, 'range', [from, to], request);
    const [lookup, value] = from === null ? ['lte', to] : ['gte', from];
    return this.compare(queryset, name, lookup as string, value, request);
  }
}

/** The texts of both ends, each text once. */
function collect(error: unknown, errors: ErrorDetail[]): void {
  if (!(error instanceof ValidationError) || !Array.isArray(error.detail)) throw error;
  for (const detail of error.detail as ErrorDetail[]) {
    if (!errors.some((known) => known.equals(detail))) errors.push(detail);
  }
}

/** Numbers: `price_min`, `price_max`. */
export class RangeFilter extends EndsFilter {
  protected readonly end = new NumberFilter();
}

/** Dates: `published_after`, `published_before`. */
export class DateFromToRangeFilter extends EndsFilter {
  protected readonly end = new DateFilter();
  protected override readonly suffixes = ['after', 'before'] as const;
}

/** Moments: `created_after`, `created_before`. */
export class DateTimeFromToRangeFilter extends EndsFilter {
  protected readonly end = new DateTimeFilter();
  protected override readonly suffixes = ['after', 'before'] as const;
}

/** Moments in ISO 8601: `created_after`, `created_before`. */
export class IsoDateTimeFromToRangeFilter extends EndsFilter {
  protected readonly end = new IsoDateTimeFilter();
  protected override readonly suffixes = ['after', 'before'] as const;
}

/** Times of day: `opens_after`, `opens_before`. */
export class TimeRangeFilter extends EndsFilter {
  protected readonly end = new TimeFilter();
  protected override readonly suffixes = ['after', 'before'] as const;
}
