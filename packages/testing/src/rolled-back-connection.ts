import type pg from 'pg';

/** How long one waits for the connection. */
const WAIT_MS = 10_000;

const BEGIN = /^\s*(BEGIN|START\s+TRANSACTION)\b[^;]*;?\s*$/i;
const COMMIT = /^\s*(COMMIT|END)(\s+(WORK|TRANSACTION))?\s*;?\s*$/i;
const ROLLBACK = /^\s*(ROLLBACK|ABORT)(\s+(WORK|TRANSACTION))?\s*;?\s*$/i;
const SET_TRANSACTION = /^\s*SET\s+(LOCAL\s+)?TRANSACTION\b[^;]*;?\s*$/i;
const READS = /^\s*(SELECT|SHOW|EXPLAIN)\b/i;

/** Checks deferred constraints as COMMIT would; going back leaves them deferred. */
const CHECK_CONSTRAINTS =
  'SAVEPOINT rf_test_check; SET CONSTRAINTS ALL IMMEDIATE; ROLLBACK TO SAVEPOINT rf_test_check; RELEASE SAVEPOINT rf_test_check; ';
const UNDO = 'ROLLBACK TO SAVEPOINT rf_test; RELEASE SAVEPOINT rf_test';

const IN_FAILED_TRANSACTION = '25P02';

/** What pg's client calls of a query object, and does not put into its types. */
interface QueryObject extends pg.Submittable {
  readonly text?: string;
  handleReadyForQuery(connection: pg.Connection): void;
  handleError(error: unknown, connection: pg.Connection): void;
}

type Lend = (error: Error | undefined, client?: pg.PoolClient, release?: pg.PoolClient['release']) => void;

/**
 * Stands for a pool: lends one connection, in a transaction that nobody may end, to one holder at a time, first come, first served.
 */
export class RolledBackConnection {
  readonly #client: pg.PoolClient;
  readonly #waiting: (() => void)[] = [];
  #isTaken = false;

  constructor(client: pg.PoolClient) {
    this.#client = client;
  }

  /** Waits until nobody has the connection and keeps it. Throws an Error when it is not given back within ten seconds. */
  take(): Promise<void> {
    if (!this.#isTaken) {
      this.#isTaken = true;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const turn = () => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(turn), 1);
        reject(new Error(NOT_GIVEN_BACK));
      }, WAIT_MS);
      this.#waiting.push(turn);
    });
  }

  #giveBack(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#isTaken = false;
    else next();
  }

  /** As `connect` of pg's pool. */
  connect(): Promise<pg.PoolClient>;
  connect(callback: Lend): void;
  connect(callback?: Lend): Promise<pg.PoolClient> | undefined {
    const lent = this.take().then(() => new Holder(this.#client, () => this.#giveBack()).client);
    if (callback === undefined) return lent;
    lent.then((client) => callback(undefined, client, client.release), callback);
    return undefined;
  }
}

const NOT_GIVEN_BACK =
  'A test that is rolled back has one connection, and it was not given back within ten seconds. Either something inside ' +
  'atomic() waits for a connection of its own, such as dataSource(site).manager: test that without a rollback, on a database of ' +
  'its own. Or a query runner was never released.';

/** Whoever has the connection: its transactions are savepoints. */
class Holder {
  readonly client: pg.PoolClient;
  readonly #real: pg.PoolClient;
  readonly #giveBack: () => void;
  #isInTransaction = false;
  #isReleased = false;
  // Statements take turns: savepoints around one must not close around another.
  #last: Promise<unknown> = Promise.resolve();

  constructor(real: pg.PoolClient, giveBack: () => void) {
    this.#real = real;
    this.#giveBack = giveBack;
    const own: Partial<Record<PropertyKey, unknown>> = {
      query: (...args: readonly unknown[]) => this.#query(args),
      getTransactionStatus: () => (this.#isInTransaction ? real.getTransactionStatus() : 'I'),
      release: () => this.#release(),
    };
    this.client = new Proxy(real, {
      get: (target, key) => (Object.hasOwn(own, key) ? own[key] : Reflect.get(target, key, target)),
    });
  }

  #query(args: readonly unknown[]): unknown {
    const [statement] = args;
    if (isQueryObject(statement)) {
      this.#last = this.#last.then(() => this.#runObject(statement)).catch(() => {});
      return statement;
    }
    const callback = args.at(-1);
    const hasCallback = typeof callback === 'function';
    const own = hasCallback ? args.slice(0, -1) : args;
    const turn = this.#last.then(() => this.#run(textOf(statement), own));
    this.#last = turn.catch(() => {});
    if (!hasCallback) return turn;
    turn.then(
      (result) => callback(null, result),
      (error) => callback(error),
    );
    return undefined;
  }

  async #run(text: string, args: readonly unknown[]): Promise<unknown> {
    if (BEGIN.test(text)) return this.#begin();
    if (this.#isInTransaction) {
      if (COMMIT.test(text)) return this.#commit();
      if (ROLLBACK.test(text)) return this.#rollback();
      // Refused after the first statement, and the test's transaction had many.
      if (SET_TRANSACTION.test(text)) return this.#real.query('SELECT');
      return this.#guarded(text, this.#send(args));
    }
    if (COMMIT.test(text) || ROLLBACK.test(text)) return this.#real.query('SELECT');
    await this.#real.query('SAVEPOINT rf_test');
    try {
      const result = await this.#guarded(text, this.#send(args));
      await this.#keep(text);
      return result;
    } catch (error) {
      if (this.#real.getTransactionStatus() !== 'I') await this.#real.query(UNDO);
      throw error;
    }
  }

  /** A statement that pg tells what came, such as a prepared one or a cursor: it is told the end when the savepoint is gone. */
  async #runObject(query: QueryObject): Promise<void> {
    if (this.#isInTransaction) return this.#sendObject(query, async () => {});
    await this.#real.query('SAVEPOINT rf_test');
    try {
      await this.#sendObject(query, () => this.#keep(query.text ?? ''));
    } catch {
      await this.#real.query(UNDO);
    }
  }

  /** Waits for the end. Rejects with the error that the query was told, that of `afterwards` included. */
  #sendObject(query: QueryObject, afterwards: () => Promise<void>): Promise<void> {
    const { handleReadyForQuery, handleError } = query;
    return new Promise((resolve, reject) => {
      query.handleError = (error, connection) => {
        handleError.call(query, error, connection);
        reject(error);
      };
      query.handleReadyForQuery = (connection) => {
        afterwards().then(
          () => {
            handleReadyForQuery.call(query, connection);
            resolve();
          },
          (error) => query.handleError(error, connection),
        );
      };
      this.#real.query(query);
    });
  }

  /** Ends the savepoint of a statement, as its own transaction would have ended. */
  async #keep(text: string): Promise<void> {
    await this.#real.query(`${READS.test(text) ? '' : CHECK_CONSTRAINTS}RELEASE SAVEPOINT rf_test`);
  }

  async #begin(): Promise<unknown> {
    const result = await this.#real.query('SAVEPOINT rf_test');
    this.#isInTransaction = true;
    return result;
  }

  async #commit(): Promise<unknown> {
    this.#isInTransaction = false;
    try {
      return await this.#real.query(`${CHECK_CONSTRAINTS}RELEASE SAVEPOINT rf_test`);
    } catch (error) {
      const undone = await this.#real.query(UNDO);
      // PostgreSQL's own COMMIT of a failed transaction rolls it back and throws nothing.
      if ((error as pg.DatabaseError).code === IN_FAILED_TRANSACTION) return undone;
      throw error;
    }
  }

  async #rollback(): Promise<unknown> {
    this.#isInTransaction = false;
    return this.#real.query(UNDO);
  }

  /** A statement among several may have ended the test's transaction: then nothing could be undone any more. */
  async #guarded(text: string, running: unknown): Promise<unknown> {
    const result = await running;
    if (this.#real.getTransactionStatus() !== 'I') return result;
    throw new Error(`This statement ended the transaction of the test, which cannot be rolled back now: ${text}`);
  }

  #send(args: readonly unknown[]): unknown {
    return (this.#real.query as (...all: readonly unknown[]) => unknown).call(this.#real, ...args);
  }

  #release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    const undone = this.#last.then(() => (this.#isInTransaction ? this.#rollback() : undefined));
    undone.then(this.#giveBack, this.#giveBack);
  }
}

function isQueryObject(statement: unknown): statement is QueryObject {
  return typeof (statement as { submit?: unknown } | null)?.submit === 'function';
}

function textOf(statement: unknown): string {
  return typeof statement === 'string' ? statement : String((statement as { text?: unknown }).text ?? '');
}
