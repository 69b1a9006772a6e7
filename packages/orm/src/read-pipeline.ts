import type pg from 'pg';
import { type Outcome, PipelinedConnection } from './pipelined-connection.ts';
import type { PreparedStatement } from './prepared-statement.ts';
import { ServerClock } from './server-clock.ts';
import { StatementPace } from './statement-pace.ts';

/** Milliseconds between attempts to connect. */
const RETRY_MS = 1_000;

/**
 * A few connections that read-only statements share, beside the pool of those that are lent to one holder.
 *
 * Only quick statements share: a slow one would hold up those behind it. See docs/decisions/pipelined-reads.md.
 */
export class ReadPipeline {
  readonly #config: pg.ClientConfig;
  readonly #size: number;
  readonly #pace = new StatementPace();
  readonly #clock = new ServerClock();
  #connections: PipelinedConnection[] = [];
  /** Ends, without an error, when the connection that is being made is there or not to be had. */
  #connecting: Promise<void> | null = null;
  #retryAt = 0;
  #isEnded = false;

  /**
   * @param size connections at most
   */
  constructor(config: pg.ClientConfig, size: number) {
    this.#config = config;
    this.#size = size;
  }

  /**
   * Runs a statement on a shared connection.
   *
   * @returns false when it has to have a connection of its own; then nothing was done and `outcome` is never called
   */
  run<Row>(statement: PreparedStatement, outcome: Outcome<Row>): boolean {
    if (statement.name === '') return false;
    const now = performance.now();
    const expectedMs = this.#pace.expected(statement.name, now);
    if (expectedMs === null) return false;
    let chosen: PipelinedConnection | undefined;
    for (const connection of this.#connections) {
      if (!connection.takes()) continue;
      if (chosen === undefined || connection.expectedMs < chosen.expectedMs) chosen = connection;
    }
    if (chosen?.expectedMs !== 0 && this.#connections.length < this.#size) this.#grow(now);
    if (chosen === undefined) return false;
    chosen.run(statement, expectedMs, outcome);
    return true;
  }

  /** Closes the connections when all answers have come. */
  async end(): Promise<void> {
    this.#isEnded = true;
    await this.#connecting;
    const connections = this.#connections;
    this.#connections = [];
    await Promise.all(connections.map((connection) => connection.end()));
  }

  #grow(now: number): void {
    if (this.#connecting !== null || this.#isEnded || now < this.#retryAt) return;
    const connection = new PipelinedConnection(this.#config, this.#pace, this.#clock, (lost) => {
      this.#connections = this.#connections.filter((other) => other !== lost);
    });
    this.#connecting = connection
      .connect()
      .then(
        () => {
          this.#connections.push(connection);
        },
        () => {
          // Whoever asks next goes to the pool, and is told there what is wrong.
          this.#retryAt = performance.now() + RETRY_MS;
        },
      )
      .finally(() => {
        this.#connecting = null;
      });
  }
}
