import { APIView, type Handled, HTTP_METHOD_NAMES, type Params, type ViewClass } from './api-view.ts';
import { addPolicies, ownPolicies, type Policy } from './policies.ts';
import type { Request } from './request.ts';

/** A function that answers requests. */
export type ViewFunction = (request: Request, params: Params) => Handled;

/** A function that is a view: it can be mounted, and called by tests. */
export type FunctionView = ViewFunction & { readonly view: ViewClass };

/** What {@link apiView} returns: call it with a function, or put it above a static method. */
export interface ApiViewDecorator {
  (run: ViewFunction): FunctionView;
  <Run extends ViewFunction>(run: Run, context: ClassMethodDecoratorContext): Run & FunctionView;
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
 * Only the methods listed are answered: HEAD too must be named. Default `['GET']`.
 *
 * @param methods upper-case methods
 * @param policies what the same names declare as decorators of a class
 */
export function apiView(methods: readonly string[] = ['GET'], ...policies: readonly Policy[]): ApiViewDecorator {
  if (!Array.isArray(methods)) {
    throw new TypeError("apiView takes a list of methods and is called once more: write apiView(['GET'])(handler).");
  }
  const names = methods.map((method) => method.toLowerCase());
  const unknown = names.find((name) => !(HTTP_METHOD_NAMES as readonly string[]).includes(name));
  if (unknown !== undefined) throw new TypeError(`apiView does not know the method ${JSON.stringify(unknown)}.`);

  const decorate = (run: unknown, second?: unknown, descriptor?: PropertyDescriptor): unknown => {
    if (descriptor !== undefined) return { ...descriptor, value: makeView(descriptor.value, names, policies) };
    if (typeof run !== 'function') {
      const found = typeof second === 'object' ? 'a class member that is no method' : typeof run;
      throw new TypeError(`apiView makes a view of a function; it was given ${found}.`);
    }
    return makeView(run as ViewFunction, names, policies);
  };
  return decorate as ApiViewDecorator;
}

function makeView(run: ViewFunction, names: readonly string[], policies: readonly Policy[]): FunctionView {
  const view = class extends APIView {
    override httpMethodNames: readonly string[] = [...names, 'options'];
  };
  // The page is named after the function, as in DRF (VW10).
  Object.defineProperty(view, 'name', { value: run.name });
  const handle = function (this: APIView, request: Request, params: Params): Handled {
    return run(request, params);
  };
  for (const name of names) {
    Object.defineProperty(view.prototype, name, { value: handle, writable: true, configurable: true });
  }
  addPolicies(view, ownPolicies(run));
  for (const { declares } of policies) addPolicies(view, declares);

  const callable = (request: Request, params: Params): Handled => run(request, params);
  Object.defineProperty(callable, 'name', { value: run.name });
  return Object.assign(callable, { view });
}
