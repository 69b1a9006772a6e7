import { countQueries, ModelSerializer, PrimaryKeyRelatedField, saveEach } from '@rf/orm';
import { type BaseSerializer, CharField } from '@rf/serializers';
import { type OpenTestDatabase, openTestDatabase } from '@rf/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Author, Book, bookshopEntities, Publisher, Review, Tag, User } from './fixtures/bookshop.ts';
import { fillBookshop } from './fixtures/bookshop-rows.ts';
import { shopRequest } from './fixtures/requests.ts';

let database: OpenTestDatabase;

beforeAll(async () => {
  database = await openTestDatabase({ entities: bookshopEntities });
});
beforeEach(() => fillBookshop(database.dataSource));
afterAll(() => database.close());

const context = () => ({ request: shopRequest(database.dataSource) });
const manager = () => database.dataSource.manager;

class TagSerializer extends ModelSerializer(Tag, { fields: ['id', 'slug', 'label'] }) {}
class ReviewSerializer extends ModelSerializer(Review, { fields: ['book', 'reviewer', 'stars'] }) {}
class BookSerializer extends ModelSerializer(Book, { fields: ['title', 'isbn', 'price', 'owner', 'authors'] }) {
  authors = new PrimaryKeyRelatedField({ queryset: Author, many: true });
}

const many = (type: new (options: object) => BaseSerializer, data: unknown, more = {}) =>
  new type({ data, many: true, context: context(), ...more });

async function failure(serializer: BaseSerializer): Promise<unknown> {
  if (!(await serializer.isValid())) return JSON.parse(JSON.stringify(serializer.errors));
  const error: unknown = await serializer.save().catch((reason: unknown) => reason);
  return JSON.parse(JSON.stringify((error as { detail: unknown }).detail));
}

async function saved(serializer: BaseSerializer): Promise<unknown> {
  await serializer.isValid({ raise: true });
  await serializer.save();
  return JSON.parse(JSON.stringify(await serializer.data));
}

describe('making many objects', () => {
  test('takes one statement for all checks of a unique field, and one for all rows', async () => {
    const data = Array.from({ length: 20 }, (_none, at) => ({ slug: `tag-${at}`, label: `Tag ${at}` }));
    const { result, statements } = await countQueries(() => saved(many(TagSerializer, data)));
    expect(result).toEqual(data.map((tag, at) => ({ id: at + 4, ...tag })));
    expect(statements).toHaveLength(2);
  });

  test('looks related objects up together', async () => {
    const data = Array.from({ length: 6 }, (_none, at) => ({ book: (at % 3) + 1, reviewer: 1, stars: 1 }));
    const list = many(ReviewSerializer, data, { validators: [] });
    const { statements } = await countQueries(() => list.isValid());
    const lookups = statements.filter((text) => text.includes('"shop_user"') || text.includes('"shop_book"'));
    expect(lookups).toHaveLength(2);
  });

  test('refuses all when one is wrong, by index', async () => {
    const data = [{ slug: 'a', label: 'A' }, { slug: 'fiction', label: '' }, {}, { slug: 'a', label: 'B' }];
    expect(await failure(many(TagSerializer, data))).toEqual({
      '1': { slug: ['tag with this slug already exists.'], label: ['This field may not be blank.'] },
      '2': { slug: ['This field is required.'], label: ['This field is required.'] },
      '3': { slug: ['tag with this slug already exists.'] },
    });
    expect(await manager().count(Tag)).toBe(3);
  });

  test('names the item that only the database refuses, and stores none', async () => {
    const data = [
      { book: 3, reviewer: 1, stars: 1 },
      { book: 3, reviewer: 1, stars: 2 },
    ];
    expect(await failure(many(ReviewSerializer, data))).toEqual({
      '1': { non_field_errors: ['The fields book, reviewer must make a unique set.'] },
    });
    expect(await manager().countBy(Review, { book: { id: 3 } })).toBe(0);
  });

  test('stores lists of the objects, too', async () => {
    const data = [
      { title: 'A', isbn: 'a', price: '1.00', owner: 1, authors: [2, 1] },
      { title: 'B', isbn: 'b', price: '2.00', owner: 2, authors: [3] },
    ];
    expect(await saved(many(BookSerializer, data))).toEqual([
      { ...data[0], authors: [1, 2] },
      { ...data[1], authors: [3] },
    ]);
  });

  test('links them with others in one statement for each list, however many there are', async () => {
    class LinkedSerializer extends ModelSerializer(Book, {
      fields: ['title', 'isbn', 'price', 'owner', 'authors', 'tags'],
    }) {}
    const data = Array.from({ length: 12 }, (_none, at) => ({
      title: `T${at}`,
      isbn: `i${at}`,
      price: '1.00',
      owner: 1,
      authors: at % 2 === 0 ? [3, 1, 3] : [2],
      tags: at === 0 ? [] : [1, 2],
    }));
    const { result, statements } = await countQueries(() => saved(many(LinkedSerializer, data)));

    expect(result).toEqual(data.map((book) => ({ ...book, authors: [...new Set(book.authors)].sort() })));
    expect(statements.filter((text) => text.startsWith('INSERT'))).toHaveLength(3);
    expect(statements).toHaveLength(9);
    const stored = await manager().find(Book, {
      where: { owner: { id: 1 } },
      relations: { authors: true, tags: true },
      order: { id: 'DESC', authors: { id: 'ASC' } },
      take: 2,
    });
    expect(stored.map(({ authors, tags }) => [authors.map(({ id }) => id), tags.length])).toEqual([
      [[2], 2],
      [[1, 3], 2],
    ]);
  });

  test('stores none where a value of one is taken, though they have lists', async () => {
    const data = ['x', 'y', 'x'].map((isbn) => ({ title: 'T', isbn, price: '1.00', owner: 1, authors: [1] }));
    class UncheckedSerializer extends BookSerializer {
      isbn = new CharField({ validators: [] });
    }
    expect(await failure(many(UncheckedSerializer, data))).toEqual({
      '2': { isbn: ['book with this ISBN already exists.'] },
    });
    expect(await manager().countBy(Book, { title: 'T' })).toBe(0);
  });

  test('gives each the objects of a reverse relation that it names, the last of them where two do', async () => {
    class ShelfSerializer extends ModelSerializer(Publisher, { fields: ['name', 'city', 'books'] }) {
      books = new PrimaryKeyRelatedField({ queryset: Book, many: true });
    }
    const data = [
      { name: 'A', city: 'Ulm', books: [1, 2] },
      { name: 'B', city: 'Ulm', books: [2, 3] },
    ];
    const serializer = many(ShelfSerializer, data);
    await serializer.isValid({ raise: true });
    await serializer.save();
    const stored = await manager().find(Book, { relations: { publisher: true }, order: { id: 'ASC' } });
    expect(stored.map(({ publisher }) => publisher?.name)).toEqual(['A', 'B', 'B']);
  });

  test('calls a create() of the class for each', async () => {
    class ShoutingSerializer extends ModelSerializer(Tag, { fields: ['slug', 'label'] }) {
      override create(validated: Readonly<Record<string, unknown>>) {
        return super.create({ ...validated, label: String(validated.label).toUpperCase() });
      }
    }
    const data = [
      { slug: 'x', label: 'x' },
      { slug: 'y', label: 'y' },
    ];
    expect(await saved(many(ShoutingSerializer, data))).toEqual([
      { slug: 'x', label: 'X' },
      { slug: 'y', label: 'Y' },
    ]);
    const inManager = new ShoutingSerializer({
      data: [{ slug: 'z', label: 'z' }],
      many: true,
      context: { manager: manager() },
    });
    expect(await saved(inManager as never)).toEqual([{ slug: 'z', label: 'Z' }]);
  });

  test('has the limits that the list is given', async () => {
    const data = [
      { slug: 'x', label: 'x' },
      { slug: 'y', label: 'y' },
    ];
    expect(await failure(many(TagSerializer, data, { maxLength: 1 }))).toEqual({
      non_field_errors: ['Ensure this field has no more than 1 elements.'],
    });
    expect(await saved(many(TagSerializer, []))).toEqual([]);
  });
});

describe('changing many objects', () => {
  const tags = () => manager().find(Tag, { order: { id: 'ASC' } });

  test('finds each by its key', async () => {
    const data = [
      { id: 3, label: 'Past' },
      { id: 1, slug: 'fiction', label: 'Made up' },
    ];
    const list = many(TagSerializer, data, { instance: await tags(), partial: true });
    expect(await saved(list)).toEqual([
      { id: 3, slug: 'history', label: 'Past' },
      { id: 1, slug: 'fiction', label: 'Made up' },
    ]);
  });

  test('refuses keys that are missing or unknown, and values that others have', async () => {
    const data = [{ id: 99, label: 'x' }, { label: 'x' }, { id: 1, slug: 'history' }, 5];
    expect(await failure(many(TagSerializer, data, { instance: await tags(), partial: true }))).toEqual({
      '0': { id: ['Invalid pk "99" - object does not exist.'] },
      '1': { id: ['This field is required.'] },
      '2': { slug: ['tag with this slug already exists.'] },
      '3': { non_field_errors: ['Invalid data. Expected a dictionary, but got int.'] },
    });
  });

  test('changes all or none', async () => {
    const reviews = await manager().find(Review, { order: { id: 'ASC' }, relations: { book: true, reviewer: true } });
    class IdSerializer extends ModelSerializer(Review, { fields: ['id', 'stars', 'reviewer'], validators: [] }) {}
    const data = [
      { id: 1, stars: 1 },
      { id: 2, reviewer: 2 },
    ];
    expect(await failure(many(IdSerializer, data, { instance: reviews, partial: true }))).toEqual({
      '1': { non_field_errors: ['The fields book, reviewer must make a unique set.'] },
    });
    expect(await manager().findOneByOrFail(Review, { id: 1 })).toMatchObject({ stars: 5 });
  });
});

describe('saving each item on its own', () => {
  test('reports what became of each', async () => {
    const items = [
      { slug: 'a', label: 'A' },
      { slug: 'fiction', label: 'F' },
      { slug: 'a', label: 'B' },
      { slug: 'b', label: 'B' },
    ];
    const results = await saveEach(TagSerializer, items, { context: context() });
    expect(JSON.parse(JSON.stringify(results))).toEqual([
      { status: 201, data: { id: expect.any(Number), slug: 'a', label: 'A' } },
      { status: 400, errors: { slug: ['tag with this slug already exists.'] } },
      { status: 400, errors: { slug: ['tag with this slug already exists.'] } },
      { status: 201, data: { id: expect.any(Number), slug: 'b', label: 'B' } },
    ]);
    expect(await manager().count(Tag)).toBe(5);
  });

  test('refuses what is no list', async () => {
    const body = { slug: 'new' } as never;
    await expect(saveEach(TagSerializer, body, { context: context() })).rejects.toThrow(
      JSON.stringify({ non_field_errors: ['Expected a list of items but got type "dict".'] }),
    );
  });

  test('may change entities', async () => {
    const results = await saveEach(
      TagSerializer,
      [
        { id: 1, label: 'Made up' },
        { id: 2, label: '' },
      ],
      {
        context: { manager: manager() },
        partial: true,
        instanceOf: (item) => manager().findOneBy(Tag, { id: (item as { id: number }).id }),
      },
    );
    expect(results).toMatchObject([{ status: 200, data: { label: 'Made up', slug: 'fiction' } }, { status: 400 }]);
  });

  test('adds attributes to every item', async () => {
    class OwnedSerializer extends ModelSerializer(Book, { fields: ['title', 'isbn', 'price'] }) {}
    const owner = await manager().findOneByOrFail(User, { id: 2 });
    const items = [{ title: 'A', isbn: 'a', price: '1' }];
    expect(await saveEach(OwnedSerializer, items, { context: context(), extra: { owner } })).toMatchObject([
      { status: 201 },
    ]);
  });
});
