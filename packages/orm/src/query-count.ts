import { AsyncLocalStorage } from 'node:async_hooks';

const storage = new AsyncLocalStorage<string[]>();
let counting = 0;

/** Notes a statement for whoever counts around the caller. */
export function noteStatement(text: string): void {
  if (counting > 0) storage.getStore()?.push(text);
}

/** What some work did, and the statements that it sent. */
export interface CountedQueries<Result> {
  readonly result: Result;
  readonly statements: readonly string[];
}

/**
 * Runs `work` and counts the statements that it sends to databases of `createDataSource`, those of other work at the same
 * time left aside. `BEGIN`, `COMMIT` and savepoints count. Inside another `countQueries` they count there as well.
 */
export async function countQueries<Result>(work: () => PromiseLike<Result> | Result): Promise<CountedQueries<Result>> {
  const statements: string[] = [];
  const outer = storage.getStore();
  counting += 1;
  try {
    return { result: await storage.run(statements, work), statements };
  } finally {
    counting -= 1;
    outer?.push(...statements);
  }
}
