/** A value, or a promise of it. What a user overrides may be either; the framework awaits only promises. */
export type Awaitable<T> = T | PromiseLike<T>;

/** True for promises; lets a synchronous step cost no promise. */
export function isPromise<T>(value: Awaitable<T>): value is PromiseLike<T> {
  return value !== null && typeof value === 'object' && typeof (value as PromiseLike<T>).then === 'function';
}
