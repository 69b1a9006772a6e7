import { createHash } from 'node:crypto';
import { dataSource, prepared } from '@rf/orm';
import type { Site } from '@rf/views';

/** After so many remembered uses, what has expired is purged. */
const PURGE_EVERY = 500;

/** What has expired is kept for so long: by the clock of another server it may not have. */
const CLOCK_DIFFERENCE_MS = 300_000;

/** One thing that may count once. */
interface Use {
  readonly scheme: string;
  /** In hex. */
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Uses that one statement stores. */
interface Batch {
  readonly uses: Use[];
  /** Those that were new. */
  readonly stored: Promise<ReadonlySet<Use>>;
}

/**
 * Remembers nonces and other things that count only once, for all processes of a project.
 *
 * One statement decides, so of two processes only one is told "new". It runs on a connection of its own: a request that is rolled
 * back afterwards does not make its nonce usable again. Check signature and freshness first, so that strangers and stale requests
 * cannot fill the table.
 *
 * While one statement runs, uses gather for the next: a busy server writes and commits once for many requests.
 */
export class ReplayMemory {
  #used = 0;
  #gathering: Batch | undefined;
  /** Ends, without an error, when the latest batch is stored. */
  #latest: Promise<unknown> = Promise.resolve();

  constructor(readonly site: Site) {}

  /**
   * True when `parts` were never seen in this scheme; false for a replay.
   *
   * @param scheme at most 40 characters
   * @param parts what makes the use unique, for instance consumer, timestamp and nonce
   * @param expiresAt milliseconds since 1970 after which the use would be refused for its age anyway
   */
  async remember(scheme: string, parts: readonly string[], expiresAt: number): Promise<boolean> {
    const use = { scheme, key: hashParts(parts), expiresAt };
    this.#gathering ??= this.#gather();
    const { uses, stored } = this.#gathering;
    uses.push(use);
    return (await stored).has(use);
  }

  #gather(): Batch {
    const uses: Use[] = [];
    const stored = this.#latest.then(() => {
      this.#gathering = undefined;
      return this.#store(uses);
    });
    this.#latest = stored.catch(() => {});
    return { uses, stored };
  }

  async #store(uses: readonly Use[]): Promise<ReadonlySet<Use>> {
    const before = this.#used;
    this.#used += uses.length;
    if (Math.floor(this.#used / PURGE_EVERY) > Math.floor(before / PURGE_EVERY)) await this.purge();
    // Of equal ones the first counts.
    const first = new Map(uses.toReversed().map((use) => [nameOf(use), use]));
    // In one order everywhere: two processes with the same uses in another would wait for each other.
    const sorted = [...first.keys()].toSorted().map((name) => first.get(name) as Use);
    const { rows } = await prepared<Pick<Use, 'scheme' | 'key'>>(dataSource(this.site).manager, {
      name: 'rf_replay_remember',
      text:
        'INSERT INTO auth_replay (scheme, key_hash, expires_at) ' +
        "SELECT scheme, decode(key, 'hex'), to_timestamp(expires / 1000) " +
        'FROM unnest($1::text[], $2::text[], $3::float8[]) AS use (scheme, key, expires) ' +
        "ON CONFLICT DO NOTHING RETURNING scheme, encode(key_hash, 'hex') AS key",
      values: [
        sorted.map(({ scheme }) => scheme),
        sorted.map(({ key }) => key),
        sorted.map(({ expiresAt }) => expiresAt),
      ],
    });
    return new Set(rows.map((row) => first.get(nameOf(row)) as Use));
  }

  /** Forgets what expired more than five minutes ago, since the clocks of servers differ; how many rows that were. */
  async purge(): Promise<number> {
    const { rowCount } = await prepared(dataSource(this.site).manager, {
      name: 'rf_replay_purge',
      text: 'DELETE FROM auth_replay WHERE expires_at < to_timestamp($1::float8 / 1000)',
      values: [this.site.clock() - CLOCK_DIFFERENCE_MS],
    });
    return rowCount;
  }
}

/** Tells uses apart. */
function nameOf({ scheme, key }: Pick<Use, 'scheme' | 'key'>): string {
  return `${scheme} ${key}`;
}

/** Each part is preceded by its length, so that no two lists of parts look alike. */
function hashParts(parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest('hex');
}

const memories = new WeakMap<Site, ReplayMemory>();

/** The replay memory of a project. */
export function replayMemory(site: Site): ReplayMemory {
  let memory = memories.get(site);
  if (memory === undefined) {
    memory = new ReplayMemory(site);
    memories.set(site, memory);
  }
  return memory;
}
