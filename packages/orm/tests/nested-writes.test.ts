import { countQueries, ModelSerializer } from '@rf/orm';
import { CharField, type Serializer } from '@rf/serializers';
import { type OpenTestDatabase, openTestDatabase } from '@rf/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Book, bookshopEntities, Publisher, Review, User } from './fixtures/bookshop.ts';
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

class ReviewSerializer extends ModelSerializer(Review, { fields: ['id', 'reviewer', 'stars', 'text'] }) {}
class PublisherSerializer extends ModelSerializer(Publisher, { fields: ['name', 'city'] }) {}

const fields = ['title', 'isbn', 'price', 'owner', 'authors', 'reviews', 'publisher'] as const;

class BookSerializer extends ModelSerializer(Book, {
  fields,
  nestedWrites: { reviews: {}, publisher: {} },
}) {
  reviews = new ReviewSerializer({ many: true, required: false });
  publisher = new PublisherSerializer({ required: false, allowNull: true });
}

class StrictSerializer extends ModelSerializer(Book, {
  fields,
  nestedWrites: { reviews: { orphans: 'remove' }, publisher: { orphans: 'remove' } },
}) {
  reviews = new ReviewSerializer({ many: true, required: false });
  publisher = new PublisherSerializer({ required: false, allowNull: true });
}

const moonlit = { title: 'Moonlit', isbn: '9782000000001', price: '3.50', owner: 1, authors: [1] };

async function saved(serializer: Serializer): Promise<unknown> {
  await serializer.isValid({ raise: true });
  await serializer.save();
  return JSON.parse(JSON.stringify(await serializer.data));
}

async function failure(serializer: Serializer): Promise<unknown> {
  if (!(await serializer.isValid())) return JSON.parse(JSON.stringify(serializer.errors));
  const error: unknown = await serializer.save().catch((reason: unknown) => reason);
  return JSON.parse(JSON.stringify((error as { detail: unknown }).detail));
}

describe('creating', () => {
  test('makes the objects around the row in one transaction', async () => {
    const data = {
      ...moonlit,
      publisher: { name: 'New', city: 'Ulm' },
      reviews: [
        { reviewer: 2, stars: 4 },
        { reviewer: 1, stars: 2, text: 'Pale.' },
      ],
    };
    expect(await saved(new BookSerializer({ data, context: context() }))).toEqual({
      ...moonlit,
      publisher: { name: 'New', city: 'Ulm' },
      reviews: [
        { id: 4, reviewer: 2, stars: 4, text: '' },
        { id: 5, reviewer: 1, stars: 2, text: 'Pale.' },
      ],
    });
    expect(statements.filter((text) => text === 'COMMIT')).toHaveLength(1);
  });

  test('links the row with others in one statement for each list', async () => {
    class LinkedSerializer extends ModelSerializer(Book, {
      fields: ['title', 'isbn', 'price', 'owner', 'authors', 'tags'],
    }) {}
    const inserts = () => statements.filter((text) => text.startsWith('INSERT INTO "shop_book_'));
    const made = new LinkedSerializer({ data: { ...moonlit, authors: [3, 1, 2], tags: [2, 1] }, context: context() });

    expect(await saved(made)).toMatchObject({ authors: [1, 2, 3], tags: [1, 2] });
    expect(inserts()).toHaveLength(2);
    statements = [];
    const instance = made.instance as Book;
    const change = { authors: [2, 3], tags: [] };
    const changed = new LinkedSerializer({ instance, data: change, partial: true, context: context() });
    expect(await saved(changed)).toMatchObject(change);
    expect(inserts()).toHaveLength(1);
  });

  test('leaves nothing behind when a part of it is refused, and says where', async () => {
    const twice = [
      { reviewer: 2, stars: 4 },
      { reviewer: 2, stars: 2 },
    ];
    const data = { ...moonlit, publisher: { name: 'New', city: 'Ulm' }, reviews: twice };
    expect(await failure(new BookSerializer({ data, context: context() }))).toEqual({
      reviews: { '1': { non_field_errors: ['The fields book, reviewer must make a unique set.'] } },
    });
    expect(await manager().countBy(Publisher, { name: 'New' })).toBe(0);
    expect(await manager().countBy(Book, { isbn: moonlit.isbn })).toBe(0);
  });

  test('checks nested input like any other', async () => {
    const data = { ...moonlit, publisher: { name: 'Arbor House' }, reviews: [{ reviewer: 2, stars: 9 }, 1] };
    expect(await failure(new BookSerializer({ data, context: context() }))).toEqual({
      reviews: {
        '0': { stars: ['Ensure this value is less than or equal to 5.'] },
        '1': { non_field_errors: ['Invalid data. Expected a dictionary, but got int.'] },
      },
      publisher: { name: ['publisher with this name already exists.'], city: ['This field is required.'] },
    });
  });
});

describe('a list of objects with nested ones', () => {
  test('makes the one related object of each in one statement for all', async () => {
    const list = (from: number, count: number) =>
      new BookSerializer({
        data: Array.from({ length: count }, (_none, at) => ({
          ...moonlit,
          isbn: `i${from + at}`,
          publisher: at % 3 === 2 ? null : { name: `P${from + at}`, city: 'Ulm' },
        })),
        many: true,
        context: context(),
      });
    const saving = async (serializer: ReturnType<typeof list>) => {
      await serializer.isValid({ raise: true });
      return (await countQueries(() => serializer.save())).statements.length;
    };
    const one = await saving(list(0, 1));
    expect(await saving(list(1, 9))).toBe(one);
    const books = await manager().find(Book, { relations: { publisher: true, authors: true }, order: { id: 'ASC' } });
    expect(books.slice(3).map(({ publisher }) => publisher?.name ?? null)).toEqual([
      'P0',
      'P1',
      'P2',
      null,
      'P4',
      'P5',
      null,
      'P7',
      'P8',
      null,
    ]);
    expect(books.slice(3).every(({ authors }) => authors.length === 1)).toBe(true);
  });

  test('says which object a related one is refused for', async () => {
    class UncheckedSerializer extends ModelSerializer(Publisher, { fields: ['name', 'city'] }) {
      name = new CharField({ validators: [] });
    }
    class UncheckedBookSerializer extends ModelSerializer(Book, {
      fields,
      nestedWrites: { publisher: {}, reviews: {} },
    }) {
      reviews = new ReviewSerializer({ many: true, required: false });
      publisher = new UncheckedSerializer();
    }
    const data = ['New', 'Blue Door Press'].map((name, at) => ({
      ...moonlit,
      isbn: `i${at}`,
      publisher: { name, city: 'Ulm' },
    }));
    expect(await failure(new UncheckedBookSerializer({ data, many: true, context: context() }) as never)).toEqual({
      '1': { publisher: { name: ['publisher with this name already exists.'] } },
    });
    expect(await manager().countBy(Publisher, { name: 'New' })).toBe(0);
  });
});

describe('updating', () => {
  const book = (id: number) => manager().findOneByOrFail(Book, { id });
  const update = (type: typeof BookSerializer, instance: Book, data: object) =>
    new type({ instance, data, partial: true, context: context() });

  test('changes the objects whose key is sent, makes the others, and keeps the rest', async () => {
    const reviews = [
      { id: 3, stars: 1 },
      { reviewer: 1, stars: 5 },
    ];
    const instance = await book(3);
    await manager().update(Review, { id: 3 }, { book: { id: 3 } });
    await manager().save(Review, { book: instance, reviewer: { id: 1 } as User, stars: 2 });
    await manager().delete(Review, { id: 4 });
    expect(await saved(update(BookSerializer, instance, { reviews }))).toMatchObject({
      reviews: [
        { id: 3, reviewer: 2, stars: 1, text: '' },
        { id: 5, reviewer: 1, stars: 5, text: '' },
      ],
    });
  });

  test('removes the objects that are left out where this is declared', async () => {
    expect(await saved(update(StrictSerializer, await book(2), { reviews: [{ id: 3, stars: 1 }] }))).toMatchObject({
      reviews: [{ id: 3, stars: 1 }],
    });
    expect(await manager().countBy(Review, { id: 2 })).toBe(0);
    expect(await saved(update(BookSerializer, await book(1), { reviews: [] }))).toMatchObject({ reviews: [{ id: 1 }] });
  });

  test('takes the objects that are left out off the parent where this is declared', async () => {
    class TitleSerializer extends ModelSerializer(Book, { fields: ['id', 'title'] }) {}
    class ShelfSerializer extends ModelSerializer(Publisher, {
      fields: ['books'],
      nestedWrites: { books: { orphans: 'detach' } },
    }) {
      books = new TitleSerializer({ many: true });
    }
    const instance = await manager().findOneByOrFail(Publisher, { id: 1 });
    const data = { books: [{ id: 2, title: 'Tides' }] };
    expect(await saved(new ShelfSerializer({ instance, data, context: context() }))).toEqual(data);
    const [first] = await manager().find(Book, { where: { id: 1 }, relations: { publisher: true } });
    expect(first).toMatchObject({ title: 'Amber Fields', publisher: null });
  });

  test('changes what hangs on each object of a list', async () => {
    class UserSerializer extends ModelSerializer(User, { fields: ['username'] }) {
      username = new CharField({ validators: [] });
    }
    class OwnReviewSerializer extends ModelSerializer(Review, {
      fields: ['id', 'stars', 'reviewer'],
      nestedWrites: { reviewer: {} },
    }) {
      reviewer = new UserSerializer();
    }
    class ReviewedSerializer extends ModelSerializer(Book, { fields: ['reviews'], nestedWrites: { reviews: {} } }) {
      reviews = new OwnReviewSerializer({ many: true });
    }
    const reviewed = async (...names: string[]) => {
      const reviews = names.map((username, at) => ({ id: at + 2, stars: at + 1, reviewer: { username } }));
      return new ReviewedSerializer({ instance: await book(2), data: { reviews }, context: context() });
    };
    expect(await saved(await reviewed('ada', 'ben'))).toMatchObject({
      reviews: [
        { id: 2, stars: 1, reviewer: { username: 'ada' } },
        { id: 3, stars: 2, reviewer: { username: 'ben' } },
      ],
    });
    expect(await failure(await reviewed('cleo', 'cleo'))).toEqual({
      reviews: { '1': { reviewer: { username: ['user with this username already exists.'] } } },
    });
    expect((await manager().find(User, { order: { id: 'ASC' } })).map(({ username }) => username)).toEqual([
      'ada',
      'ben',
    ]);
  });

  test('takes no object of another parent', async () => {
    expect(await failure(update(BookSerializer, await book(2), { reviews: [{ id: 1, stars: 1 }] }))).toEqual({
      reviews: { '0': { id: ['Invalid pk "1" - object does not exist.'] } },
    });
  });

  test('does not take an object for a double of itself', async () => {
    class ShelfSerializer extends ModelSerializer(Publisher, {
      fields: ['name', 'books'],
      nestedWrites: { books: { matchBy: 'isbn' } },
    }) {
      books = new ShelvedSerializer({ many: true });
    }
    class ShelvedSerializer extends ModelSerializer(Book, { fields: ['isbn', 'title', 'price', 'owner'] }) {}
    const instance = await manager().findOneByOrFail(Publisher, { id: 1 });
    const books = [
      { isbn: '9781000000011', title: 'Amber', price: '1.00', owner: 1 },
      { isbn: '9789999999999', title: 'New', price: '2.00', owner: 1 },
    ];
    const data = { name: 'Arbor House', books };
    expect(await saved(new ShelfSerializer({ instance, data, context: context() }))).toEqual({
      name: 'Arbor House',
      books: [
        { isbn: '9781000000011', title: 'Amber', price: '1.00', owner: 1 },
        { isbn: '9781000000022', title: 'Turning Tides', price: '7.99', owner: 1 },
        { isbn: '9789999999999', title: 'New', price: '2.00', owner: 1 },
      ],
    });
    const stranger = { name: 'Arbor House', books: [{ isbn: '9781000000033', title: 'X', price: '1.00', owner: 1 }] };
    expect(await failure(new ShelfSerializer({ instance, data: stranger, context: context() }))).toEqual({
      books: { '0': { isbn: ['book with this ISBN already exists.'] } },
    });
  });

  test('changes the one related object, makes it, or takes it off', async () => {
    const first = await book(1);
    expect(await saved(update(BookSerializer, first, { publisher: { city: 'York' } }))).toMatchObject({
      publisher: { name: 'Arbor House', city: 'York' },
    });
    expect(
      await saved(update(BookSerializer, await book(3), { publisher: { name: 'New', city: 'Ulm' } })),
    ).toMatchObject({
      publisher: { name: 'New', city: 'Ulm' },
    });
    expect(await saved(update(BookSerializer, await book(1), { publisher: null }))).toMatchObject({ publisher: null });
    expect(await manager().countBy(Publisher, { name: 'Arbor House' })).toBe(1);
    expect(await saved(update(StrictSerializer, await book(3), { publisher: null }))).toMatchObject({
      publisher: null,
    });
    expect(await manager().countBy(Publisher, { name: 'New' })).toBe(0);
  });
});
