import { NotFound } from '@rf/exceptions';
import { type APIView, replaceQueryParam, type Request, Response } from '@rf/views';
import type { EntityMetadata } from 'typeorm';
import { BasePagination, type OpenApiObject, queryParameter, readCount } from './base-pagination.ts';
import { type KeysetCursor, readCursor, signCursor } from './keyset-token.ts';
import { checkPageOrder, pageOrder, queryOf } from './page-order.ts';
import { envelopeSchema } from './page-number-pagination.ts';
import { bind, type Queryset, rootOf } from './queryset.ts';
import { nullsComeLast, orderBy, type OrderTerm, reversed, withTieBreak } from './row-order.ts';
import type { RowSource } from './row-source.ts';

/**
 * Pages that a client follows from link to link, whatever the ordering: several columns, each its own way, with values
 * missing (W33).
 *
 * The key comes last in every ordering, so each row has a place of its own: following the links shows every row that is
 * there all the time exactly once, whatever is added or deleted meanwhile. A page costs the same wherever it is. Cursors are
 * signed and belong to their ordering; any other is answered 404.
 *
 * ```ts
 * class NewestFirst extends KeysetPagination {
 *   override pageSize = 50;
 *   override ordering = ['-published', 'title'];
 * }
 * ```
 */
export class KeysetPagination extends BasePagination {
  /** Rows on a page; null for no pages. Default: the setting `pageSize`. */
  pageSize: number | null | undefined = undefined;
  cursorQueryParam = 'cursor';
  /** The parameter by which a client may choose the page size; null for none. */
  pageSizeQueryParam: string | null = null;
  /** The most that a client may choose; null for any number. */
  maxPageSize: number | null = null;
  /** Columns and paths, `-` in front of descending ones. An OrderingFilter of the view comes first. */
  ordering: string | readonly string[] | null = 'pk';
  invalidCursorMessage = 'Invalid cursor';

  /** The request being answered. */
  request!: Request;
  #ordering = '';
  #cursor: KeysetCursor | null = null;
  #hasNext = false;
  #hasPrevious = false;
  /** Values of the first and of the last row of the page. */
  #ends: { readonly first: readonly (string | null)[]; readonly last: readonly (string | null)[] } | null = null;

  override checkSetup(metadata: EntityMetadata): void {
    checkPageOrder(metadata, this.ordering, this.constructor.name);
  }

  override async paginateQueryset<Row>(source: RowSource<Row>, request: Request, view: APIView): Promise<Row[] | null> {
    this.request = request;
    const size = this.getPageSize(request);
    if (!size) return null;

    const queryset = queryOf(source.queryset, this.constructor.name);
    const terms = withTieBreak(queryset, pageOrder(queryset, request, view, this.ordering, this.constructor.name));
    this.#ordering = describeOrder(queryset, terms);
    this.#cursor = this.#readCursor(request);
    const reverse = this.#cursor?.reverse ?? false;
    const ordered = reverse ? reversed(terms) : terms;
    orderBy(queryset, ordered);
    if (this.#cursor !== null) queryset.andWhere(`(${rowsBehind(queryset, ordered, this.#cursor)})`);

    const range = { offset: 0, limit: size + 1 };
    const { rows, positions } = await source.read(range, { positions: terms.map(({ expression }) => expression) });
    const hasMore = rows.length > size;
    rows.length = Math.min(rows.length, size);
    const [start, end] = [positions[0], positions[rows.length - 1]];
    if (start !== undefined && end !== undefined) {
      this.#ends = reverse ? { first: end, last: start } : { first: start, last: end };
    }
    this.#hasNext = reverse || hasMore;
    this.#hasPrevious = reverse ? hasMore : this.#cursor !== null;
    return reverse ? rows.reverse() : rows;
  }

  #readCursor(request: Request): KeysetCursor | null {
    const text = request.queryParams.get(this.cursorQueryParam);
    if (!text) return null;
    const cursor = readCursor(text, this.#ordering, request.site);
    if (cursor === null) throw new NotFound(this.invalidCursorMessage);
    return cursor;
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

  /** The URL of the next page; null on the last one. */
  getNextLink(): string | null {
    return this.#hasNext ? this.#link(false, this.#ends?.last) : null;
  }

  /** The URL of the previous page; null on the first one. */
  getPreviousLink(): string | null {
    return this.#hasPrevious ? this.#link(true, this.#ends?.first) : null;
  }

  #link(reverse: boolean, values: readonly (string | null)[] | undefined): string | null {
    // A page that has become empty has no end of its own: from where it would have begun, its neighbour is not skipped.
    const from = values ?? this.#cursor?.values;
    if (from === undefined) return null;
    const cursor = signCursor(
      { reverse, inclusive: values === undefined, values: from },
      this.#ordering,
      this.request.site,
    );
    return replaceQueryParam(this.request.buildAbsoluteUri(), this.cursorQueryParam, cursor);
  }

  override getPaginatedResponse(data: readonly unknown[]): Response {
    return new Response({ next: this.getNextLink(), previous: this.getPreviousLink(), results: data });
  }

  override getPaginatedResponseSchema(schema: OpenApiObject): OpenApiObject {
    return envelopeSchema(
      schema,
      false,
      `${this.cursorQueryParam}=WzAsIjEyIl0.c2ln`,
      `${this.cursorQueryParam}=WzEsIjgiXQ.c2ln`,
    );
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

/** What a cursor belongs to: the entity, and the order of its rows. */
function describeOrder(queryset: Queryset, terms: readonly OrderTerm[]): string {
  const order = terms.map(({ expression, descending, nulls }) => [expression.sql, descending, nulls]);
  return JSON.stringify([rootOf(queryset).metadata.name, order]);
}

/** The condition for rows behind the cursor, in the order of the terms. */
function rowsBehind(queryset: Queryset, terms: readonly OrderTerm[], { values, inclusive }: KeysetCursor): string {
  const [first] = terms as [OrderTerm];
  const sameWay = terms.every(({ isFilled, descending }) => isFilled && descending === first.descending);
  const more = first.descending ? '<' : '>';
  if (sameWay) {
    // A comparison of rows is what an index over the columns is searched by.
    const columns = terms.map(({ expression }) => expression.sql).join(', ');
    const places = values.map((value) => bind(queryset, value)).join(', ');
    return `(${columns}) ${more}${inclusive ? '=' : ''} (${places})`;
  }
  const condition = behindFrom(queryset, terms, values, 0, inclusive);
  if (!first.isFilled) return condition;
  // Says nothing new, but an index on the first column can be searched by it.
  return `${first.expression.sql} ${more}= ${bind(queryset, values[0])} AND (${condition})`;
}

function behindFrom(
  queryset: Queryset,
  terms: readonly OrderTerm[],
  values: readonly (string | null)[],
  at: number,
  inclusive: boolean,
): string {
  const term = terms[at];
  if (term === undefined) return inclusive ? 'TRUE' : 'FALSE';
  const { sql } = term.expression;
  const value = values[at] ?? null;
  const rest = behindFrom(queryset, terms, values, at + 1, inclusive);
  const nullsLast = nullsComeLast(term);
  if (value === null) {
    const same = `(${sql} IS NULL AND (${rest}))`;
    return nullsLast ? same : `${sql} IS NOT NULL OR ${same}`;
  }
  const place = bind(queryset, value);
  const behind = `${sql} ${term.descending ? '<' : '>'} ${place}`;
  const missing = nullsLast && !term.isFilled ? ` OR ${sql} IS NULL` : '';
  return `${behind}${missing} OR (${sql} = ${place} AND (${rest}))`;
}
