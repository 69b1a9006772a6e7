import type { Expression } from './lookups.ts';
import type { Queryset } from './queryset.ts';

/** Which rows of an ordered query are read. */
export interface RowRange {
  readonly offset: number;
  /** Left out: all from there on. */
  readonly limit?: number;
}

/** What is read beside the rows. */
export interface RowExtras {
  /** Values whose text is read with each row, exactly as the database writes it. */
  readonly positions?: readonly Expression[];
  /** True reads the number of all rows in the same trip. */
  readonly counted?: boolean;
}

/** Rows, and what was read beside them. */
export interface RowSlice<Row> {
  readonly rows: Row[];
  /** By row, the texts of the positions; null for null. */
  readonly positions: readonly (readonly (string | null)[])[];
  /** The number of all rows; null unless it was asked for, and when there is no row in the range to read it with. */
  readonly total: number | null;
}

/** Rows that a paginator takes pages of. */
export interface RowSource<Row = unknown> {
  /** The query; a paginator may add conditions and an order. Null for a list. */
  readonly queryset: Queryset | null;
  /** True when the rows are shown already, false when a serializer has to do it. */
  readonly isShown: boolean;
  /** The number of all rows. */
  count(): Promise<number>;
  /** What the database's planner guesses it to be. */
  estimatedCount(): Promise<number>;
  read(range: RowRange, extras?: RowExtras): Promise<RowSlice<Row>>;
}

/** The items of a list as rows: actions may paginate what they have computed. */
export class ListSource<Row> implements RowSource<Row> {
  readonly queryset = null;
  readonly isShown = false;

  constructor(private readonly items: readonly Row[]) {}

  count(): Promise<number> {
    return Promise.resolve(this.items.length);
  }

  estimatedCount(): Promise<number> {
    return this.count();
  }

  read({ offset, limit }: RowRange): Promise<RowSlice<Row>> {
    const rows = this.items.slice(offset, limit === undefined ? undefined : offset + limit);
    return Promise.resolve({ rows, positions: rows.map(() => []), total: this.items.length });
  }
}
