interface Entry<T> {
  readonly value: T;
  readonly until: number;
}

/** Remembers up to `maxSize` things, each until its time; what was not asked for longest is forgotten first. */
export class ExpiringCache<T> {
  readonly #entries = new Map<string, Entry<T>>();

  constructor(readonly maxSize: number) {}

  get size(): number {
    return this.#entries.size;
  }

  /** Undefined when it is not remembered, or its time is over at `now`. */
  get(key: string, now: number): T | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    // A Map keeps the order of insertion: whatever is asked for moves to the end.
    this.#entries.delete(key);
    if (now >= entry.until) return undefined;
    this.#entries.set(key, entry);
    return entry.value;
  }

  /** Remembers `value`; the times are milliseconds since 1970. Does nothing when the time is over already. */
  set(key: string, value: T, now: number, until: number): void {
    this.#entries.delete(key);
    if (now >= until || this.maxSize === 0) return;
    const [oldest] = this.#entries.keys();
    if (this.#entries.size >= this.maxSize && oldest !== undefined) this.#entries.delete(oldest);
    this.#entries.set(key, { value, until });
  }
}
