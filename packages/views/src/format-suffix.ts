import { ImproperlyConfigured } from '@rf/exceptions';
import { path, type UrlEntry, type UrlRoute } from './urls.ts';

/** Options of {@link formatSuffixPatterns}. */
export interface FormatSuffixOptions {
  /** True leaves the URLs without a suffix out. Default false. */
  readonly suffixRequired?: boolean;
  /** The suffixes that exist. Default: any of lower-case letters and digits; one that no renderer has is answered 404. */
  readonly allowed?: readonly string[];
  /** Name of the URL argument; the setting `formatSuffixKwarg`, whose default is `format`, must be the same. */
  readonly kwarg?: string;
}

/**
 * Adds `/books.json` to `/books` and `/books/`, for all of `urls` and what they include (FS01). The suffix chooses the renderer.
 *
 * With or without a slash after it; the one without counts for `reverse`.
 */
export function formatSuffixPatterns(urls: readonly UrlEntry[], options: FormatSuffixOptions = {}): UrlEntry[] {
  const { allowed, kwarg = 'format' } = options;
  const refused = allowed?.find((suffix) => !/^[a-z0-9]+$/.test(suffix));
  if (refused !== undefined) {
    throw new ImproperlyConfigured(
      `formatSuffixPatterns({ allowed }) holds ${JSON.stringify(refused)}: a suffix is made of lower-case letters and digits.`,
    );
  }
  return addSuffixes(urls, `.:${kwarg}(${allowed?.join('|') ?? '[a-z0-9]+'})`, options.suffixRequired ?? false);
}

function addSuffixes(urls: readonly UrlEntry[], suffix: string, isRequired: boolean): UrlEntry[] {
  return urls.flatMap((entry): UrlEntry[] => {
    if (entry.kind === 'include') return [{ ...entry, urls: addSuffixes(entry.urls, suffix, isRequired) }];
    const stem = (entry.pattern === '/' ? '/' : entry.pattern.replace(/\/$/, '')) + suffix;
    const suffixed = [withPattern(entry, `${stem}/`), withPattern(entry, stem)];
    return isRequired ? suffixed : [entry, ...suffixed];
  });
}

function withPattern({ target, name }: UrlRoute, pattern: string): UrlRoute {
  return path(pattern, target, name === null ? {} : { name });
}
