import { performance } from 'node:perf_hooks';

/**
 * A clock of what the database server takes, in milliseconds: it stands while this process runs.
 *
 * An answer that has come is seen when the event loop gets to it. In a busy process that may be long after, which says nothing about the
 * statement.
 */
export class ServerClock {
  #base = performance.now();
  #idleAtBase = performance.nodeTiming.idleTime;

  now(): number {
    return this.#base + performance.nodeTiming.idleTime - this.#idleAtBase;
  }

  /**
   * Counts the time until now, since whoever waits was not answered in it. To be called at the end of a turn of the event loop.
   *
   * @returns the time now
   */
  endTurn(): number {
    this.#idleAtBase = performance.nodeTiming.idleTime;
    this.#base = performance.now();
    return this.#base;
  }
}
