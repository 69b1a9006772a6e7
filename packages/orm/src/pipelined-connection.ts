import pg from 'pg';
import { isDatabaseUnavailable } from './database-unavailable.ts';
import { PreparedQuery } from './prepared-query.ts';
import type { PreparedResult, PreparedStatement } from './prepared-statement.ts';
import type { ServerClock } from './server-clock.ts';
import type { StatementPace } from './statement-pace.ts';

/** Milliseconds of work that may be ahead of a statement. */
const MAX_WAIT_MS = 5;

/** Milliseconds after which a statement takes longer than expected, so that nothing more is queued behind it. */
const STUCK_MS = 20;

/** Statements on their way at most: so many a slow one can hold up. */
const MAX_DEPTH = 32;

/** The plan is of a table that was changed since, or the statement is one that the server does not know. */
const UNPREPARED_STATES = new Set(['0A000', '26000']);

/** What became of a statement: its result, an error of its own, or `null` when it has to be run elsewhere. */
export type Outcome<Row> = (error: unknown, result: PreparedResult<Row> | null) => void;

/**
 * A connection that many read-only statements share: each is sent without waiting for the answers to those before it. What is asked
 * within one turn of the event loop goes out in one packet.
 */
export class PipelinedConnection {
  readonly #client: pg.Client;
  readonly #pace: StatementPace;
  readonly #clock: ServerClock;
  #inFlight = 0;
  #expectedMs = 0;
  /** Statements in the packet that has not gone out yet. */
  #held = 0;
  /** When the statement that the server works on was sent, or came to be the first. */
  #headSince = 0;
  #isUsable = false;

  constructor(
    config: pg.ClientConfig,
    pace: StatementPace,
    clock: ServerClock,
    /** Called once, when the connection can no longer be used. */
    private readonly onUnusable: (connection: PipelinedConnection) => void,
  ) {
    this.#client = new pg.Client({ ...config, pipeline: true });
    this.#pace = pace;
    this.#clock = clock;
    this.#client.on('error', () => this.#leave());
    this.#client.on('end', () => this.#leave());
  }

  /** Milliseconds that the statements on their way are expected to take; 0 when there are none. */
  get expectedMs(): number {
    return this.#expectedMs;
  }

  /** @throws pg's error when the server cannot be reached */
  async connect(): Promise<void> {
    await this.#client.connect();
    this.#isUsable = true;
  }

  /** True when a statement may be sent now without the risk of a long wait. */
  takes(): boolean {
    if (this.#inFlight === 0) return true;
    if (this.#expectedMs >= MAX_WAIT_MS || this.#inFlight >= MAX_DEPTH) return false;
    return this.#inFlight === this.#held || this.#clock.now() - this.#headSince < STUCK_MS;
  }

  /**
   * Sends a statement.
   *
   * @param expectedMs what it is expected to take
   */
  run<Row>(statement: PreparedStatement, expectedMs: number, outcome: Outcome<Row>): void {
    this.#inFlight += 1;
    this.#expectedMs += expectedMs;
    this.#holdPacket();
    this.#client.query(
      new PreparedQuery<Row>(statement, (error, result) => {
        const end = this.#clock.now();
        this.#inFlight -= 1;
        // Sums of fractions do not come back to nought by themselves.
        this.#expectedMs = this.#inFlight === 0 ? 0 : this.#expectedMs - expectedMs;
        this.#pace.note(statement.name, end - this.#headSince, performance.now());
        this.#headSince = end;
        if (result !== undefined) outcome(null, result);
        else if (UNPREPARED_STATES.has((error as pg.DatabaseError).code ?? '')) {
          // pg has no way to prepare a statement anew among others that wait for the old one.
          this.#retire();
          outcome(null, null);
        } else if (isDatabaseUnavailable(error)) outcome(null, null);
        else outcome(error, null);
      }),
    );
  }

  /** Closes the connection when all answers have come. */
  async end(): Promise<void> {
    this.#isUsable = false;
    await this.#client.end();
  }

  #holdPacket(): void {
    this.#held += 1;
    if (this.#held > 1) return;
    const { stream } = this.#client.connection;
    stream.cork();
    setImmediate(() => {
      stream.uncork();
      const now = this.#clock.endTurn();
      if (this.#held === this.#inFlight) this.#headSince = now;
      this.#held = 0;
    });
  }

  #retire(): void {
    if (!this.#isUsable) return;
    this.#leave();
    // It ends when the answers that are still due have come, or with the connection.
    this.#client.end().catch(() => {});
  }

  #leave(): void {
    if (!this.#isUsable) return;
    this.#isUsable = false;
    this.onUnusable(this);
  }
}
