import type { QueryRunner } from 'typeorm';
import { openDatabase } from './open-database.ts';
import type { Project } from './project.ts';

/** Runs `work` on an empty embedded database with the project's entities; nothing of it remains. */
export async function replay<T>(project: Project, work: (runner: QueryRunner) => Promise<T>): Promise<T> {
  const source = await openDatabase(project, { url: 'pglite://memory' });
  try {
    const runner = source.createQueryRunner();
    try {
      return await work(inTurn(runner));
    } finally {
      await runner.release();
    }
  } finally {
    await source.destroy();
  }
}

/** TypeORM reads what a table has by several queries at once, which pg will refuse on one connection: each waits for the one before. */
function inTurn(runner: QueryRunner): QueryRunner {
  const query = runner.query.bind(runner) as (...args: unknown[]) => Promise<unknown>;
  let last: Promise<unknown> = Promise.resolve();
  const queryInTurn = (...args: unknown[]): Promise<unknown> => {
    const turn = last.then(() => query(...args));
    last = turn.catch(() => {});
    return turn;
  };
  return Object.assign(runner, { query: queryInTurn });
}
