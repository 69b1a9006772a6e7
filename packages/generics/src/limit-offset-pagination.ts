import { parseInteger } from '@rf/serializers';
import { type APIView, removeQueryParam, replaceQueryParam, type Request, Response } from '@rf/views';
import { BasePagination, type OpenApiObject, queryParameter, readCount } from './base-pagination.ts';
import { type CountMode, envelopeSchema, guessedCount } from './page-number-pagination.ts';
import type { RowSource } from './row-source.ts';

/** So many rows from there on: `?limit=10&offset=20` (PG05). */
export class LimitOffsetPagination extends BasePagination {
  /** Rows where the client says nothing; null gives all. Default: the setting `pageSize`. */
  defaultLimit: number | null | undefined = undefined;
  limitQueryParam = 'limit';
  offsetQueryParam = 'offset';
  /** The most that a client may ask for; null for any number. */
  maxLimit: number | null = null;
  /** Default `exact`. */
  countMode: CountMode = 'exact';

  /** The request being answered. */
  request!: Request;
  limit = 0;
  offset = 0;
  /** The number of all rows; null when nobody counted. */
  count: number | null = null;
  #hasNext = false;

  override async paginateQueryset<Row>(
    source: RowSource<Row>,
    request: Request,
    _view: APIView,
  ): Promise<Row[] | null> {
    this.request = request;
    const limit = this.getLimit(request);
    if (limit === null) return null;
    this.limit = limit;
    this.offset = this.getOffset(request);
    if (this.countMode !== 'exact') return this.#readUncounted(source);

    const { rows, total } = await source.read({ offset: this.offset, limit }, { counted: true });
    this.count = total ?? (await source.count());
    this.#hasNext = this.offset + limit < this.count;
    return rows;
  }

  async #readUncounted<Row>(source: RowSource<Row>): Promise<Row[]> {
    const { rows } = await source.read({ offset: this.offset, limit: this.limit + 1 });
    this.#hasNext = rows.length > this.limit;
    if (this.#hasNext) rows.pop();
    if (this.countMode === 'none') return rows;
    const seen = this.offset + rows.length;
    if (this.#hasNext) this.count = Math.max(await guessedCount(source), seen + 1);
    else this.count = rows.length > 0 || this.offset === 0 ? seen : await source.count();
    return rows;
  }

  /** Rows to answer; null for all. */
  getLimit(request: Request): number | null {
    const asked = request.queryParams.get(this.limitQueryParam);
    const limit = readCount(asked, { strict: true, cutoff: this.maxLimit });
    if (limit !== null) return limit;
    return this.defaultLimit === undefined ? request.site.settings.pageSize : this.defaultLimit;
  }

  /** Rows to leave out; 0 unless the client names a number that is not negative. */
  getOffset(request: Request): number {
    return readCount(request.queryParams.get(this.offsetQueryParam)) ?? 0;
  }

  /** The URL of the next rows; null when there are none. */
  getNextLink(): string | null {
    if (!this.#hasNext) return null;
    const offset = this.#named(this.offsetQueryParam, this.offset) + this.#named(this.limitQueryParam, this.limit);
    return replaceQueryParam(this.#limitedUrl(), this.offsetQueryParam, String(offset));
  }

  /** The URL of the previous rows; null at the start. Where that is the start it has no offset. */
  getPreviousLink(): string | null {
    if (this.offset <= 0) return null;
    const offset = this.#named(this.offsetQueryParam, this.offset) - this.#named(this.limitQueryParam, this.limit);
    const url = this.#limitedUrl();
    return offset <= 0n
      ? removeQueryParam(url, this.offsetQueryParam)
      : replaceQueryParam(url, this.offsetQueryParam, String(offset));
  }

  #limitedUrl(): string {
    const limit = this.#named(this.limitQueryParam, this.limit);
    return replaceQueryParam(this.request.buildAbsoluteUri(), this.limitQueryParam, String(limit));
  }

  /** The number as the client wrote it: what is read with stops at {@link Number.MAX_SAFE_INTEGER}. */
  #named(parameter: string, used: number): bigint {
    const asked = used === Number.MAX_SAFE_INTEGER ? this.request.queryParams.get(parameter) : undefined;
    return BigInt((asked === undefined ? null : parseInteger(asked)) ?? used);
  }

  override getPaginatedResponse(data: readonly unknown[]): Response {
    const links = { next: this.getNextLink(), previous: this.getPreviousLink(), results: data };
    return new Response(this.countMode === 'none' ? links : { count: this.count, ...links });
  }

  override getPaginatedResponseSchema(schema: OpenApiObject): OpenApiObject {
    const { limitQueryParam: limit, offsetQueryParam: offset } = this;
    return envelopeSchema(
      schema,
      this.countMode !== 'none',
      `${offset}=400&${limit}=100`,
      `${offset}=200&${limit}=100`,
    );
  }

  override getSchemaOperationParameters(_view: APIView): OpenApiObject[] {
    const schema = { type: 'integer' };
    return [
      queryParameter(this.limitQueryParam, 'Number of results to return per page.', schema),
      queryParameter(this.offsetQueryParam, 'The initial index from which to return the results.', schema),
    ];
  }
}
