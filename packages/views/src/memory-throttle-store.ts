import type { Site } from './site.ts';
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
    const verdict = judge(times, limit, windowMs, now);
    if (!verdict.allowed) return verdict;
    times.push(now);
    return { ...verdict, remaining: limit - times.length };
  }

  peek(key: string, limit: number, windowMs: number, now: number): ThrottleVerdict {
    const times = this.#logs.get(key)?.times.filter((time) => time > now - windowMs) ?? [];
    return judge(times, limit, windowMs, now);
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

/** @param times those that fall into the window, oldest first */
function judge(times: readonly number[], limit: number, windowMs: number, now: number): ThrottleVerdict {
  if (times.length < limit) return { allowed: true, waitMs: 0, remaining: limit - times.length };
  const oldest = times[times.length - limit];
  return { allowed: false, waitMs: oldest === undefined ? windowMs : oldest + windowMs - now, remaining: 0 };
}

const memories = new WeakMap<Site, ThrottleStore>();

/** Where a project counts: the setting `throttleStore`, or a memory of the site's own. */
export function throttleStoreOf(site: Site): ThrottleStore {
  const { throttleStore } = site.settings;
  if (throttleStore !== null) return throttleStore;
  let memory = memories.get(site);
  if (memory === undefined) {
    memory = new MemoryThrottleStore();
    memories.set(site, memory);
  }
  return memory;
}
