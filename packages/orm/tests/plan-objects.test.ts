import { db, ModelSerializer, planFor, PrimaryKeyRelatedField, UnplannedAccess } from '@rf/orm';
import { CharField, Field, ListSerializer, ReadOnlyField, Serializer, SerializerMethodField } from '@rf/serializers';
import { type OpenTestDatabase, openTestDatabase } from '@rf/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Author, Book, bookshopEntities, Publisher, Review } from './fixtures/bookshop.ts';
import { fillBookshop } from './fixtures/bookshop-rows.ts';
import { shopRequest } from './fixtures/requests.ts';

let database: OpenTestDatabase;
let statements: string[] = [];

beforeAll(async () => {
  database = await openTestDatabase({ entities: bookshopEntities, onQuery: (text) => statements.push(text) });
  await fillBookshop(database.dataSource);
});
beforeEach(() => {
  statements = [];
});
afterAll(() => database.close());

const context = () => ({ request: shopRequest(database.dataSource) });
const listed = <S extends Serializer>(type: new (options?: object) => S) =>
  planFor(type as never, database.dataSource).list(Book, {}, context());

describe('objects are made where code asks for them', () => {
  test('and have all columns for a method field that does not say what it needs', async () => {
    class BookSerializer extends ModelSerializer(Book, { fields: ['id', 'summary'] }) {
      summary = new SerializerMethodField<string>();

      getSummary(book: Book) {
        return [book instanceof Book, book.title, book.pages, book.published].join(' ');
      }
    }
    expect(await listed(BookSerializer)).toMatchObject([
      { summary: 'true Amber Fields 320 1999-05-01' },
      { summary: 'true Turning Tides 210 2005-11-23' },
      { summary: 'true Ciel de Cendre  ' },
    ]);
    expect(statements).toHaveLength(1);
  });

  test('and have related objects where the field needs them', async () => {
    class BookSerializer extends ModelSerializer(Book, { fields: ['stars'] }) {
      stars = new SerializerMethodField<number[]>({ needs: ['reviews.stars', 'publisher'] });

      getStars(book: Book) {
        return [...book.reviews.map(({ stars }) => stars), book.publisher?.name.length ?? 0];
      }
    }
    expect(await listed(BookSerializer)).toEqual([{ stars: [5, 11] }, { stars: [3, 4, 11] }, { stars: [0] }]);
    expect(statements).toHaveLength(1);
  });

  test('and are shown by a toRepresentation of the class, with what its fields need', async () => {
    class AuthorSerializer extends ModelSerializer(Author, { fields: ['id', 'name'] }) {
      override toRepresentation(author: unknown) {
        const shown = super.toRepresentation(author) as { name: string };
        return { ...shown, name: shown.name.toUpperCase() };
      }
    }
    class BookSerializer extends ModelSerializer(Book, { fields: ['title', 'publisher', 'authors'] }) {
      authors = new AuthorSerializer({ many: true, readOnly: true });

      override async toRepresentation(book: unknown) {
        await Promise.resolve();
        return { book: await super.toRepresentation(book), reviews: (book as Book).reviews.length };
      }

      static override needs = ['reviews.length'];
    }
    expect(await listed(BookSerializer)).toEqual([
      { book: { title: 'Amber Fields', publisher: 1, authors: [{ id: 1, name: 'ADA WINTER' }] }, reviews: 1 },
      {
        book: {
          title: 'Turning Tides',
          publisher: 1,
          authors: [
            { id: 1, name: 'ADA WINTER' },
            { id: 2, name: 'BRUNO HALE' },
          ],
        },
        reviews: 2,
      },
      { book: { title: 'Ciel de Cendre', publisher: null, authors: [{ id: 3, name: 'CHLOÉ MARCHAND' }] }, reviews: 0 },
    ]);
    expect(statements).toHaveLength(1);
  });

  test('and by fields of one’s own', async () => {
    class PriceField extends Field<unknown, string> {
      override toRepresentation(value: unknown) {
        return `€ ${String(value)}`;
      }
    }
    class CoverField extends Field<Book, string> {
      override toRepresentation(book: Book) {
        return `${book.title}/${book.isbn}`;
      }
    }
    class PublisherField extends Field<Publisher, string> {
      override toRepresentation(publisher: Publisher) {
        return `${publisher.name}, ${publisher.city}`;
      }
    }
    class LanguageField extends Field<string, string> {
      override getAttribute(instance: unknown) {
        return (instance as Book).language.toUpperCase();
      }
      override toRepresentation(value: string) {
        return value;
      }
    }
    class BookSerializer extends ModelSerializer(Book, { fields: ['price', 'cover', 'publisher', 'language'] }) {
      price = new PriceField();
      cover = new CoverField({ source: '*', readOnly: true });
      publisher = new PublisherField({ readOnly: true });
      language = new LanguageField({ readOnly: true });
    }
    expect(await listed(BookSerializer)).toMatchObject([
      { price: '€ 12.50', cover: 'Amber Fields/9781000000011', publisher: 'Arbor House, Leeds', language: 'EN' },
      { price: '€ 7.99', language: 'EN' },
      { price: '€ 25.00', publisher: null, language: 'FR' },
    ]);
    expect(statements).toHaveLength(1);
  });

  test('and lists by a list class of one’s own', async () => {
    class CountedList extends ListSerializer {
      override toRepresentation(items: unknown): never {
        return [`${(items as unknown[]).length} authors`] as never;
      }
    }
    class AuthorSerializer extends ModelSerializer(Author, { fields: ['id'] }) {
      static override listSerializerClass = CountedList as never;
    }
    class BookSerializer extends ModelSerializer(Book, { fields: ['authors'] }) {
      authors = new AuthorSerializer({ many: true, readOnly: true });
    }
    expect(await listed(BookSerializer)).toEqual([
      { authors: ['1 authors'] },
      { authors: ['2 authors'] },
      { authors: ['1 authors'] },
    ]);
    const plan = planFor(AuthorSerializer, database.dataSource);
    expect(await plan.list(Author, {}, context())).toEqual(['3 authors']);
  });

  test('and may be awaited', async () => {
    class BookSerializer extends ModelSerializer(Book, { fields: ['later', 'publisher'] }) {
      later = new SerializerMethodField<Promise<string>>({ needs: ['title'] });
      publisher = new PublisherSerializer({ readOnly: true });

      async getLater(book: Pick<Book, 'title'>) {
        const { request } = this.context as { request: never };
        return `${book.title} of ${await db(request).countBy(Book, {})}`;
      }
    }
    class PublisherSerializer extends ModelSerializer(Publisher, { fields: ['lazy'] }) {
      lazy = new SerializerMethodField<Promise<string>>({ needs: ['city'] });

      async getLazy(publisher: Pick<Publisher, 'city'>) {
        await Promise.resolve();
        return publisher.city;
      }
    }
    const [first, , third] = (await listed(BookSerializer)) as object[];
    expect(Object.entries(first as object)).toEqual([
      ['later', 'Amber Fields of 3'],
      ['publisher', { lazy: 'Leeds' }],
    ]);
    expect(third).toEqual({ later: 'Ciel de Cendre of 3', publisher: null });
  });
});

describe('reading what was not planned', () => {
  test('is refused by naming the reader and the line to add', async () => {
    class BookSerializer extends ModelSerializer(Book, { fields: ['cheap'] }) {
      cheap = new SerializerMethodField<boolean>({ needs: ['price'] });

      getCheap(book: Book) {
        return Number(book.price) < 10 && book.inPrint;
      }
    }
    const refused = listed(BookSerializer);
    await expect(refused).rejects.toThrow(UnplannedAccess);
    await expect(refused).rejects.toThrow(
      "BookSerializer.cheap reads `inPrint` of a Book, which the read plan did not load. Add it to what the field needs: `needs: ['inPrint']`",
    );
  });

  test('concerns relations of related objects, too', async () => {
    class BookSerializer extends ModelSerializer(Book, { fields: ['where'] }) {
      where = new SerializerMethodField<unknown>({ needs: ['publisher.name', 'reviews.length'] });

      getWhere(book: Book) {
        return book.publisher?.books ?? book.reviews[0];
      }
    }
    await expect(listed(BookSerializer)).rejects.toThrow("`needs: ['publisher.books']`");
    const plan = planFor(BookSerializer, database.dataSource);
    await expect(plan.one(Book, { where: { pk: 3 } }, context())).rejects.toThrow("`needs: ['reviews']`");
  });

  test('does not keep code from writing to the object', async () => {
    class BookSerializer extends ModelSerializer(Book, { fields: ['title'] }) {
      override toRepresentation(book: unknown) {
        (book as Book).reviews = [];
        return { reviews: (book as Book).reviews };
      }
    }
    expect(await listed(BookSerializer)).toEqual([{ reviews: [] }, { reviews: [] }, { reviews: [] }]);
  });
});

describe('entities', () => {
  class BookSerializer extends ModelSerializer(Book, { fields: ['title', 'authors', 'publisher', 'reviews'] }) {
    reviews = new ReviewSerializer({ many: true, readOnly: true });
  }
  class ReviewSerializer extends ModelSerializer(Review, { fields: ['stars', 'by'] }) {
    by = new ReadOnlyField<string>({ source: 'reviewer.username' });
  }

  test('loaded by a plan are shown without another query', async () => {
    const plan = planFor(BookSerializer, database.dataSource);
    const entities = await plan.entities(Book, {}, context());
    expect(entities[0]).toBeInstanceOf(Book);
    expect(entities[0]).toMatchObject({ isbn: '9781000000011', price: '12.50', pages: 320 });
    const shown = await new BookSerializer({ instance: entities, many: true, context: context() }).data;
    expect(shown).toEqual(await plan.list(Book, {}, context()));
    expect(statements).toHaveLength(2);
  });

  test('loaded by a plan may be stored by TypeORM', async () => {
    const plan = planFor(BookSerializer, database.dataSource);
    const book = (await plan.entity(Book, { where: { pk: 1 } }, context())) as Book;
    book.pages = 321;
    await database.dataSource.manager.save(book);
    expect(await database.dataSource.manager.findOneByOrFail(Book, { id: 1 })).toMatchObject({ pages: 321 });
    await database.dataSource.manager.update(Book, { id: 1 }, { pages: 320 });
  });

  test('from elsewhere get the relations that they lack in one query', async () => {
    const books = await database.dataSource.manager.find(Book, { order: { id: 'ASC' } });
    statements = [];
    const shown = await new BookSerializer({ instance: books, many: true, context: context() }).data;
    expect(statements).toHaveLength(1);
    expect(shown).toEqual(await planFor(BookSerializer, database.dataSource).list(Book, {}, context()));
  });

  test('keep what they have in memory', async () => {
    const book = await database.dataSource.manager.findOneOrFail(Book, {
      where: { id: 1 },
      relations: { authors: true },
    });
    book.title = 'Changed';
    book.authors = [];
    const shown = await new BookSerializer({ instance: book, context: context() }).data;
    expect(shown).toMatchObject({ title: 'Changed', authors: [], publisher: 1, reviews: [{ stars: 5 }] });
  });

  test('need not be loaded for a list that is given as a class or a query', async () => {
    const plan = planFor(BookSerializer, database.dataSource);
    const all = await new BookSerializer({ instance: Book, many: true, context: context() }).data;
    expect(all).toEqual(await plan.list(Book, {}, context()));
    const query = database.dataSource.manager.createQueryBuilder(Book, 'book').where('book.pages > 300');
    const some = await new BookSerializer({ instance: query, many: true, context: context() }).data;
    expect(some).toMatchObject([{ title: 'Amber Fields' }]);
    expect(statements).toHaveLength(3);
  });
});

test('the number of statements does not grow with rows or levels', async () => {
  class LeafSerializer extends ModelSerializer(Review, { fields: ['id', 'stars'] }) {}
  class InnerSerializer extends ModelSerializer(Book, { fields: ['id', 'title', 'reviews'] }) {
    reviews = new LeafSerializer({ many: true, readOnly: true });
  }
  class MiddleSerializer extends ModelSerializer(Author, { fields: ['id', 'name', 'books'] }) {
    books = new InnerSerializer({ many: true, readOnly: true });
  }
  class OuterSerializer extends ModelSerializer(Publisher, { fields: ['name', 'books'] }) {
    books = new OuterBookSerializer({ many: true, readOnly: true });
  }
  class OuterBookSerializer extends ModelSerializer(Book, { fields: ['title', 'authors'] }) {
    authors = new MiddleSerializer({ many: true, readOnly: true });
  }
  const plan = planFor(OuterSerializer, database.dataSource);
  const shown = await plan.list(Publisher, {}, context());
  expect(statements).toHaveLength(1);
  expect(shown[0]).toMatchObject({
    name: 'Arbor House',
    books: [
      {
        title: 'Amber Fields',
        authors: [
          {
            name: 'Ada Winter',
            books: [
              { title: 'Amber Fields', reviews: [{ stars: 5 }] },
              { title: 'Turning Tides', reviews: [{ stars: 3 }, { stars: 4 }] },
            ],
          },
        ],
      },
      { title: 'Turning Tides', authors: [{ name: 'Ada Winter' }, { name: 'Bruno Hale' }] },
    ],
  });
});

test('a plain serializer may be planned for an entity', async () => {
  class PlainSerializer extends Serializer {
    name = new CharField({ source: 'title' });
    cost = new CharField({ source: 'price' });
    secret = new CharField({ source: 'isbn', writeOnly: true });
    authors = new PrimaryKeyRelatedField({ many: true, readOnly: true });
  }
  expect(() => planFor(PlainSerializer, database.dataSource)).toThrow('does not say what entity it shows');
  const plan = planFor(PlainSerializer, database.dataSource, Book);
  expect(await plan.one(Book, { where: { pk: 2 } }, context())).toEqual({
    name: 'Turning Tides',
    cost: '7.99',
    authors: [1, 2],
  });
});
