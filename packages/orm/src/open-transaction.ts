import { AsyncLocalStorage } from 'node:async_hooks';
import type pg from 'pg';
import type { DataSource, EntityManager, QueryRunner } from 'typeorm';

/** A callback for after the commit. */
export type CommitCallback = () => unknown;

/**
 * One transaction on one connection, with the blocks of `atomic()` that are open in it.
 *
 * A connection runs one statement after another, and a savepoint covers whatever comes after it. So only the innermost
 * block may speak: a statement of an outer one in between would be undone together with the inner one.
 */
export class OpenTransaction {
  readonly #blocks: AtomicBlock[] = [];

  constructor(
    readonly dataSource: DataSource,
    readonly queryRunner: QueryRunner,
    readonly client: pg.PoolClient,
  ) {
    transactions.set(queryRunner, this);
    const query: QueryRunner['query'] = queryRunner.query.bind(queryRunner);
    queryRunner.query = ((...args: Parameters<typeof query>) => {
      this.checkTurn();
      return query(...args);
    }) as typeof query;
    this.run = query;
    client.on('error', this.#noticeLoss);
  }

  readonly #noticeLoss = (error: Error): void => {
    this.lost = error;
  };

  /** Why the connection is gone, when it is. */
  lost: Error | undefined;

  /** Runs a statement of the machinery itself. */
  readonly run: (sql: string) => Promise<unknown>;

  get manager(): EntityManager {
    return this.queryRunner.manager;
  }

  get innermost(): AtomicBlock | undefined {
    return this.#blocks.at(-1);
  }

  get depth(): number {
    return this.#blocks.length;
  }

  /** True after a failed statement: PostgreSQL refuses everything until the transaction, or a savepoint, is rolled back. */
  async isAborted(): Promise<boolean> {
    await this.#lastWord();
    return this.client.getTransactionStatus() === 'E';
  }

  /** What became of the transaction is told after the error of a statement, at times in a packet of its own. */
  async #lastWord(): Promise<void> {
    const { client } = this;
    const { connection } = client;
    if (this.lost !== undefined || (client as pg.PoolClient & { readonly readyForQuery: boolean }).readyForQuery)
      return;
    await new Promise<void>((resolve) => {
      const end = (): void => {
        connection.off('readyForQuery', end);
        client.off('end', end);
        client.off('error', end);
        resolve();
      };
      connection.on('readyForQuery', end);
      client.on('end', end);
      client.on('error', end);
    });
  }

  /** Lets go of the connection. */
  end(): void {
    this.client.off('error', this.#noticeLoss);
  }

  open(block: AtomicBlock): void {
    this.#blocks.push(block);
  }

  close(block: AtomicBlock): void {
    this.#blocks.splice(this.#blocks.indexOf(block), 1);
    block.isOpen = false;
  }

  /** Throws when the caller stands in a block that has an open block inside. */
  checkTurn(): void {
    const block = innermostOpen(current(), (open) => open.transaction === this);
    if (block === undefined || block === this.innermost) return;
    throw new Error(
      'A statement of an outer atomic() block came while a block inside it was running. They share one connection: ' +
        'await the inner atomic() before going on, instead of running both side by side.',
    );
  }
}

/** One call of `atomic()` while it runs. */
export class AtomicBlock {
  isOpen = true;
  /** Set to undo the block although nothing was thrown. */
  rollback = false;
  readonly callbacks: CommitCallback[] = [];
  /** Ends when the last block opened directly inside has ended: siblings take turns. */
  lastChild: Promise<unknown> = Promise.resolve();

  /** @param surrounding the block, of any data source, in which `atomic()` was called */
  constructor(
    readonly transaction: OpenTransaction,
    readonly surrounding: AtomicBlock | undefined,
  ) {}
}

const transactions = new WeakMap<QueryRunner, OpenTransaction>();
const storage = new AsyncLocalStorage<AtomicBlock>();
let running = 0;

/** The transaction on `queryRunner` that `atomic()` opened. */
export function transactionOn(queryRunner: QueryRunner | undefined): OpenTransaction | undefined {
  return queryRunner && transactions.get(queryRunner);
}

/** The innermost open block for `dataSource` around the caller. */
export function blockAround(dataSource: DataSource): AtomicBlock | undefined {
  return innermostOpen(current(), (block) => block.transaction.dataSource === dataSource);
}

/** The block in which the caller runs, open or not. */
export function current(): AtomicBlock | undefined {
  return running === 0 ? undefined : storage.getStore();
}

/** Runs `work` inside `block`, so that everything it calls finds the block. */
export async function runInside<T>(block: AtomicBlock, work: () => Promise<T>): Promise<T> {
  running += 1;
  try {
    return await storage.run(block, work);
  } finally {
    running -= 1;
    // On Node 20 an enabled storage is felt by every promise of the process; nobody pays while no transaction is open.
    if (running === 0) storage.disable();
  }
}

function innermostOpen(
  from: AtomicBlock | undefined,
  matches: (block: AtomicBlock) => boolean,
): AtomicBlock | undefined {
  let block = from;
  while (block !== undefined && !(block.isOpen && matches(block))) block = block.surrounding;
  return block;
}
