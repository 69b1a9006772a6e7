import {
  atomic,
  ModelSerializer,
  planFor,
  PrimaryKeyRelatedField,
  SlugRelatedField,
  StringRelatedField,
  UniqueForDateValidator,
  UniqueForMonthValidator,
  UniqueForYearValidator,
  UniqueTogetherValidator,
  UniqueValidator,
} from '@rf/orm';
import {
  CharField,
  CurrentUserDefault,
  DateField,
  DateTimeField,
  HiddenField,
  IntegerField,
  Serializer,
} from '@rf/serializers';
import { type OpenTestDatabase, openTestDatabase } from '@rf/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Author, Book, bookshopEntities, Publisher, Review, Tag, User } from './fixtures/bookshop.ts';
import { fillBookshop } from './fixtures/bookshop-rows.ts';
import { shopRequest } from './fixtures/requests.ts';

let database: OpenTestDatabase;
let statements: string[] = [];

beforeAll(async () => {
  database = await openTestDatabase({ entities: bookshopEntities, onQuery: (text) => statements.push(text) });
});
beforeEach(async () => {
  await fillBookshop(database.dataSource);
  statements = [];
});
afterAll(() => database.close());

const context = () => ({ request: shopRequest(database.dataSource) });
const manager = () => database.dataSource.manager;

class BookSerializer extends ModelSerializer(Book, {
  fields: ['id', 'title', 'isbn', 'price', 'pages', 'created', 'publisher', 'authors', 'tags', 'metadata'],
}) {
  tags = new SlugRelatedField({ queryset: Tag, slugField: 'slug', many: true, required: false });
}

const moonlit = {
  title: 'Moonlit',
  isbn: '9782000000001',
  price: '3.50',
  authors: [3, 1],
  tags: ['history', 'fiction'],
};

async function errorsOf(serializer: Serializer): Promise<unknown> {
  expect(await serializer.isValid()).toBe(false);
  return JSON.parse(JSON.stringify(serializer.errors));
}

async function saved(serializer: Serializer, extra = {}): Promise<unknown> {
  await serializer.isValid({ raise: true });
  await serializer.save(extra);
  return JSON.parse(JSON.stringify(await serializer.data));
}

describe('creating', () => {
  test('stores the row, then its lists, and shows them as the database has them', async () => {
    const serializer = new BookSerializer({ data: moonlit, context: context() });
    const shown = await saved(serializer, { owner: await manager().findOneByOrFail(User, { id: 2 }) });
    expect(shown).toEqual({
      id: 4,
      title: 'Moonlit',
      isbn: '9782000000001',
      price: '3.50',
      pages: null,
      created: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z$/),
      publisher: null,
      authors: [1, 3],
      tags: ['fiction', 'history'],
      metadata: {},
    });
    const stored = await manager().findOneOrFail(Book, {
      where: { id: 4 },
      relations: { authors: true, owner: true },
      order: { authors: { id: 'ASC' } },
    });
    expect(stored).toMatchObject({ title: 'Moonlit', price: '3.50', inPrint: true, language: 'en', owner: { id: 2 } });
    expect(stored.authors.map(({ id }) => id)).toEqual([1, 3]);
  });

  test('takes one statement for a row, and showing it none', async () => {
    class PublisherSerializer extends ModelSerializer(Publisher, { fields: ['id', 'name', 'city', 'books'] }) {
      books = new StringRelatedField({ many: true });
    }
    const serializer = new PublisherSerializer({ data: { name: 'New', city: 'Ulm' }, context: context() });
    expect(await saved(serializer)).toEqual({ id: 3, name: 'New', city: 'Ulm', books: [] });
    expect(statements).toEqual([expect.stringContaining('SELECT 1'), expect.stringContaining('INSERT INTO')]);
  });

  test('shows what was added to the row before it is shown', async () => {
    class PublisherSerializer extends ModelSerializer(Publisher, { fields: ['name', 'city', 'books'] }) {
      books = new StringRelatedField({ many: true });
    }
    const serializer = new PublisherSerializer({ data: { name: 'New', city: 'Ulm' }, context: context() });
    await serializer.isValid({ raise: true });
    const publisher = await serializer.save();
    await manager().update(Book, { id: 3 }, { publisher: { id: publisher.id } });
    expect(await serializer.data).toEqual({ name: 'New', city: 'Ulm', books: ['Ciel de Cendre'] });
  });

  test('keeps the microseconds of a moment, on the way in and out', async () => {
    class MomentSerializer extends ModelSerializer(Book, { fields: ['created'] }) {
      created = new DateTimeField();
    }
    const plan = planFor(MomentSerializer, database.dataSource);
    const instance = (await plan.entity(Book, { where: { pk: 1 } }, context())) as Book;
    const data = { created: '2024-01-01T10:11:12.000345+02:00' };
    const shown = await saved(new MomentSerializer({ instance, data, context: context() }));
    expect(shown).toEqual({ created: '2024-01-01T08:11:12.000345Z' });
    const [row] = await manager().query(
      "SELECT (created AT TIME ZONE 'UTC')::text AS created FROM shop_book WHERE id = 1",
    );
    expect(row).toEqual({ created: '2024-01-01 08:11:12.000345' });
    const again = await plan.entity(Book, { where: { pk: 1 } }, context());
    expect(await new MomentSerializer({ instance: again, context: context() }).data).toEqual(shown);
  });

  test('keeps the digits of integers in JSON, on the way in and out', async () => {
    const metadata = { n: 12345678901234567890123n, list: [-9007199254740993n, 1], text: '12345678901234567890123' };
    const serializer = new BookSerializer({ data: { ...moonlit, metadata }, context: context() });
    await serializer.isValid({ raise: true });
    const { id } = (await serializer.save({ owner: 2 as never })) as Book;

    expect(await serializer.data).toMatchObject({ metadata });
    const shown = await planFor(BookSerializer, database.dataSource).list(Book, {}, context());
    expect(shown.at(-1)).toMatchObject({ metadata });
    const book = await manager().findOneByOrFail(Book, { id });
    expect(book.metadata).toEqual(metadata);
    await manager().save(Object.assign(book, { metadata: [9007199254740995n] }));
    expect((await manager().findOneByOrFail(Book, { id })).metadata).toEqual([9007199254740995n]);
  });

  test.each([['\0'], [{ a: ['\0'] }], [{ '\0': 1 }]])(
    'refuses a null character in JSON, which jsonb cannot hold: %j',
    async (metadata) => {
      const serializer = new BookSerializer({ data: { ...moonlit, metadata }, context: context() });
      expect(await errorsOf(serializer)).toEqual({ metadata: ['Null characters are not allowed.'] });
    },
  );

  test('refuses what is no property of the entity, and says what to do', async () => {
    class ExtraSerializer extends ModelSerializer(Tag, { fields: ['slug', 'label', 'note'] }) {
      note = new CharField();
    }
    const serializer = new ExtraSerializer({ data: { slug: 'a', label: 'A', note: 'x' }, context: context() });
    await serializer.isValid({ raise: true });
    await expect(serializer.save()).rejects.toThrow(
      'Got a TypeError when storing a Tag: it has no property `note` that can be written.',
    );
  });

  test('refuses nested objects that nobody declared to be written', async () => {
    class AuthorSerializer extends ModelSerializer(Author, { fields: ['name', 'books'] }) {
      books = new BookTitleSerializer({ many: true });
    }
    class BookTitleSerializer extends ModelSerializer(Book, { fields: ['title', 'city'] }) {
      city = new CharField({ source: 'publisher.city', required: false });
    }
    const nested = new AuthorSerializer({ data: { name: 'A', books: [{ title: 'T' }] }, context: context() });
    await nested.isValid({ raise: true });
    await expect(nested.save()).rejects.toThrow(
      'The `.create()` method does not support writable nested fields by default.\nWrite an explicit `.create()` method for serializer `AuthorSerializer`',
    );
    const dotted = new BookTitleSerializer({ data: { title: 'T', city: 'Ulm' }, context: context() });
    await dotted.isValid({ raise: true });
    await expect(dotted.save()).rejects.toThrow(
      'The `.create()` method does not support writable dotted-source fields by default.',
    );
  });
});

describe('updating', () => {
  test('writes only what differs', async () => {
    const book = await manager().findOneByOrFail(Book, { id: 1 });
    statements = [];
    const data = { title: 'Amber Fields', isbn: '9781000000011', price: '13.00', authors: [1] };
    const serializer = new BookSerializer({ instance: book, data, partial: true, context: context() });
    await serializer.isValid({ raise: true });
    await serializer.save();
    const updates = statements.filter((text) => text.startsWith('UPDATE'));
    expect(updates).toEqual([expect.stringMatching(/SET "price" = \$1 WHERE/)]);
    expect(book.price).toBe('13.00');
  });

  test('writes nothing where nothing differs', async () => {
    class TitleSerializer extends ModelSerializer(Book, {
      fields: ['title', 'price', 'published', 'created', 'metadata'],
    }) {}
    const book = await manager().findOneByOrFail(Book, { id: 1 });
    statements = [];
    const data = { title: 'Amber Fields', price: '12.5', published: '1999-05-01', metadata: { edition: 2 } };
    const serializer = new TitleSerializer({ instance: book, data, context: context() });
    await saved(serializer);
    expect(statements).toEqual([]);
  });

  test('sets lists as a whole and shows them in the order of the database', async () => {
    const book = await manager().findOneByOrFail(Book, { id: 1 });
    const data = { authors: [3, 2], tags: [] };
    const serializer = new BookSerializer({ instance: book, data, partial: true, context: context() });
    expect(await saved(serializer)).toMatchObject({ authors: [2, 3], tags: [] });
  });

  test('leaves columns alone that another request changed meanwhile', async () => {
    const mine = await manager().findOneByOrFail(Book, { id: 1 });
    await manager().update(Book, { id: 1 }, { pages: 99 });
    const serializer = new BookSerializer({
      instance: mine,
      data: { title: 'Amber' },
      partial: true,
      context: context(),
    });
    await serializer.isValid({ raise: true });
    await serializer.save();
    expect(await manager().findOneByOrFail(Book, { id: 1 })).toMatchObject({ title: 'Amber', pages: 99 });
  });

  test('finds the row gone as not found', async () => {
    const book = await manager().findOneByOrFail(Book, { id: 3 });
    await manager().delete(Book, { id: 3 });
    const serializer = new BookSerializer({ instance: book, data: { title: 'X' }, partial: true, context: context() });
    await serializer.isValid({ raise: true });
    await expect(serializer.save()).rejects.toMatchObject({
      name: 'Http404',
      message: 'No Book matches the given query.',
    });
  });

  test('moves the objects of a reverse relation', async () => {
    class PublisherSerializer extends ModelSerializer(Publisher, { fields: ['id', 'books'] }) {
      books = new PrimaryKeyRelatedField({ queryset: Book, many: true });
    }
    const publisher = await manager().findOneByOrFail(Publisher, { id: 1 });
    const serializer = new PublisherSerializer({ instance: publisher, data: { books: [3, 1] }, context: context() });
    expect(await saved(serializer)).toEqual({ id: 1, books: [1, 3] });
    const second = await manager().findOneOrFail(Book, { where: { id: 2 }, relations: { publisher: true } });
    expect(second.publisher).toBeNull();
  });

  test('shows related objects as they are after the change', async () => {
    class TitleSerializer extends ModelSerializer(Book, { fields: ['title', 'reviews', 'publisher'] }) {
      reviews = new StringRelatedField({ many: true });
      publisher = new StringRelatedField();
    }
    const book = await manager().findOneOrFail(Book, { where: { id: 1 }, relations: { reviews: { book: true } } });
    const serializer = new TitleSerializer({
      instance: book,
      data: { title: 'New' },
      partial: true,
      context: context(),
    });
    expect(await saved(serializer)).toEqual({
      title: 'New',
      reviews: ['5 stars for New'],
      publisher: 'Arbor House',
    });
  });
});

describe('unique values', () => {
  test('are refused by the name of the field, one’s own excepted', async () => {
    const data = { ...moonlit, isbn: '9781000000011' };
    expect(await errorsOf(new BookSerializer({ data, context: context() }))).toEqual({
      isbn: ['book with this ISBN already exists.'],
    });
    const instance = await manager().findOneByOrFail(Book, { id: 1 });
    const own = new BookSerializer({ instance, data, context: context() });
    expect(await own.isValid()).toBe(true);
  });

  test('are not looked for where the column cannot hold them', async () => {
    const data = { ...moonlit, isbn: 'a\0b' };
    expect(await errorsOf(new BookSerializer({ data, context: context() }))).toEqual({
      isbn: ['Null characters are not allowed.'],
    });
    class PagesSerializer extends Serializer {
      pages = new IntegerField({ maxValue: 5, validators: [new UniqueValidator({ queryset: Book })] });
    }
    expect(await errorsOf(new PagesSerializer({ data: { pages: 2 ** 40 }, context: context() }))).toEqual({
      pages: ['Ensure this value is less than or equal to 5.'],
    });
  });

  test('that pass the check and lose the race are refused in the same words', async () => {
    const serializers = [1, 2].map(() => new BookSerializer({ data: moonlit, context: context() }));
    const owner = await manager().findOneByOrFail(User, { id: 1 });
    for (const serializer of serializers) expect(await serializer.isValid()).toBe(true);
    const outcomes = await Promise.allSettled(serializers.map((serializer) => serializer.save({ owner })));
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const lost = outcomes.find((outcome) => outcome.status === 'rejected') as PromiseRejectedResult;
    expect(lost.reason).toMatchObject({ name: 'ValidationError', statusCode: 400 });
    expect(JSON.parse(JSON.stringify((lost.reason as { detail: unknown }).detail))).toEqual({
      isbn: ['book with this ISBN already exists.'],
    });
    expect(await manager().countBy(Book, { isbn: moonlit.isbn })).toBe(1);
  });

  test('may be compared otherwise, among some rows, and refused in other words', async () => {
    class NameSerializer extends Serializer {
      publisher = new CharField({
        source: 'name',
        required: false,
        validators: [
          new UniqueValidator({
            queryset: Publisher,
            lookup: 'iexact',
            message: 'Publisher name taken.',
            code: 'taken',
          }),
        ],
      });
      tag = new CharField({
        source: 'slug',
        required: false,
        validators: [
          new UniqueValidator({
            queryset: (given) => given.createQueryBuilder(Tag, 'tag').where('tag.id > 2'),
          }),
        ],
      });
    }
    const serializer = new NameSerializer({ data: { publisher: 'arbor HOUSE' }, context: context() });
    expect(await errorsOf(serializer)).toEqual({ publisher: ['Publisher name taken.'] });
    expect(serializer.errorCodes).toEqual({ publisher: ['taken'] });
    expect(await new NameSerializer({ data: { tag: 'fiction' }, context: context() }).isValid()).toBe(true);
    expect(await errorsOf(new NameSerializer({ data: { tag: 'history' }, context: context() }))).toEqual({
      tag: ['This field must be unique.'],
    });
  });
});

describe('values that are unique together', () => {
  class ReviewSerializer extends ModelSerializer(Review, { fields: ['book', 'reviewer', 'stars'] }) {}

  test('are refused as a whole, and required', async () => {
    expect(
      await errorsOf(new ReviewSerializer({ data: { book: 1, reviewer: 2, stars: 3 }, context: context() })),
    ).toEqual({ non_field_errors: ['The fields book, reviewer must make a unique set.'] });
    expect(await errorsOf(new ReviewSerializer({ data: { stars: 3 }, context: context() }))).toEqual({
      book: ['This field is required.'],
      reviewer: ['This field is required.'],
    });
  });

  test('are checked with what the row has, and not at all where nothing of them changes', async () => {
    const instance = await manager().findOneByOrFail(Review, { id: 2 });
    const update = (data: object, more = {}) => new ReviewSerializer({ instance, data, context: context(), ...more });
    expect(await errorsOf(update({ reviewer: 2 }, { partial: true }))).toEqual({
      non_field_errors: ['The fields book, reviewer must make a unique set.'],
    });
    expect(await update({ book: 3 }, { partial: true }).isValid()).toBe(true);
    statements = [];
    expect(await update({ stars: 1 }, { partial: true }).isValid()).toBe(true);
    expect(statements).toEqual([]);
    expect(await update({ book: 2, reviewer: 1, stars: 1 }).isValid()).toBe(true);
  });

  test('that lose the race are refused in the words of the validator', async () => {
    class SilentSerializer extends ModelSerializer(Review, {
      fields: ['book', 'reviewer', 'stars'],
      validators: [],
    }) {}
    const serializer = new SilentSerializer({ data: { book: 1, reviewer: 2, stars: 3 }, context: context() });
    await serializer.isValid({ raise: true });
    const error: unknown = await serializer.save().catch((reason: unknown) => reason);
    expect(JSON.parse(JSON.stringify((error as { detail: unknown }).detail))).toEqual({
      non_field_errors: ['The fields book, reviewer must make a unique set.'],
    });
  });

  test('may be refused in other words, and hidden from the client', async () => {
    class OwnSerializer extends ModelSerializer(Review, {
      fields: ['book', 'reviewer', 'stars'],
      validators: [
        new UniqueTogetherValidator({
          queryset: Review,
          fields: ['reviewer', 'book'],
          message: 'Already reviewed ({field_names}).',
        }),
      ],
    }) {
      reviewer = new HiddenField({ default: new CurrentUserDefault() });
    }
    const user = await manager().findOneByOrFail(User, { id: 2 });
    const own = { request: shopRequest(database.dataSource, { user } as never) };
    expect(await errorsOf(new OwnSerializer({ data: { book: 1, stars: 3 }, context: own }))).toEqual({
      non_field_errors: ['Already reviewed (reviewer, book).'],
    });
  });
});

describe('values that are unique for a date', () => {
  const options = { queryset: Book, field: 'title', dateField: 'published' } as const;
  const check = (validator: UniqueForDateValidator | UniqueForMonthValidator | UniqueForYearValidator) =>
    class extends Serializer {
      static override validators = [validator];
      title = new CharField();
      published = new DateField();
    };

  test.each([
    ['date', new UniqueForDateValidator(options), '1999-05-01', '1999-05-02'],
    ['month', new UniqueForMonthValidator(options), '1987-05-30', '1999-06-01'],
    ['year', new UniqueForYearValidator(options), '1999-12-30', '1998-05-01'],
  ])('are refused for the same %s', async (name, validator, taken, free) => {
    const Checked = check(validator);
    expect(
      await errorsOf(new Checked({ data: { title: 'Amber Fields', published: taken }, context: context() })),
    ).toEqual({ title: [`This field must be unique for the "published" ${name}.`] });
    const other = new Checked({ data: { title: 'Amber Fields', published: free }, context: context() });
    expect(await other.isValid()).toBe(true);
  });
});

describe('constraints of the database', () => {
  test('are answered at the field when the related row is gone', async () => {
    class ReviewSerializer extends ModelSerializer(Review, { fields: ['book', 'stars'] }) {}
    const serializer = new ReviewSerializer({ data: { book: 3, stars: 1 }, context: context() });
    await serializer.isValid({ raise: true });
    await manager().delete(Book, { id: 3 });
    const reviewer = await manager().findOneByOrFail(User, { id: 1 });
    const error: unknown = await serializer.save({ reviewer }).catch((reason: unknown) => reason);
    expect(JSON.parse(JSON.stringify((error as { detail: unknown }).detail))).toEqual({
      book: ['The related object does not exist any more.'],
    });
  });

  test('stay errors of the view where the client cannot know of them', async () => {
    const serializer = new BookSerializer({ data: moonlit, context: context() });
    await serializer.isValid({ raise: true });
    await expect(serializer.save()).rejects.toMatchObject({ code: '23502' });
    expect(await manager().countBy(Book, { isbn: moonlit.isbn })).toBe(0);
  });
});

test('a serializer writes in the transaction around it', async () => {
  const work = atomic(manager(), async (inside) => {
    const serializer = new BookSerializer({ data: moonlit, context: { manager: inside } });
    const owner = await inside.findOneByOrFail(User, { id: 1 });
    expect(await saved(serializer, { owner })).toMatchObject({ authors: [1, 3] });
    throw new Error('undone');
  });
  await expect(work).rejects.toThrow('undone');
  expect(await manager().countBy(Book, { isbn: moonlit.isbn })).toBe(0);
});
