import { ValidationError } from '@rf/exceptions';
import {
  HyperlinkedIdentityField,
  HyperlinkedModelSerializer,
  HyperlinkedRelatedField,
  ModelSerializer,
  PrimaryKeyRelatedField,
  SlugRelatedField,
} from '@rf/orm';
import { type FileInput, IntegerField, ReadOnlyField, SerializerMethodField } from '@rf/serializers';
import { Author, Book, Publisher, Review, Tag } from './entities.ts';
import { isIsbn } from './isbn.ts';
import { SALE_PRICE } from './sale.ts';

const MAX_COVER_BYTES = 1_000_000;

export class PublisherSerializer extends HyperlinkedModelSerializer(Publisher, {
  fields: ['url', 'name', 'city', 'website', 'books'],
}) {
  books = new HyperlinkedRelatedField({ viewName: 'book-detail', many: true, readOnly: true });
}

export class AuthorSerializer extends ModelSerializer(Author, {
  fields: ['id', 'name', 'born', 'bookCount', 'rating'],
}) {
  bookCount = new IntegerField({ source: 'books.length', readOnly: true });
  rating = new SerializerMethodField<number | null>({ needs: ['books.reviews.stars'] });

  /** The mean of all stars that the author's books were given. */
  getRating({ books }: Author): number | null {
    const stars = books.flatMap(({ reviews }) => reviews.map((review) => review.stars));
    return stars.length === 0 ? null : stars.reduce((sum, one) => sum + one, 0) / stars.length;
  }
}

/** An author inside a book. */
export class AuthorNameSerializer extends ModelSerializer(Author, { fields: ['id', 'name'] }) {}

export class TagSerializer extends ModelSerializer(Tag, { fields: ['slug', 'label'] }) {}

export class BookSerializer extends ModelSerializer(Book, {
  fields: [
    'url',
    'id',
    'title',
    'isbn',
    'price',
    'onSale',
    'published',
    'pages',
    'language',
    'inPrint',
    'cover',
    'publisher',
    'authors',
    'authorIds',
    'tags',
    'reviews',
  ],
}) {
  url = new HyperlinkedIdentityField({ viewName: 'book-detail' });
  onSale = new SerializerMethodField<boolean>({ needs: ['price', 'inPrint'] });
  publisher = new HyperlinkedRelatedField({ viewName: 'publisher-detail', queryset: Publisher, allowNull: true });
  authors = new AuthorNameSerializer({ many: true, readOnly: true });
  authorIds = new PrimaryKeyRelatedField({ source: 'authors', many: true, queryset: Author, writeOnly: true });
  tags = new SlugRelatedField({ slugField: 'slug', many: true, queryset: Tag, required: false });
  reviews = new HyperlinkedIdentityField({ viewName: 'book-review-list', lookupUrlKwarg: 'bookPk' });

  getOnSale({ price, inPrint }: Pick<Book, 'price' | 'inPrint'>): boolean {
    return inPrint && Number(price) < SALE_PRICE;
  }

  validateIsbn(isbn: string): string {
    if (!isIsbn(isbn)) throw new ValidationError('Not an ISBN.');
    return isbn;
  }

  validateCover(cover: FileInput | null): FileInput | null {
    if (cover !== null && cover.size > MAX_COVER_BYTES) throw new ValidationError('A cover has at most 1 MB.');
    return cover;
  }
}

/** A book in a long list. */
export class ShortBookSerializer extends BookSerializer.only(['url', 'title', 'published', 'authors']) {}

export class ReviewSerializer extends ModelSerializer(Review, {
  fields: ['id', 'reviewer', 'stars', 'text', 'created'],
}) {
  reviewer = new ReadOnlyField({ source: 'reviewer.username' });
}
