import {
  atomic,
  ModelSerializer,
  type PlanSource,
  planFor,
  PrimaryKeyRelatedField,
  SlugRelatedField,
  StringRelatedField,
} from '@rf/orm';
import { CharField, IntegerField, ReadOnlyField, SerializerMethodField } from '@rf/serializers';
import { type OpenTestDatabase, openTestDatabase } from '@rf/testing';
import type { EntityManager } from 'typeorm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Author, Book, bookshopEntities, Publisher, Review, Tag } from './fixtures/bookshop.ts';
import { fillBookshop } from './fixtures/bookshop-rows.ts';

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

const context = () => ({ manager: database.dataSource.manager });

class PublisherSerializer extends ModelSerializer(Publisher, { fields: ['name', 'city'] }) {}
class AuthorSerializer extends ModelSerializer(Author, { fields: ['id', 'name'] }) {}
class ReviewSerializer extends ModelSerializer(Review, { fields: ['by', 'stars'] }) {
  by = new ReadOnlyField<string>({ source: 'reviewer.username' });
}
class BookSerializer extends ModelSerializer(Book, {
  fields: ['id', 'title', 'price', 'published', 'inPrint', 'created', 'publisher', 'authors', 'reviews'],
}) {
  publisher = new PublisherSerializer({ readOnly: true });
  authors = new AuthorSerializer({ many: true, readOnly: true });
  reviews = new ReviewSerializer({ many: true, readOnly: true });
}

describe('a list', () => {
  test('is read in one statement, nested objects included', async () => {
    const plan = planFor(BookSerializer, database.dataSource);
    const shown = await plan.list(Book, {}, context());
    expect(statements).toHaveLength(1);
    expect(shown).toEqual([
      {
        id: 1,
        title: 'Amber Fields',
        price: '12.50',
        published: '1999-05-01',
        inPrint: true,
        created: '2024-01-02T09:00:00Z',
        publisher: { name: 'Arbor House', city: 'Leeds' },
        authors: [{ id: 1, name: 'Ada Winter' }],
        reviews: [{ by: 'bob', stars: 5 }],
      },
      {
        id: 2,
        title: 'Turning Tides',
        price: '7.99',
        published: '2005-11-23',
        inPrint: true,
        created: '2024-01-03T09:00:00.123456Z',
        publisher: { name: 'Arbor House', city: 'Leeds' },
        authors: [
          { id: 1, name: 'Ada Winter' },
          { id: 2, name: 'Bruno Hale' },
        ],
        reviews: [
          { by: 'alice', stars: 3 },
          { by: 'bob', stars: 4 },
        ],
      },
      {
        id: 3,
        title: 'Ciel de Cendre',
        price: '25.00',
        published: null,
        inPrint: false,
        created: '2024-01-04T09:00:00Z',
        publisher: null,
        authors: [{ id: 3, name: 'Chloé Marchand' }],
        reviews: [],
      },
    ]);
  });

  test('is cut and ordered', async () => {
    const plan = planFor(AuthorSerializer, database.dataSource);
    expect(await plan.list(Author, { order: ['-name'], limit: 1, offset: 1 }, context())).toEqual([
      { id: 2, name: 'Bruno Hale' },
    ]);
  });

  test('comes with the number of all rows in the same statement', async () => {
    const plan = planFor(AuthorSerializer, database.dataSource);
    expect(await plan.page(Author, { limit: 2 }, context())).toEqual({
      count: 3,
      results: [
        { id: 1, name: 'Ada Winter' },
        { id: 2, name: 'Bruno Hale' },
      ],
    });
    expect(await plan.page(Author, { limit: 2, offset: 4 }, context())).toEqual({ count: 3, results: [] });
    expect(statements).toHaveLength(2);
  });

  test('may come from a query, which keeps its conditions, joins, order and parameters', async () => {
    const query = database.dataSource.manager
      .createQueryBuilder(Book, 'book')
      .leftJoin('book.publisher', 'publisher')
      .where('publisher.city = :city', { city: 'Leeds' })
      .orderBy('publisher.name')
      .addOrderBy('book.title', 'DESC');
    class TitleSerializer extends ModelSerializer(Book, { fields: ['title'] }) {}
    const plan = planFor(TitleSerializer, database.dataSource);
    expect(await plan.list(query, {}, context())).toEqual([{ title: 'Turning Tides' }, { title: 'Amber Fields' }]);
    expect(await plan.page(query, { limit: 1 }, context())).toEqual({
      count: 2,
      results: [{ title: 'Turning Tides' }],
    });
    expect(await plan.count(query, {}, context())).toBe(2);
    expect(statements).toHaveLength(3);
  });
});

describe('one object', () => {
  test('is read in one statement', async () => {
    const plan = planFor(BookSerializer, database.dataSource);
    const shown = await plan.one(Book, { where: { pk: '2' } }, context());
    expect(shown).toMatchObject({ id: 2, authors: [{ id: 1 }, { id: 2 }] });
    expect(statements).toHaveLength(1);
  });

  test('is null where there is none, without asking for keys that no row can have', async () => {
    const plan = planFor(AuthorSerializer, database.dataSource);
    expect(await plan.one(Author, { where: { id: '99' } }, context())).toBeNull();
    expect(await plan.one(Author, { where: { id: '99999999999' } }, context())).toBeNull();
    expect(statements).toHaveLength(1);
  });

  test('is not found at all by text that is no key', async () => {
    const plan = planFor(AuthorSerializer, database.dataSource);
    await expect(plan.one(Author, { where: { id: 'abc' } }, context())).rejects.toMatchObject({
      name: 'Http404',
      message: '',
    });
  });
});

describe('what is read', () => {
  test('is exactly what the fields need', async () => {
    class RelationSerializer extends ModelSerializer(Book, {
      fields: ['id', 'publisher', 'authors', 'tags', 'reviewCount', 'headline', 'owner', 'reviews', 'cheap'],
    }) {
      authors = new PrimaryKeyRelatedField({ many: true, queryset: Author });
      tags = new SlugRelatedField({ many: true, slugField: 'slug', queryset: Tag });
      reviewCount = new IntegerField({ source: 'reviews.length', readOnly: true });
      headline = new ReadOnlyField<string>();
      owner = new StringRelatedField();
      reviews = new StringRelatedField({ many: true });
      cheap = new SerializerMethodField<boolean>({ needs: ['price'] });

      getCheap(book: Pick<Book, 'price'>) {
        return Number(book.price) < 10;
      }
    }
    const plan = planFor(RelationSerializer, database.dataSource);
    const shown = await plan.list(Book, {}, context());
    expect(shown[1]).toEqual({
      id: 2,
      publisher: 1,
      authors: [1, 2],
      tags: ['fiction', 'history'],
      reviewCount: 2,
      headline: 'Turning Tides (en)',
      owner: 'alice',
      reviews: ['3 stars for Turning Tides', '4 stars for Turning Tides'],
      cheap: true,
    });
    expect(shown[2]).toMatchObject({ publisher: null, tags: [], reviewCount: 0, reviews: [], cheap: false });
    const [text] = statements as [string];
    expect(text).not.toContain('isbn');
    expect(text).not.toContain('shop_publisher');
    expect(text).not.toContain('shop_author"');
  });

  test('stops where a path leads through nothing', async () => {
    class PathSerializer extends ModelSerializer(Book, { fields: ['id', 'skipped', 'nulled', 'defaulted', 'whole'] }) {
      skipped = new CharField({ source: 'publisher.name', readOnly: true });
      nulled = new CharField({ source: 'publisher.name', allowNull: true });
      defaulted = new CharField({ source: 'publisher.name', default: 'self-published' });
      whole = new PublisherSerializer({ source: 'publisher', readOnly: true });
    }
    const plan = planFor(PathSerializer, database.dataSource);
    const [first, , third] = await plan.list(Book, {}, context());
    expect(first).toEqual({
      id: 1,
      skipped: 'Arbor House',
      nulled: 'Arbor House',
      defaulted: 'Arbor House',
      whole: { name: 'Arbor House', city: 'Leeds' },
    });
    expect(third).toEqual({ id: 3, nulled: null, defaulted: 'self-published', whole: null });
  });
});

describe('rows that are locked', () => {
  class PriceSerializer extends ModelSerializer(Book, { fields: ['id', 'price', 'publisher'] }) {
    publisher = new PublisherSerializer({ readOnly: true });
  }
  const rows = (manager: EntityManager) => manager.createQueryBuilder(Book, 'aBook');

  test.each<[string, (manager: EntityManager) => PlanSource<Book>]>([
    ['a table', () => Book],
    ['a query', (manager) => rows(manager).where('aBook.inPrint')],
    ['a query that joins', (manager) => rows(manager).leftJoin('aBook.publisher', 'p').orderBy('p.name')],
    ['a distinct query', (manager) => rows(manager).leftJoin('aBook.authors', 'a').distinct(true)],
    [
      'a grouped query',
      (manager) => rows(manager).leftJoin('aBook.authors', 'a').groupBy('aBook.id').having('COUNT(a.id) > 0'),
    ],
  ])('of %s lose none of several changes at once', async (_name, source) => {
    const plan = planFor(PriceSerializer, database.dataSource);
    const { manager } = database.dataSource;
    const raise = () =>
      atomic(manager, async (inside) => {
        const book = (await plan.entity(
          source(inside),
          { where: { id: 1 }, limit: 1, lock: true },
          {
            manager: inside,
          },
        )) as Book;
        await inside.update(Book, 1, { price: String(Number(book.price) + 1) });
      });
    await manager.update(Book, 1, { price: '10.00' });
    await Promise.all(Array.from({ length: 8 }, raise));

    expect((await manager.findOneByOrFail(Book, { id: 1 })).price).toBe('18.00');
    await manager.update(Book, 1, { price: '12.50' });
  });

  test('are those of the entity alone, not those that are joined to it', async () => {
    const plan = planFor(PriceSerializer, database.dataSource);
    await atomic(database.dataSource.manager, async (manager) => {
      const source = rows(manager).leftJoin('aBook.publisher', 'p').where('p.id = 1');
      await plan.entities(source, { lock: true }, { manager });
    });

    expect(statements.find((text) => text.includes('FOR UPDATE'))).toMatch(/FOR UPDATE OF "aBook"\)/);
  });
});
