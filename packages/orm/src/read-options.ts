import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import type { EntityType } from './related-source.ts';

/** Whose rows a plan reads: all of an entity, or those of a query. */
export type PlanSource<Entity = unknown> = EntityType<Entity> | SelectQueryBuilder<Entity & ObjectLiteral>;

/** Which of the source's rows, and in what order. */
export interface ReadOptions {
  /**
   * Values that properties must have: `{ id: '7' }`, also `{ 'publisher.id': 3 }`; null for none, a list for any of its
   * items. Text is read as the column's type.
   */
  readonly where?: Readonly<Record<string, unknown>>;
  /** Properties to order by, `-` in front for descending; instead of the source's own order. */
  readonly order?: readonly string[];
  /** Most rows. */
  readonly limit?: number;
  /** Rows to leave out at the start. */
  readonly offset?: number;
  /** Keeps others from changing the rows until the transaction ends: only inside `atomic()`. */
  readonly lock?: boolean;
  /** SQL over the query's own alias whose texts are read with each row: positions of a keyset, say. Of queries only. */
  readonly texts?: readonly string[];
}

/** The rows of a source in SQL, without what a plan reads of them. */
export interface PlanRows {
  /** What follows FROM, up to the plan's own joins: the entity's rows are called `t0` there. */
  readonly from: string;
  /** The page of rows alone, which {@link from} cuts out; null where there is none, or rows are to be locked. */
  readonly page: string | null;
  /** `WHERE …`; empty or with a space in front. */
  readonly where: string;
  /** `ORDER BY …`; with a space in front. */
  readonly order: string;
  /** `FOR UPDATE …`; empty or with a space in front. */
  readonly end: string;
  /** Counts all rows of the source, over the same parameters; null where it would need others. */
  readonly count: string | null;
  /** SQL that reads the texts that were asked for. */
  readonly texts: readonly string[];
}
