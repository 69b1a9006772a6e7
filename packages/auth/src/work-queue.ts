import { ServiceUnavailable } from '@rf/exceptions';

/**
 * Runs at most `limit` tasks at once; the others wait in order, and beyond `maxWaiting` of them are refused.
 *
 * Password hashes go through one: each occupies a thread of Node's pool for a good part of a second, and a flood of logins
 * must leave threads to everybody else.
 */
export class WorkQueue {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(
    readonly limit: number,
    readonly maxWaiting = Number.POSITIVE_INFINITY,
  ) {}

  /** What `task` returns. Throws what it throws, and ServiceUnavailable when too many are waiting. */
  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#running >= this.limit) {
      if (this.#waiting.length >= this.maxWaiting) throw new ServiceUnavailable();
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running += 1;
    }
    try {
      return await task();
    } finally {
      const next = this.#waiting.shift();
      // The place is handed on, so that nobody slips in between.
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
