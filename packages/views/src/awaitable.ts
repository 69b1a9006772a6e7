/** A value, or a promise of it. What a user overrides may be either; the framework awaits only promises. */
export type Awaitable<T> = T | PromiseLike<T>;

/** True for promises; lets a synchronous step cost no promise. */
export function isPromise<T>(value: Awaitable<T>): value is PromiseLike<T> {
  return value !== null && typeof value === 'object' && typeof (value as PromiseLike<T>).then === 'function';
}

/** What `next` makes of the value: now, or when the promise is kept. */
export function after<T, Next>(value: Awaitable<T>, next: (value: T) => Awaitable<Next>): Awaitable<Next> {
  return isPromise(value) ? value.then(next) : next(value);
}
