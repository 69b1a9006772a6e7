import { NotFound } from '@rf/exceptions';
import { type APIView, replaceQueryParam, type Request, Response } from '@rf/views';
import type { EntityMetadata } from 'typeorm';
import { BasePagination, type OpenApiObject, queryParameter, readCount } from './base-pagination.ts';
import { positionText, positionValue } from './cursor-position.ts';
import { type Cursor, decodeCursor, encodeCursor } from './cursor-token.ts';
import { type Lookup, requireLookup } from './lookups.ts';
import { checkPageOrder, pageOrder, queryOf } from './page-order.ts';
import { envelopeSchema } from './page-number-pagination.ts';
import { bind, type Queryset } from './queryset.ts';
import { nullsComeLast, orderBy, type OrderTerm, reversed, withTieBreak } from './row-order.ts';
import type { RowSource } from './row-source.ts';

const START: Cursor = { offset: 0, reverse: false, position: null };

/**
 * Pages that a client follows from link to link: `?cursor=cD00` (PG06).
 *
 * The cursor is the one of Django REST framework: the value of the ordering's first column, and how many rows with that
 * same value to leave out. It takes an ordering by a column that is nearly unique and does not change. An edited cursor is
 * answered 404. {@link KeysetPagination} takes any ordering and loses no row.
 */
export class CursorPagination extends BasePagination {
  /** Rows on a page; null for no pages. Default: the setting `pageSize`. */
  pageSize: number | null | undefined = undefined;
  cursorQueryParam = 'cursor';
  /** The parameter by which a client may choose the page size; null for none. */
  pageSizeQueryParam: string | null = null;
  /** The most that a client may choose; null for any number. */
  maxPageSize: number | null = null;
  /** Columns, `-` in front of descending ones. An OrderingFilter of the view comes first. */
  ordering: string | readonly string[] | null = '-created';
  /** The greatest offset that a cursor may have: a forged one must not make the database count rows for nothing. */
  offsetCutoff: number | null = 1000;
  invalidCursorMessage = 'Invalid cursor';

  /** The request being answered. */
  request!: Request;
  /** The cursor of the request; null without one. */
  cursor: Cursor | null = null;
  hasNext = false;
  hasPrevious = false;
  #pageSize = 0;
  #nextPosition: string | null = null;
  #previousPosition: string | null = null;
  /** The position of each row of the page. */
  #positions: (string | null)[] = [];

  override checkSetup(metadata: EntityMetadata): void {
    checkPageOrder(metadata, this.ordering, this.constructor.name);
  }

  override async paginateQueryset<Row>(source: RowSource<Row>, request: Request, view: APIView): Promise<Row[] | null> {
    this.request = request;
    const size = this.getPageSize(request);
    if (!size) return null;
    this.#pageSize = size;

    const queryset = queryOf(source.queryset, this.constructor.name);
    const terms = pageOrder(queryset, request, view, this.ordering, this.constructor.name);
    const [first] = terms as [OrderTerm];
    this.cursor = this.decodeCursor(request);
    const { offset, reverse, position } = this.cursor ?? START;
    const ordered = withTieBreak(queryset, terms);
    orderBy(queryset, reverse ? reversed(ordered) : ordered);
    if (position !== null) this.#startAt(queryset, first, position, reverse);

    const { rows, positions } = await source.read({ offset, limit: size + 1 }, { positions: [first.expression] });
    const { type } = first.expression;
    const texts = positions.map(([text]) => positionText(type, text ?? null));
    const hasFollowing = rows.length > size;
    const following = hasFollowing ? (texts[size] ?? null) : null;
    rows.length = Math.min(rows.length, size);
    texts.length = rows.length;
    if (reverse) {
      rows.reverse();
      texts.reverse();
    }
    this.#positions = texts;
    this.#place(hasFollowing, following, position, offset, reverse);
    return rows;
  }

  /** Leaves out the rows before the position. */
  #startAt(queryset: Queryset, term: OrderTerm, position: string, reverse: boolean): void {
    const { expression, descending } = term;
    const value = positionValue(expression.type, position);
    if (value === null) throw new NotFound(this.invalidCursorMessage);
    const lookup = comparison(expression.type, reverse !== descending ? 'lt' : 'gt');
    const condition = lookup.condition(expression, value, (bound) => bind(queryset, bound));
    // Rows without a value are behind every position where they come last.
    const [effective] = reverse ? reversed([term]) : [term];
    const isNullBehind = !term.isFilled && nullsComeLast(effective as OrderTerm);
    queryset.andWhere(isNullBehind ? `(${condition} OR ${expression.sql} IS NULL)` : condition);
  }

  #place(
    hasFollowing: boolean,
    following: string | null,
    position: string | null,
    offset: number,
    reverse: boolean,
  ): void {
    const hasPreceding = position !== null || offset > 0;
    this.hasNext = reverse ? hasPreceding : hasFollowing;
    this.hasPrevious = reverse ? hasFollowing : hasPreceding;
    this.#nextPosition = reverse ? position : following;
    this.#previousPosition = reverse ? following : position;
  }

  /** Rows on the page; null for no pages. */
  getPageSize(request: Request): number | null {
    if (this.pageSizeQueryParam !== null) {
      const asked = request.queryParams.get(this.pageSizeQueryParam);
      const size = readCount(asked, { strict: true, cutoff: this.maxPageSize });
      if (size !== null) return size;
    }
    return this.pageSize === undefined ? request.site.settings.pageSize : this.pageSize;
  }

  /** The cursor of the request; null without one. Throws NotFound for one that cannot be read. */
  decodeCursor(request: Request): Cursor | null {
    const text = request.queryParams.get(this.cursorQueryParam);
    if (text === undefined) return null;
    const cursor = decodeCursor(text, this.offsetCutoff);
    if (cursor === null) throw new NotFound(this.invalidCursorMessage);
    return cursor;
  }

  /** The URL of the request with another cursor. */
  encodeCursor(cursor: Cursor): string {
    return replaceQueryParam(this.request.buildAbsoluteUri(), this.cursorQueryParam, encodeCursor(cursor));
  }

  /** The URL of the next page; null on the last one. */
  getNextLink(): string | null {
    if (!this.hasNext) return null;
    const { cursor } = this;
    const positions = [...this.#positions].reverse();
    // Where the direction turns, the first position that is found cannot be the mark.
    const turns = cursor !== null && cursor.reverse && cursor.offset !== 0 && positions.length > 0;
    const mark = markBefore(positions, turns ? (positions[0] ?? null) : this.#nextPosition);
    if (positions.length === 0) return this.encodeCursor({ ...mark, reverse: false, position: this.#nextPosition });
    if (mark.isUnique) return this.encodeCursor({ ...mark, reverse: false });

    // All rows of the page have the same position.
    if (!this.hasPrevious) return this.encodeCursor({ offset: this.#pageSize, reverse: false, position: null });
    const offset = cursor?.reverse ? 0 : (cursor?.offset ?? 0) + this.#pageSize;
    return this.encodeCursor({ offset, reverse: false, position: this.#previousPosition });
  }

  /** The URL of the previous page; null on the first one. */
  getPreviousLink(): string | null {
    if (!this.hasPrevious) return null;
    const { cursor } = this;
    const positions = this.#positions;
    const turns = cursor !== null && !cursor.reverse && cursor.offset !== 0 && positions.length > 0;
    const mark = markBefore(positions, turns ? (positions[0] ?? null) : this.#previousPosition);
    if (positions.length === 0) return this.encodeCursor({ ...mark, reverse: true, position: this.#previousPosition });
    if (mark.isUnique) return this.encodeCursor({ ...mark, reverse: true });

    if (!this.hasNext) return this.encodeCursor({ offset: this.#pageSize, reverse: true, position: null });
    const offset = cursor?.reverse ? cursor.offset + this.#pageSize : 0;
    return this.encodeCursor({ offset, reverse: true, position: this.#nextPosition });
  }

  override getPaginatedResponse(data: readonly unknown[]): Response {
    return new Response({ next: this.getNextLink(), previous: this.getPreviousLink(), results: data });
  }

  override getPaginatedResponseSchema(schema: OpenApiObject): OpenApiObject {
    const { cursorQueryParam: name } = this;
    return envelopeSchema(schema, false, `${name}=cD00ODY%3D`, `${name}=cj0xJnA9NDg3`);
  }

  override getSchemaOperationParameters(_view: APIView): OpenApiObject[] {
    const parameters = [queryParameter(this.cursorQueryParam, 'The pagination cursor value.', { type: 'string' })];
    if (this.pageSizeQueryParam !== null) {
      const schema = { type: 'integer' };
      parameters.push(queryParameter(this.pageSizeQueryParam, 'Number of results to return per page.', schema));
    }
    return parameters;
  }
}

/**
 * The nearest position that is not that of the row behind it, and how many rows lie between.
 *
 * @param positions of the page, from the end that the link leads away from
 */
function markBefore(
  positions: readonly (string | null)[],
  behind: string | null,
): { offset: number; position: string | null; isUnique: boolean } {
  let offset = 0;
  for (const position of positions) {
    if (position !== behind) return { offset, position, isUnique: true };
    offset += 1;
  }
  return { offset, position: behind, isUnique: false };
}

function comparison(type: string, name: 'lt' | 'gt'): Lookup {
  return requireLookup(type, [name], 'UTC', 'cursor');
}
