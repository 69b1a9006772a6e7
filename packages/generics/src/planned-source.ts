import type { PlanSource, ReadPlan } from '@rf/orm';
import type { BaseSerializer } from '@rf/serializers';
import { estimateRows } from './entity-source.ts';
import type { Queryset } from './queryset.ts';
import type { RowExtras, RowRange, RowSlice, RowSource } from './row-source.ts';

/** Rows that a read plan shows: each is what the serializer would make of the entity, which nobody makes. */
export class PlannedSource implements RowSource {
  readonly isShown = true;
  #source: PlanSource;

  constructor(
    private readonly plan: ReadPlan,
    source: PlanSource,
    /** Stands for all serializers of the rows. */
    private readonly serializer: BaseSerializer,
    private readonly makeQuery: () => Queryset,
  ) {
    this.#source = source;
  }

  get queryset(): Queryset {
    // Who asks for the query will change it, so it is read from then on.
    if (typeof this.#source === 'function') this.#source = this.makeQuery();
    return this.#source as Queryset;
  }

  count(): Promise<number> {
    return this.plan.count(this.#source, {}, this.serializer);
  }

  estimatedCount(): Promise<number> {
    return estimateRows(this.queryset);
  }

  async read(range: RowRange, { positions = [], counted = false }: RowExtras = {}): Promise<RowSlice<unknown>> {
    if (counted) {
      const { results, count } = await this.plan.page(this.#source, range, this.serializer);
      return { rows: results, positions: [], total: count };
    }
    const texts = positions.map(({ sql }) => sql);
    const { results, texts: found } = await this.plan.listWith(this.#source, range, texts, this.serializer);
    return { rows: results, positions: found, total: null };
  }
}
