import { createHash } from 'node:crypto';
import { countSql, textsOf } from './entity-source.ts';
import type { Expression } from './lookups.ts';
import { type Queryset, rootOf } from './queryset.ts';
import type { RowExtras, RowRange, RowSlice, RowSource } from './row-source.ts';

/** Thrown where the client has what it asks for. */
export class NotModified extends Error {
  override readonly name = 'NotModified';

  /** @param tag of what the client has */
  constructor(readonly tag: string) {
    super('not modified');
  }
}

/** How rows are told from what they were. */
export interface Tagging {
  /** Changes whenever a row does; its text is never null. */
  readonly version: Expression;
  /** True asks before anything else is read. */
  readonly isConditional: boolean;
  /** Told the tag; true where the client has the same. */
  readonly isKnown: (tag: string) => boolean;
}

/**
 * Rows that come with a text that changes whenever one of them does, another takes its place, or the number of all changes, where
 * that is shown. Versions are read beside the rows; alone and first where the client may have the same already.
 */
export class TaggedSource implements RowSource {
  /** Of what was read; null before. */
  tag: string | null = null;
  #total: number | null = null;

  constructor(
    private readonly rows: RowSource,
    readonly queryset: Queryset,
    private readonly tagging: Tagging,
  ) {}

  get isShown(): boolean {
    return this.rows.isShown;
  }

  async count(): Promise<number> {
    this.#total = await this.rows.count();
    return this.#total;
  }

  estimatedCount(): Promise<number> {
    return this.rows.estimatedCount();
  }

  /** Throws {@link NotModified}. */
  async read(range: RowRange, { positions = [], counted = false }: RowExtras = {}): Promise<RowSlice<unknown>> {
    const marks = this.#marks(counted);
    if (this.tagging.isConditional) {
      const { tag } = await this.#mark(await textsOf(this.queryset, range, marks), counted);
      if (this.tagging.isKnown(tag)) throw new NotModified(tag);
    }
    const found = await this.rows.read(range, { positions: [...positions, ...marks] });
    const texts = found.positions.map((row) => row.slice(positions.length));
    const { tag, total } = await this.#mark(texts, counted);
    this.tag = tag;
    return { rows: found.rows, positions: found.positions.map((row) => row.slice(0, positions.length)), total };
  }

  /** What is read of each row: its version, its key and, where it is wanted, the number of all rows. */
  #marks(counted: boolean): Expression[] {
    const { alias, metadata } = rootOf(this.queryset);
    const key = metadata.primaryColumns.map(({ databaseName }) => `"${alias}"."${databaseName}"`);
    const total = counted ? [`(${countSql(this.queryset)})`] : [];
    return [this.tagging.version, ...[...key, ...total].map((sql) => ({ sql, type: 'text' }))];
  }

  async #mark(
    rows: readonly (readonly (string | null)[])[],
    counted: boolean,
  ): Promise<{ tag: string; total: number | null }> {
    const total = counted ? Number(rows[0]?.at(-1) ?? (await this.rows.count())) : null;
    // A row that stands in the result several times says nothing new.
    const known = new Set(rows.map((row) => JSON.stringify(row)));
    const text = JSON.stringify([total ?? this.#total, ...known]);
    return { tag: createHash('sha256').update(text).digest('base64url'), total };
  }
}
