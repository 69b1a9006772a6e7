import { type APIView, type Request, Response } from '@rf/views';
import { parseInteger } from '@rf/serializers';
import type { EntityMetadata } from 'typeorm';
import type { RowSource } from './row-source.ts';

/** A fragment of an OpenAPI document. */
export type OpenApiObject = { readonly [key: string]: unknown };

/**
 * Cuts lists into pages (PG09). A new object serves each request, so it may keep what belongs to the page.
 *
 * ```ts
 * class LinkHeaderPagination extends PageNumberPagination {
 *   override pageSize = 20;
 *
 *   override getPaginatedResponse(data: readonly unknown[]) {
 *     const next = this.getNextLink();
 *     return new Response(data, { headers: next === null ? {} : { link: `<${next}>; rel="next"` } });
 *   }
 * }
 * ```
 */
export abstract class BasePagination {
  /**
   * The rows of the page that the request asks for; null when the list is not to be cut.
   *
   * Throws NotFound for a page that is not there.
   */
  abstract paginateQueryset<Row>(source: RowSource<Row>, request: Request, view: APIView): Promise<Row[] | null>;

  /** The answer for the page: rows, and where the others are. */
  abstract getPaginatedResponse(data: readonly unknown[]): Response;

  /** Called when the URL of a list is mounted. Throws ImproperlyConfigured for pages that cannot be made of these rows. */
  checkSetup(_metadata: EntityMetadata): void {}

  /** The rows of an answer that {@link getPaginatedResponse} made. */
  getResults(data: unknown): unknown {
    return Array.isArray(data) ? data : (data as { results: unknown }).results;
  }

  /** JSON Schema of the answer. @param schema of the list of rows */
  getPaginatedResponseSchema(schema: OpenApiObject): OpenApiObject {
    return schema;
  }

  /** The query parameters that are read, as OpenAPI has them. */
  getSchemaOperationParameters(_view: APIView): OpenApiObject[] {
    return [];
  }
}

/** A concrete pagination class, made for each request without arguments. */
export type PaginationClass = new () => BasePagination;

/**
 * Reads how many of something a client wants: null unless it is an integer that is not negative.
 *
 * @param options `strict` refuses 0 as well; `cutoff` is the most that is given
 */
export function readCount(
  text: string | undefined,
  { strict = false, cutoff = null }: { readonly strict?: boolean; readonly cutoff?: number | null } = {},
): number | null {
  const value = text === undefined ? null : parseInteger(text);
  if (value === null || value < 0 || (strict && value == 0)) return null;
  // Beyond this PostgreSQL cannot count either.
  return Math.min(Number(value), cutoff || Number.MAX_SAFE_INTEGER);
}

/** A query parameter in an OpenAPI document. */
export function queryParameter(name: string, description: string, schema: OpenApiObject): OpenApiObject {
  return { name, required: false, in: 'query', description, schema };
}

/** The schema of a link to another page. */
export function linkSchema(example: string): OpenApiObject {
  return { type: ['string', 'null'], format: 'uri', example };
}
