import { ErrorDetail, ImproperlyConfigured, ValidationError } from '@rf/exceptions';
import { settingsOf } from '@rf/serializers';
import type { APIView, Request } from '@rf/views';
import type { EntityMetadata } from 'typeorm';
import { type OpenApiObject, queryParameter } from './base-pagination.ts';
import { BaseFilterBackend } from './filter-backend.ts';
import { columnExpression, isComparison, isText, type Lookup, requireLookup, TEXTUAL_LOOKUPS } from './lookups.ts';
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

  /**
   * Called when a URL is mounted. Throws ImproperlyConfigured for a field that cannot be searched.
   *
   * @param where what names the fields, for the error
   */
  checkFields(metadata: EntityMetadata, names: readonly string[], where: string): void {
    for (const name of names) this.#field(metadata, name, 'UTC', where);
  }

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
    const { metadata } = rootOf(queryset);
    const where = `${view.constructor.name}.searchFields`;
    const fields = names.map((name) => this.#field(metadata, name, zone, where));
    // One related row has to hold all the terms that are not found elsewhere.
    const rows = new JoinedRows(queryset);
    const add = (value: unknown): string => bind(queryset, value);
    const found = terms.map((term) => {
      const conditions = fields.map(({ path, lookup }) => lookup.condition(rows.expression(path), term, add));
      return `(${conditions.join(' OR ')})`;
    });
    return queryset.andWhere(rows.where(found.join(' AND ')));
  }

  #field(metadata: EntityMetadata, name: string, zone: string, where: string): SearchField {
    const prefixed = this.lookupPrefixes[name[0] ?? ''];
    const text = prefixed === undefined ? name : name.slice(1);
    const path = resolvePath(metadata, text);
    if (path === null) throw noMember(metadata, text, where, "searchFields = ['…'];");
    const isComplete = prefixed === undefined && isComparison(path.rest.at(-1) ?? '');
    const parts = isComplete ? path.rest : [...path.rest, prefixed ?? this.defaultLookup];
    const lookup = requireLookup(columnExpression(path.column, '').type, this.transformed(parts), zone, where);
    if (TEXTUAL_LOOKUPS.has(lookup.name) || (lookup.name === 'exact' && isText(lookup.type))) return { path, lookup };
    throw new ImproperlyConfigured(
      `${where}: ${name} does not compare with text, which is what clients search for. Write '${path.text.slice(0, -lookup.name.length - 2)}'.`,
    );
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
