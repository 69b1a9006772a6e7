import { APIView, type Handled, HTTP_METHOD_NAMES, type Params, type ViewClass } from './api-view.ts';
import { addPolicies, ownPolicies, type Policy } from './policies.ts';
import type { Request } from './request.ts';

/** A function that answers requests. */
export type ViewFunction = (request: Request, params: Params) => Handled;

/** A function that is a view: it can be mounted, and called by tests. */
export type FunctionView = ViewFunction & { readonly view: ViewClass };

/** What {@link apiView} returns: call it with a function, or put it above a static method. */
export interface ApiViewDecorator {
  <Run extends (...args: any) => Handled>(run: Run, context: ClassMethodDecoratorContext<any, Run>): Run;
  (run: ViewFunction): FunctionView;
  (target: object, key: string | symbol, descriptor: PropertyDescriptor): PropertyDescriptor;
}

/**
 * Makes a view of a function (DRF feature rows FV01–FV04).
 *
 * ```ts
 * export const example = apiView(['GET'], permissionClasses(IsAuthenticated))((request) => ({ user: request.user.id }));
 * ```
 *
 * Above a static method it makes a view of that; policies then stand below it as decorators, or beside the methods as arguments.
 * Only the methods listed are answered: HEAD too must be named (FV02). Default `['GET']`.
 *
 * @param methods upper-case methods
 * @param policies what the same names declare as decorators of a class
 * Throws a TypeError for anything but a function or a static method, and for a method that does not exist.
 */
export function apiView(methods: readonly string[] = ['GET'], ...policies: readonly Policy[]): ApiViewDecorator {
  if (!Array.isArray(methods)) {
    throw new TypeError("apiView takes a list of methods and is called once more: write apiView(['GET'])(handler).");
  }
  const names = methods.map((method) => method.toLowerCase());
  const unknown = names.find((name) => !(HTTP_METHOD_NAMES as readonly string[]).includes(name));
  if (unknown !== undefined) throw new TypeError(`apiView does not know the method ${JSON.stringify(unknown)}.`);

  const decorate = (run: unknown, second?: unknown, descriptor?: PropertyDescriptor): unknown => {
    if (descriptor !== undefined) {
      // experimentalDecorators: the class, the key and the descriptor of a static method.
      if (typeof run !== 'function' || typeof descriptor.value !== 'function') throw notAFunction(run, second);
      const method = descriptor.value as ViewFunction;
      return { ...descriptor, value: makeView(method, names, policies, () => run) };
    }
    if (typeof run !== 'function') throw notAFunction(run, second);
    const context = second as ClassMethodDecoratorContext | undefined;
    if (context === undefined) return makeView(run as ViewFunction, names, policies);
    if (context.kind !== 'method' || !context.static) throw notAFunction(run, second);
    const owner = { value: undefined as unknown };
    context.addInitializer(function (this: unknown) {
      Object.assign(owner, { value: this });
    });
    return makeView(run as ViewFunction, names, policies, () => owner.value);
  };
  return decorate as ApiViewDecorator;
}

function notAFunction(run: unknown, second: unknown): TypeError {
  const isMember = typeof second === 'string' || typeof second === 'symbol' || typeof second === 'object';
  const found = isMember ? 'a class member that is no static method' : run === null ? 'null' : `a ${typeof run}`;
  return new TypeError(`apiView makes a view of a function or a static method; it was given ${found}.`);
}

function makeView(
  run: ViewFunction,
  names: readonly string[],
  policies: readonly Policy[],
  owner: () => unknown = () => undefined,
): FunctionView {
  const view = class extends APIView {
    override httpMethodNames: readonly string[] = [...names, 'options'];
  };
  const callable = (request: Request, params: Params): Handled => run.call(owner(), request, params);
  // The page is named after the function, as in DRF (VW10).
  for (const named of [view, callable]) Object.defineProperty(named, 'name', { value: run.name });
  for (const name of names) {
    Object.defineProperty(view.prototype, name, { value: callable, writable: true, configurable: true });
  }
  addPolicies(view, ownPolicies(run));
  for (const { declares } of policies) addPolicies(view, declares);
  return Object.assign(callable, { view });
}
