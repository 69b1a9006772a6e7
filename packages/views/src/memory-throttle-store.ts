import type { ThrottleStore, ThrottleVerdict } from './throttle-store.ts';

interface Log {
  /** When requests were counted, oldest first. */
  readonly times: number[];
  windowMs: number;
}

/** Sweeping costs a walk over all keys, so it is done once in so many counts. */
const SWEEP_EVERY = 10_000;

/** Counts in the memory of this process. */
export class MemoryThrottleStore implements ThrottleStore {
  readonly #logs = new Map<string, Log>();
  #counted = 0;

  hit(key: string, limit: number, windowMs: number, now: number): ThrottleVerdict {
    this.#counted += 1;
    if (this.#counted % SWEEP_EVERY === 0) this.#sweep(now);
    let log = this.#logs.get(key);
    if (log === undefined) {
      log = { times: [], windowMs };
      this.#logs.set(key, log);
    }
    log.windowMs = windowMs;
    const { times } = log;
    let expired = 0;
    while (expired < times.length && (times[expired] as number) <= now - windowMs) expired += 1;
    if (expired > 0) times.splice(0, expired);
    if (times.length < limit) {
      times.push(now);
      return { allowed: true, waitMs: 0 };
    }
    const oldest = times[times.length - limit];
    return { allowed: false, waitMs: oldest === undefined ? windowMs : oldest + windowMs - now };
  }

  clear(): void {
    this.#logs.clear();
  }

  #sweep(now: number): void {
    for (const [key, { times, windowMs }] of this.#logs) {
      if ((times.at(-1) ?? 0) <= now - windowMs) this.#logs.delete(key);
    }
  }
}
