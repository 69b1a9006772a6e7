import type { Request } from '@rf/views';
import type { EntityMetadata } from 'typeorm';
import { Filter, type FilterInput, type FilterOptions, invalid, type TextFilter } from './filter.ts';
import type { Queryset } from './queryset.ts';

/** Options of {@link LookupChoiceFilter}. */
export interface LookupChoiceFilterOptions extends FilterOptions {
  /** Reads the value. */
  readonly of: TextFilter;
  /** Lookups that a client may choose from, perhaps with human names. */
  readonly lookupChoices: readonly (string | readonly [lookup: string, label: string])[];
}

/** A value, and how it compares. */
interface Comparison {
  readonly value: unknown;
  readonly lookup: string;
}

/** A value that the client compares as it likes: `?price=10&price_lookup=gt`. */
export class LookupChoiceFilter extends Filter<Comparison, LookupChoiceFilterOptions> {
  override parameterNames(name: string): readonly string[] {
    return [name, `${name}_lookup`];
  }

  override async read(name: string, input: FilterInput): Promise<Comparison | null> {
    const value = await this.options.of.read(name, input);
    if (value === null) return null;
    const lookup = input.params.get(`${name}_lookup`) ?? '';
    if (lookup === '') throw invalid('Select a lookup.', 'lookup_required');
    if (this.#lookups().includes(lookup)) return { value, lookup };
    throw invalid(`Select a valid choice. ${lookup} is not one of the available choices.`, 'invalid_choice');
  }

  override checkSetup(metadata: EntityMetadata, name: string, where: string): void {
    for (const lookup of this.#lookups()) this.requirePath(metadata, name, lookup, where);
  }

  #lookups(): readonly string[] {
    return this.options.lookupChoices.map((choice) => (typeof choice === 'string' ? choice : choice[0]));
  }

  override apply(queryset: Queryset, name: string, { value, lookup }: Comparison, request: Request): Queryset {
    return this.compare(queryset, name, lookup, this.options.of.stored(value, queryset, this.fieldName(name)), request);
  }
}
