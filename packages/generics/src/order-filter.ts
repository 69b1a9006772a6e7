import { Filter, type FilterInput, type FilterOptions, invalid } from './filter.ts';
import type { EntityMetadata } from 'typeorm';
import { requireColumn } from './model-path.ts';
import type { Queryset } from './queryset.ts';
import { orderBy, orderTerm, withTieBreak } from './row-order.ts';

/** Options of {@link OrderFilter}. */
export interface OrderFilterOptions extends FilterOptions {
  /** Columns and paths, and the names by which clients ask for them: `{ price: 'cost' }`; a list where both are the same. */
  readonly fields: readonly string[] | Readonly<Record<string, string>>;
}

/** An order as one of the filters of a set: `?sort=-cost,title`. Unlike OrderingFilter it refuses names it does not know. */
export class OrderFilter extends Filter<readonly string[], OrderFilterOptions> {
  /** Columns by the names that clients use. */
  readonly #fields: ReadonlyMap<string, string>;

  constructor(options: OrderFilterOptions) {
    super(options);
    const { fields } = options;
    this.#fields = new Map(
      Array.isArray(fields)
        ? (fields as readonly string[]).map((field) => [field, field])
        : Object.entries(fields).map(([field, name]) => [name as string, field]),
    );
  }

  override read(name: string, { params }: FilterInput): readonly string[] | null {
    const text = params.get(name);
    if (text === undefined || text === '') return null;
    const terms = text.split(',').filter((term) => term !== '');
    for (const term of terms) {
      if (this.#fields.has(withoutSign(term))) continue;
      throw invalid(`Select a valid choice. ${term} is not one of the available choices.`, 'invalid_choice');
    }
    return terms;
  }

  override checkSetup(metadata: EntityMetadata, _name: string, where: string): void {
    for (const field of this.#fields.values()) requireColumn(metadata, field, where);
  }

  override apply(queryset: Queryset, name: string, terms: readonly string[]): Queryset {
    if (terms.length === 0) return queryset;
    const ordering = terms.map((term) => {
      const field = this.#fields.get(withoutSign(term)) as string;
      return orderTerm(queryset, term.startsWith('-') ? `-${field}` : field, `OrderFilter ${name}`);
    });
    orderBy(queryset, withTieBreak(queryset, ordering));
    return queryset;
  }
}

function withoutSign(term: string): string {
  return term.startsWith('-') ? term.slice(1) : term;
}
