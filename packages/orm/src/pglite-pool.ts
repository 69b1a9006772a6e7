import { readFileSync } from 'node:fs';
import { PGlite } from '@electric-sql/pglite';
import type pg from 'pg';
import { ConnectionPool, type Lend } from './connection-pool.ts';
import { lockDirectory } from './directory-lock.ts';
import { PgliteSocket } from './pglite-socket.ts';

/**
 * A pool for the embedded database. It has one connection and lends it to one holder at a time, first come, first served:
 * concurrent transactions wait for each other, they never mix.
 */
export class PglitePool extends ConnectionPool {
  readonly #database: PGlite;
  readonly #unlock: () => void;

  /**
   * @param directory absolute path, made when missing; null for a database in memory
   * @param from a dump that a new database begins with; null for an empty one
   */
  constructor(directory: string | null, options: pg.PoolConfig = {}, from: string | null = null) {
    const unlock = directory === null ? () => {} : lockDirectory(directory);
    const database = new PGlite({
      dataDir: directory ?? 'memory://',
      // A new database writes its log in files of this many megabytes; the usual 16 cost a second to make.
      initDbStartParams: ['--wal-segsize=1'],
      ...(from !== null && { loadDataDir: new Blob([readFileSync(from)], { type: 'application/x-tar' }) }),
    });
    // Awaited by the first socket; without this line a failure before that would be an unhandled rejection.
    database.waitReady.catch(() => {});
    super({
      ...options,
      connectionString: undefined,
      host: 'embedded',
      user: 'postgres',
      database: 'postgres',
      password: '',
      ssl: false,
      max: 1,
      idleTimeoutMillis: 0,
      stream: () => new PgliteSocket(database),
    });
    this.#database = database;
    this.#unlock = unlock;
  }

  protected override request(callback: Lend): void {
    // Making the files of a new database takes seconds; that is no waiting for others.
    if (this.#database.ready) super.request(callback);
    else
      this.#database.waitReady.then(
        () => super.request(callback),
        (error: Error) => callback(error, undefined, () => {}),
      );
  }

  override end(): Promise<void>;
  override end(callback: () => void): void;
  override end(callback?: (error?: Error) => void): Promise<void> | undefined {
    const ended = this.#end();
    if (callback === undefined) return ended;
    ended.then(() => callback(), callback);
    return undefined;
  }

  async #end(): Promise<void> {
    await super.end();
    await this.#database.close();
    this.#unlock();
  }
}
