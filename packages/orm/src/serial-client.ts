import pg from 'pg';

/**
 * A connection whose statements take turns: one that comes while another runs is handed to pg when that has ended. pg's own queue is
 * going to be removed, and is warned of.
 */
export class SerialClient extends pg.Client {
  /** pg's: false while a statement runs. */
  declare readonly readyForQuery: boolean | undefined;

  readonly #waiting: (() => void)[] = [];
  #isLost = false;

  constructor(config?: string | pg.ClientConfig) {
    super(config);
    this.on('drain', () => this.#next());
    // pg reports a lost connection to the running statement as well; an error event without listener would end the process.
    this.on('error', () => this.#lose());
    this.on('end', () => this.#lose());
  }

  // any: pg has a signature for each kind of statement
  override query(statement: any, values?: any, callback?: any): any {
    const isFree = this.readyForQuery !== false && this.#waiting.length === 0;
    if (isFree || this.#isLost) return super.query(statement, values, callback);
    const run = async (): Promise<unknown> => super.query(statement, values, callback);
    const result = new Promise((resolve) => {
      this.#waiting.push(() => resolve(run()));
    });
    if (typeof statement?.submit === 'function') return statement;
    return typeof values === 'function' || typeof callback === 'function' ? undefined : result;
  }

  #next(): void {
    while (this.#waiting.length > 0 && (this.readyForQuery !== false || this.#isLost)) this.#waiting.shift()?.();
  }

  /** Each statement that waits is told by pg that there is no connection. */
  #lose(): void {
    this.#isLost = true;
    this.#next();
  }
}
