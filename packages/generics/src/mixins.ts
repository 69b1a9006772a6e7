import { Conflict } from '@rf/exceptions';
import { db, translateConstraintError } from '@rf/orm';
import type { BaseSerializer } from '@rf/serializers';
import { type Awaitable, HTTP_METHOD_NAMES, type Params, type Request, Response } from '@rf/views';
import type { Constructor } from './constructor.ts';
import { GenericAPIView } from './generic-api-view.ts';

/** Any class of generic views. */
type GenericViewConstructor = Constructor<GenericAPIView>;

/** Key of the type of what a mixin gives; there is no such property at run time. */
declare const PART: unique symbol;

/** Gives a generic view or viewset more members: those of `Part`. */
export interface ViewMixin<Part> {
  <Base extends GenericViewConstructor>(View: Base): Base & Constructor<Part>;
  readonly [PART]?: Part;
}

type PartsOf<Mixins> = Mixins extends readonly [ViewMixin<infer Part>, ...infer Rest] ? Part & PartsOf<Rest> : object;

/**
 * A view class with several mixins. It keeps the type parameter of the base, which nested calls of mixins would lose:
 *
 * ```ts
 * class IsbnViewSet extends mix(GenericViewSet, RetrieveModelMixin, DestroyModelMixin)<Book> {
 *   override queryset = Book;
 * }
 * ```
 */
export function mix<Base extends GenericViewConstructor, const Mixins extends readonly ViewMixin<unknown>[]>(
  View: Base,
  ...mixins: Mixins
): Base & Constructor<PartsOf<Mixins>> {
  return mixins.reduce<GenericViewConstructor>((Mixed, mixin) => mixin(Mixed), View) as never;
}

/** What {@link ListModelMixin} gives. */
export interface ListModel {
  /** Answers all rows, or a page of them (MX01). */
  list(request: Request, params: Params): Promise<Response>;
}

/** Lists rows: 200 with an array, or with a page of it (MX01). */
export const ListModelMixin: ViewMixin<ListModel> = (View) =>
  class ListModelView extends View implements ListModel {
    override checkSetup(): void {
      super.checkSetup();
      if (!isServed(this, 'list', ListModelView.prototype.list)) return;
      if (this.getListSource === GenericAPIView.prototype.getListSource) this.requireQueryset();
      this.requireSerializer('list');
      this.requirePages();
    }

    async list(_request: Request, _params: Params): Promise<Response> {
      return this.readList(async (source) => {
        const page = await this.paginateQueryset(source as never);
        const rows: readonly unknown[] = page ?? (await source.read({ offset: 0 })).rows;
        const data = source.isShown ? rows : await this.getOutputSerializer({ instance: rows, many: true }).data;
        return page === null ? new Response(data) : this.getPaginatedResponse(data as readonly unknown[]);
      });
    }
  };

/** What {@link CreateModelMixin} gives. */
export interface CreateModel {
  /** Makes a row of the body (MX02). */
  create(request: Request, params: Params): Promise<Response>;
  /** Saves the validated input (GV07); override it to add to it: `serializer.save({ owner: this.request.user })`. */
  performCreate(serializer: BaseSerializer): Awaitable<void>;
  /** Headers of the answer: `Location`, where the data has a `url` (MX02). */
  getSuccessHeaders(data: unknown): Readonly<Record<string, string>>;
}

/** Makes rows: 201 with the new one, 400 with errors by field (MX02). */
export const CreateModelMixin: ViewMixin<CreateModel> = (View) =>
  class CreateModelView extends View implements CreateModel {
    override checkSetup(): void {
      super.checkSetup();
      if (isServed(this, 'create', CreateModelView.prototype.create)) this.requireSerializer('create');
    }

    async create(request: Request, _params: Params): Promise<Response> {
      const serializer = this.getSerializer({ data: request.data });
      await serializer.isValid({ raise: true });
      await this.saveObject(serializer, () => this.performCreate(serializer));
      const tag = this.etagField === null ? {} : await this.getEntityTagHeaders(savedBy(serializer));
      const data = await this.represent(serializer);
      return new Response(data, { status: 201, headers: { ...tag, ...this.getSuccessHeaders(data) } });
    }

    async performCreate(serializer: BaseSerializer): Promise<void> {
      await serializer.save(this.getParentValues());
    }

    getSuccessHeaders(data: unknown): Readonly<Record<string, string>> {
      const url = (data as Readonly<Record<string, unknown>> | null)?.[this.site.settings.urlFieldName];
      return url === undefined || url === null ? {} : { location: String(url) };
    }
  };

/** What {@link RetrieveModelMixin} gives. */
export interface RetrieveModel {
  /** Answers one row (MX03). */
  retrieve(request: Request, params: Params): Promise<Response>;
}

/** Shows one row: 200, or 404 (MX03). */
export const RetrieveModelMixin: ViewMixin<RetrieveModel> = (View) =>
  class RetrieveModelView extends View implements RetrieveModel {
    override checkSetup(): void {
      super.checkSetup();
      if (!isServed(this, 'retrieve', RetrieveModelView.prototype.retrieve)) return;
      this.requireObject();
      this.requireSerializer('retrieve');
    }

    async retrieve(_request: Request, _params: Params): Promise<Response> {
      return this.readObject();
    }
  };

/** What {@link UpdateModelMixin} gives. */
export interface UpdateModel {
  /** Changes a row by the body: all fields (PUT), with `partial` those that were sent (MX04). */
  update(request: Request, params: Params, options?: { readonly partial?: boolean }): Promise<Response>;
  /** {@link update} of the fields that were sent (PATCH). */
  partialUpdate(request: Request, params: Params): Promise<Response>;
  /** Saves the validated input (GV07). */
  performUpdate(serializer: BaseSerializer): Awaitable<void>;
}

/** Changes rows: 200 with the changed one, 400 with errors by field, 404; never makes one (MX04). */
export const UpdateModelMixin: ViewMixin<UpdateModel> = (View) =>
  class UpdateModelView extends View implements UpdateModel {
    override checkSetup(): void {
      super.checkSetup();
      const stock = UpdateModelView.prototype;
      // PATCH is answered by `update` too.
      if (this.update !== stock.update) return;
      for (const action of ['update', 'partialUpdate'] as const) {
        if (!isServed(this, action, stock[action])) continue;
        if (this.changeObject === GenericAPIView.prototype.changeObject) this.requireObject();
        this.requireSerializer(action);
      }
    }

    async update(
      request: Request,
      _params: Params,
      { partial = false }: { readonly partial?: boolean } = {},
    ): Promise<Response> {
      return this.changeObject(async (instance) => {
        const serializer = this.getSerializer({ instance, data: request.data, partial });
        await serializer.isValid({ raise: true });
        await this.saveObject(serializer, () => this.performUpdate(serializer));
        const headers = await this.getEntityTagHeaders(savedBy(serializer));
        return new Response(await this.represent(serializer), { headers });
      });
    }

    partialUpdate(request: Request, params: Params): Promise<Response> {
      return this.update(request, params, { partial: true });
    }

    async performUpdate(serializer: BaseSerializer): Promise<void> {
      await serializer.save(this.getParentValues(false));
    }
  };

/** What {@link DestroyModelMixin} gives. */
export interface DestroyModel {
  /** Deletes a row (MX05). */
  destroy(request: Request, params: Params): Promise<Response>;
  /** Deletes the row (GV07); override it to do something else with it. */
  performDestroy(instance: object): Awaitable<void>;
}

/** Deletes rows: 204, or 404; 409 where others refer to it (MX05). */
export const DestroyModelMixin: ViewMixin<DestroyModel> = (View) =>
  class DestroyModelView extends View implements DestroyModel {
    override checkSetup(): void {
      super.checkSetup();
      if (isServed(this, 'destroy', DestroyModelView.prototype.destroy)) this.requireObject();
    }

    async destroy(_request: Request, _params: Params): Promise<Response> {
      return this.changeObject(async (instance) => {
        await this.performDestroy(instance);
        return new Response(undefined, { status: 204 });
      });
    }

    async performDestroy(instance: object): Promise<void> {
      const manager = db(this.request);
      const metadata = manager.dataSource.getMetadata(instance.constructor);
      try {
        await manager.delete(metadata.target, metadata.getEntityIdMap(instance) as object);
      } catch (error) {
        const violation = translateConstraintError(error, metadata);
        if (violation?.kind !== 'restricted') throw error;
        throw new Conflict(`The ${metadata.name} cannot be deleted, because others refer to it.`, 'protected');
      }
    }
  };

const handlerActions = new WeakMap<object, string>();

/** Says that a handler answers by an action of a mixin, so that what this needs is asked for when a URL is mounted. */
export function answersBy(handler: object, action: string): void {
  handlerActions.set(handler, action);
}

/** True when an action answers at the URL that a view is mounted at, and is still the mixin's own. */
function isServed(view: GenericAPIView, action: string, stock: unknown): boolean {
  const { actionMap } = view as { readonly actionMap?: Readonly<Record<string, string>> };
  const served =
    actionMap === undefined
      ? HTTP_METHOD_NAMES.map((method) => handlerActions.get(view[method] ?? view))
      : Object.values(actionMap);
  return served.includes(action) && (view as unknown as Record<string, unknown>)[action] === stock;
}

/** What a serializer has saved. */
function savedBy(serializer: BaseSerializer): unknown {
  return (serializer as { readonly instance: unknown }).instance;
}
