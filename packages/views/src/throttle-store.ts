import type { Awaitable } from './awaitable.ts';

/** What a store says of one request. */
export interface ThrottleVerdict {
  readonly allowed: boolean;
  /** Milliseconds until one more request would pass; 0 when allowed. */
  readonly waitMs: number;
  /** Requests that would still pass in this window. A store that leaves it out keeps the fields of `rateLimitHeaders` away. */
  readonly remaining?: number;
}

/** Counts requests in sliding windows (TH09). */
export interface ThrottleStore {
  /**
   * Counts one request under `key` unless `limit` requests already fall into the last `windowMs` milliseconds. Atomic: callers in
   * parallel, in one process or many, together never pass more than `limit`.
   *
   * @param now milliseconds since 1970
   */
  hit(key: string, limit: number, windowMs: number, now: number): Awaitable<ThrottleVerdict>;
  /** What `hit` would say, without counting; `remaining` is of before the request. */
  peek(key: string, limit: number, windowMs: number, now: number): Awaitable<ThrottleVerdict>;
  /** Forgets everything. */
  clear(): Awaitable<void>;
}
