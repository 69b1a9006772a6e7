import { KeysetPagination, ListAPIView, OrderingFilter } from '@rf/generics';
import { path } from '@rf/views';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ShopServer } from './fixtures/server.ts';
import { Book, BookSerializer } from './fixtures/shop.ts';

class Books extends ListAPIView<Book> {
  override queryset = Book;
  override serializerClass = BookSerializer;
}

/** A keyset paginator by an ordering. */
function by(ordering: string | readonly string[] | null, more: object = {}) {
  return class extends KeysetPagination {
    override pageSize = 2;
    override pageSizeQueryParam = 'size';
    override ordering = ordering;
    constructor() {
      super();
      Object.assign(this, more);
    }
  };
}

const orderings = {
  key: null,
  title: 'title',
  rating: '-rating',
  mixed: ['rating', '-pages'],
  isbn: '-isbn',
  related: ['publisher__name', '-created'],
} as const;

class Ordered extends Books {
  override filterBackends = [OrderingFilter];
  override orderingFields = { rating: { field: 'rating', nulls: 'last' }, title: 'title', pages: 'pages' } as const;
  override paginationClass = by('pk');
}

let shop: ShopServer;

beforeAll(async () => {
  shop = await ShopServer.start([
    ...Object.entries(orderings).map(([name, ordering]) =>
      path(`/${name}/`, { view: Books, initial: { paginationClass: ordering === null ? by('pk') : by(ordering) } }),
    ),
    path('/ordered/', Ordered),
  ]);
});
afterAll(() => shop.close());
beforeEach(() => shop.reset());

interface KeysetPage {
  readonly ids: number[];
  readonly next: string | null;
  readonly previous: string | null;
}

async function page(at: string): Promise<KeysetPage> {
  const { status, json } = await shop.get(at);
  expect(status).toBe(200);
  const link = (url: string | null) => (url === null ? null : url.slice('http://shop.test'.length));
  return {
    ids: json.results.map(({ id }: Book) => id),
    next: link(json.next),
    previous: link(json.previous),
  };
}

async function follow(path: string, link: 'next' | 'previous'): Promise<number[][]> {
  const pages: number[][] = [];
  for (let at: string | null = path; at !== null; ) {
    const found: KeysetPage = await page(at);
    pages.push(found.ids);
    at = found[link];
  }
  return pages;
}

/** The path of the last page. */
async function lastPage(path: string): Promise<string> {
  let at = path;
  for (let next: string | null = path; next !== null; ) {
    at = next;
    next = (await page(at)).next;
  }
  return at;
}

describe('KeysetPagination', () => {
  test.each([
    ['key', [1, 2, 3, 4, 5, 6]],
    ['title', [4, 1, 3, 5, 6, 2]],
    ['rating', [4, 1, 3, 5, 2, 6]],
    ['mixed', [6, 2, 3, 5, 1, 4]],
    ['isbn', [6, 5, 4, 3, 2, 1]],
    ['related', [2, 1, 5, 3, 6, 4]],
  ])('by %s shows every row once, forwards and backwards, values missing or not (W33)', async (name, ids) => {
    const forwards = await follow(`/${name}/`, 'next');
    const backwards = await follow(await lastPage(`/${name}/`), 'previous');

    expect(forwards.flat()).toEqual(ids);
    expect(forwards.map((rows) => rows.length)).toEqual([2, 2, 2]);
    expect(backwards.toReversed()).toEqual(forwards);
  });

  test('has no previous page at the start, however it was reached, and no next one at the end', async () => {
    const first = await page('/title/');
    const second = await page(first.next as string);
    const again = await page(second.previous as string);

    expect(first.previous).toBeNull();
    expect(again).toMatchObject({ ids: first.ids, previous: null });
    expect((await page(await lastPage('/title/'))).next).toBeNull();
  });

  test('takes the order of the view’s OrderingFilter, with what it says of missing values', async () => {
    expect((await follow('/ordered/?ordering=-rating', 'next')).flat()).toEqual([1, 3, 5, 2, 6, 4]);
    expect((await follow('/ordered/?ordering=rating', 'next')).flat()).toEqual([6, 2, 3, 5, 1, 4]);
    expect((await follow('/ordered/', 'next')).flat()).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('keeps the other parameters of the request in its links', async () => {
    const { json } = await shop.get('/title/?size=3&a=');

    expect(json.results).toHaveLength(3);
    expect(json.next).toMatch(/^http:\/\/shop\.test\/title\/\?a=&cursor=[\w.%-]+&size=3$/);
  });

  test('takes a cursor of another ordering, and an edited one, for none of its own (W33)', async () => {
    const { next } = await page('/title/');
    const cursor = new URL(next as string, 'http://shop.test').searchParams.get('cursor') as string;
    const [payload = '', mac = ''] = cursor.split('.');
    const forged = Buffer.from(JSON.stringify([0, 'zzz', '1'])).toString('base64url');

    for (const [path, token] of [
      ['/rating/', cursor],
      ['/title/', `${forged}.${mac}`],
      ['/title/', payload],
      ['/title/', `${payload}.`],
      ['/title/', `${cursor}.${mac}`],
      ['/title/', `${payload}.${mac.slice(0, -2)}`],
      ['/title/', 'é'],
    ] as const) {
      const { status, json } = await shop.get(`${path}?cursor=${encodeURIComponent(token)}`);
      expect(status).toBe(404);
      expect(json).toEqual({ detail: 'Invalid cursor' });
    }
    expect((await shop.get(`/title/?cursor=${encodeURIComponent(cursor)}`)).status).toBe(200);
  });

  test('keeps the microseconds of moments', async () => {
    const { manager } = shop.dataSource;
    await manager.query(`UPDATE shop_book SET rating = 1, pages = 1, created = '2024-01-01 00:00:00.000001+00'`);
    await manager.query(`UPDATE shop_book SET created = '2024-01-01 00:00:00.000002+00' WHERE id IN (1, 3)`);

    expect((await follow('/related/', 'next')).flat().sort()).toEqual([1, 2, 3, 4, 5, 6]);
    expect((await follow('/related/', 'next')).flat()).toEqual([1, 2, 3, 5, 4, 6]);
  });

  test('does not skip the neighbour of a page that has become empty', async () => {
    const last = await lastPage('/key/');
    await shop.dataSource.manager.query('DELETE FROM shop_book WHERE id > 4');

    const empty = await page(last);

    expect(empty).toMatchObject({ ids: [], next: null });
    expect((await page(empty.previous as string)).ids).toEqual([3, 4]);
  });

  test('compares rows as a whole where all columns run the same way, which an index can be searched by', async () => {
    const { next } = await page('/isbn/');
    shop.statements = [];
    await page(next as string);

    expect(shop.statements.join()).toMatch(/\("book"\."isbn"\) < \(\$\d\)/);
  });
});

describe('following the links of KeysetPagination while rows come and go', () => {
  const value = fc.option(fc.integer({ min: 0, max: 3 }), { nil: null });
  const row = fc.record({ rating: value, pages: value });
  const change = fc.oneof(
    fc.record({ kind: fc.constant('insert' as const), row }),
    fc.record({ kind: fc.constant('delete' as const), at: fc.nat({ max: 30 }) }),
  );

  /** Plain SQL, since there are hundreds of runs. */
  async function insert(rows: readonly { rating: number | null; pages: number | null }[]): Promise<void> {
    if (rows.length === 0) return;
    await shop.dataSource.manager.query(
      `INSERT INTO shop_book (title, isbn, rating, pages) SELECT 't', substr(gen_random_uuid()::text, 1, 13), r, p
       FROM unnest($1::float8[], $2::int[]) AS x (r, p)`,
      [rows.map(({ rating }) => rating), rows.map(({ pages }) => pages)],
    );
  }

  const ids = async (): Promise<number[]> =>
    (await shop.dataSource.manager.query('SELECT id FROM shop_book ORDER BY id')).map(({ id }: Book) => id);

  test.each(['next', 'previous'] as const)('by %s shows every row that stays exactly once', async (link) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 1, maxLength: 12 }),
        fc.array(fc.array(change, { maxLength: 3 }), { maxLength: 6 }),
        async (rows, rounds) => {
          await shop.dataSource.manager.query('DELETE FROM shop_book');
          await insert(rows);
          let at: string | null = link === 'next' ? '/mixed/?size=3' : await lastPage('/mixed/?size=3');
          const start = new Set(await ids());
          const seen: number[] = [];
          for (let round = 0; at !== null && round < 40; round += 1) {
            const found: KeysetPage = await page(at);
            seen.push(...found.ids);
            at = found[link];
            for (const step of rounds[round] ?? []) {
              if (step.kind === 'insert') await insert([step.row]);
              else {
                const all = await ids();
                const gone = all[step.at % Math.max(all.length, 1)];
                if (gone !== undefined)
                  await shop.dataSource.manager.query('DELETE FROM shop_book WHERE id = $1', [gone]);
              }
            }
          }
          const stayed = (await ids()).filter((id) => start.has(id));

          expect(at).toBeNull();
          expect(new Set(seen).size).toBe(seen.length);
          expect(seen.filter((id) => stayed.includes(id)).sort((a, b) => a - b)).toEqual(stayed);
        },
      ),
      { numRuns: 60 },
    );
  });

  test.each(['next', 'previous'] as const)(
    'by %s shows every row that stays exactly once while others write at the same time',
    async (link) => {
      let writtenMeanwhile = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(row, { minLength: 12, maxLength: 30 }),
          fc.tuple(fc.array(change, { maxLength: 25 }), fc.array(change, { maxLength: 25 })),
          async (rows, writers) => {
            await shop.dataSource.manager.query('DELETE FROM shop_book');
            await insert(rows);
            let at: string | null = link === 'next' ? '/mixed/?size=3' : await lastPage('/mixed/?size=3');
            const start = new Set(await ids());
            const seen: number[] = [];
            let isReading = true;
            /** On a connection of its own, where the database has several. */
            const write = async (changes: (typeof writers)[number]): Promise<void> => {
              for (const step of changes) {
                if (step.kind === 'insert') await insert([step.row]);
                else {
                  await shop.dataSource.manager.query(
                    'DELETE FROM shop_book WHERE id = (SELECT id FROM shop_book ORDER BY id OFFSET $1 LIMIT 1)',
                    [step.at],
                  );
                }
                if (isReading) writtenMeanwhile += 1;
              }
            };
            const readPage = async (from: string): Promise<void> => {
              const found: KeysetPage = await page(from);
              seen.push(...found.ids);
              at = found[link];
            };
            const read = async (): Promise<void> => {
              while (at !== null) await readPage(at);
              isReading = false;
            };
            // The link to the last page is a link to what follows the page before: where rows come behind it, it is no longer the last.
            await readPage(at);
            await Promise.all([read(), ...writers.map(write)]);
            const stayed = (await ids()).filter((id) => start.has(id));

            expect(new Set(seen).size).toBe(seen.length);
            expect(seen.filter((id) => stayed.includes(id)).sort((a, b) => a - b)).toEqual(stayed);
          },
        ),
        { numRuns: 40 },
      );
      expect(writtenMeanwhile).toBeGreaterThan(100);
    },
  );
});
