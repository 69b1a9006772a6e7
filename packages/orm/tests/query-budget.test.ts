import { countQueries, db, queryBudget, QueryBudgetExceeded } from '@rf/orm';
import { type OpenTestDatabase, openTestDatabase } from '@rf/testing';
import { APIView, apiView, type Request } from '@rf/views';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bookshopEntities, Tag } from './fixtures/bookshop.ts';
import { shopRequest } from './fixtures/requests.ts';

let database: OpenTestDatabase;

beforeAll(async () => {
  database = await openTestDatabase({ entities: bookshopEntities });
});
afterAll(() => database.close());

const ask = async (times: number): Promise<number> => {
  const request = shopRequest(database.dataSource);
  for (let at = 0; at < times; at += 1) await db(request).countBy(Tag, {});
  return times;
};

/** What a view answers to; only its own method matters here. */
class Asking extends APIView {
  override async dispatch(request: Request): Promise<never> {
    return (await ask(Number(request.params.times))) as never;
  }
}

test('statements are counted for each piece of work by itself', async () => {
  const [one, two] = await Promise.all([countQueries(() => ask(1)), countQueries(() => ask(2))]);
  expect(one.statements).toHaveLength(1);
  expect(two.statements).toHaveLength(2);
  expect(two.result).toBe(2);
});

test('work that is counted inside other work counts there as well, even when it fails', async () => {
  const { statements } = await countQueries(async () => {
    await ask(1);
    await countQueries(() => ask(2));
    await countQueries(async () => {
      await ask(1);
      throw new Error('enough');
    }).catch(() => null);
  });
  expect(statements).toHaveLength(4);
});

test('a view that sends more statements than it may fails and says which', async () => {
  @queryBudget(2)
  class Frugal extends Asking {}
  const run = (times: number) => new (Frugal as never as new () => Asking)().dispatch({ params: { times } } as never);
  expect(await run(2)).toBe(2);
  await expect(run(3)).rejects.toThrow(QueryBudgetExceeded);
  await expect(run(3)).rejects.toThrow('Frugal may send 2 statements for one request and sent 3:\n1. SELECT');
});

test('a budget by action or method leaves the others alone', async () => {
  @queryBudget({ list: 1, get: 2 })
  class Frugal extends Asking {
    action: string | null = null;
  }
  const run = (method: string, action: string | null, times: number) =>
    Object.assign(new (Frugal as never as new () => Frugal)(), { action }).dispatch({
      method,
      params: { times },
    } as never);
  expect(await run('GET', 'list', 1)).toBe(1);
  await expect(run('GET', 'list', 2)).rejects.toThrow('Frugal may send 1 statements');
  expect(await run('GET', null, 2)).toBe(2);
  await expect(run('GET', null, 3)).rejects.toThrow(QueryBudgetExceeded);
  expect(await run('POST', 'create', 9)).toBe(9);
});

test('a function view may have a budget as well', () => {
  const view = apiView(['GET'])(() => ({}));
  queryBudget(1)(view);
  expect(Object.hasOwn(view.view.prototype, 'dispatch')).toBe(true);
});
