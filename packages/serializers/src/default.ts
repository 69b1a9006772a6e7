import type { Awaitable } from './awaitable.ts';
import type { Field } from './field.ts';
import { SkipField } from './outcome.ts';
import type { Scope } from './scope.ts';

/** Computes a default for one serializer; see {@link CurrentUserDefault}. */
export interface DefaultObject<Value = unknown> {
  getDefault(scope: Scope, field: Field): Awaitable<Value>;
}

/** A default that is computed. May throw {@link SkipField} to give none. */
export type DefaultFunction<Value = unknown> = (scope: Scope, field: Field) => Awaitable<Value>;

/** The user of the request in the context (row VA04). */
export class CurrentUserDefault<User = unknown> implements DefaultObject<User> {
  /** @throws Error when the context has no request */
  getDefault(scope: Scope): User {
    const request = scope.context.request as { user?: User } | undefined;
    if (request === undefined) {
      throw new Error(
        'CurrentUserDefault needs a request: pass `context: { request }` to the serializer, as generic views do.',
      );
    }
    return request.user as User;
  }

  toString(): string {
    return 'new CurrentUserDefault()';
  }
}

/** A default for new objects only: on an update the field is left out (row VA04). */
export class CreateOnlyDefault<Value = unknown> implements DefaultObject<Value> {
  constructor(readonly value: Value | DefaultFunction<Value> | DefaultObject<Value>) {}

  getDefault(scope: Scope, field: Field): Awaitable<Value> {
    if (scope.instance !== null) throw new SkipField();
    return resolveDefault(this.value, scope, field) as Awaitable<Value>;
  }

  toString(): string {
    return `new CreateOnlyDefault(${JSON.stringify(this.value) ?? String(this.value)})`;
  }
}

/** What a `default` stands for: itself, or what it computes. */
export function resolveDefault(value: unknown, scope: Scope, field: Field): Awaitable<unknown> {
  if (typeof value === 'function') return (value as DefaultFunction)(scope, field);
  if (typeof value !== 'object' || value === null) return value;
  if (typeof (value as DefaultObject).getDefault === 'function')
    return (value as DefaultObject).getDefault(scope, field);
  // One request must not change the next one's default.
  if (Array.isArray(value)) return structuredClone(value);
  return Object.getPrototypeOf(value) === Object.prototype ? structuredClone(value) : value;
}
