import { AssertionError } from 'node:assert';
import { countQueries } from '@rf/orm';

/**
 * Asserts that `work` sends exactly `expected` statements; gives back what it returns.
 *
 * ```ts
 * const response = await assertNumQueries(2, () => client.get('/notes/'));
 * ```
 *
 * Counted is what goes to databases of `createDataSource`, requests of test clients included; `BEGIN`, `COMMIT` and savepoints
 * count. Throws an AssertionError that shows the statements.
 */
export async function assertNumQueries<Result>(
  expected: number,
  work: () => PromiseLike<Result> | Result,
): Promise<Result> {
  const { result, statements } = await countQueries(work);
  if (statements.length === expected) return result;
  const list = statements.map((text, at) => `${at + 1}. ${text}`).join('\n');
  throw new AssertionError({
    message: `${expected} statements were expected, and ${statements.length} were sent${list === '' ? '.' : `:\n${list}`}`,
    expected,
    actual: statements.length,
    operator: 'assertNumQueries',
    stackStartFn: assertNumQueries,
  });
}
