/** Milliseconds above which a statement is slow: sharing a connection saves a tenth of one, so slow statements gain nothing by it. */
const SLOW_MS = 5;

/** What a statement that was not seen before is taken to need. */
const UNKNOWN_MS = 1;

/** The newest run counts this much in the average. */
const WEIGHT = 1 / 16;

/** Milliseconds after which a slow statement gets another chance: it may have been the machine that was slow. */
const FORGIVEN_MS = 5_000;

/** Texts may come from what clients filter by, so only so many are remembered. */
const MAX_STATEMENTS = 2_000;

interface Pace {
  average: number;
  notedAt: number;
}

/** How long the server works on statements, by name. */
export class StatementPace {
  readonly #paces = new Map<string, Pace>();

  /**
   * Milliseconds that the statement will need by its past; null when that is long.
   *
   * @param now milliseconds of `performance.now()`
   */
  expected(name: string, now: number): number | null {
    const pace = this.#paces.get(name);
    if (pace === undefined) return UNKNOWN_MS;
    if (pace.average <= SLOW_MS) return pace.average;
    if (now - pace.notedAt < FORGIVEN_MS) return null;
    this.#paces.delete(name);
    return UNKNOWN_MS;
  }

  /** A run of a statement took some milliseconds and ended `now`. */
  note(name: string, milliseconds: number, now: number): void {
    let pace = this.#paces.get(name);
    if (pace === undefined) {
      if (this.#paces.size >= MAX_STATEMENTS) this.#paces.clear();
      // The first run is planned, and may find nothing in memory: it counts no more than another.
      this.#paces.set(name, (pace = { average: UNKNOWN_MS, notedAt: now }));
    }
    pace.average += (milliseconds - pace.average) * WEIGHT;
    pace.notedAt = now;
  }
}
