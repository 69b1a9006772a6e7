import { createHash } from 'node:crypto';
import { dataSource, prepared } from '@rf/orm';
import type { Site } from '@rf/views';

/** One remembered use in this many also purges what has expired. */
const PURGE_EVERY = 500;

/**
 * Remembers nonces and other things that count only once, for all processes of a project.
 *
 * One statement decides, so of two processes only one is told "new". It runs on a connection of its own: a request that is rolled
 * back afterwards does not make its nonce usable again. Check signature and freshness first, so that strangers and stale requests
 * cannot fill the table.
 */
export class ReplayMemory {
  #used = 0;

  constructor(readonly site: Site) {}

  /**
   * True when `parts` were never seen in this scheme; false for a replay.
   *
   * @param scheme at most 40 characters
   * @param parts what makes the use unique, for instance consumer, timestamp and nonce
   * @param expiresAt milliseconds since 1970 after which the use would be refused for its age anyway
   */
  async remember(scheme: string, parts: readonly string[], expiresAt: number): Promise<boolean> {
    this.#used += 1;
    if (this.#used % PURGE_EVERY === 0) await this.purge();
    const { rowCount } = await prepared(dataSource(this.site).manager, {
      name: 'rf_replay_remember',
      text:
        'INSERT INTO auth_replay (scheme, key_hash, expires_at) VALUES ($1, $2, to_timestamp($3::float8 / 1000)) ' +
        'ON CONFLICT DO NOTHING',
      values: [scheme, hashParts(parts), expiresAt],
    });
    return rowCount === 1;
  }

  /** Forgets what has expired; how many rows that were. */
  async purge(): Promise<number> {
    const { rowCount } = await prepared(dataSource(this.site).manager, {
      name: 'rf_replay_purge',
      text: 'DELETE FROM auth_replay WHERE expires_at < to_timestamp($1::float8 / 1000)',
      values: [this.site.clock()],
    });
    return rowCount;
  }
}

/** Each part is preceded by its length, so that no two lists of parts look alike. */
function hashParts(parts: readonly string[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest();
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
