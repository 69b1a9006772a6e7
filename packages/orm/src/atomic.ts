import {
  type DataSource,
  EntityManager,
  QueryRunnerAlreadyReleasedError,
  QueryRunnerProviderAlreadyReleasedError,
} from 'typeorm';
import {
  AtomicBlock,
  blockAround,
  type CommitCallback,
  current,
  OpenTransaction,
  runInside,
  transactionOn,
} from './open-transaction.ts';
import { dataSource, type SiteOwner } from './site-database.ts';

/** The entity manager of a request or a site: inside `atomic()` the transaction's, else the data source's. */
export function db(owner: SiteOwner): EntityManager {
  const source = dataSource(owner);
  return blockAround(source)?.transaction.manager ?? source.manager;
}

/**
 * Runs `work` in a transaction: committed when its promise resolves, rolled back when it rejects.
 *
 * Inside another `atomic()` of the same data source it is a savepoint: what it throws undoes only the block itself, if the
 * outer one catches it. Blocks side by side in one transaction take turns. `db(request)` and `prepared(request, …)` find
 * the transaction wherever they are called from inside, so functions in between need not hand it on.
 *
 * An entity manager without a transaction, such as `dataSource(site).manager`, begins a new one on a connection of its own.
 *
 * Throws what `work` throws, and an Error when a statement failed, its error was swallowed, and so nothing can be committed.
 */
export async function atomic<T>(
  target: SiteOwner | EntityManager,
  work: (manager: EntityManager) => Promise<T>,
): Promise<T> {
  if (!(target instanceof EntityManager)) {
    const source = dataSource(target);
    const outer = blockAround(source);
    return outer === undefined ? transaction(source, work) : savepoint(outer, work);
  }
  if (target.queryRunner === undefined) return transaction(target.dataSource, work);
  const outer = blockOf(target);
  if (outer !== undefined) return savepoint(outer, work);
  // A transaction, or a bare connection, that TypeORM's own means opened.
  return target.transaction(work);
}

/**
 * Runs `callback` after the surrounding transaction has committed, never if it is rolled back; at once outside of one.
 *
 * Callbacks run in order, on no connection: each may use the database anew. An error of one does not keep the others from
 * running; `atomic()` throws it afterwards, although the transaction is committed.
 */
export async function onCommit(target: SiteOwner | EntityManager, callback: CommitCallback): Promise<void> {
  const block = blockFor(target);
  if (block !== undefined) {
    block.callbacks.push(callback);
    return;
  }
  if (target instanceof EntityManager && target.queryRunner?.isTransactionActive) {
    throw new Error('onCommit() needs a transaction that atomic() opened; this one was opened by TypeORM’s own means.');
  }
  await callback();
}

/** Makes the surrounding block of `atomic()` roll back at its end, although nothing is thrown. Does nothing outside. */
export function setRollback(target: SiteOwner | EntityManager): void {
  const block = blockFor(target);
  if (block !== undefined) block.rollback = true;
}

function blockFor(target: SiteOwner | EntityManager): AtomicBlock | undefined {
  return target instanceof EntityManager ? blockOf(target) : blockAround(dataSource(target));
}

function blockOf(manager: EntityManager): AtomicBlock | undefined {
  const opened = transactionOn(manager.queryRunner);
  if (opened === undefined) return undefined;
  const around = blockAround(opened.dataSource);
  return around?.transaction === opened ? around : opened.innermost;
}

async function transaction<T>(source: DataSource, work: (manager: EntityManager) => Promise<T>): Promise<T> {
  const queryRunner = source.createQueryRunner();
  const opened = new OpenTransaction(source, queryRunner, await queryRunner.connect());
  const block = new AtomicBlock(opened, current());
  let result: T;
  try {
    await queryRunner.startTransaction();
    result = await runBlock(block, work);
    await (block.rollback ? queryRunner.rollbackTransaction() : queryRunner.commitTransaction());
  } catch (error) {
    // When this fails as well the connection is gone, and the server has rolled back by itself.
    if (queryRunner.isTransactionActive) await queryRunner.rollbackTransaction().catch(() => {});
    throw isUseAfterRelease(error) ? (opened.lost ?? error) : error;
  } finally {
    opened.end();
    await queryRunner.release();
  }
  if (!block.rollback) await runCallbacks(block.callbacks);
  return result;
}

/** What TypeORM says of every statement after it noticed that the connection is gone. */
function isUseAfterRelease(error: unknown): boolean {
  return error instanceof QueryRunnerAlreadyReleasedError || error instanceof QueryRunnerProviderAlreadyReleasedError;
}

function savepoint<T>(outer: AtomicBlock, work: (manager: EntityManager) => Promise<T>): Promise<T> {
  const turn = outer.lastChild.then(() => runSavepoint(outer, work));
  outer.lastChild = turn.catch(() => {});
  return turn;
}

async function runSavepoint<T>(outer: AtomicBlock, work: (manager: EntityManager) => Promise<T>): Promise<T> {
  const opened = outer.transaction;
  const block = new AtomicBlock(opened, current());
  const name = `rf_${opened.depth}`;
  let result: T;
  await opened.run(`SAVEPOINT ${name}`);
  try {
    result = await runBlock(block, work);
    if (block.rollback) await opened.run(`ROLLBACK TO SAVEPOINT ${name}`);
    await opened.run(`RELEASE SAVEPOINT ${name}`);
  } catch (error) {
    await opened.run(`ROLLBACK TO SAVEPOINT ${name}; RELEASE SAVEPOINT ${name}`).catch(() => {});
    throw error;
  }
  if (!block.rollback) outer.callbacks.push(...block.callbacks);
  return result;
}

async function runBlock<T>(block: AtomicBlock, work: (manager: EntityManager) => Promise<T>): Promise<T> {
  const opened = block.transaction;
  opened.open(block);
  try {
    const result = await runInside(block, () => work(opened.manager));
    // A block inside that nobody awaited still belongs to this one.
    await block.lastChild;
    if (!block.rollback && (await opened.isAborted())) {
      throw new Error(
        'A statement inside atomic() failed and its error was caught, so the block cannot be kept: PostgreSQL refuses ' +
          'everything after a failed statement. Put the statement that may fail in an atomic() of its own.',
      );
    }
    return result;
  } finally {
    opened.close(block);
  }
}

async function runCallbacks(callbacks: readonly CommitCallback[]): Promise<void> {
  const errors: unknown[] = [];
  for (const callback of callbacks) {
    try {
      await callback();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) throw new AggregateError(errors, 'several onCommit() callbacks failed');
}
