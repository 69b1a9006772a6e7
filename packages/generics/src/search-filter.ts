import { ErrorDetail, ValidationError } from '@rf/exceptions';
import { settingsOf } from '@rf/serializers';
import type { APIView, Request } from '@rf/views';
import { type OpenApiObject, queryParameter } from './base-pagination.ts';
import { BaseFilterBackend } from './filter-backend.ts';
import { columnExpression, type Lookup, requireLookup } from './lookups.ts';
import { type ModelPath, noMember, resolvePath } from './model-path.ts';
import { bind, type Queryset, rootOf } from './queryset.ts';
import { JoinedRows } from './row-condition.ts';
import { searchTerms } from './search-terms.ts';

/** A view that says what can be searched. */
interface SearchedView extends APIView {
  readonly searchFields?: readonly string[] | null;
}

interface SearchField {
  readonly path: ModelPath;
  readonly lookup: Lookup;
}

/**
 * `?search=`: rows in which every term is found in one of the view's `searchFields` (FT03).
 *
 * A field is a column or a path such as `authors__name`. In front of it may stand `^` (starts with), `=` (is), `@` (full
 * text) or `$` (regular expression), else the term is looked for anywhere, letter case ignored; or the path ends with a
 * lookup, `title__endswith`.
 */
export class SearchFilter extends BaseFilterBackend {
  /** Name of the query parameter; null is the setting `searchParam`. */
  searchParam: string | null = null;
  searchTitle = 'Search';
  searchDescription = 'A search term.';
  /** Lookups by the character in front of a field. */
  lookupPrefixes: Readonly<Record<string, string>> = {
    '^': 'istartswith',
    '=': 'iexact',
    '@': 'search',
    $: 'iregex',
  };
  /** The lookup of a field without one. */
  defaultLookup = 'icontains';

  /** The fields to search; override it to choose by request. */
  getSearchFields(view: APIView, _request: Request): readonly string[] | null {
    return (view as SearchedView).searchFields ?? null;
  }

  /** What is searched for. Throws ValidationError for a text with U+0000. */
  getSearchTerms(request: Request): string[] {
    const text = request.queryParams.get(this.#param(request)) ?? '';
    if (text.includes('\0')) {
      throw new ValidationError([new ErrorDetail('Null characters are not allowed.', 'null_characters_not_allowed')]);
    }
    return searchTerms(text);
  }

  override isIdle(request: Request, _view: APIView): boolean {
    return this.filterQueryset === SearchFilter.prototype.filterQueryset && this.getSearchTerms(request).length === 0;
  }

  override filterQueryset(request: Request, queryset: Queryset, view: APIView): Queryset {
    const terms = this.getSearchTerms(request);
    if (terms.length === 0) return queryset;
    const names = this.getSearchFields(view, request) ?? [];
    if (names.length === 0) return queryset;

    const zone = settingsOf({ request }).timeZone;
    const fields = names.map((name) => this.#field(queryset, name, zone, view));
    // One related row has to hold all the terms that are not found elsewhere.
    const rows = new JoinedRows(queryset);
    const add = (value: unknown): string => bind(queryset, value);
    const found = terms.map((term) => {
      const conditions = fields.map(({ path, lookup }) => lookup.condition(rows.expression(path), term, add));
      return `(${conditions.join(' OR ')})`;
    });
    return queryset.andWhere(rows.where(found.join(' AND ')));
  }

  #field(queryset: Queryset, name: string, zone: string, view: APIView): SearchField {
    const prefixed = this.lookupPrefixes[name[0] ?? ''];
    const text = prefixed === undefined ? name : name.slice(1);
    const { metadata } = rootOf(queryset);
    const where = `${view.constructor.name}.searchFields`;
    const path = resolvePath(metadata, text);
    if (path === null) throw noMember(metadata, text, where, "searchFields = ['…'];");
    const lookup = prefixed ?? this.defaultLookup;
    const parts = path.rest.length > 0 && prefixed === undefined ? path.rest : [...path.rest, lookup];
    return {
      path,
      lookup: requireLookup(columnExpression(path.column, '').type, this.transformed(parts), zone, where),
    };
  }

  /** What follows the column of a field; a subclass may put transforms in front. */
  protected transformed(parts: readonly string[]): readonly string[] {
    return parts;
  }

  #param(request: Request): string {
    return this.searchParam ?? request.site.settings.searchParam;
  }

  override getSchemaOperationParameters(view: APIView): OpenApiObject[] {
    const name = this.searchParam ?? view.site.settings.searchParam;
    return [queryParameter(name, this.searchDescription, { type: 'string' })];
  }
}

/** Search that passes over accents: needs PostgreSQL's extension `unaccent` (FT04). */
export class UnaccentedSearchFilter extends SearchFilter {
  protected override transformed(parts: readonly string[]): readonly string[] {
    return ['unaccent', ...parts];
  }
}
