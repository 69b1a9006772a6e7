import {
  BooleanFilter,
  CharFilter,
  FieldFilter,
  FilterSet,
  ListAPIView,
  MultipleChoiceFilter,
  NumberFilter,
  OrderingFilter,
  OrderFilter,
  RetrieveAPIView,
  SearchFilter,
} from '@rf/generics';
import { ModelSerializer } from '@rf/orm';
import { CharField, DecimalField, ReadOnlyField, SerializerMethodField } from '@rf/serializers';
import { path, type Request, type UrlEntry } from '@rf/views';
import { Book, LANGUAGES } from './entities.ts';
import { ShopPagination } from './pagination.ts';
import { BookMiniSerializer, IdTitleSerializer } from './serializers-shared.ts';

class Search extends ListAPIView<Book> {
  override queryset = Book;
  override serializerClass = IdTitleSerializer;
  override filterBackends = [SearchFilter];
}

class QSearchFilter extends SearchFilter {
  override searchParam = 'q';
}

class RequestedSearchFilter extends SearchFilter {
  override getSearchFields(_view: unknown, request: Request): string[] {
    return request.queryParams.get('in') === 'city' ? ['publisher__city'] : ['title'];
  }
}

const SEARCH_FIELDS: Record<string, string[]> = {
  contains: ['title'],
  starts: ['^title'],
  exact: ['=title', '=isbn'],
  regex: ['$title'],
  fulltext: ['@title'],
  related: ['title', 'authors__name', 'publisher__name'],
  lookup: ['title__endswith'],
  renamed: ['title'],
  requested: ['title'],
};

const SEARCH_BACKENDS: Record<string, typeof SearchFilter> = {
  renamed: QSearchFilter,
  requested: RequestedSearchFilter,
};

function search(name: string, fields: string[] | null) {
  const backend = SEARCH_BACKENDS[name] ?? SearchFilter;
  const View = class extends Search {
    override searchFields = fields;
    override filterBackends = [backend];
  };
  Object.defineProperty(View, 'name', { value: 'Search' });
  return path(`/filters/search/${name}/`, View);
}

class OrderingSerializer extends ModelSerializer(Book, {
  fields: ['id', 'title', 'publisherName', 'cost', 'secret', 'headline', 'note'],
}) {
  publisherName = new CharField({ source: 'publisher.name', readOnly: true });
  cost = new DecimalField({ maxDigits: 8, decimalPlaces: 2, source: 'price' });
  secret = new CharField({ source: 'isbn', writeOnly: true });
  headline = new ReadOnlyField();
  note = new SerializerMethodField<string>({ needs: ['id'] });

  getNote(book: Book): string {
    return `n${book.id}`;
  }
}

class SortFilter extends OrderingFilter {
  override orderingParam = 'sort';
}

class Ordering extends ListAPIView<Book> {
  override queryset = Book;
  override serializerClass: typeof BookMiniSerializer | typeof OrderingSerializer = BookMiniSerializer;
  override filterBackends = [OrderingFilter];
}

function ordering(name: string, members: Partial<Ordering>) {
  const View = class extends Ordering {
    constructor() {
      super();
      Object.assign(this, members);
    }
  };
  Object.defineProperty(View, 'name', { value: 'Ordering' });
  return path(`/filters/ordering/${name}/`, View);
}

class Fields extends ListAPIView<Book> {
  override queryset = Book;
  override serializerClass = IdTitleSerializer;
  override filterBackends = [FieldFilter];
}

class FieldsMap extends Fields {
  override filtersetFields = {
    title: ['exact', 'iexact', 'contains', 'icontains', 'startswith', 'endswith'],
    price: ['exact', 'lt', 'lte', 'gt', 'gte', 'range', 'in'],
    inPrint: ['exact'],
    published: ['exact', 'year', 'year__gt', 'gte', 'lte', 'isnull'],
    created: ['gt', 'lt'],
    pages: ['exact', 'isnull', 'gt'],
    rating: ['gte'],
    language: ['exact', 'in'],
    publisher: ['exact', 'isnull'],
    publisher__name: ['exact', 'icontains'],
    tags: ['exact'],
    tags__slug: ['exact'],
    owner__username: ['exact'],
  };
}

class FieldsList extends Fields {
  override filtersetFields = ['language', 'publisher', 'inPrint'];
}

class BookFilterSet extends FilterSet {
  static override fields = ['inPrint'];

  minPrice = new NumberFilter({ fieldName: 'price', lookupExpr: 'gte' });
  maxPrice = new NumberFilter({ fieldName: 'price', lookupExpr: 'lte' });
  author = new CharFilter({ fieldName: 'authors__name', lookupExpr: 'iexact' });
  unpublished = new BooleanFilter({ fieldName: 'published', lookupExpr: 'isnull' });
  languages = new MultipleChoiceFilter({ fieldName: 'language', choices: LANGUAGES });
  sort = new OrderFilter({ fields: { title: 'title', price: 'cost' } });
}

class WithFilterSet extends Fields {
  override filtersetClass = BookFilterSet;
}

class Combined extends ListAPIView<Book> {
  override queryset = Book;
  override serializerClass = IdTitleSerializer;
  override filterBackends = [FieldFilter, SearchFilter, OrderingFilter];
  override filtersetFields = ['language', 'inPrint'];
  override searchFields = ['title', 'authors__name'];
  override orderingFields = ['title', 'price', 'id'];
  override ordering = '-id';
  override paginationClass = ShopPagination;
}

class FilteredDetail extends RetrieveAPIView<Book> {
  override queryset = Book;
  override serializerClass = IdTitleSerializer;
  override filterBackends = [FieldFilter];
  override filtersetFields = ['language'];
}

for (const View of [FieldsMap, FieldsList, WithFilterSet]) Object.defineProperty(View, 'name', { value: 'Fields' });

export const filterUrls: UrlEntry[] = [
  ...Object.entries(SEARCH_FIELDS).map(([name, fields]) => search(name, fields)),
  search('none', null),
  ordering('listed', { orderingFields: ['title', 'price', 'publisher__name', 'created'] }),
  ordering('with-default', { orderingFields: ['title', 'price'], ordering: ['-title'] }),
  ordering('string-default', { orderingFields: ['title', 'price'], ordering: '-isbn' }),
  ordering('all', { orderingFields: '__all__' }),
  ordering('serializer', { serializerClass: OrderingSerializer }),
  ordering('none', { orderingFields: [] }),
  ordering('renamed', { orderingFields: ['title'], filterBackends: [SortFilter] }),
  path('/filters/fields/', FieldsMap),
  path('/filters/fields-list/', FieldsList),
  path('/filters/filterset/', WithFilterSet),
  path('/filters/combined/', Combined),
  path('/filters/detail/:pk/', FilteredDetail),
];
