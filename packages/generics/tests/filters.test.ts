import {
  BaseInFilter,
  BaseRangeFilter,
  BooleanFilter,
  CharFilter,
  ChoiceFilter,
  DateFromToRangeFilter,
  FieldFilter,
  FilterSet,
  ListAPIView,
  LookupChoiceFilter,
  ModelChoiceFilter,
  ModelMultipleChoiceFilter,
  MultipleChoiceFilter,
  NumberFilter,
  OrderFilter,
  OrderingFilter,
  type Queryset,
  RangeFilter,
  ReadOnlyModelViewSet,
  SearchFilter,
  SimpleRouter,
  UnaccentedSearchFilter,
} from '@rf/generics';
import { ModelSerializer } from '@rf/orm';
import { CharField, Serializer } from '@rf/serializers';
import { path } from '@rf/views';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ShopServer } from './fixtures/server.ts';
import { Book, BookSerializer, PriceSerializer, Tag } from './fixtures/shop.ts';

class WideSerializer extends ModelSerializer(Book, {
  fields: ['id', 'title', 'price', 'publisher', 'city', 'headline', 'tags', 'code'],
  extraKwargs: { code: { writeOnly: true } },
}) {
  city = new CharField({ source: 'publisher.city', readOnly: true });
}

class Books extends ListAPIView<Book> {
  override queryset = Book;
  override serializerClass = BookSerializer;
}
class Searched extends Books {
  override filterBackends = [SearchFilter];
}
const searched = (...searchFields: string[]) => ({ view: Searched, initial: { searchFields } });
class Ordered extends Books {
  override filterBackends = [OrderingFilter];
}
const ordered = (initial: Record<string, unknown>) => ({ view: Ordered, initial });
class Strict extends OrderingFilter {
  override unknownOrdering = 'reject' as const;
}
class Filtered extends Books {
  override filterBackends = [FieldFilter];
}
const filtered = (filtersetFields: unknown) => ({ view: Filtered, initial: { filtersetFields } });

class BookFilter extends FilterSet {
  static override fields = ['inPrint'];
  minPrice = new NumberFilter({ fieldName: 'price', lookupExpr: 'gte' });
  author = new CharFilter({ fieldName: 'authors__name', lookupExpr: 'icontains' });
  notBy = new CharFilter({ fieldName: 'authors__name', lookupExpr: 'icontains', exclude: true });
  cheap = new BooleanFilter({ method: 'filterCheap' });
  price = new RangeFilter();
  published = new DateFromToRangeFilter();
  ids = new BaseInFilter({ of: new NumberFilter(), fieldName: 'id' });
  between = new BaseRangeFilter({ of: new NumberFilter(), fieldName: 'pages' });
  languages = new MultipleChoiceFilter({ fieldName: 'language', choices: ['en', 'fr', 'de'] });
  language = new ChoiceFilter({ choices: ['en', 'fr', 'de'] });
  tag = new ModelChoiceFilter({ fieldName: 'tags', queryset: Tag, toFieldName: 'slug' });
  tagged = new ModelMultipleChoiceFilter({ fieldName: 'tags', queryset: Tag, conjoined: true });
  rated = new LookupChoiceFilter({
    fieldName: 'rating',
    of: new NumberFilter(),
    lookupChoices: ['gt', 'lt', ['exact', 'is']],
  });
  sort = new OrderFilter({ fields: { price: 'cost', title: 'title' } });

  filterCheap(queryset: Queryset, _name: string, isCheap: boolean) {
    return queryset.andWhere(isCheap ? 'book.price < 10' : 'book.price >= 10');
  }
}
class Demanding extends FilterSet {
  language = new CharFilter({ required: true });
}
class InputAndOutput extends ReadOnlyModelViewSet<Book> {
  override queryset = Book;
  override serializerClasses = { list: { input: PriceSerializer, output: BookSerializer } };
  override serializerClass = BookSerializer;
  override filterBackends = [OrderingFilter];
}
const router = new SimpleRouter();
router.register('io', InputAndOutput);

let shop: ShopServer;
beforeAll(async () => {
  shop = await ShopServer.start([
    path('/search/', searched('title')),
    path('/search-starts/', searched('^title')),
    path('/search-exact/', searched('=title')),
    path('/search-regex/', searched('$title')),
    path('/search-text/', searched('@title')),
    path('/search-authors/', searched('title', 'authors__name')),
    path('/search-far/', searched('publisher.owner.name', 'tags__slug')),
    path('/search-lookup/', searched('title__endswith', 'published__year')),
    path('/search-nothing/', { view: Searched }),
    path('/search-unaccented/', {
      view: Searched,
      initial: { filterBackends: [UnaccentedSearchFilter], searchFields: ['title'] },
    }),
    path('/order/', ordered({})),
    path('/order-wide/', ordered({ serializerClass: WideSerializer })),
    path('/order-all/', ordered({ orderingFields: '__all__' })),
    path('/order-some/', ordered({ orderingFields: ['price', 'publisher__name'], ordering: '-id' })),
    path('/order-alias/', ordered({ orderingFields: { cost: 'price', stars: { field: 'rating', nulls: 'last' } } })),
    path('/order-secret/', ordered({ orderingFields: ['secret'] })),
    path('/order-strict/', { view: Ordered, initial: { filterBackends: [Strict] } }),
    path('/fields/', filtered(['language', 'inPrint', 'publisher', 'tags', 'code'])),
    path(
      '/lookups/',
      filtered({
        price: ['lt', 'gte', 'range', 'in'],
        title: ['exact', 'iexact', 'icontains', 'istartswith', 'regex', 'isnull'],
        published: ['year', 'year__gt', 'isnull', 'exact'],
        created: ['lt', 'date'],
        publisher__name: ['icontains'],
        authors__name: ['startswith', 'isnull'],
        reading: ['exact'],
        opens: ['exact', 'hour'],
        rating: ['exact', 'gt'],
      }),
    ),
    path('/all/', filtered('__all__')),
    path('/secret/', filtered(['secret'])),
    path('/set/', { view: Filtered, initial: { filtersetClass: BookFilter } }),
    path('/demanding/', { view: Filtered, initial: { filtersetClass: Demanding } }),
    ...router.urls,
  ]);
  await shop.reset();
  await shop.dataSource.manager.query("UPDATE shop_book SET secret = 'x' || (7 - id)");
});
afterAll(() => shop.close());

const found = async (at: string) => ((await shop.list(at)) as number[]).toSorted((a, b) => a - b);
const refused = async (at: string) => {
  const { status, json } = await shop.get(at);
  return [status, json];
};

describe('SearchFilter', () => {
  test.each([
    ['/search/?search=TEA', [4]],
    ['/search/?search=e+n', [2, 3, 5, 6]],
    ['/search/?search=e,n', [2, 3, 5, 6]],
    ['/search/?search="amber fields"', [1]],
    ["/search/?search='Die Nacht'", [5]],
    ['/search/?search="amber nacht"', []],
    ['/search/?search=', [1, 2, 3, 4, 5, 6]],
    ['/search/?search=%20,%20,', [1, 2, 3, 4, 5, 6]],
    ['/search/?search=%25', [4]],
    ['/search/?search=_', [6]],
    ['/search/?search=\\', []],
    ["/search/?search=' OR 1=1 --", []],
    ['/search-starts/?search=die', [5]],
    ['/search-starts/?search=nacht', []],
    ['/search-exact/?search="die nacht"', [5]],
    ['/search-exact/?search=die', []],
    ['/search-regex/?search=^[a-d]', [1, 3, 5]],
    ['/search-text/?search=tide', [2]],
    ['/search-authors/?search=ada', [1, 2, 6]],
    ['/search-authors/?search=ada+bruno', []],
    ['/search-authors/?search=ada+amber', [1]],
    ['/search-far/?search=bob', [3, 5]],
    ['/search-far/?search=hist', [2, 4]],
    ['/search-lookup/?search=case', [6]],
    ['/search-lookup/?search=1999', [1]],
    ['/search-lookup/?search=0', [2, 3, 6]],
    ['/search-nothing/?search=anything', [1, 2, 3, 4, 5, 6]],
    ['/search/?search=e%1Cn', [2, 3, 5, 6]],
    ['/search/?search=e%C2%85n', [2, 3, 5, 6]],
    ['/search/?search=e%EF%BB%BFn', []],
  ])('%s finds %j (FT03)', async (at, ids) => {
    expect(await found(at)).toEqual(ids);
  });

  test('shows a row once, however many related rows match', async () => {
    expect(await shop.list('/search-authors/?search=a')).toHaveLength(6);
  });

  test('passes over accents where PostgreSQL has unaccent(), on both sides (FT04)', async () => {
    // Stands for that of the extension, which a server may not have.
    await shop.dataSource.query(
      `CREATE FUNCTION unaccent(text) RETURNS text LANGUAGE sql AS $$ SELECT translate($1, 'éèà', 'eea') $$`,
    );
    expect(await found('/search-unaccented/?search=cièl')).toEqual([3]);
    expect(await found('/search-unaccented/?search=cendré dè')).toEqual([3]);
    expect(await found('/search/?search=cièl')).toEqual([]);
  });

  test('refuses U+0000, and a regular expression that is none, with 400', async () => {
    expect(await refused('/search/?search=a%00b')).toEqual([400, ['Null characters are not allowed.']]);
    expect(await refused('/search-regex/?search=(')).toEqual([400, ['Enter a valid regular expression.']]);
  });
});

describe('OrderingFilter', () => {
  test.each([
    ['/order/?ordering=-title', [2, 6, 5, 3, 1, 4]],
    ['/order/?ordering=title', [4, 1, 3, 5, 6, 2]],
    ['/order-wide/?ordering=price', [6, 2, 4, 1, 5, 3]],
    ['/order-wide/?ordering=-price,-title', [3, 5, 1, 2, 4, 6]],
    ['/order-wide/?ordering=publisher__city,-id', [2, 1, 5, 3, 6, 4]],
    ['/order-some/', [6, 5, 4, 3, 2, 1]],
    ['/order-some/?ordering=price', [6, 2, 4, 1, 5, 3]],
    ['/order-some/?ordering=nonsense', [6, 5, 4, 3, 2, 1]],
    ['/order-some/?ordering=nonsense,-price', [3, 5, 1, 2, 4, 6]],
    ['/order-some/?ordering=title', [6, 5, 4, 3, 2, 1]],
    ['/order-some/?ordering=publisher__name', [1, 2, 3, 5, 4, 6]],
    ['/order-alias/?ordering=-cost', [3, 5, 1, 2, 4, 6]],
    ['/order-alias/?ordering=price', [1, 2, 3, 4, 5, 6]],
    ['/order-alias/?ordering=stars', [6, 2, 3, 5, 1, 4]],
    ['/order-alias/?ordering=-stars', [1, 3, 5, 2, 6, 4]],
    ['/order-all/?ordering=-pages', [3, 1, 2, 5, 4, 6]],
    ['/order/?ordering=title,-title', [4, 1, 3, 5, 6, 2]],
    ['/order/?ordering=-title,title', [2, 6, 5, 3, 1, 4]],
  ])('%s gives %j (FT05)', async (at, ids) => {
    expect(await shop.list(at)).toEqual(ids);
  });

  const inOrder = [1, 2, 3, 4, 5, 6];
  test.each([
    ['/order/', 'price', 'what the serializer does not show'],
    ['/order/', 'owner__name', 'what lies behind a relation'],
    ['/order/', 'secret', 'a sensitive column'],
    ['/order-wide/', 'code', 'what is only written'],
    ['/order-wide/', 'headline', 'what is computed'],
    ['/order-wide/', 'tags', 'lists'],
    ['/order-wide/', 'publisher__owner__name', 'a longer way than the serializer goes'],
    ['/order-all/', 'secret', 'a sensitive column, all columns or not'],
    ['/order-all/', 'publisher__name', 'other tables, where all columns are meant'],
    ['/io/', 'price', 'what is only read from bodies'],
  ])('of %s, ?ordering=%s does not reach %s', async (url, name) => {
    expect(await shop.list(`${url}?ordering=-${name}`)).toEqual(inOrder);
    expect(await shop.list(`${url}?ordering=${name}`)).toEqual(inOrder);
  });

  test('reaches a sensitive column that the programmer names', async () => {
    expect(await shop.list('/order-secret/?ordering=secret')).toEqual([6, 5, 4, 3, 2, 1]);
  });

  test('may refuse unknown names with 400', async () => {
    expect(await refused('/order-strict/?ordering=-title,nope')).toEqual([
      400,
      { ordering: ['"nope" is not a field to order by.'] },
    ]);
    expect(await shop.list('/order-strict/?ordering=-title')).toEqual([2, 6, 5, 3, 1, 4]);
  });
});

describe('FieldFilter with filtersetFields', () => {
  test.each([
    ['/fields/?language=fr', [3]],
    ['/fields/?inPrint=false', [3, 5]],
    ['/fields/?inPrint=True', [1, 2, 4, 6]],
    ['/fields/?inPrint=perhaps', [1, 2, 3, 4, 5, 6]],
    ['/fields/?publisher=1', [1, 2]],
    ['/fields/?tags=1&tags=2', [1, 2, 4, 5]],
    ['/fields/?language=&publisher=', [1, 2, 3, 4, 5, 6]],
    ['/fields/?unknown=1', [1, 2, 3, 4, 5, 6]],
    ['/fields/?language=en&publisher=1&inPrint=true', [1, 2]],
    ['/fields/?code=825D7AEB05A945B5A5B705DF87923CDA', [5]],
    ['/lookups/?price__lt=8', [2, 4, 6]],
    ['/lookups/?price__gte=12.5', [1, 3, 5]],
    ['/lookups/?price__range=7,13', [1, 2, 4]],
    ['/lookups/?price__in=25,0', [3, 6]],
    ['/lookups/?title=Die Nacht', [5]],
    ['/lookups/?title__iexact=die nacht', [5]],
    ['/lookups/?title__icontains=%25', [4]],
    ['/lookups/?title__istartswith=s', [6]],
    ['/lookups/?title__regex=^.i', [3, 5]],
    ['/lookups/?published__year=1999', [1]],
    ['/lookups/?published__year__gt=2010', [3, 6]],
    ['/lookups/?published__isnull=true', [4]],
    ['/lookups/?published=2/29/2012', [3]],
    ['/lookups/?created__lt=2024-01-03T00:00:00Z', [1]],
    ['/lookups/?created__date=2024-01-03', [2]],
    ['/lookups/?publisher__name__icontains=blue', [3, 5]],
    ['/lookups/?authors__name__startswith=Ada', [1, 2, 6]],
    ['/lookups/?authors__name__isnull=true', [5]],
    ['/lookups/?reading=02:00:00', [5]],
    ['/lookups/?opens=08:30', [5]],
    ['/lookups/?opens__hour=8', [5]],
    ['/lookups/?rating__gt=4', [1]],
    ['/lookups/?price__lt=1e40', [1, 2, 3, 4, 5, 6]],
    ['/lookups/?title=%20%1C', [1, 2, 3, 4, 5, 6]],
    ['/lookups/?price__lt=%208%20', [2, 4, 6]],
    ['/fields/?code=%20', [1, 2, 3, 4, 5, 6]],
    ['/fields/?publisher=01', [1, 2]],
    ['/all/?pages=210&owner=1', [2, 5]],
    ['/secret/?secret=x6', [1]],
  ])('%s finds %j (FT07)', async (at, ids) => {
    expect(await found(at)).toEqual(ids);
  });

  test.each([
    ['/lookups/?price__lt=cheap', { price__lt: ['Enter a number.'] }],
    ['/lookups/?price__range=1', { price__range: ['Range query expects two values.'] }],
    ['/lookups/?published=32/1/2020', { published: ['Enter a valid date.'] }],
    ['/lookups/?created__lt=soon', { created__lt: ['Enter a valid date/time.'] }],
    ['/lookups/?opens=25:00', { opens: ['Enter a valid time.'] }],
    ['/lookups/?price__lt=a&published=b', { price__lt: ['Enter a number.'], published: ['Enter a valid date.'] }],
    ['/fields/?code=x', { code: ['Enter a valid UUID.'] }],
    ['/fields/?language=xx', { language: ['Select a valid choice. xx is not one of the available choices.'] }],
    [
      '/fields/?publisher=9',
      { publisher: ['Select a valid choice. That choice is not one of the available choices.'] },
    ],
    ['/fields/?tags=9', { tags: ['Select a valid choice. 9 is not one of the available choices.'] }],
    ['/fields/?tags=x', { tags: ['“x” is not a valid value.'] }],
    ['/fields/?tags=01', { tags: ['Select a valid choice. 01 is not one of the available choices.'] }],
    ['/fields/?tags=%201', { tags: ['Select a valid choice.  1 is not one of the available choices.'] }],
    ['/lookups/?price__lt=%20', { price__lt: ['Enter a number.'] }],
    ['/lookups/?price__in=25,%20', { price__in: ['Enter a number.'] }],
    ['/lookups/?published=%20', { published: ['Enter a valid date.'] }],
    ['/lookups/?created__lt=%20', { created__lt: ['Enter a valid date/time.'] }],
    ['/lookups/?opens=%20', { opens: ['Enter a valid time.'] }],
    ['/lookups/?reading=%20', { reading: ['Enter a valid duration.'] }],
    ['/lookups/?price__lt=1e51', { price__lt: ['Ensure this value is less than or equal to 1e+50.'] }],
    ['/lookups/?title__icontains=%00', { title__icontains: ['Null characters are not allowed.'] }],
  ])('%s is 400 with a text for each parameter', async (at, json) => {
    expect(await refused(at)).toEqual([400, json]);
  });

  test('a regular expression that is none is 400', async () => {
    expect((await shop.get('/lookups/?title__regex=(')).status).toBe(400);
  });

  test.each(['secret', 'secret__startswith', 'owner__name', 'publisher__name', 'title__startswith'])(
    'all columns by equality do not mean ?%s=',
    async (name) => {
      expect(await found(`/all/?${name}=x`)).toEqual([1, 2, 3, 4, 5, 6]);
    },
  );
});

describe('FieldFilter with a filtersetClass', () => {
  test.each([
    ['inPrint=false', [3, 5]],
    ['minPrice=18', [3, 5]],
    ['author=ada', [1, 2, 6]],
    ['notBy=ada', [3, 4, 5]],
    ['cheap=true', [2, 4, 6]],
    ['cheap=false', [1, 3, 5]],
    ['price_min=8&price_max=20', [1, 5]],
    ['price_max=5', [6]],
    ['published_after=2000-01-01&published_before=2015-01-01', [2, 3]],
    ['ids=1,3', [1, 3]],
    ['between=90,210', [2, 4, 5]],
    ['languages=fr&languages=de', [3, 5]],
    ['language=de', [5]],
    ['tag=history', [2, 4]],
    ['tagged=1&tagged=2', [2]],
    ['rated=4&rated_lookup=gt', [1]],
    ['rated=4&rated_lookup=exact', [3, 5]],
  ])('?%s finds %j', async (query, ids) => {
    expect(await found(`/set/?${query}`)).toEqual(ids);
  });

  test('orders by names of its own, and refuses others', async () => {
    expect(await shop.list('/set/?sort=-cost,title')).toEqual([3, 5, 1, 4, 2, 6]);
    expect(await refused('/set/?sort=price')).toEqual([
      400,
      { sort: ['Select a valid choice. price is not one of the available choices.'] },
    ]);
  });

  test('tells what is wrong with a lookup of the client’s, and with a missing parameter', async () => {
    expect(await refused('/set/?rated=4')).toEqual([400, { rated: ['Select a lookup.'] }]);
    expect((await shop.get('/set/?rated=4&rated_lookup=icontains')).status).toBe(400);
    expect(await refused('/demanding/')).toEqual([400, { language: ['This field is required.'] }]);
    expect(await found('/demanding/?language=fr')).toEqual([3]);
  });
});

describe('a view that names what there is not', () => {
  class WrongField extends Serializer {
    title = new CharField({ readOnly: true, required: true } as never);
  }
  class WrongNested extends Serializer {
    book = new WrongField({ readOnly: true });
  }
  class WrongPath extends FilterSet {
    byEditor = new CharFilter({ fieldName: 'editor__name' });
  }
  class WrongLookup extends FilterSet {
    price = new NumberFilter({ lookupExpr: 'near' });
  }
  class WrongMethod extends FilterSet {
    cheap = new BooleanFilter({ method: 'filterCheep' });
  }
  class WrongOrder extends FilterSet {
    sort = new OrderFilter({ fields: ['prize'] });
  }
  class EarlyRequest extends FilterSet {
    readonly user = this.request.user;
  }
  const has = /with one of id, title, isbn, .*, publisher, owner, authors, tags\.$/;

  test.each([
    [
      { lookupField: 'isbm' },
      "Books.lookupField: Book has no column isbm. Write `lookupField = '…';` with one of id, title",
    ],
    [{ lookupField: 'isbm' }, has],
    [{ etagField: 'versoin' }, "Books.etagField: Book has no column versoin. Write `etagField = '…';`"],
    [{ etagField: 'publisher__name' }, 'Books.etagField is publisher__name, which is no column of Book itself.'],
    [{ searchFields: ['^titel'] }, "Books.searchFields: Book has no titel. Write `searchFields = ['…'];`"],
    [
      { searchFields: ['title__nope'] },
      'Books.searchFields: nope__icontains is no lookup of a column of type varchar.',
    ],
    [
      { searchFields: ['pages__gt'] },
      "Books.searchFields: pages__gt does not compare with text, which is what clients search for. Write 'pages'.",
    ],
    [{ ordering: '-prize' }, "Books.ordering: Book has no column prize. Write `ordering = '…';`"],
    [{ ordering: ['id', 'title__upper'] }, 'Books.ordering: Book has no column title__upper.'],
    [{ orderingFields: ['prize'] }, 'Books.orderingFields: Book has no column prize.'],
    [{ orderingFields: { cost: { field: 'prize' } } }, 'Books.orderingFields: Book has no column prize.'],
    [{ filtersetFields: ['prize'] }, 'Books.filtersetFields: Book has no prize.'],
    [{ filtersetFields: { price: ['near'] } }, 'Books.filtersetFields: near is no lookup of a column of type numeric.'],
    [{ filtersetClass: WrongPath }, 'WrongPath.byEditor: Book has no editor__name. Write `new CharFilter({ fieldName'],
    [{ filtersetClass: WrongLookup }, 'WrongLookup.price: near is no lookup of a column of type numeric.'],
    [
      { filtersetClass: WrongMethod },
      "Expected parent FilterSet 'WrongMethod.cheap' to have a '.filterCheep()' method",
    ],
    [{ filtersetClass: WrongOrder }, 'WrongOrder.sort: Book has no column prize.'],
    [{ filtersetClass: EarlyRequest }, 'EarlyRequest reads `request` where there is none yet'],
    [{ filterBackends: [new OrderingFilter()] }, /Books\.filterBackends holds .*, which is no class\./],
    [
      { serializerClass: {} },
      'Books.serializerClass is no class: write `serializerClass = SomeClass;`, without `new`.',
    ],
    [
      { serializerClass: WrongField },
      'WrongField.title (CharField): may not set both `readOnly` and `required`. Remove `required: true`.',
    ],
    [{ serializerClass: WrongNested }, 'WrongField.title (CharField): may not set both'],
    [{ queryset: Map }, 'Books.queryset is Map, which is no entity of the project.'],
    [{ queryset: null }, "'Books' should either include a `queryset` attribute"],
    [{ serializerClass: null }, "'Books' should either include a `serializerClass` attribute"],
  ])('%j is refused when the server starts, with what to write', (initial, message) => {
    expect(() => shop.mount(path('/books/', { view: Books, initial }))).toThrow(message);
  });
});
