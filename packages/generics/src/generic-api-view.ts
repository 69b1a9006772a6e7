import { AccessDenied, APIException, Http404, ImproperlyConfigured, PreconditionRequired } from '@rf/exceptions';
import { atomic, dataSource, dataSourceKey, db, modelFor, type PlanSource, planFor, type ReadPlan } from '@rf/orm';
import {
  type BaseSerializer,
  ListSerializer,
  Serializer,
  type SerializerContext,
  type SerializerOptions,
  settingsOf,
} from '@rf/serializers';
import {
  APIView,
  type Awaitable,
  type BasePermission,
  type HttpResponse,
  inheritedPolicies,
  isPromise,
  isSafeMethod,
  ownPolicies,
  type Request,
  type ResolvedPolicies,
  resolvePolicies,
  Response,
} from '@rf/views';
import type { ObjectLiteral } from 'typeorm';
import type { BasePagination, PaginationClass } from './base-pagination.ts';
import { checkFilterSet, checkPaths, checkSerializer } from './check-setup.ts';
import { keyOf } from './entity-key.ts';
import { EntitySource, selectsRelated } from './entity-source.ts';
import { checkConditions, versionSql } from './entity-tag.ts';
import { describeFields, type FieldInfo } from './field-info.ts';
import type { BaseFilterBackend, FilterBackendClass } from './filter-backend.ts';
import type { FilterSetClass, FilterSetFields } from './filter-set.ts';
import { narrowTo, noMatch, onlyOne } from './get-object.ts';
import { requireColumn } from './model-path.ts';
import { belongingTo, loadParents, type ParentRoute, parentValues, requireRelation } from './nested-parents.ts';
import { hasObjectRules, objectNeeds } from './object-rules.ts';
import type { OrderingFields } from './ordering-filter.ts';
import { PlannedSource } from './planned-source.ts';
import { translateQueryError } from './query-error.ts';
import { type EntityType, lockable, type Queryset, rootOf, rowsOf } from './queryset.ts';
import { requestAs } from './request-as.ts';
import { RowPermission } from './row-permission.ts';
import { ListSource, type RowSource } from './row-source.ts';
import { serializerNeeding } from './serializer-needing.ts';
import { NotModified, TaggedSource } from './tagged-source.ts';

/** A serializer class that a generic view can use. */
export type SerializerType<S extends BaseSerializer = BaseSerializer> = new (options?: SerializerOptions) => S;

/** The serializer that a view declares. */
export type SerializerOf<View> = View extends { readonly serializerClass: SerializerType<infer S> }
  ? S
  : BaseSerializer;

/**
 * A view of the rows of an entity (GV01): what to read, how to show it, how to find one, how to filter and cut lists.
 *
 * ```ts
 * class BookList extends ListCreateAPIView<Book> {
 *   override queryset = Book;
 *   override serializerClass = BookSerializer;
 * }
 * ```
 *
 * Lists and single rows are read as the serializer needs them, in one statement, without making entities where no code looks
 * at one.
 */
export class GenericAPIView<Entity extends ObjectLiteral = ObjectLiteral> extends APIView {
  /** The entity whose rows the view is about; or override {@link getQueryset}. */
  queryset: EntityType<Entity> | null = null;
  /** Or override {@link getSerializerClass}. */
  serializerClass: SerializerType | null = null;
  /** The column or path by which {@link getObject} finds a row; `pk` is the primary key. */
  lookupField = 'pk';
  /** The name of the URL's argument; null is that of `lookupField`. */
  lookupUrlKwarg: string | null = null;
  /** What narrows and orders rows. Default: the setting `defaultFilterBackends`. */
  filterBackends: readonly FilterBackendClass[] | undefined = undefined;
  /** What cuts lists into pages; null for whole lists. Default: the setting `defaultPaginationClass`. */
  paginationClass: PaginationClass | null | undefined = undefined;
  /** What {@link getObject} loads of related rows: paths such as `owner.username`. The serializer's own needs are known. */
  needs: readonly string[] = [];

  /** For SearchFilter. */
  searchFields: readonly string[] | null = null;
  /** For OrderingFilter: the order where the request asks for none. */
  ordering: string | readonly string[] | null = null;
  /** For OrderingFilter: what the request may order by. */
  orderingFields: OrderingFields | null = null;
  /** For FieldFilter: columns and paths that can be filtered by, perhaps with their lookups. */
  filtersetFields: FilterSetFields | null = null;
  /** For FieldFilter. */
  filtersetClass: FilterSetClass | null = null;

  /**
   * The column that changes whenever the row does, a version or a moment of change: answers have an `ETag` made of it, and
   * conditional requests are honoured (W08). Null, the default, for none.
   */
  etagField: string | null = null;
  /** False leaves lists without `ETag`: where they show what no version tells of, such as sums over all rows. Default true. */
  etagLists = true;
  /** True refuses changes without `If-Match`, with 428 (W07). Default false. */
  requireIfMatch = false;
  /** True keeps others from changing a row while it is being changed; done anyway where there is an `etagField`. Default false. */
  lockOnWrite = false;

  /** For routers: the pattern of one value of the lookup. Default `[^/.]+`. */
  lookupValueRegex: string | null = null;
  /** For routers: `int`, `str`, `slug` or `uuid`, instead of a pattern. */
  lookupValueConverter: string | null = null;

  /** The viewsets that this one is nested under, from the outside in. */
  parentRoutes: readonly ParentRoute[] = [];
  /** The objects that the URL names of them; there when the permissions of the view are asked. */
  parentObjects: readonly ObjectLiteral[] = [];

  #paginator: BasePagination | null | undefined;
  #filterBackends: readonly BaseFilterBackend[] | undefined;

  // ---- set-up ---------------------------------------------------------------------------------------------------

  /**
   * Checks what the view declares when its URL is mounted.
   *
   * Throws ImproperlyConfigured for a `queryset` that is no entity of the project, and for columns and paths that there are not.
   */
  override checkSetup(): void {
    super.checkSetup();
    const { name } = this.constructor;
    for (const member of ['serializerClass', 'paginationClass'] as const) {
      if (this[member] === null || this[member] === undefined || typeof this[member] === 'function') continue;
      throw new ImproperlyConfigured(
        `${name}.${member} is no class: write \`${member} = SomeClass;\`, without \`new\`.`,
      );
    }
    if (this.serializerClass !== null) checkSerializer(this.serializerClass, this.site.urls);
    for (const Backend of this.filterBackends ?? []) {
      if (typeof Backend === 'function') continue;
      throw new ImproperlyConfigured(`${name}.filterBackends holds ${String(Backend)}, which is no class.`);
    }
    const source = this.site.optionalResource(dataSourceKey);
    if (this.requireIfMatch && this.etagField === null) {
      throw new ImproperlyConfigured(
        `${name}.requireIfMatch is true, but no column says whether a row has changed. Write \`etagField = 'version';\` too.`,
      );
    }
    if (this.queryset === null || source === undefined) return;
    const entity = modelFor(source, this.queryset);
    if (!source.hasMetadata(entity)) {
      throw new ImproperlyConfigured(
        `${name}.queryset is ${this.queryset.name}, which is no entity of the project. ` +
          'Name it in the `entities` of an app, and the app in the `apps` of defineProject.',
      );
    }
    const metadata = source.getMetadata(entity);
    checkPaths(this, metadata, name);
    const parent = this.parentRoutes.at(-1);
    if (parent !== undefined) requireRelation(metadata, parent.relation, `${name} nested under ${parent.viewSet.name}`);
    if (this.filtersetClass !== null) checkFilterSet(this.filtersetClass, rowsOf(source.manager, entity), name);
  }

  /** Throws ImproperlyConfigured where rows will be wanted and nothing says which. Mixins ask when a URL is mounted. */
  requireQueryset(): void {
    if (this.getQueryset === GenericAPIView.prototype.getQueryset && this.queryset === null) throw this.#noQueryset();
  }

  /** The same for one row: the URL has to name it as well. */
  requireObject(): void {
    const { getObject, getLookup } = GenericAPIView.prototype;
    if (this.getObject !== getObject) return;
    this.requireQueryset();
    const { parameters } = this.route.pattern;
    if (this.getLookup === getLookup && !parameters.includes(this.#lookupName)) throw this.#noLookup();
  }

  /** Throws ImproperlyConfigured where an action will want a serializer and there is none. */
  requireSerializer(_action: string): void {
    const { getSerializerClass } = GenericAPIView.prototype;
    if (this.getSerializerClass === getSerializerClass && this.makesStockSerializers) this.getSerializerClass();
  }

  /** True when serializers are those of the class that the view declares. */
  protected get makesStockSerializers(): boolean {
    const { getSerializer, getOutputSerializer } = GenericAPIView.prototype;
    return this.getSerializer === getSerializer && this.getOutputSerializer === getOutputSerializer;
  }

  /** Throws ImproperlyConfigured where pages of lists cannot be told apart by their order. */
  requirePages(): void {
    const { paginator } = this;
    const source = this.site.optionalResource(dataSourceKey);
    if (paginator === null || source === undefined || this.queryset === null) return;
    // A view with an order of its own has it from its OrderingFilter.
    if (this.ordering === null) paginator.checkSetup(source.getMetadata(modelFor(source, this.queryset)));
  }

  // ---- parents --------------------------------------------------------------------------------------------------

  /** The object that the view is nested under; undefined when it is not nested. */
  get parent(): ObjectLiteral | undefined {
    return this.parentObjects.at(-1);
  }

  override checkPermissions(request: Request): Awaitable<void> {
    if (this.parentRoutes.length === this.parentObjects.length) return super.checkPermissions(request);
    return loadParents(this, this.parentRoutes).then((parents) => {
      this.parentObjects = parents;
      return super.checkPermissions(request);
    });
  }

  /**
   * What a row is saved with beside its data: the parent of a nested view, whatever the data say of it.
   *
   * @param isNew false for a row that is there: it keeps its other parents where it may have several
   */
  getParentValues(isNew = true): Record<string, unknown> {
    const { parent } = this;
    const route = this.parentRoutes.at(-1);
    return parent === undefined || route === undefined ? {} : parentValues(this.getQueryset(), parent, route, isNew);
  }

  // ---- rows -----------------------------------------------------------------------------------------------------

  /**
   * A new query of the rows that the view is about (GV02). Its rows are called like the entity with a small first letter:
   *
   * ```ts
   * override getQueryset() {
   *   return super.getQueryset().andWhere('book.owner = :owner', { owner: this.request.user.id });
   * }
   * ```
   */
  getQueryset(): Queryset<Entity> {
    return rowsOf(db(this.request), this.#declaredEntity());
  }

  /** The class of the rows that the view is about, for permissions on models; null when it cannot be told. */
  getQuerysetEntity(): EntityType<Entity> | null {
    if (this.queryset !== null) return this.#declaredEntity();
    if (this.getQueryset === GenericAPIView.prototype.getQueryset) return null;
    return rootOf(this.getQueryset()).metadata.target as EntityType<Entity>;
  }

  #declaredEntity(): EntityType<Entity> {
    if (this.queryset !== null) return modelFor(dataSource(this.site), this.queryset) as EntityType<Entity>;
    throw this.#noQueryset();
  }

  #noQueryset(): ImproperlyConfigured {
    const { name } = this.constructor;
    return new ImproperlyConfigured(
      `'${name}' should either include a \`queryset\` attribute, or override the \`getQueryset()\` method. Write ` +
        `\`queryset = SomeEntity;\` in ${name}.`,
    );
  }

  /** The backends that narrow and order rows; made once for each request. */
  getFilterBackends(): readonly BaseFilterBackend[] {
    if (this.#filterBackends === undefined) {
      const classes =
        this.filterBackends ?? (this.site.settings.defaultFilterBackends as readonly FilterBackendClass[]);
      this.#filterBackends = classes.map((Backend) => new Backend());
    }
    return this.#filterBackends;
  }

  /** The rows that every backend leaves (GV06), of those that row permissions let be seen; of a nested view, its parent's. */
  async filterQueryset(queryset: Queryset<Entity>): Promise<Queryset<Entity>> {
    const { parent } = this;
    const route = this.parentRoutes.at(-1);
    let filtered: Queryset = queryset;
    if (parent !== undefined && route !== undefined) filtered = belongingTo(filtered, parent, route);
    for (const rule of this.#rowPermissions()) {
      filtered = rule.filterRows(this.request, filtered as Queryset<never>, this) as Queryset;
    }
    for (const backend of this.getFilterBackends()) {
      const result = backend.filterQueryset(this.request, filtered, this);
      filtered = isPromise(result) ? await result : result;
    }
    return filtered as Queryset<Entity>;
  }

  #rowPermissions(): readonly RowPermission[] {
    return this.getPermissions().filter((permission) => permission instanceof RowPermission);
  }

  /**
   * Calls `work`, which saves the object of a serializer. Where row permissions say what may be there, that happens in a
   * transaction which is undone when they do not allow what was made.
   */
  saveObject(serializer: BaseSerializer, work: () => Awaitable<void>): Awaitable<void> {
    const rules = this.#rowPermissions();
    if (rules.length === 0) return work();
    return atomic(this.request, async () => {
      await work();
      const { instance } = serializer as { readonly instance: unknown };
      for (const made of Array.isArray(instance) ? instance : [instance]) {
        for (const rule of rules) {
          if (await rule.hasObjectPermission(this.request, this, made)) continue;
          this.permissionDenied(this.request, rule.message, rule.code);
        }
      }
    });
  }

  /** What is read: the whole table where nothing narrows it, else a query. */
  async #rows(): Promise<PlanSource> {
    const isStock =
      this.getQueryset === GenericAPIView.prototype.getQueryset &&
      this.filterQueryset === GenericAPIView.prototype.filterQueryset &&
      this.parentRoutes.length === 0 &&
      this.#rowPermissions().length === 0;
    if (isStock && this.getFilterBackends().every((backend) => backend.isIdle(this.request, this))) {
      return this.#declaredEntity();
    }
    return this.filterQueryset(this.getQueryset());
  }

  /** The rows of a list, filtered: shown already where the serializer lets a read plan do it. */
  async getListSource(): Promise<RowSource> {
    const rows = await this.#rows();
    const serializer = this.getOutputSerializer({ instance: [], many: true });
    const plan = this.#planOf(serializer);
    if (plan !== null) return new PlannedSource(plan, rows, serializer, () => this.getQueryset());
    return new EntitySource(typeof rows === 'function' ? this.getQueryset() : (rows as Queryset<Entity>));
  }

  /**
   * Answers with the rows of a list. Where the view has an `etagField`, its `ETag` is made of the versions of the rows that are
   * shown; 304 before any of them is, where the client has them already (W08).
   *
   * @param show makes the answer of the rows it reads
   */
  async readList(show: (source: RowSource) => Promise<Response>): Promise<Response> {
    const source = await this.getListSource();
    // A source that is no query cannot be asked for versions.
    const queryset = this.etagField !== null && this.etagLists ? source.queryset : null;
    if (queryset === null) return show(source);
    const { headers } = this.request;
    const tagged = new TaggedSource(source, queryset, {
      version: { sql: this.#versionSql(queryset), type: 'text' },
      isConditional: headers['if-none-match'] !== undefined || headers['if-match'] !== undefined,
      isKnown: (tag) => checkConditions(this.request, this.makeEntityTag(tag)),
    });
    try {
      const response = await show(tagged);
      if (tagged.tag !== null) response.headers.set('etag', this.makeEntityTag(tagged.tag));
      return response;
    } catch (error) {
      if (!(error instanceof NotModified)) throw error;
      return new Response(undefined, { status: 304, headers: { etag: this.makeEntityTag(error.tag) } });
    }
  }

  // ---- one row --------------------------------------------------------------------------------------------------

  /**
   * The row that the URL names, as an entity (GV03, GV04). All columns are loaded, and of related rows what the serializer,
   * the permissions and {@link needs} name.
   *
   * Throws Http404 when there is none, and what `checkObjectPermissions` throws.
   */
  async getObject(): Promise<Entity> {
    const object = await this.#load(await this.#rows(), this.getLookup());
    await this.checkObjectPermissions(this.request, object);
    return object;
  }

  /** What the URL says of the row: `{ pk: '7' }`. Throws ImproperlyConfigured when the URL has no such argument. */
  getLookup(): Readonly<Record<string, string>> {
    const value = this.params[this.#lookupName];
    if (value !== undefined) return { [this.lookupField]: value };
    throw this.#noLookup();
  }

  get #lookupName(): string {
    return this.lookupUrlKwarg ?? this.lookupField;
  }

  #noLookup(): ImproperlyConfigured {
    return new ImproperlyConfigured(
      `Expected view ${this.constructor.name} to be called with a URL argument named "${this.#lookupName}". Fix your URLs, or ` +
        `set the \`lookupField\` attribute of the view correctly. Its URL is ${this.route.pattern.text}.`,
    );
  }

  /**
   * The one row of a query that has these values, loaded like that of {@link getObject}; for a `getObject()` of your own.
   *
   * ```ts
   * override async getObject() {
   *   const { shop, isbn } = this.params;
   *   const book = await this.loadObject(await this.filterQueryset(this.getQueryset()), { shop__name: shop, isbn });
   *   await this.checkObjectPermissions(this.request, book);
   *   return book;
   * }
   * ```
   *
   * Throws Http404 when there is none.
   */
  loadObject(queryset: Queryset<Entity>, where: Readonly<Record<string, unknown>>): Promise<Entity> {
    return this.#load(queryset, where);
  }

  async #load(source: PlanSource, where: Readonly<Record<string, unknown>>): Promise<Entity> {
    const queryset = typeof source === 'function' ? null : (source as Queryset<Entity>);
    const plan = queryset !== null && selectsRelated(queryset) ? null : this.#objectPlan();
    if (plan === null) {
      const rows = queryset ?? this.getQueryset();
      const found = narrowTo(rows, where) ? await rows.getMany() : [];
      return onlyOne(found, rootOf(rows).metadata.name);
    }
    const found = await plan.entities(source, { where, limit: 2 }, this.getSerializerContext());
    return onlyOne(found as Entity[], plan.metadata.name);
  }

  /**
   * Calls `work` with the row that the URL names, to change it. Where the view has an `etagField`, or locks rows, that happens in
   * a transaction in which nobody else can change the row, after the conditions of the request were checked (W07).
   *
   * Throws what {@link getObject} throws, PreconditionFailed and PreconditionRequired.
   */
  async changeObject<Result>(work: (object: Entity) => Promise<Result>): Promise<Result> {
    if (this.etagField === null && !this.lockOnWrite) return work(await this.getObject());
    return atomic(this.request, async () => {
      const version = await this.#readVersion(true);
      const object = await this.getObject();
      if (this.etagField !== null) {
        if (this.requireIfMatch && this.request.headers['if-match'] === undefined) throw new PreconditionRequired();
        if (version !== null) checkConditions(this.request, this.makeEntityTag(version));
      }
      return work(object);
    });
  }

  /** The header `ETag` of an answer with this object, which has just been written; none without an `etagField`. */
  async getEntityTagHeaders(object: unknown): Promise<Record<string, string>> {
    if (this.etagField === null || typeof object !== 'object' || object === null || Array.isArray(object)) return {};
    const version = await this.#version(this.#entityOf(object), keyOf(dataSource(this.site), object));
    return version === null ? {} : { etag: this.makeEntityTag(version) };
  }

  /** An entity tag of the text of the `etagField`. Views with several renderers have one for each format. */
  makeEntityTag(version: string): string {
    const isOnly = this.policies.renderers.length === 1;
    return isOnly ? `"${version}"` : `"${version}-${this.request.acceptedRenderer?.format}"`;
  }

  #entityOf(object: object): EntityType<Entity> {
    return dataSource(this.site).getMetadata(object.constructor).target as EntityType<Entity>;
  }

  async #version(
    source: PlanSource,
    where: Readonly<Record<string, unknown>>,
    isLocked = false,
  ): Promise<string | null> {
    let query = this.#queryOf(source);
    if (!narrowTo(query, where)) return null;
    if (isLocked) query = lockable(query);
    const { alias } = rootOf(query);
    query.select(this.#versionSql(query), 'version').distinct(false).orderBy().setOption('disable-global-order');
    // TypeORM does not quote the name.
    if (isLocked) query.setLock('pessimistic_write', undefined, [`"${alias}"`]);
    const row = await query.getRawOne<{ version: string }>();
    return row?.version ?? null;
  }

  #versionSql(query: Queryset): string {
    const { alias, metadata } = rootOf(query);
    const { column } = requireColumn(metadata, this.etagField ?? 'pk', `${this.constructor.name}.etagField`);
    return versionSql(column, alias);
  }

  #queryOf(source: PlanSource): Queryset {
    if (typeof source !== 'function') return (source as Queryset).clone();
    return rowsOf(db(this.request), source as EntityType<Entity>) as Queryset;
  }

  /**
   * Answers the row that the URL names as the serializer shows it; no entity is made unless a permission wants to see it. Where
   * the client has it already, 304 before anything is shown (W08).
   */
  async readObject(): Promise<Response> {
    if (this.etagField === null) return new Response(await this.#showObject());
    const version = await this.#readVersion();
    // Read after its version: what is shown may be newer than its tag, never older.
    const object = this.#looksAtObjects() ? await this.getObject() : null;
    const headers: Record<string, string> = version === null ? {} : { etag: this.makeEntityTag(version) };
    if (headers.etag !== undefined && checkConditions(this.request, headers.etag)) {
      return new Response(undefined, { status: 304, headers });
    }
    const data = object === null ? await this.#showObject() : await this.getOutputSerializer({ instance: object }).data;
    return new Response(data, { headers });
  }

  /** The version of the row that the URL names; null when there is none. */
  async #readVersion(isLocked = false): Promise<string | null> {
    if (this.getObject === GenericAPIView.prototype.getObject) {
      return this.#version(await this.#rows(), this.getLookup(), isLocked);
    }
    const object = await this.getObject();
    return this.#version(this.#entityOf(object), keyOf(dataSource(this.site), object), isLocked);
  }

  async #showObject(): Promise<unknown> {
    const serializer = this.getOutputSerializer();
    const plan = this.#looksAtObjects() ? null : this.#planOf(serializer);
    if (plan === null) return this.getOutputSerializer({ instance: await this.getObject() }).data;
    const shown = await plan.one(await this.#rows(), { where: this.getLookup() }, serializer);
    if (shown === null) throw noMatch(plan.metadata.name);
    return shown;
  }

  /** Permissions that have not been heard by leaving rows out. */
  #unfilteredPermissions(): readonly BasePermission[] {
    const permissions = this.getPermissions();
    if (!isSafeMethod(this.request.method)) return permissions;
    return permissions.filter((permission) => !(permission instanceof RowPermission));
  }

  /** True when code wants the entity before it is shown. */
  #looksAtObjects(): boolean {
    return (
      this.getObject !== GenericAPIView.prototype.getObject ||
      this.checkObjectPermissions !== APIView.prototype.checkObjectPermissions ||
      hasObjectRules(this.#unfilteredPermissions())
    );
  }

  // ---- serializers ----------------------------------------------------------------------------------------------

  /** A serializer of the view's class, with the view's context (GV05). */
  getSerializer(options: SerializerOptions = {}): SerializerOf<this> {
    const Class = this.getSerializerClass();
    return new Class({ ...options, context: this.getSerializerContext() }) as SerializerOf<this>;
  }

  /** The serializer class for this request. */
  getSerializerClass(): SerializerType {
    if (this.serializerClass !== null) return this.serializerClass;
    const { name } = this.constructor;
    throw new ImproperlyConfigured(
      `'${name}' should either include a \`serializerClass\` attribute, or override the \`getSerializerClass()\` method. ` +
        `Write \`serializerClass = SomeSerializer;\` in ${name}.`,
    );
  }

  /** The serializer class that shows what is answered; the same that reads what comes in, unless an action says otherwise. */
  getOutputSerializerClass(): SerializerType {
    return this.getSerializerClass();
  }

  /** The same, as far as this request wants to see it. */
  getShownSerializerClass(): SerializerType {
    return this.getOutputSerializerClass();
  }

  /** A serializer that shows what is answered. */
  getOutputSerializer(options: SerializerOptions = {}): BaseSerializer {
    const Class = this.getShownSerializerClass();
    if (Class === this.getSerializerClass()) return this.getSerializer(options);
    return new Class({ ...options, context: this.getSerializerContext() });
  }

  /** What serializers are told beside the data: request, format suffix and view. */
  getSerializerContext(): SerializerContext {
    return { request: this.request, format: this.getFormatSuffix(), view: this };
  }

  /** What is answered after a serializer has saved its object. */
  represent(serializer: BaseSerializer): Promise<unknown> {
    if (this.getShownSerializerClass() === this.getSerializerClass()) return serializer.data;
    const { instance } = serializer as { instance: unknown };
    return this.getOutputSerializer({ instance, many: serializer instanceof ListSerializer }).data;
  }

  /** The plan by which rows become what a serializer shows; null when that takes the serializer itself. */
  #planOf(serializer: BaseSerializer): ReadPlan | null {
    const { constructor } = serializer instanceof ListSerializer ? serializer.child : serializer;
    const type = constructor as SerializerType;
    if (!(type.prototype instanceof Serializer)) return null;
    const entity = this.getQuerysetEntity() ?? undefined;
    return planFor(type, dataSource(this.site), entity, settingsOf({ request: this.request }));
  }

  /** The plan by which {@link getObject} loads; null when there is no serializer that says what is needed. */
  #objectPlan(): ReadPlan | null {
    if (this.serializerClass === null && this.getSerializerClass === GenericAPIView.prototype.getSerializerClass) {
      return null;
    }
    const type = this.getSerializerClass();
    if (!(type.prototype instanceof Serializer)) return null;
    const needs = [...this.needs, ...objectNeeds(this.getPermissions())];
    const entity = this.getQuerysetEntity() ?? undefined;
    const settings = settingsOf({ request: this.request });
    return planFor(serializerNeeding(type, needs), dataSource(this.site), entity, settings);
  }

  // ---- pages ----------------------------------------------------------------------------------------------------

  /** What cuts the view's list into pages; null for whole lists. One for each request. */
  get paginator(): BasePagination | null {
    if (this.#paginator === undefined) {
      const Class =
        this.paginationClass === undefined ? this.site.settings.defaultPaginationClass : this.paginationClass;
      this.#paginator = Class === null ? null : new (Class as PaginationClass)();
    }
    return this.#paginator;
  }

  /** The page that the request asks for, of a query, a list or rows (GV06); null when the view does not paginate. */
  async paginateQueryset<Row extends ObjectLiteral>(
    rows: Queryset<Row> | RowSource<Row> | readonly Row[],
  ): Promise<Row[] | null> {
    const { paginator } = this;
    if (paginator === null) return null;
    return paginator.paginateQueryset(sourceOf(rows), this.request, this);
  }

  /** The answer for a page: the shown rows, and where the others are. */
  getPaginatedResponse(data: readonly unknown[]): Response {
    const { paginator } = this;
    if (paginator === null) {
      throw new ImproperlyConfigured(`${this.constructor.name} has no paginationClass, so it has no pages to answer.`);
    }
    return paginator.getPaginatedResponse(data);
  }

  override handleException(error: unknown): Promise<HttpResponse> {
    return super.handleException(translateQueryError(error));
  }

  // ---- OPTIONS --------------------------------------------------------------------------------------------------

  /**
   * The fields of PUT and POST, for those of them that the caller may use; PUT only where the object is there and may be
   * changed (MD01). Null when there are none.
   */
  async describeActions(request: Request): Promise<Record<string, Record<string, FieldInfo>> | null> {
    const actions: Record<string, Record<string, FieldInfo>> = {};
    for (const method of ['PUT', 'POST']) {
      if (!this.allowedMethods.includes(method)) continue;
      const fields = await this.#describeMethod(request, method);
      if (fields !== null) actions[method] = fields;
    }
    return Object.keys(actions).length === 0 ? null : actions;
  }

  async #describeMethod(request: Request, method: string): Promise<Record<string, FieldInfo> | null> {
    const { policies } = this;
    this.request = requestAs(request, method);
    this.policies = this.#policiesFor(method);
    try {
      await this.checkPermissions(this.request);
      if (method === 'PUT') await this.getObject();
      return describeFields(this.getSerializer());
    } catch (error) {
      if (error instanceof APIException || error instanceof Http404 || error instanceof AccessDenied) return null;
      throw error;
    } finally {
      this.request = request;
      this.policies = policies;
    }
  }

  /** The policies of another method than the one that is answered: a handler may have its own. */
  #policiesFor(method: string): ResolvedPolicies {
    const handler = this[method.toLowerCase() as 'put' | 'post'];
    const own = handler === undefined ? {} : ownPolicies(handler);
    if (Object.keys(own).length === 0) return this.policies;
    return {
      ...this.policies,
      ...resolvePolicies({ ...inheritedPolicies(this.constructor), ...own }, this.site.settings),
    };
  }
}

function sourceOf<Row extends ObjectLiteral>(rows: Queryset<Row> | RowSource<Row> | readonly Row[]): RowSource<Row> {
  if (Array.isArray(rows)) return new ListSource<Row>(rows);
  return 'expressionMap' in rows ? new EntitySource(rows) : (rows as RowSource<Row>);
}
