import { NotFound } from '@rf/exceptions';
import { parseInteger } from '@rf/serializers';
import { type APIView, removeQueryParam, replaceQueryParam, type Request, Response } from '@rf/views';
import { BasePagination, linkSchema, type OpenApiObject, queryParameter, readCount } from './base-pagination.ts';
import type { RowSource } from './row-source.ts';

/**
 * How the number of all rows is found.
 *
 * `exact` counts them, in the same trip to the database as the page. `estimated` takes the planner's guess where that is
 * large, so no table is read to its end. `none` reads one row more than the page has, to know whether there is a next
 * page; the answer has no `count` then.
 */
export type CountMode = 'exact' | 'estimated' | 'none';

/** Guesses below this are replaced by the exact number, which is cheap there. */
const ESTIMATE_FROM = 10_000;

/** What is known of the number of rows, once a page has been read. */
interface Total {
  readonly count: number | null;
  readonly hasNext: boolean;
}

/** Pages with numbers: `?page=2` (PG02–PG04). */
export class PageNumberPagination extends BasePagination {
  /** Rows on a page; null for no pages. Default: the setting `pageSize`. */
  pageSize: number | null | undefined = undefined;
  pageQueryParam = 'page';
  /** The parameter by which a client may choose the page size; null for none. */
  pageSizeQueryParam: string | null = null;
  /** The most that a client may choose; null for any number. */
  maxPageSize: number | null = null;
  /** Words that mean the last page. */
  lastPageStrings: readonly string[] = ['last'];
  /** May have `{page_number}` and `{message}`. */
  invalidPageMessage = 'Invalid page.';
  /** Default `exact`. */
  countMode: CountMode = 'exact';

  /** The request being answered. */
  request!: Request;
  /** The number of the page. */
  pageNumber = 1;
  /** The number of all rows; null when nobody counted. */
  count: number | null = null;
  #hasNext = false;

  override async paginateQueryset<Row>(
    source: RowSource<Row>,
    request: Request,
    _view: APIView,
  ): Promise<Row[] | null> {
    this.request = request;
    const size = this.getPageSize(request);
    if (!size) return null;

    const given = request.queryParams.get(this.pageQueryParam) || '1';
    let counted: number | null = null;
    if (this.lastPageStrings.includes(given)) {
      if (this.countMode === 'none') throw this.#invalid(given, 'That page number is not an integer');
      counted = await source.count();
      this.pageNumber = lastPage(counted, size);
    } else {
      this.pageNumber = this.#readNumber(given);
    }

    const offset = (this.pageNumber - 1) * size;
    const { rows, total } = await this.#read(source, offset, size, counted);
    if (rows.length === 0 && this.pageNumber > 1) {
      // The rows of the last page went since they were counted, or the client counted wrong.
      throw this.#invalid(given, 'That page contains no results');
    }
    this.count = total.count;
    this.#hasNext = total.hasNext;
    return rows;
  }

  #readNumber(given: string): number {
    const number = parseInteger(given);
    if (number === null) throw this.#invalid(given, 'That page number is not an integer');
    if (number < 1) throw this.#invalid(given, 'That page number is less than 1');
    if (number > MAX_PAGE) throw this.#invalid(given, 'That page contains no results');
    return Number(number);
  }

  #invalid(given: string, message: string): NotFound {
    const places: Record<string, string> = { page_number: given, message };
    return new NotFound(this.invalidPageMessage.replace(/\{(page_number|message)\}/g, (_, name) => places[name] ?? ''));
  }

  async #read<Row>(
    source: RowSource<Row>,
    offset: number,
    size: number,
    counted: number | null,
  ): Promise<{ rows: Row[]; total: Total }> {
    if (this.countMode === 'exact') {
      const slice = await source.read({ offset, limit: size }, { counted: counted === null });
      const isBeyond = slice.rows.length === 0 && offset > 0;
      const count = counted ?? slice.total ?? (isBeyond ? 0 : await source.count());
      return { rows: slice.rows, total: { count, hasNext: offset + size < count } };
    }
    const { rows } = await source.read({ offset, limit: size + 1 });
    const hasNext = rows.length > size;
    if (hasNext) rows.pop();
    if (this.countMode === 'none') return { rows, total: { count: null, hasNext } };
    const seen = offset + rows.length;
    const count = counted ?? (hasNext ? Math.max(await guessedCount(source), seen + 1) : seen);
    return { rows, total: { count, hasNext } };
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
    if (!this.#hasNext) return null;
    return replaceQueryParam(this.request.buildAbsoluteUri(), this.pageQueryParam, this.pageNumber + 1);
  }

  /** The URL of the previous page; null on the first one. That of the first page has no number. */
  getPreviousLink(): string | null {
    if (this.pageNumber <= 1) return null;
    const url = this.request.buildAbsoluteUri();
    return this.pageNumber === 2
      ? removeQueryParam(url, this.pageQueryParam)
      : replaceQueryParam(url, this.pageQueryParam, this.pageNumber - 1);
  }

  override getPaginatedResponse(data: readonly unknown[]): Response {
    const links = { next: this.getNextLink(), previous: this.getPreviousLink(), results: data };
    return new Response(this.countMode === 'none' ? links : { count: this.count, ...links });
  }

  override getPaginatedResponseSchema(schema: OpenApiObject): OpenApiObject {
    const { pageQueryParam: name } = this;
    return envelopeSchema(schema, this.countMode !== 'none', `${name}=4`, `${name}=2`);
  }

  override getSchemaOperationParameters(_view: APIView): OpenApiObject[] {
    const parameters = [
      queryParameter(this.pageQueryParam, 'A page number within the paginated result set.', { type: 'integer' }),
    ];
    if (this.pageSizeQueryParam !== null) {
      const schema = { type: 'integer' };
      parameters.push(queryParameter(this.pageSizeQueryParam, 'Number of results to return per page.', schema));
    }
    return parameters;
  }
}

/** Pages beyond cannot be told apart by a number of JavaScript times a page size. */
const MAX_PAGE = 1_000_000_000_000;

function lastPage(count: number, size: number): number {
  return Math.max(1, Math.ceil(count / size));
}

/** The planner's guess, or the exact number where that is cheap. */
export async function guessedCount(source: RowSource): Promise<number> {
  const guess = await source.estimatedCount();
  return guess < ESTIMATE_FROM ? source.count() : guess;
}

/** The schema of an answer with links and results. */
export function envelopeSchema(
  schema: OpenApiObject,
  hasCount: boolean,
  next: string,
  previous: string,
): OpenApiObject {
  return {
    type: 'object',
    required: hasCount ? ['count', 'results'] : ['results'],
    properties: {
      ...(hasCount ? { count: { type: 'integer', example: 123 } } : {}),
      next: linkSchema(`http://api.example.org/accounts/?${next}`),
      previous: linkSchema(`http://api.example.org/accounts/?${previous}`),
      results: schema,
    },
  };
}
