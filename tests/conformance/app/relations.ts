import { User } from '@rf/auth';
import { ListAPIView, ListCreateAPIView, RetrieveAPIView, RetrieveUpdateAPIView } from '@rf/generics';
import {
  db,
  HyperlinkedIdentityField,
  HyperlinkedRelatedField,
  ModelSerializer,
  PrimaryKeyRelatedField,
  SlugRelatedField,
  StringRelatedField,
} from '@rf/orm';
import { CharField, ReadOnlyField, Serializer, SerializerMethodField } from '@rf/serializers';
import { path, type Request, type UrlEntry } from '@rf/views';
import { In, type SelectQueryBuilder } from 'typeorm';
import { Author, Book, Publisher, Review, Tag } from './entities.ts';

class PkSerializer extends ModelSerializer(Book, {
  fields: ['id', 'title', 'isbn', 'price', 'publisher', 'authors', 'tags'],
}) {}

class SlugSerializer extends ModelSerializer(Book, {
  fields: ['id', 'title', 'isbn', 'price', 'publisher', 'authors', 'tags'],
}) {
  publisher = new SlugRelatedField({ slugField: 'name', queryset: Publisher, allowNull: true, required: false });
  authors = new SlugRelatedField({ slugField: 'name', queryset: Author, many: true });
  tags = new SlugRelatedField({ slugField: 'slug', queryset: Tag, many: true, allowEmpty: false });
}

class LinkSerializer extends ModelSerializer(Book, {
  fields: ['url', 'title', 'isbn', 'price', 'publisher', 'authors', 'tags', 'reviewsUrl'],
}) {
  url = new HyperlinkedIdentityField({ viewName: 'link-book-detail' });
  publisher = new HyperlinkedRelatedField({ viewName: 'publisher-detail', queryset: Publisher, allowNull: true });
  authors = new HyperlinkedRelatedField({ viewName: 'author-detail', queryset: Author, many: true });
  tags = new HyperlinkedRelatedField({
    viewName: 'tag-detail',
    lookupField: 'slug',
    queryset: Tag,
    many: true,
    required: false,
  });
  reviewsUrl = new HyperlinkedIdentityField({
    viewName: 'book-reviews',
    lookupField: 'isbn',
    lookupUrlKwarg: 'code',
  });
}

class StringSerializer extends ModelSerializer(Book, {
  fields: ['id', 'title', 'publisher', 'authors', 'reviews', 'owner'],
}) {
  publisher = new StringRelatedField();
  authors = new StringRelatedField({ many: true, readOnly: true });
  reviews = new StringRelatedField({ many: true, readOnly: true });
  owner = new StringRelatedField();
}

class FormattedPkSerializer extends ModelSerializer(Book, {
  fields: ['id', 'title', 'isbn', 'price', 'publisher', 'bigAuthors'],
}) {
  publisher = new PrimaryKeyRelatedField({
    queryset: Publisher,
    allowNull: true,
    pkField: new CharField({ maxLength: 3 }),
  });
  bigAuthors = new PrimaryKeyRelatedField({
    source: 'authors',
    many: true,
    queryset: (manager) => manager.getRepository(Author).createQueryBuilder('author').where('author.born IS NOT NULL'),
    errorMessages: { does_not_exist: 'No dated author {pk_value}.' },
  });
}

class PublisherNameSerializer extends ModelSerializer(Publisher, { fields: ['name', 'city'] }) {}

class AuthorNameSerializer extends ModelSerializer(Author, { fields: ['id', 'name'] }) {}

class ReviewBySerializer extends ModelSerializer(Review, { fields: ['by', 'stars'] }) {
  by = new CharField({ source: 'reviewer.username' });
}

class NestedSerializer extends ModelSerializer(Book, { fields: ['id', 'title', 'publisher', 'authors', 'reviews'] }) {
  publisher = new PublisherNameSerializer({ readOnly: true });
  authors = new AuthorNameSerializer({ many: true, readOnly: true });
  reviews = new ReviewBySerializer({ many: true, readOnly: true });
}

class WholePublisherSerializer extends Serializer {
  name = new CharField();
  city = new CharField();
}

class OptionalSourceSerializer extends ModelSerializer(Book, {
  fields: ['id', 'skipped', 'nulled', 'defaulted', 'headline', 'shownPrice', 'whole', 'self'],
}) {
  skipped = new CharField({ source: 'publisher.name', readOnly: true });
  nulled = new CharField({ source: 'publisher.name', allowNull: true });
  defaulted = new CharField({ source: 'publisher.name', default: 'self-published' });
  headline = new ReadOnlyField();
  shownPrice = new ReadOnlyField({ source: 'displayPrice' });
  whole = new WholePublisherSerializer({ source: 'publisher', readOnly: true });
  self = new SerializerMethodField<object>({ needs: ['title'] });

  getSelf(book: Book): object {
    return { title: book.title, path: (this.context as { request: Request }).request.path };
  }
}

const STYLES: Record<string, new (...args: any[]) => any> = {
  pk: PkSerializer,
  slug: SlugSerializer,
  link: LinkSerializer,
  string: StringSerializer,
  'formatted-pk': FormattedPkSerializer,
  nested: NestedSerializer,
  'optional-source': OptionalSourceSerializer,
};

const admin = (request: Request): Promise<User> =>
  db(request).getRepository(User).findOneByOrFail({ username: 'admin' });

class BookAdmin extends ListCreateAPIView<Book> {
  override queryset = Book;

  override async performCreate(serializer: Serializer): Promise<void> {
    await serializer.save({ owner: await admin(this.request) });
  }
}

class BookEdit extends RetrieveUpdateAPIView<Book> {
  override queryset = Book;
}

function styled<View extends typeof BookAdmin | typeof BookEdit>(
  View: View,
  serializerClass: new (...args: any[]) => any,
) {
  const Styled = class extends (View as typeof BookAdmin) {
    override serializerClass = serializerClass;
  };
  Object.defineProperty(Styled, 'name', { value: View.name });
  return Styled;
}

class BookReviews extends ListAPIView<Review> {
  override serializerClass = ReviewBySerializer;

  override getQueryset(): SelectQueryBuilder<Review> {
    return db(this.request)
      .getRepository(Review)
      .createQueryBuilder('review')
      .innerJoin('review.book', 'book')
      .where('book.isbn = :isbn', { isbn: this.params.code })
      .orderBy('review.id');
  }
}

class DeepReviewSerializer extends ModelSerializer(Review, { fields: ['id', 'stars', 'book'], depth: 1 }) {}

class ReviewRead extends RetrieveAPIView<Review> {
  override queryset = Review;
  override serializerClass = DeepReviewSerializer;
}

class DeepBookSerializer extends ModelSerializer(Book, {
  fields: ['id', 'title', 'publisher', 'authors', 'tags'],
  depth: 1,
}) {}

class WrittenBookSerializer extends ModelSerializer(Book, { fields: ['id', 'title', 'isbn', 'price'] }) {}

interface AuthorData {
  books?: { title: string; isbn: string; price: object }[];
  name?: string;
  born?: string | null;
}

class NestedAuthorSerializer extends ModelSerializer(Author, { fields: ['id', 'name', 'born', 'books'] }) {
  books = new WrittenBookSerializer({ many: true });

  override async create(validated: any): Promise<any> {
    const { books = [], ...rest } = validated as AuthorData;
    const manager = db((this.context as { request: Request }).request);
    const author = await manager.save(manager.create(Author, rest));
    await this.#writeBooks(author, books);
    return author;
  }

  override async update(author: any, validated: any): Promise<any> {
    const { books, ...rest } = validated as AuthorData;
    const manager = db((this.context as { request: Request }).request);
    Object.assign(author, rest);
    await manager.save(Author, { id: author.id, name: author.name, born: author.born });
    if (books !== undefined) {
      const old = await manager.find(Book, { where: { authors: { id: author.id } } });
      for (const book of await manager.find(Book, {
        where: { id: In(old.map(({ id }) => id)) },
        relations: { authors: true },
      })) {
        book.authors = book.authors.filter(({ id }) => id !== author.id);
        await manager.save(book);
      }
      await this.#writeBooks(author, books);
    }
    return author;
  }

  async #writeBooks(author: Author, books: NonNullable<AuthorData['books']>): Promise<void> {
    const { request } = this.context as { request: Request };
    const owner = await admin(request);
    const manager = db(request);
    author.books = [];
    for (const book of books) {
      author.books.push(
        await manager.save(manager.create(Book, { ...book, price: String(book.price), owner, authors: [author] })),
      );
    }
  }
}

class NestedAuthorList extends ListCreateAPIView<Author> {
  override queryset = Author;
  override serializerClass = NestedAuthorSerializer;
}

class NestedAuthorDetail extends RetrieveUpdateAPIView<Author> {
  override queryset = Author;
  override serializerClass = NestedAuthorSerializer;
}

export const relationUrls: UrlEntry[] = [
  ...Object.entries(STYLES).flatMap(([style, serializer]) => [
    path(`/relations/${style}/books/`, styled(BookAdmin, serializer)),
    path(`/relations/${style}/books/:pk/`, styled(BookEdit, serializer), { name: `${style}-book-detail` }),
  ]),
  path('/relations/link/reviews/:code/', BookReviews, { name: 'book-reviews' }),
  path('/relations/depth-one/reviews/:pk/', ReviewRead),
  path('/relations/depth-one/books/:pk/', styled(BookEdit, DeepBookSerializer)),
  path('/relations/nested-write/authors/', NestedAuthorList),
  path('/relations/nested-write/authors/:pk/', NestedAuthorDetail),
];
