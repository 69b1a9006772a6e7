import pg from 'pg';
import { ConnectionWaitError } from './database-unavailable.ts';
import { exactTypes } from './exact-types.ts';
import { ReadPipeline } from './read-pipeline.ts';
import { SerialClient } from './serial-client.ts';

/** How pg's pool hands over a connection. */
export type Lend = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  done: (release?: unknown) => void,
) => void;

/** One process sends a few shared connections as much as it can; more would only take them from transactions. */
const MAX_SHARED = 4;

/**
 * pg's pool, made safe for a server that must go on: a connection that dies while nobody looks does not end the process,
 * one given back inside a transaction is not lent again, statements on one connection take turns, waiting in vain says why, and values
 * are read exactly.
 */
export class ConnectionPool extends pg.Pool {
  /** The connections that read-only statements share; null where there are too few to keep some for them. */
  readonly reads: ReadPipeline | null;

  constructor(options: pg.PoolConfig) {
    const { max = 10, connectionTimeoutMillis = 10_000 } = options;
    const shared = Math.min(Math.floor(max / 4), MAX_SHARED);
    const own = { ...options, types: exactTypes, keepAlive: true, connectionTimeoutMillis };
    super({ ...own, max: max - shared, Client: SerialClient });
    this.reads = shared === 0 ? null : new ReadPipeline(own, shared);
    this.on('error', () => {});
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: Lend): void;
  override connect(callback?: Lend): Promise<pg.PoolClient> | undefined {
    if (callback === undefined) {
      return new Promise((resolve, reject) => {
        this.connect((error, client) => (client === undefined ? reject(error) : resolve(client)));
      });
    }
    this.request((error, client) => {
      if (client === undefined) return callback(this.#explain(error as Error), undefined, () => {});
      const release = client.release;
      client.release = (reason) => release(reason ?? leftOpen(client));
      callback(undefined, client, client.release as (release?: unknown) => void);
    });
    return undefined;
  }

  override end(): Promise<void>;
  override end(callback: () => void): void;
  override end(callback?: (error?: Error) => void): Promise<void> | undefined {
    const ended = Promise.all([super.end(), this.reads?.end()]);
    if (callback === undefined) return ended.then(() => {});
    ended.then(() => callback(), callback);
    return undefined;
  }

  /** Asks pg's pool for a connection. */
  protected request(callback: Lend): void {
    super.connect(callback);
  }

  #explain(error: Error): Error {
    if (error.message !== 'timeout exceeded when trying to connect') return error;
    return new ConnectionWaitError(this.options.max, this.options.connectionTimeoutMillis ?? 0);
  }
}

function leftOpen(client: pg.PoolClient): Error | undefined {
  const status = client.getTransactionStatus();
  return status === 'T' || status === 'E' ? new Error('the connection was given back inside a transaction') : undefined;
}
