import { include, path, type UrlEntry, type UrlRoute } from '@rf/views';

/** Options of {@link formatSuffixPatterns}. */
export interface FormatSuffixOptions {
  /** True leaves the URLs without suffix out. Default false. */
  readonly suffixRequired?: boolean;
  /** Suffixes that there are. Default: any of lower-case letters and digits. */
  readonly allowed?: readonly string[];
  /** Name of the URL's argument. Default `format`, which is that of the setting `formatSuffixKwarg`. */
  readonly kwarg?: string;
}

/**
 * The URLs, and each with a format at its end: `/users/` also as `/users.json` and `/users.json/` (FS01).
 *
 * A suffix that is not the format of one of the view's renderers is answered 404.
 */
export function formatSuffixPatterns(urls: readonly UrlEntry[], options: FormatSuffixOptions = {}): UrlEntry[] {
  return urls.flatMap((entry): readonly UrlEntry[] => {
    if (entry.kind === 'route') return withSuffix(entry, options);
    const { prefix, namespace } = entry;
    return [include(prefix, formatSuffixPatterns(entry.urls, options), namespace === null ? {} : { namespace })];
  });
}

function withSuffix(
  route: UrlRoute,
  { suffixRequired = false, allowed, kwarg = 'format' }: FormatSuffixOptions,
): UrlRoute[] {
  const { pattern, target, name } = route;
  const suffix = `.:${kwarg}(${allowed === undefined ? '[a-z0-9]+' : allowed.map(escapeRegExp).join('|')})`;
  // Without its slash a URL may be nothing at all: what includes it has the slash.
  const base = pattern === '/' ? '/' : pattern.replace(/\/$/, '');
  const options = name === null ? {} : { name };
  // Of equal names `reverse` takes the last, which is the one without a slash.
  const suffixed = [path(`${base}${suffix}/`, target, options), path(`${base}${suffix}`, target, options)];
  return suffixRequired ? suffixed : [route, ...suffixed];
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
