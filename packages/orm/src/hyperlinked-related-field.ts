import { ImproperlyConfigured } from '@rf/exceptions';
import { Failure, type Scope, typeName } from '@rf/serializers';
import {
  NamespaceVersioning,
  NoReverseMatch,
  type Request,
  type ResolvedRoute,
  reverse,
  type UrlResolver,
} from '@rf/views';
import { readKey, readProperty } from './entity-key.ts';
import { keyValue, noSuchKey, wrongType } from './key-value.ts';
import { EntityRelatedField, type EntityRelatedFieldOptions } from './entity-related-field.ts';

/** Options of HyperlinkedRelatedField and HyperlinkedIdentityField. */
export interface HyperlinkOptions {
  /** Name of the URL, such as `book-detail`. */
  readonly viewName: string;
  /** The property that the URL holds. Default `pk`, the primary key. */
  readonly lookupField?: string;
  /** The URL's parameter. Default: `lookupField`. */
  readonly lookupUrlKwarg?: string;
  /** Format suffix of the links, instead of the request's own. */
  readonly format?: string;
}

/** Options of HyperlinkedRelatedField. */
export type HyperlinkedRelatedFieldOptions<Entity = unknown> = EntityRelatedFieldOptions<Entity> & HyperlinkOptions;

/** A related object by its URL (row RL03). */
export class HyperlinkedRelatedField<
  Entity = unknown,
  const Options extends HyperlinkedRelatedFieldOptions<Entity> = HyperlinkedRelatedFieldOptions<Entity>,
> extends EntityRelatedField<Entity, string, string, Options> {
  static override defaultErrorMessages: Readonly<Record<string, string>> = {
    no_match: 'Invalid hyperlink - No URL match.',
    incorrect_match: 'Invalid hyperlink - Incorrect URL match.',
    does_not_exist: 'Invalid hyperlink - Object does not exist.',
    incorrect_type: 'Incorrect type. Expected URL string, received {data_type}.',
  };

  constructor(options: Options & HyperlinkedRelatedFieldOptions<Entity>) {
    super(options);
  }

  private get link(): HyperlinkOptions {
    return this.options as HyperlinkOptions;
  }

  get viewName(): string {
    return this.link.viewName;
  }

  get lookupField(): string {
    return this.link.lookupField ?? 'pk';
  }

  get lookupUrlKwarg(): string {
    return this.link.lookupUrlKwarg ?? this.lookupField;
  }

  protected override checkOptions(name: string, owner: string): void {
    super.checkOptions(name, owner);
    if (typeof this.viewName === 'string' && this.viewName !== '') return;
    throw new ImproperlyConfigured(
      `${owner}.${name} (${this.constructor.name}): the \`viewName\` option is required. Write \`viewName: 'book-detail'\`.`,
    );
  }

  /**
   * Refuses a link to a view that the project does not have. Fields that make their URLs themselves are not asked.
   *
   * @throws ImproperlyConfigured
   */
  checkUrl(urls: UrlResolver): void {
    const { getUrl, urlFor } = HyperlinkedRelatedField.prototype;
    if (this.getUrl !== getUrl || this.urlFor !== urlFor) return;
    // Which namespace it is may be for the version of a request to say.
    const isThere = ({ namespaces, name }: ResolvedRoute): boolean =>
      name !== null && `:${[...namespaces, name].join(':')}`.endsWith(`:${this.viewName}`);
    if (urls.routes.some(isThere)) return;
    throw new ImproperlyConfigured(
      `${this.owner}.${this.fieldName} (${this.constructor.name}): no URL of the project is named "${this.viewName}". ` +
        `Register the viewset, or write \`path('/…/:${this.lookupUrlKwarg}/', SomeView, { name: '${this.viewName}' })\`; ` +
        `another name goes into the field's \`viewName\`, or \`extraKwargs: { ${this.fieldName}: { viewName: '…' } }\`.`,
    );
  }

  // The way in

  override async findAll(items: readonly unknown[], scope: Scope): Promise<Entity[] | Failure> {
    const request = this.requestOf(scope);
    const matches: Readonly<Record<string, string>>[] = [];
    let refused: Failure | null = null;
    for (const item of items) {
      const match = this.#match(item, request);
      if (match instanceof Failure) {
        refused = match;
        break;
      }
      matches.push(match);
    }
    const found = await this.getObjects(matches, scope);
    for (const object of found) if (object === null) return this.failure('does_not_exist');
    return refused ?? (found as Entity[]);
  }

  #match(data: unknown, request: Request): Readonly<Record<string, string>> | Failure {
    if (typeof data !== 'string') return this.failure('incorrect_type', { data_type: typeName(data) });
    const path = pathOf(data);
    const match = path === null ? null : request.site.urls.resolve(path);
    if (match === null) return this.failure('no_match');
    if (match.viewName !== versionedName(this.viewName, request)) return this.failure('incorrect_match');
    return match.params;
  }

  /**
   * The objects that URLs name, null for each that does not exist. Override it where a URL holds more than one argument.
   *
   * @param params the arguments of each URL
   */
  async getObjects(
    params: readonly Readonly<Record<string, string>>[],
    scope: Scope,
  ): Promise<readonly (Entity | null)[]> {
    const lookup = this.lookup(scope, this.lookupField);
    const column = lookup.metadata.findColumnWithPropertyPath(lookup.path);
    const keys = params.map((given) => {
      const text = given[this.lookupUrlKwarg];
      const key = column === undefined ? text : keyValue(column, text);
      return key === wrongType || key instanceof Failure || key === undefined ? noSuchKey : key;
    });
    const wanted = new Set(keys);
    wanted.delete(noSuchKey);
    const byText = await lookup.byText([...wanted]);
    return keys.map((key) => (key === noSuchKey ? null : ((byText.get(String(key)) as Entity | undefined) ?? null)));
  }

  // The way out

  /**
   * The URL of an object; null for one without a key. Override it where a URL holds more than one argument.
   */
  getUrl(object: unknown, request: Request, format: string | null): string | null {
    const key = readKey(object);
    if (key === null || key === undefined || key === '') return null;
    return this.urlFor(readProperty(object, this.lookupField), request, format);
  }

  /** The URL with this value of {@link lookupField}. */
  urlFor(value: unknown, request: Request, format: string | null): string {
    try {
      return reverse(this.viewName, { params: { [this.lookupUrlKwarg]: value }, request, format });
    } catch (error) {
      if (!(error instanceof NoReverseMatch)) throw error;
      const empty = value === null || value === undefined || value === '';
      throw new ImproperlyConfigured(
        `${this.owner}.${this.fieldName}: could not resolve the URL for a hyperlink with view name "${this.viewName}". ` +
          `You may have failed to include the related entity in your API, or incorrectly configured the \`lookupField\` ` +
          `of this field. ${error.message}` +
          (empty ? ` WARNING: the value of \`${this.lookupField}\` was ${JSON.stringify(value) ?? 'undefined'}.` : ''),
      );
    }
  }

  override show(entity: unknown, scope: Scope): string {
    return this.getUrl(entity, this.requestOf(scope), this.formatOf(scope)) as string;
  }

  /** The format of links: the request's, unless this field's objects have another. */
  formatOf(scope: Scope): string | null {
    const format = scope.context.format;
    if (typeof format !== 'string' || format === '') return null;
    return this.link.format ?? format;
  }

  /** @throws ImproperlyConfigured when the context has no request */
  requestOf(scope: Scope): Request {
    const { request } = scope.context;
    if (request !== undefined && request !== null) return request as Request;
    throw new ImproperlyConfigured(
      `\`${this.constructor.name}\` requires the request in the serializer context. ` +
        'Add `context: { request }` when instantiating the serializer.',
    );
  }
}

/** The decoded path of a URL or path; null for what cannot be one. Query and fragment of a whole URL do not matter. */
function pathOf(link: string): string | null {
  let path = link;
  if (/^https?:/.test(link)) {
    path = link.replace(/^https?:(?:\/\/[^/?#]*)?/, '').replace(/[?#].*$/s, '');
    if (!path.startsWith('/')) path = `/${path}`;
  }
  try {
    return decodeURIComponent(path);
  } catch {
    return null;
  }
}

/** The name that a URL of the request's version has. */
function versionedName(name: string, request: Request): string {
  const { version, versioningScheme } = request;
  return versioningScheme instanceof NamespaceVersioning && version !== null ? `${version}:${name}` : name;
}
