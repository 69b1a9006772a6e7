import type { Request } from '@rf/views';

/** The same request as if it had come with another method, to ask what would be answered. It shares everything else. */
export function requestAs(request: Request, method: string): Request {
  return new Proxy(request, {
    get(target, name) {
      if (name === 'method') return method;
      // Read on the request itself, whose private fields the proxy does not have.
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
    set: (target, name, value) => Reflect.set(target, name, value, target),
  });
}
