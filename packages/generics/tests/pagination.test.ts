import {
  CursorPagination,
  KeysetPagination,
  LimitOffsetPagination,
  ListAPIView,
  OrderingFilter,
  PageNumberPagination,
} from '@rf/generics';
import { path, Response } from '@rf/views';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ShopServer } from './fixtures/server.ts';
import { Book, BookSerializer } from './fixtures/shop.ts';

class TwoAPage extends PageNumberPagination {
  override pageSize = 2;
  override pageSizeQueryParam = 'page_size';
  override maxPageSize = 4;
}
class OwnWords extends PageNumberPagination {
  override pageSize = 2;
  override pageQueryParam = 'p';
  override lastPageStrings = ['end'];
  override invalidPageMessage = '{page_number}: {message}';
}
class ByProject extends PageNumberPagination {}
class Estimated extends TwoAPage {
  override countMode = 'estimated' as const;
}
class Uncounted extends TwoAPage {
  override countMode = 'none' as const;
}
class Limited extends LimitOffsetPagination {
  override defaultLimit = 2;
  override maxLimit = 4;
}
class AnyLimit extends LimitOffsetPagination {
  override defaultLimit = 2;
}
class Unlimited extends LimitOffsetPagination {
  override defaultLimit = null;
}
class LimitUncounted extends Limited {
  override countMode = 'none' as const;
}
class LimitEstimated extends Limited {
  override countMode = 'estimated' as const;
}
class ById extends CursorPagination {
  override pageSize = 2;
  override ordering = 'id';
  override pageSizeQueryParam = 'page_size';
  override maxPageSize = 3;
}
class ByPages extends CursorPagination {
  override pageSize = 2;
  override ordering = '-pages';
}
class ByRating extends CursorPagination {
  override pageSize = 2;
  override ordering = '-rating';
}
class ByCreation extends CursorPagination {
  override pageSize = 4;
}
class LinkHeader extends TwoAPage {
  override getPaginatedResponse(data: readonly unknown[]) {
    const next = this.getNextLink();
    return new Response(data, { headers: next === null ? {} : { link: `<${next}>; rel="next"` } });
  }
}

class Books extends ListAPIView<Book> {
  override queryset = Book;
  override serializerClass = BookSerializer;
}
const books = (url: string, paginationClass: unknown) =>
  path(`/${url}/`, { view: Books, initial: { paginationClass } });

class NoBooks extends Books {
  override paginationClass = TwoAPage;
  override getQueryset() {
    return super.getQueryset().andWhere('FALSE');
  }
}
class ListedTitles extends ListAPIView {
  override paginationClass = TwoAPage;
  override async list() {
    const page = await this.paginateQueryset([{ title: 'a' }, { title: 'b' }, { title: 'c' }]);
    return this.getPaginatedResponse(page as unknown[]);
  }
}

let shop: ShopServer;

beforeAll(async () => {
  shop = await ShopServer.start(
    [
      books('default', undefined),
      books('whole', null),
      books('page', TwoAPage),
      books('words', OwnWords),
      books('project', ByProject),
      books('estimated', Estimated),
      books('uncounted', Uncounted),
      books('limit', Limited),
      books('any-limit', AnyLimit),
      books('unlimited', Unlimited),
      books('limit-uncounted', LimitUncounted),
      books('limit-estimated', LimitEstimated),
      books('cursor', ById),
      books('cursor-pages', ByPages),
      books('cursor-rating', ByRating),
      books('cursor-created', ByCreation),
      books('header', LinkHeader),
      path('/none/', NoBooks),
      path('/list/', ListedTitles),
    ],
    { pageSize: 5 },
  );
  await shop.reset();
});
afterAll(() => shop.close());

const url = (path: string): string => `http://shop.test${path}`;

describe('a view without a pagination class', () => {
  test.each(['/default/', '/whole/?page=2'])('answers %s with the whole list (PG01)', async (path) => {
    expect(await shop.list(path)).toEqual([1, 2, 3, 4, 5, 6]);
  });
});

describe('PageNumberPagination', () => {
  test('answers count, links and rows (PG02)', async () => {
    const { json } = await shop.get('/page/?page=2');

    expect(Object.keys(json)).toEqual(['count', 'next', 'previous', 'results']);
    expect(json).toEqual({
      count: 6,
      next: url('/page/?page=3'),
      previous: url('/page/'),
      results: [
        { id: 3, title: 'Ciel de Cendre' },
        { id: 4, title: '100% Tea' },
      ],
    });
  });

  test('reads rows and number in one statement', async () => {
    expect(await shop.countStatements(() => shop.get('/page/?page=2'))).toBe(1);
  });

  test.each([
    ['', [1, 2]],
    ['?page=', [1, 2]],
    ['?page=last', [5, 6]],
    ['?page=%203%20', [5, 6]],
    ['?page=+2', [3, 4]],
  ])('takes %j', async (query, ids) => {
    expect(await shop.list(`/page/${query}`)).toEqual(ids);
  });

  test.each(['0', '-1', 'abc', '1.5', '2.0', '4', '99999999999999999999', 'LAST'])(
    'refuses the page %s (PG02)',
    async (page) => {
      const { status, json } = await shop.get(`/page/?page=${page}`);

      expect(status).toBe(404);
      expect(json).toEqual({ detail: 'Invalid page.' });
    },
  );

  test.each([
    ['0', '0: That page number is less than 1'],
    ['x', 'x: That page number is not an integer'],
    ['9', '9: That page contains no results'],
  ])('says of page %s why it is wrong, where the message asks for it', async (page, detail) => {
    expect((await shop.get(`/words/?p=${page}`)).json).toEqual({ detail });
  });

  test('has words of its own for parameter and last page', async () => {
    expect(await shop.list('/words/?p=end')).toEqual([5, 6]);
    expect((await shop.get('/words/?p=2&page=7')).json.next).toBe(url('/words/?p=3&page=7'));
  });

  test.each([
    ['3', [1, 2, 3]],
    ['100', [1, 2, 3, 4]],
    ['0', [1, 2]],
    ['-2', [1, 2]],
    ['abc', [1, 2]],
    ['', [1, 2]],
  ])('makes of page_size=%s the rows %j (PG03)', async (size, ids) => {
    expect(await shop.list(`/page/?page_size=${size}`)).toEqual(ids);
  });

  test('takes the page size of the project where it has none', async () => {
    expect(await shop.list('/project/')).toEqual([1, 2, 3, 4, 5]);
  });

  test('keeps the other parameters in its links, sorted by name, blank ones too (PG04)', async () => {
    const { json } = await shop.get('/page/?z=1&page=2&a=&b=x%20y&b=%C3%A9');

    expect(json.next).toBe(url('/page/?a=&b=x+y&b=%C3%A9&page=3&z=1'));
    expect(json.previous).toBe(url('/page/?a=&b=x+y&b=%C3%A9&z=1'));
  });

  test('has one empty page where there is no row', async () => {
    expect((await shop.get('/none/')).json).toEqual({ count: 0, next: null, previous: null, results: [] });
    expect((await shop.get('/none/?page=2')).status).toBe(404);
  });

  test('cuts lists as well as queries', async () => {
    expect((await shop.get('/list/?page=2')).json).toEqual({
      count: 3,
      next: null,
      previous: url('/list/'),
      results: [{ title: 'c' }],
    });
  });

  test('may answer in another way, such as links in a header (PG09)', async () => {
    const { json, headers } = await shop.get('/header/');

    expect(json).toEqual([
      { id: 1, title: 'Amber Fields' },
      { id: 2, title: 'Turning Tides' },
    ]);
    expect(headers.link).toBe(`<${url('/header/?page=2')}>; rel="next"`);
    expect((await shop.get('/header/?page=3')).headers.link).toBeUndefined();
  });
});

describe('the count mode', () => {
  test('none answers no count and reads one row more than the page (W34)', async () => {
    const first = await shop.get('/uncounted/');
    const last = await shop.get('/uncounted/?page=3');

    expect(first.json).toMatchObject({ next: url('/uncounted/?page=2'), previous: null });
    expect(Object.keys(first.json)).toEqual(['next', 'previous', 'results']);
    expect(last.json).toMatchObject({ next: null, previous: url('/uncounted/?page=2') });
    expect(shop.statements.at(-1)).not.toContain('count(');
    expect((await shop.get('/uncounted/?page=4')).status).toBe(404);
    expect((await shop.get('/uncounted/?page=last')).status).toBe(404);
  });

  test('estimated answers the exact number where there are few rows (W34)', async () => {
    expect((await shop.get('/estimated/?page=2')).json).toMatchObject({ count: 6, next: url('/estimated/?page=3') });
    expect((await shop.get('/estimated/?page=last')).json).toMatchObject({ count: 6, next: null });
    expect((await shop.get('/limit-estimated/?offset=2')).json).toMatchObject({ count: 6 });
  });

  test('none works with limit and offset', async () => {
    const { json } = await shop.get('/limit-uncounted/?offset=4');

    expect(json).toEqual({
      next: null,
      previous: url('/limit-uncounted/?limit=2&offset=2'),
      results: [
        { id: 5, title: 'Die Nacht' },
        { id: 6, title: 'Snake_case' },
      ],
    });
  });
});

describe('LimitOffsetPagination', () => {
  test('answers so many rows from there on (PG05)', async () => {
    const { json } = await shop.get('/limit/?limit=3&offset=2');

    expect(json.results.map(({ id }: Book) => id)).toEqual([3, 4, 5]);
    expect(json).toMatchObject({
      count: 6,
      next: url('/limit/?limit=3&offset=5'),
      previous: url('/limit/?limit=3'),
    });
  });

  test.each([
    ['limit=0', [1, 2]],
    ['limit=-1', [1, 2]],
    ['limit=x', [1, 2]],
    ['limit=100', [1, 2, 3, 4]],
    ['offset=-1', [1, 2]],
    ['offset=x', [1, 2]],
    ['offset=5', [6]],
  ])('makes of %s the rows %j', async (query, ids) => {
    expect(await shop.list(`/limit/?${query}`)).toEqual(ids);
  });

  test('answers no rows beyond the end, and the way back', async () => {
    expect((await shop.get('/limit/?offset=100')).json).toEqual({
      count: 6,
      next: null,
      previous: url('/limit/?limit=2&offset=98'),
      results: [],
    });
  });

  test('links by the numbers that the client wrote, however large', async () => {
    const great = 10n ** 20n;
    expect((await shop.get(`/limit/?offset=${great}`)).json).toMatchObject({
      next: null,
      previous: url(`/limit/?limit=2&offset=${great - 2n}`),
    });
    expect((await shop.get(`/any-limit/?limit=${great}&offset=${great + 5n}`)).json).toMatchObject({
      next: null,
      previous: url(`/any-limit/?limit=${great}&offset=5`),
    });
  });

  test('does not paginate without a limit', async () => {
    expect((await shop.get('/unlimited/?offset=2')).json).toHaveLength(6);
    expect((await shop.get('/unlimited/?limit=1')).json).toMatchObject({ count: 6 });
  });
});

describe('CursorPagination', () => {
  /** All pages from a URL on, following a link. */
  async function follow(path: string, link: 'next' | 'previous'): Promise<number[][]> {
    const pages: number[][] = [];
    for (let at: string | null = path; at !== null; ) {
      const { json } = await shop.get(at);
      pages.push(json.results.map(({ id }: Book) => id));
      at = json[link] === null ? null : String(json[link]).slice('http://shop.test'.length);
    }
    return pages;
  }

  test('writes the cursors of the reference (PG06)', async () => {
    const { json } = await shop.get('/cursor/');
    const second = await shop.get('/cursor/?cursor=cD0y');

    expect(Object.keys(json)).toEqual(['next', 'previous', 'results']);
    expect(json.next).toBe(url('/cursor/?cursor=cD0y'));
    expect(second.json).toMatchObject({
      next: url('/cursor/?cursor=cD00'),
      previous: url('/cursor/?cursor=cj0xJnA9Mw%3D%3D'),
    });
  });

  test('leads forwards and back again through all rows', async () => {
    const forwards = await follow('/cursor/', 'next');
    const { json } = await shop.get('/cursor/?cursor=cD00');
    const back = await follow(String(json.previous).slice('http://shop.test'.length), 'previous');

    expect(forwards).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    expect(back).toEqual([
      [3, 4],
      [1, 2],
    ]);
  });

  test('counts rows with the same position, and does not lose those without one', async () => {
    expect((await follow('/cursor-pages/', 'next')).flat().sort()).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('writes numbers with a fraction as the reference does', async () => {
    const { json } = await shop.get('/cursor-rating/?cursor=');

    // Nulls come first in descending order: the second page begins behind 4.5.
    expect(json.results.map(({ id }: Book) => id)).toEqual([4, 1]);
    expect(Buffer.from(new URL(json.next).searchParams.get('cursor') as string, 'base64').toString()).toBe('p=4.5');
    expect((await follow('/cursor-rating/', 'next')).flat()).toHaveLength(6);
  });

  test('orders by moments of creation unless told otherwise', async () => {
    expect(await follow('/cursor-created/', 'next')).toEqual([
      [6, 5, 4, 3],
      [2, 1],
    ]);
  });

  test.each([
    ['page_size=1', [1]],
    ['page_size=100', [1, 2, 3]],
    ['page_size=0', [1, 2]],
    ['page_size=x', [1, 2]],
  ])('makes of %s the rows %j', async (query, ids) => {
    expect(await shop.list(`/cursor/?${query}`)).toEqual(ids);
  });

  test.each([
    ['not base64', '!'],
    ['half of it', 'cD0yM'],
    ['not ASCII', Buffer.from('p=\xff', 'latin1').toString('base64')],
    ['a negative offset', Buffer.from('o=-1').toString('base64')],
    ['no number as offset', Buffer.from('o=x').toString('base64')],
    ['no number as direction', Buffer.from('r=x').toString('base64')],
    ['a position of another type', Buffer.from('p=abc').toString('base64')],
  ])('answers 404 to a cursor that is %s (PG07)', async (_what, cursor) => {
    const { status, json } = await shop.get(`/cursor/?cursor=${encodeURIComponent(cursor === '!' ? 'é!' : cursor)}`);

    expect(status).toBe(404);
    expect(json).toEqual({ detail: 'Invalid cursor' });
  });

  test.each([
    ['2024-99-99', 404],
    ['2024-01-03T10:00:00Z', 200],
    ['\0', 404],
  ])('answers a position in time of %j with %d', async (position, status) => {
    const cursor = Buffer.from(`p=${encodeURIComponent(position)}`).toString('base64');

    expect((await shop.get(`/cursor-created/?cursor=${encodeURIComponent(cursor)}`)).status).toBe(status);
  });

  test('does not leave out more rows than it is allowed to', async () => {
    const cursor = Buffer.from('o=99999999').toString('base64');

    expect((await shop.get(`/cursor/?cursor=${cursor}`)).json).toMatchObject({ results: [], next: null });
  });
});

describe('the schema of a paginated answer', () => {
  const schema = { type: 'array' };

  test('has a count, links and results (PG09)', () => {
    expect(new TwoAPage().getPaginatedResponseSchema(schema)).toMatchObject({
      required: ['count', 'results'],
      properties: { count: { type: 'integer' }, results: schema },
    });
    expect(new Uncounted().getPaginatedResponseSchema(schema)).toMatchObject({ required: ['results'] });
    expect(new ById().getPaginatedResponseSchema(schema)).toMatchObject({ required: ['results'] });
  });

  test('names the parameters that are read', () => {
    const names = (parameters: readonly { readonly [key: string]: unknown }[]) => parameters.map(({ name }) => name);

    expect(names(new TwoAPage().getSchemaOperationParameters(new Books()))).toEqual(['page', 'page_size']);
    expect(names(new Limited().getSchemaOperationParameters(new Books()))).toEqual(['limit', 'offset']);
    expect(names(new ById().getSchemaOperationParameters(new Books()))).toEqual(['cursor', 'page_size']);
  });
});

describe('pages that cannot be', () => {
  class ByNothing extends CursorPagination {
    override pageSize = 2;
    override ordering = null;
  }
  class ByPrize extends ById {
    override ordering = '-prize';
  }
  class KeysetByPrize extends KeysetPagination {
    override ordering = ['id', 'prize'];
  }
  class WithOrder extends Books {
    override ordering = 'title';
    override filterBackends = [OrderingFilter];
  }
  test.each([
    [ByNothing, "ByNothing has no ordering. Write `ordering = '-created';` in the class."],
    [ByPrize, "ByPrize.ordering: Book has no column prize. Write `ordering = '…';` with one of id, title"],
    [KeysetByPrize, "KeysetByPrize.ordering: Book has no column prize. Write `ordering = '…';` with one of id, title"],
    [{}, 'Books.paginationClass is no class'],
  ])('are refused when the server starts (PG07) (%#)', (paginationClass, message) => {
    expect(() => shop.mount(books('wrong', paginationClass))).toThrow(message);
  });

  test('are those of the view’s own order where it has one', () => {
    expect(() => shop.mount(path('/', { view: WithOrder, initial: { paginationClass: ByNothing } }))).not.toThrow();
  });
});
