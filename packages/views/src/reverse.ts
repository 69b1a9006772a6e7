import { replaceQueryParam } from './query-link.ts';
import type { Request } from './request.ts';

/** Options of {@link reverse}. */
export interface ReverseOptions {
  /** Arguments of the URL. */
  readonly params?: Readonly<Record<string, unknown>>;
  /** Makes the URL absolute and keeps version and format; required, since URLs belong to a project. */
  readonly request: Request;
  /** Format suffix to add as argument. */
  readonly format?: string | null;
}

/**
 * The absolute URL of the view called `name` (RV01). With versioning the scheme adds the request's version (VE08), and a
 * `?format=` of the request is kept.
 *
 * Throws NoReverseMatch.
 */
export function reverse(name: string, { params = {}, request, format }: ReverseOptions): string {
  const { urls, settings } = request.site;
  const all = format ? { ...params, [settings.formatSuffixKwarg]: format } : params;
  const scheme = request.versioningScheme;
  const path = scheme === null ? urls.reverse(name, all) : scheme.reverse(name, all, request);
  return request.buildAbsoluteUri(keepFormat(path, request));
}

function keepFormat(path: string, request: Request): string {
  const name = request.site.settings.urlFormatOverride;
  if (name === null || !request.target.includes('?')) return path;
  const format = request.queryParams.get(name);
  return format === undefined ? path : replaceQueryParam(path, name, format);
}
