import { APIRequest } from './api-request.ts';
import type { BodyOptions } from './request-body.ts';
import { type Query, targetOf } from './request-target.ts';

/** What the requests of a factory have unless they say otherwise. */
export interface APIRequestFactoryOptions {
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Format of bodies; default the setting `testRequestDefaultFormat`. */
  readonly format?: string;
  /** Views ask for CSRF tokens as of a browser; default false. */
  readonly enforceCsrfChecks?: boolean;
}

/** What one request of a factory may say. */
export interface FactoryRequestOptions extends BodyOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Added to the query of the path. */
  readonly query?: Query;
  /** True for https. */
  readonly secure?: boolean;
  /** Default `127.0.0.1`. */
  readonly remoteAddress?: string;
}

/**
 * Makes requests for views that are called directly, without a server (TE01).
 *
 * ```ts
 * const factory = new APIRequestFactory({ format: 'json' });
 * const response = await asView(NoteList)(factory.post('/notes/', { title: 'Milk' }));
 * ```
 */
export class APIRequestFactory {
  readonly #options: APIRequestFactoryOptions;

  constructor(options: APIRequestFactoryOptions = {}) {
    this.#options = options;
  }

  /** @param query added to the query of the path */
  get(path: string, query?: Query | null, options: FactoryRequestOptions = {}): APIRequest {
    return this.generic('GET', targetOf(path, query), undefined, options);
  }

  /** @param query added to the query of the path */
  head(path: string, query?: Query | null, options: FactoryRequestOptions = {}): APIRequest {
    return this.generic('HEAD', targetOf(path, query), undefined, options);
  }

  post(path: string, data?: unknown, options: FactoryRequestOptions = {}): APIRequest {
    return this.generic('POST', path, data, options);
  }

  put(path: string, data?: unknown, options: FactoryRequestOptions = {}): APIRequest {
    return this.generic('PUT', path, data, options);
  }

  patch(path: string, data?: unknown, options: FactoryRequestOptions = {}): APIRequest {
    return this.generic('PATCH', path, data, options);
  }

  delete(path: string, data?: unknown, options: FactoryRequestOptions = {}): APIRequest {
    return this.generic('DELETE', path, data, options);
  }

  options(path: string, data?: unknown, options: FactoryRequestOptions = {}): APIRequest {
    return this.generic('OPTIONS', path, data, options);
  }

  /** Any method. */
  generic(method: string, path: string, data?: unknown, options: FactoryRequestOptions = {}): APIRequest {
    const { query, headers, secure = false, remoteAddress = '127.0.0.1', ...body } = options;
    const { format, enforceCsrfChecks = false } = this.#options;
    return new APIRequest({
      ...(format !== undefined && body.contentType === undefined && { format }),
      ...body,
      method: method.toUpperCase(),
      target: targetOf(path, query),
      data,
      headers: { ...this.#options.headers, ...headers },
      secure,
      remoteAddress,
      enforceCsrfChecks,
    });
  }
}
