import { BasicAuthentication, User } from '@rf/auth';
import { TokenAuthentication } from '@rf/authtoken';
import { NotFound, ValidationError } from '@rf/exceptions';
import {
  action,
  DefaultRouter,
  DestroyModelMixin,
  GenericViewSet,
  mix,
  ModelViewSet,
  OrderingFilter,
  ReadOnlyModelViewSet,
  RetrieveModelMixin,
  SearchFilter,
  SimpleRouter,
  ViewSet,
} from '@rf/generics';
import {
  db,
  HyperlinkedIdentityField,
  HyperlinkedModelSerializer,
  HyperlinkedRelatedField,
  ModelSerializer,
  SlugRelatedField,
  StringRelatedField,
} from '@rf/orm';
import {
  CharField,
  CurrentUserDefault,
  DecimalField,
  HiddenField,
  IntegerField,
  ReadOnlyField,
  Serializer,
  SerializerMethodField,
} from '@rf/serializers';
import {
  authenticationClasses,
  include,
  IsAdminUser,
  IsAuthenticated,
  IsAuthenticatedOrReadOnly,
  MultiValueDict,
  type Params,
  permissionClasses,
  type Request,
  Response,
  type UrlEntry,
} from '@rf/views';
import type { SelectQueryBuilder } from 'typeorm';
import { plain } from './echo.ts';
import { Author, Book, Publisher, Review, Tag } from './entities.ts';
import { ShopPagination } from './pagination.ts';
import { IsOwnerOrReadOnly } from './permissions.ts';
import { TagSerializer } from './serializers-shared.ts';

class BookSerializer extends ModelSerializer(Book, {
  fields: [
    'id',
    'title',
    'isbn',
    'price',
    'published',
    'inPrint',
    'pages',
    'rating',
    'language',
    'metadata',
    'created',
    'publisher',
    'authors',
    'tags',
    'owner',
    'displayPrice',
    'reviewCount',
  ],
}) {
  tags = new SlugRelatedField({ slugField: 'slug', many: true, queryset: Tag, required: false });
  owner = new ReadOnlyField({ source: 'owner.username' });
  displayPrice = new CharField({ readOnly: true });
  reviewCount = new SerializerMethodField<number>();

  getReviewCount(book: Book): Promise<number> {
    const { request } = this.context as { request: Request };
    return db(request)
      .getRepository(Review)
      .countBy({ book: { id: book.id } });
  }

  validateTitle(value: string): string {
    if (value.toLowerCase().includes('forbidden')) throw new ValidationError('This title is not allowed.');
    return value;
  }

  override validate(attrs: any): any {
    if (attrs.price !== undefined && Number(attrs.price) === 0 && attrs.inPrint === true) {
      throw new ValidationError('A book in print cannot be free.');
    }
    return attrs;
  }
}

class PriceSerializer extends Serializer {
  price = new DecimalField({ maxDigits: 8, decimalPlaces: 2, minValue: 0 });
}

@authenticationClasses(TokenAuthentication, BasicAuthentication)
@permissionClasses(IsAuthenticatedOrReadOnly, IsOwnerOrReadOnly)
class BookViewSet extends ModelViewSet<Book> {
  override queryset = Book;
  override serializerClass: new (...args: any[]) => any = BookSerializer;
  override description = 'Books of the shop.';
  override paginationClass = ShopPagination;
  override filterBackends = [SearchFilter, OrderingFilter];
  override searchFields = ['title', 'isbn'];
  override orderingFields = ['title', 'price', 'created'];

  override async performCreate(serializer: Serializer): Promise<void> {
    await serializer.save({ owner: this.request.user });
  }

  @action({ detail: true, methods: ['post'], urlPath: 'set-price', serializerClass: PriceSerializer })
  async set_price(request: Request): Promise<unknown> {
    const book = await this.getObject();
    const serializer = this.getSerializer({ data: request.data });
    await serializer.isValid({ raise: true });
    const { price } = serializer.validatedData as { price: { toString(): string } };
    await db(request)
      .getRepository(Book)
      .update(book.id, { price: String(price) });
    return { id: book.id, ...((await serializer.data) as object) };
  }

  @action({ detail: false })
  async recent(request: Request): Promise<unknown> {
    const books = await db(request)
      .getRepository(Book)
      .find({ order: { created: 'DESC' }, take: 3 });
    return books.map(({ id, title }) => ({ id, title }));
  }

  @action({ detail: false, methods: ['get', 'post'], description: 'Stock of the shop.' })
  @permissionClasses(IsAdminUser)
  async stock(request: Request): Promise<unknown> {
    if (request.method === 'POST') return new Response({ stocked: plain(request.data) }, { status: 202 });
    return { inPrint: await db(request).getRepository(Book).countBy({ inPrint: true }) };
  }

  @action({ detail: false, urlPath: 'by-language/:lang([a-z]{2})' })
  async by_language(request: Request, { lang = '' }: Params): Promise<unknown> {
    const books = await db(request)
      .getRepository(Book)
      .find({ where: { language: lang }, order: { id: 'ASC' } });
    return { language: lang, ids: books.map(({ id }) => id) };
  }

  @action({ detail: true, name: 'Cover Note' })
  async note(): Promise<unknown> {
    const { metadata } = await this.getObject();
    return { note: (metadata as Record<string, unknown>).note ?? null };
  }

  @action.mapping('note', 'put')
  async write_note(request: Request): Promise<unknown> {
    const book = await this.getObject();
    const { data } = request;
    const note: unknown = (data instanceof MultiValueDict ? data.get('note') : data.note) ?? null;
    const metadata = { ...(book.metadata as object), note };
    await db(request).getRepository(Book).update(book.id, { metadata });
    return { note, action: this.action };
  }

  @action.mapping('note', 'delete')
  async erase_note(request: Request): Promise<unknown> {
    const book = await this.getObject();
    const { note: _erased, ...metadata } = book.metadata as Record<string, unknown>;
    await db(request).getRepository(Book).update(book.id, { metadata });
    return new Response(undefined, { status: 204 });
  }

  @action({ detail: true })
  async similar(request: Request): Promise<unknown> {
    const book = await this.getObject();
    const others = db(request)
      .getRepository(Book)
      .createQueryBuilder('book')
      .where('book.language = :language AND book.id <> :id', { language: book.language, id: book.id })
      .orderBy('book.id');
    const page = await this.paginateQueryset(others);
    return this.getPaginatedResponse((page as Book[]).map(({ title }) => title));
  }
}

class LinkedPublisherSerializer extends HyperlinkedModelSerializer(Publisher, {
  fields: ['url', 'name', 'city', 'website', 'books'],
}) {
  books = new HyperlinkedRelatedField({ viewName: 'book-detail', many: true, readOnly: true });
}

class PublisherViewSet extends ModelViewSet<Publisher> {
  override queryset = Publisher;
  override serializerClass = LinkedPublisherSerializer;
}

class AuthorSerializer extends ModelSerializer(Author, {
  fields: ['id', 'url', 'name', 'born', 'books', 'bookCount'],
}) {
  url = new HyperlinkedIdentityField({ viewName: 'author-detail' });
  books = new StringRelatedField({ many: true });
  bookCount = new IntegerField({ readOnly: true });
}

class AuthorViewSet extends ModelViewSet<Author> {
  override queryset = Author;
  override serializerClass = AuthorSerializer;

  @action({ detail: true, urlPath: 'rating' })
  async average_rating(request: Request): Promise<unknown> {
    const author = await this.getObject();
    const row = await db(request)
      .getRepository(Review)
      .createQueryBuilder('review')
      .innerJoin('review.book', 'book')
      .innerJoin('book.authors', 'author')
      .where('author.id = :id', { id: author.id })
      .select('avg(review.stars)::float8', 'stars')
      .getRawOne<{ stars: number | null }>();
    return { author: author.name, stars: row?.stars ?? null };
  }
}

class TagViewSet extends ModelViewSet<Tag> {
  override queryset = Tag;
  override serializerClass = TagSerializer;
  override lookupField = 'slug';
}

class OwnReviewSerializer extends ModelSerializer(Review, {
  fields: ['id', 'book', 'bookTitle', 'reviewer', 'reviewerName', 'stars', 'text', 'created'],
}) {
  bookTitle = new CharField({ source: 'book.title', readOnly: true });
  reviewer = new HiddenField({ default: new CurrentUserDefault() });
  reviewerName = new ReadOnlyField({ source: 'reviewer.username' });
}

@permissionClasses(IsAuthenticated)
class ReviewViewSet extends ModelViewSet<Review> {
  override queryset = Review;
  override serializerClass = OwnReviewSerializer;

  override getQueryset(): SelectQueryBuilder<Review> {
    const reviews = db(this.request).getRepository(Review).createQueryBuilder('review');
    const { user } = this.request;
    return user.isStaff ? reviews : reviews.where('review.reviewer = :reviewer', { reviewer: user.id });
  }
}

class UserSerializer extends ModelSerializer(User, { fields: ['id', 'username', 'isStaff'] }) {}

@permissionClasses(IsAdminUser)
class UserViewSet extends ReadOnlyModelViewSet<User> {
  override queryset = User;
  override serializerClass = UserSerializer;
}

class IsbnViewSet extends mix(GenericViewSet, RetrieveModelMixin, DestroyModelMixin)<Book> {
  override queryset = Book;
  override serializerClass = BookSerializer;
  override lookupField = 'isbn';
  override lookupValueRegex = '\\d{13}';
}

const SHELVES = ['north', 'south'];

class ShelfViewSet extends ViewSet {
  override description = 'Shelves are not stored anywhere.';

  list(): unknown {
    return SHELVES;
  }

  retrieve(_request: Request, { pk = '' }: Params): unknown {
    if (!SHELVES.includes(pk)) throw new NotFound(`No shelf ${pk}.`);
    return { shelf: pk, action: this.action, basename: this.basename, detail: this.detail };
  }

  update(_request: Request, { pk }: Params): unknown {
    return { shelf: pk, action: this.action };
  }

  @action({ detail: true, methods: ['post', 'delete'] })
  dust(request: Request, { pk }: Params): unknown {
    return { dusted: pk, method: request.method, action: this.action };
  }
}

class PlainTagViewSet extends ModelViewSet<Tag> {
  override queryset = Tag;
  override serializerClass = TagSerializer;

  @action({ detail: false })
  async count(request: Request): Promise<unknown> {
    return { count: await db(request).getRepository(Tag).count() };
  }
}

const router = new DefaultRouter();
router.register('books', BookViewSet);
router.register('publishers', PublisherViewSet);
router.register('authors', AuthorViewSet);
router.register('tags', TagViewSet);
router.register('reviews', ReviewViewSet);
router.register('users', UserViewSet);
router.register('by-isbn', IsbnViewSet, { basename: 'isbn' });
router.register('shelves', ShelfViewSet, { basename: 'shelf' });

const simple = new SimpleRouter({ trailingSlash: false });
simple.register('tags', PlainTagViewSet, { basename: 'plain-tag' });

export const viewsetUrls: UrlEntry[] = [include('/api/', router.urls), include('/simple/', simple.urls)];
