import { ImproperlyConfigured } from '@rf/exceptions';
import {
  APIView,
  type BasePermission,
  type BoundView,
  HTTP_METHOD_NAMES,
  NoReverseMatch,
  type PermissionClass,
  type Request,
  reverse,
  type ViewClass,
} from '@rf/views';
import type { ObjectLiteral } from 'typeorm';
import { type ExtraAction, extraActions } from './action.ts';
import { checkSerializer } from './check-setup.ts';
import { GenericAPIView, type SerializerType } from './generic-api-view.ts';

/** Names of a viewset's methods by lower-case HTTP method. */
export type ActionMap = Readonly<Record<string, string>>;

/** A viewset class. */
export type ViewSetClass = ViewClass<APIView & ViewSetMembers> & ViewSetStatics;

/** What every viewset class has. */
export interface ViewSetStatics {
  /**
   * A view of the viewset for one URL (VS02): `BookViewSet.asView({ get: 'list', post: 'create' }, { suffix: 'List' })`.
   *
   * Throws a TypeError for a mapping that cannot work.
   *
   * @param initial attributes of the view at this URL
   */
  asView(actions: ActionMap, initial?: Readonly<Record<string, unknown>>): BoundView;
  /** The actions that `@action` made, those of base classes first. */
  getExtraActions(): readonly ExtraAction[];
}

/** What every viewset has beside a view. */
export interface ViewSetMembers {
  /** What the names of its URLs begin with; null where no router gave one. */
  basename: string | null;
  /** True at a URL of one object, false at one of the list; null where nobody said. */
  detail: boolean | null;
  /** Names of methods by lower-case HTTP method. */
  actionMap: ActionMap;
  /** Permissions of single actions, by name; what is not named has those of the viewset (W23). */
  permissionClasses: Readonly<Record<string, readonly PermissionClass[]>> | null;
  /**
   * The method that answers the request: `list`, `retrieve`, `create` … or the name of an extra action; `metadata` for
   * OPTIONS, null where the HTTP method has none (VS03).
   */
  readonly action: string | null;
  /** The URL of another action of this viewset: `this.reverseAction('detail', { params: { pk: 7 } })` (VS06). */
  reverseAction(urlName: string, options?: ReverseActionOptions): string;
  /** URLs of the extra actions that stand beside the one that is answered, by name (VS06). */
  getExtraActionUrlMap(): Record<string, string>;
}

/** Options of {@link ViewSetMembers.reverseAction}. */
export interface ReverseActionOptions {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly request?: Request;
}

type AbstractConstructor<Instance> = abstract new (...args: never) => Instance;
type ConcreteConstructor<Instance> = new (...args: any[]) => Instance;

const permissions = new WeakMap<object, Map<string, readonly BasePermission[]>>();

/** Makes a view class a viewset class: its methods are bound to HTTP methods where it is mounted. */
export function ViewSetMixin<Base extends AbstractConstructor<APIView>>(
  View: Base,
): Base & ConcreteConstructor<ViewSetMembers> & ViewSetStatics {
  abstract class ViewSetView extends (View as unknown as typeof APIView) implements ViewSetMembers {
    static asView(this: ViewSetClass, actions: ActionMap, initial: Readonly<Record<string, unknown>> = {}): BoundView {
      checkBinding(this, actions, initial);
      return { view: this, actions, initial: { ...initial, actionMap: actions } };
    }

    static getExtraActions(this: ViewSetClass): readonly ExtraAction[] {
      return extraActions(this);
    }

    basename: string | null = null;
    detail: boolean | null = null;
    actionMap: ActionMap = {};
    permissionClasses: Readonly<Record<string, readonly PermissionClass[]>> | null = null;

    get action(): string | null {
      const method = this.request.method.toLowerCase();
      const action = this.actionMap[method];
      if (action !== undefined) return action;
      if (method === 'head') return this.actionMap.get ?? null;
      return method === 'options' ? 'metadata' : null;
    }

    override getPermissions(): readonly BasePermission[] {
      const { action } = this;
      const classes = action === null ? undefined : this.permissionClasses?.[action];
      if (action === null || classes === undefined) return super.getPermissions();
      return this.#permissionsOf(action, classes);
    }

    override get declaresPermissions(): boolean {
      const { getPermissions } = View.prototype as APIView;
      return (
        this.getPermissions === ViewSetView.prototype.getPermissions &&
        getPermissions === APIView.prototype.getPermissions
      );
    }

    #permissionsOf(action: string, classes: readonly PermissionClass[]): readonly BasePermission[] {
      let ofClass = permissions.get(this.constructor);
      if (ofClass === undefined) permissions.set(this.constructor, (ofClass = new Map()));
      let made = ofClass.get(action);
      if (made === undefined) ofClass.set(action, (made = classes.map((Permission) => new Permission())));
      return made;
    }

    reverseAction(urlName: string, { params = {}, request = this.request }: ReverseActionOptions = {}): string {
      const name = [...this.namespaces, `${this.basename}-${urlName}`].join(':');
      return reverse(name, { params, request });
    }

    override checkSetup(): void {
      super.checkSetup();
      checkActionNames(this, 'permissionClasses', this.permissionClasses);
      if (!this.declaresPermissions) return;
      for (const [action, classes] of Object.entries(this.permissionClasses ?? {})) {
        for (const permission of this.#permissionsOf(action, classes)) permission.checkSetup(this);
      }
    }

    getExtraActionUrlMap(): Record<string, string> {
      const urls: Record<string, string> = {};
      if (this.detail === null) return urls;
      for (const { detail, urlName, name, action } of extraActions(this.constructor as ViewSetClass)) {
        if (detail !== this.detail) continue;
        try {
          urls[name ?? action] = this.reverseAction(urlName, { params: this.params });
        } catch (error) {
          // An action whose URL has arguments of its own has no single URL.
          if (!(error instanceof NoReverseMatch)) throw error;
        }
      }
      return urls;
    }
  }
  return ViewSetView as never;
}

function checkBinding(viewSet: ViewSetClass, actions: ActionMap, initial: Readonly<Record<string, unknown>>): void {
  const call = `${viewSet.name}.asView()`;
  if (actions === undefined || Object.keys(actions).length === 0) {
    throw new TypeError(
      `The \`actions\` argument must be provided when calling ${call}. For example ${viewSet.name}.asView({ get: 'list' }).`,
    );
  }
  const probe = new viewSet() as object;
  for (const [method, name] of Object.entries(actions)) {
    if (!(HTTP_METHOD_NAMES as readonly string[]).includes(method)) {
      throw new TypeError(`${call} maps ${JSON.stringify(method)}, which is no lower-case HTTP method.`);
    }
    if (typeof (probe as Record<string, unknown>)[name] !== 'function') {
      throw new TypeError(`${call} maps "${method}" to ${viewSet.name}.${name}(), which is not there.`);
    }
  }
  for (const key of Object.keys(initial)) {
    if ((HTTP_METHOD_NAMES as readonly string[]).includes(key)) {
      throw new TypeError(`You tried to pass in the ${key} method name as an initial value of ${call}. Don't do that.`);
    }
    if (key !== 'policies' && !(key in probe)) {
      throw new TypeError(
        `${call} received an invalid initial value "${key}". Only attributes that ${viewSet.name} already has are accepted.`,
      );
    }
  }
  if (initial.name !== undefined && initial.name !== null && initial.suffix !== undefined && initial.suffix !== null) {
    throw new TypeError(`${call} received both \`name\` and \`suffix\`, which are mutually exclusive arguments.`);
  }
}

/** A map by action that names a method which is not there does nothing, silently. Throws ImproperlyConfigured. */
function checkActionNames(view: object, member: string, map: object | null): void {
  for (const name of Object.keys(map ?? {})) {
    if (typeof (view as Record<string, unknown>)[name] === 'function') continue;
    throw new ImproperlyConfigured(
      `${view.constructor.name}.${member} names the action "${name}", but there is no method ${name}().`,
    );
  }
}

/** A viewset that does everything itself (VS01). */
export abstract class ViewSet extends ViewSetMixin(APIView) {}

/** The serializer of an action; one for what comes in and one for what goes out where they differ. */
export type ActionSerializer = SerializerType | { readonly input: SerializerType; readonly output: SerializerType };

/** A viewset of the rows of an entity, without actions (VS01). */
export class GenericViewSet<Entity extends ObjectLiteral = ObjectLiteral> extends ViewSetMixin(GenericAPIView)<Entity> {
  /** Serializers of single actions, by name; what is not named has `serializerClass` (W23). */
  serializerClasses: Readonly<Record<string, ActionSerializer>> | null = null;

  override checkSetup(): void {
    super.checkSetup();
    checkActionNames(this, 'serializerClasses', this.serializerClasses);
    for (const given of Object.values(this.serializerClasses ?? {})) {
      for (const type of typeof given === 'function' ? [given] : [given.input, given.output])
        checkSerializer(type, this.site.urls);
    }
  }

  override requireSerializer(action: string): void {
    const isStock =
      this.getSerializerClass === GenericViewSet.prototype.getSerializerClass && this.makesStockSerializers;
    if (isStock && this.serializerClasses?.[action] === undefined) super.getSerializerClass();
  }

  override getSerializerClass(): SerializerType {
    const given = this.#ofAction();
    if (given === undefined) return super.getSerializerClass();
    return typeof given === 'function' ? given : given.input;
  }

  override getOutputSerializerClass(): SerializerType {
    const given = this.#ofAction();
    return given === undefined || typeof given === 'function' ? this.getSerializerClass() : given.output;
  }

  #ofAction(): ActionSerializer | undefined {
    const { action } = this;
    return action === null ? undefined : this.serializerClasses?.[action];
  }
}
