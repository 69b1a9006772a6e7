/** A value, or a promise of it. What a hook returns may be either; only promises are awaited, so the hot path makes none. */
export type Awaitable<T> = T | PromiseLike<T>;

/** True for anything that can be awaited. */
export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}

/** `next(value)`, at once when `value` is there and later when it is a promise. */
export function andThen<T, R>(value: Awaitable<T>, next: (value: T) => Awaitable<R>): Awaitable<R> {
  return isPromiseLike(value) ? (value as PromiseLike<T>).then(next) : next(value as T);
}
