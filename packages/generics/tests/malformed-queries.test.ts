import {
  CursorPagination,
  FieldFilter,
  FilterSet,
  KeysetPagination,
  LimitOffsetPagination,
  LookupChoiceFilter,
  mix,
  ModelMultipleChoiceFilter,
  MultipleChoiceFilter,
  NumberFilter,
  OrderFilter,
  OrderingFilter,
  PageNumberPagination,
  RangeFilter,
  ReadOnlyModelViewSet,
  SearchFilter,
  SimpleRouter,
  SparseFieldsMixin,
} from '@rf/generics';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ShopServer } from './fixtures/server.ts';
import { Book, PriceSerializer, PublisherSerializer, Tag } from './fixtures/shop.ts';

class Pages extends PageNumberPagination {
  override pageSize = 2;
  override pageSizeQueryParam = 'page_size';
}
class Uncounted extends Pages {
  override countMode = 'none' as const;
}
class Estimated extends Pages {
  override countMode = 'estimated' as const;
}
class Limits extends LimitOffsetPagination {
  override defaultLimit = 2;
}
class Cursors extends CursorPagination {
  override pageSize = 2;
  override pageSizeQueryParam = 'page_size';
}
class ByPages extends CursorPagination {
  override pageSize = 2;
  override ordering = 'pages';
}
class ByDay extends CursorPagination {
  override pageSize = 2;
  override ordering = ['-published', 'title'];
}
class Keysets extends KeysetPagination {
  override pageSize = 2;
  override ordering = ['-rating', 'published'];
}

class SomeFilters extends FilterSet {
  price = new RangeFilter();
  tags = new ModelMultipleChoiceFilter({ queryset: Tag });
  language = new MultipleChoiceFilter({ choices: ['en', 'fr'] });
  rated = new LookupChoiceFilter({ fieldName: 'rating', of: new NumberFilter(), lookupChoices: ['gt', 'exact'] });
  sort = new OrderFilter({ fields: ['price', 'title'] });
}

const LOOKUPS = {
  id: ['exact', 'in', 'range', 'lt'],
  price: ['exact', 'gte', 'in', 'range'],
  rating: ['exact', 'lt'],
  pages: ['exact', 'gt'],
  published: ['exact', 'year', 'range'],
  created: ['exact', 'date', 'hour', 'lt'],
  opens: ['exact', 'minute'],
  reading: ['exact', 'gt'],
  code: ['exact', 'in'],
  inPrint: ['exact'],
  language: ['exact', 'in'],
  publisher: ['exact', 'in', 'isnull'],
  authors: ['exact'],
  tags__slug: ['icontains', 'regex'],
  title: ['iregex', 'search', 'startswith'],
};

class Books extends mix(ReadOnlyModelViewSet, SparseFieldsMixin)<Book> {
  override queryset = Book;
  override serializerClass = PriceSerializer;
  override filterBackends = [SearchFilter, OrderingFilter, FieldFilter];
  override searchFields = ['title', '$isbn', '@language', 'authors__name', 'publisher__owner__name'];
  override orderingFields = '__all__' as const;
  override filtersetFields = LOOKUPS;
  override expandable = { publisher: PublisherSerializer };
}
class SetOfFilters extends Books {
  override filtersetClass = SomeFilters;
}

const paginations = { Pages, Uncounted, Estimated, Limits, Cursors, ByPages, ByDay, Keysets };
const router = new SimpleRouter();
for (const [name, Pagination] of Object.entries(paginations)) {
  const View = name === 'Limits' ? SetOfFilters : Books;
  class Paged extends View {
    override paginationClass = Pagination;
  }
  router.register(name, Paged, { basename: name });
}

let shop: ShopServer;
beforeAll(async () => {
  shop = await ShopServer.start(router.urls);
  await shop.reset();
});
afterAll(() => shop.close());

const words = (text: string): string[] => text.split(' ');
const names = [
  ...words('page page_size limit offset cursor search ordering fields omit expand format'),
  ...words('price_min price_max rated rated_lookup sort tags'),
  ...Object.entries(LOOKUPS).flatMap(([field, lookups]) =>
    lookups.map((lookup) => (lookup === 'exact' ? field : `${field}__${lookup}`)),
  ),
];
const base64 = fc
  .record({ o: fc.string(), r: fc.constantFrom('0', '1', 'x'), p: fc.string({ unit: 'binary' }) })
  .map((parts) => Buffer.from(String(new URLSearchParams(parts))).toString('base64'));
/** Text as it stands in a URL: encoded, or as broken as a client can send it. */
const value = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }).map(encodeURIComponent),
  fc.oneof(fc.double(), fc.bigInt(), fc.integer()).map(String),
  base64.map(encodeURIComponent),
  fc.constantFrom(
    '',
    '9'.repeat(30),
    `1${'0'.repeat(400)}`,
    ...words('% %00 %zz %ff%fe %F0%9F%98%80 - , ,, 1,2 1e999 -1e-999 NaN Infinity 0x10 1_000 %D9%A3 + %20'),
    ...words(`( [a * ' " a'b \\ %5C 2024-02-30 9999-12-31 10000-01-01 0000-00-00 2024-01-01T00:00:00%2B25:00 24:00`),
    ...words('P9999999Y __proto__ constructor toString title -price id,title true null gt exact last'),
  ),
);
const query = fc
  .array(
    fc.tuple(fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...names) }, { weight: 1, arbitrary: value }), value),
    {
      maxLength: 4,
    },
  )
  .map((pairs) => pairs.map(([name, text]) => `${name}=${text}`).join('&'));
const place = fc.oneof(
  { weight: 4, arbitrary: fc.constant('') },
  {
    weight: 1,
    arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 8 }).map((key) => `${encodeURIComponent(key)}/`),
  },
  { weight: 1, arbitrary: fc.constantFrom('1/', '0/', '-1/', '1.0/', '٣/', '99999999999/', '%00/') },
);

/** What an error looks like in the reference: a detail, a list of texts, or texts by parameter. */
function isErrorShape(status: number, json: unknown): boolean {
  const isTexts = (texts: unknown) =>
    Array.isArray(texts) && texts.length > 0 && texts.every((text) => typeof text === 'string');
  if (typeof json !== 'object' || json === null) return false;
  const { detail } = json as { detail?: unknown };
  if (typeof detail === 'string') return Object.keys(json).length === 1;
  return status === 400 && (isTexts(json) || (Object.keys(json).length > 0 && Object.values(json).every(isTexts)));
}

test.each(Object.keys(paginations))(
  'whatever is asked of %s, the answer is 200, 400 or 404 in the shape of the reference',
  async (name) => {
    await fc.assert(
      fc.asyncProperty(place, query, async (at, search) => {
        const { status, json, text } = await shop.get(`/${name}/${at}?${search}`);

        expect([200, 400, 404], `${status} ${text} ${shop.log.at(-1)}`).toContain(status);
        if (status !== 200) expect(isErrorShape(status, json), text).toBe(true);
      }),
      { numRuns: 250 },
    );
    expect(shop.log).toEqual([]);
  },
);
