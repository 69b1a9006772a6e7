import { ImproperlyConfigured } from '@rf/exceptions';
import { snakeCase } from '@rf/orm';
import { HTTP_METHOD_NAMES, ownPolicies, type Policies } from '@rf/views';
import type { BasePagination } from './base-pagination.ts';
import type { FilterBackendClass } from './filter-backend.ts';
import type { SerializerType } from './generic-api-view.ts';

/** Attributes of the view that an action may have for itself. */
export interface ActionAttributes extends Policies {
  readonly queryset?: new (...args: never[]) => object;
  readonly serializerClass?: SerializerType;
  readonly filterBackends?: readonly FilterBackendClass[];
  readonly paginationClass?: (new () => BasePagination) | null;
  readonly lookupField?: string;
  readonly searchFields?: readonly string[];
  readonly ordering?: string | readonly string[];
  readonly orderingFields?: readonly string[] | '__all__';
}

/** Options of {@link action}. */
export interface ActionOptions extends ActionAttributes {
  /** True for an action of one object, false for one of the list. */
  readonly detail: boolean;
  /** Methods that it answers. Default `['get']`. */
  readonly methods?: readonly string[];
  /** What stands in the URL; may have parameters: `by-language/:lang([a-z]{2})`. Default: the method's name in snake case. */
  readonly urlPath?: string;
  /** What its URL's name ends with. Default: the method's name in snake case, with hyphens. */
  readonly urlName?: string;
  /** Name of the page. Default: the method's name in words. */
  readonly name?: string;
  /** Added to the name of the viewset, instead of a name. */
  readonly suffix?: string;
  /** Default: the viewset's. */
  readonly description?: string;
}

/** An action beside the standard ones, as a router needs it. */
export interface ExtraAction {
  /** The method of the viewset. */
  readonly action: string;
  /** Methods of the viewset by lower-case HTTP method. */
  readonly mapping: Readonly<Record<string, string>>;
  readonly detail: boolean;
  readonly urlPath: string;
  readonly urlName: string;
  /** Name of the page; null where a suffix is given. */
  readonly name: string | null;
  /** Attributes of the view when it serves this action. */
  readonly initial: Readonly<Record<string, unknown>>;
}

/** Decorates a method under either kind of decorators. */
export interface MethodDecorator {
  (target: object, context: ClassMethodDecoratorContext): void;
  (target: object, key: string | symbol, descriptor: PropertyDescriptor): void;
}

interface MappedMethod {
  readonly action: string;
  readonly methods: readonly string[];
}

const actions = new WeakMap<object, ActionOptions>();
const mapped = new WeakMap<object, MappedMethod>();

/**
 * Makes a method of a viewset an action with a URL of its own (VS04). Policies stand beside it as decorators:
 *
 * ```ts
 * @action({ detail: true, methods: ['post'], urlPath: 'set-price' })
 * @permissionClasses(IsAdminUser)
 * async setPrice(request: Request) {
 *   const book = await this.getObject();
 *   …
 * }
 * ```
 *
 * Throws ImproperlyConfigured for options that make no sense.
 */
export function action(options: ActionOptions): MethodDecorator {
  if (typeof options?.detail !== 'boolean') {
    throw new ImproperlyConfigured(
      '@action() missing required option: write @action({ detail: true }) for an action of one object, ' +
        '@action({ detail: false }) for one of the list.',
    );
  }
  if (options.name !== undefined && options.suffix !== undefined) {
    throw new ImproperlyConfigured('@action() takes a `name` or a `suffix`, not both: remove one of them.');
  }
  checkMethods(options.methods ?? [], '@action');
  return onMethod((method) => actions.set(method, options), '@action');
}

/**
 * Answers more HTTP methods at the URL of an action (VS05):
 *
 * ```ts
 * @action({ detail: true })
 * note() { … }
 *
 * @action.mapping('note', 'put')
 * writeNote(request: Request) { … }
 *
 * @action.mapping('note', 'delete')
 * eraseNote() { … }
 * ```
 *
 * @param name the action's method
 * @param methods HTTP methods
 */
action.mapping = (name: string, ...methods: string[]): MethodDecorator => {
  if (methods.length === 0) {
    throw new ImproperlyConfigured(
      `@action.mapping('${name}') names no HTTP method: write @action.mapping('${name}', 'post').`,
    );
  }
  checkMethods(methods, '@action.mapping');
  return onMethod((method) => mapped.set(method, { action: name, methods }), '@action.mapping');
};

function checkMethods(methods: readonly string[], decorator: string): void {
  const unknown = methods.find((method) => !(HTTP_METHOD_NAMES as readonly string[]).includes(method.toLowerCase()));
  if (unknown !== undefined) {
    throw new ImproperlyConfigured(
      `${decorator}() does not know the HTTP method ${JSON.stringify(unknown)}. Known are ${HTTP_METHOD_NAMES.join(', ')}.`,
    );
  }
}

function onMethod(register: (method: object) => void, decorator: string): MethodDecorator {
  return (target: object, _second: unknown, descriptor?: PropertyDescriptor): void => {
    const method: unknown = descriptor === undefined ? target : descriptor.value;
    if (typeof method !== 'function') throw new TypeError(`${decorator}() decorates a method of a viewset.`);
    register(method);
  };
}

const collected = new WeakMap<object, readonly ExtraAction[]>();

/** The actions of a viewset class beside the standard ones, those of its bases first. Throws ImproperlyConfigured. */
export function extraActions(viewSet: { readonly name: string; readonly prototype: object }): readonly ExtraAction[] {
  let found = collected.get(viewSet);
  if (found === undefined) collected.set(viewSet, (found = collect(viewSet)));
  return found;
}

function collect(viewSet: { readonly name: string; readonly prototype: object }): ExtraAction[] {
  const methods = methodsOf(viewSet.prototype);
  const mappings = new Map<string, Record<string, string>>();
  for (const [name, method] of methods) {
    const options = actions.get(method);
    if (options === undefined) continue;
    mappings.set(name, Object.fromEntries((options.methods ?? ['get']).map((verb) => [verb.toLowerCase(), name])));
  }
  for (const [name, method] of methods) {
    const more = mapped.get(method);
    if (more === undefined) continue;
    const mapping = mappings.get(more.action);
    if (mapping === undefined) {
      throw new ImproperlyConfigured(
        `${viewSet.name}.${name}: @action.mapping('${more.action}', …) names no action. Write @action({ detail: … }) above ` +
          `${viewSet.name}.${more.action}().`,
      );
    }
    for (const verb of more.methods.map((given) => given.toLowerCase())) {
      if (mapping[verb] !== undefined) {
        throw new ImproperlyConfigured(
          `${viewSet.name}.${name}: the method "${verb}" of ${more.action} is already mapped to ${mapping[verb]}().`,
        );
      }
      mapping[verb] = name;
    }
  }
  return [...mappings].map(([name, mapping]) => {
    const method = methods.get(name) as object;
    return extraAction(name, mapping, actions.get(method) as ActionOptions, ownPolicies(method));
  });
}

/** Methods by name; the nearest class counts. Those of base classes come first. */
function methodsOf(prototype: object): ReadonlyMap<string, object> {
  const chain: object[] = [];
  for (let at = prototype; at !== Object.prototype && at !== null; at = Object.getPrototypeOf(at) as object) {
    chain.unshift(at);
  }
  const methods = new Map<string, object>();
  for (const owner of chain) {
    for (const name of Object.getOwnPropertyNames(owner)) {
      const value: unknown = Object.getOwnPropertyDescriptor(owner, name)?.value;
      if (typeof value === 'function') methods.set(name, value);
      else methods.delete(name);
    }
  }
  return methods;
}

const POLICIES: ReadonlySet<string> = new Set<keyof Policies>([
  'authenticationClasses',
  'permissionClasses',
  'throttleClasses',
  'throttleScope',
  'parserClasses',
  'rendererClasses',
  'versioningClass',
  'metadataClass',
  'contentNegotiationClass',
]);

function extraAction(
  name: string,
  mapping: Readonly<Record<string, string>>,
  options: ActionOptions,
  decorated: Policies,
): ExtraAction {
  const { detail, methods: _methods, urlPath, urlName, name: title, suffix, description, ...rest } = options;
  const policies: Record<string, unknown> = { ...decorated };
  const attributes: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(rest)) (POLICIES.has(key) ? policies : attributes)[key] = value;
  const snake = snakeCase(name);
  const pageName = suffix === undefined ? (title ?? pretty(snake)) : null;
  return {
    action: name,
    mapping,
    detail,
    urlPath: urlPath ?? snake,
    urlName: urlName ?? snake.replaceAll('_', '-'),
    name: pageName,
    initial: {
      ...attributes,
      ...(pageName === null ? { suffix } : { name: pageName }),
      ...(description === undefined ? {} : { description }),
      policies,
    },
  };
}

/** `set_price` reads `Set price`. */
function pretty(snake: string): string {
  const words = snake.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1).toLowerCase();
}
