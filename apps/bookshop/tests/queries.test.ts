import { countQueries, db } from '@rf/orm';
import { Decimal } from '@rf/serializers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Member } from '../src/members/member.ts';
import { Author, Book, Publisher, Review, Tag } from '../src/shop/entities.ts';
import { Shop } from './shop.ts';

let shop: Shop;

beforeAll(async () => {
  shop = await Shop.open();
  const manager = db(shop.site);
  const [authors, tags, [publisher], [alice]] = await Promise.all([
    manager.find(Author),
    manager.find(Tag),
    manager.find(Publisher),
    manager.find(Member),
  ]);
  const books = await manager.save(
    Array.from({ length: 60 }, (_, at) =>
      manager.create(Book, { title: `Volume ${at}`, isbn: `0${at}`, price: Decimal.of('1'), authors, tags, publisher }),
    ),
  );
  await manager.save(books.map((book) => manager.create(Review, { book, reviewer: alice, stars: 4 })));
});
afterAll(() => shop.close());

test.each([
  ['/api/books/?page_size=', 2],
  ['/api/authors/?limit=', 2],
])('%sN takes as many statements for 2 rows as for 60', async (url, most) => {
  const client = await shop.as();
  const few = await countQueries(() => client.get(`${url}2`));
  const many = await countQueries(() => client.get(`${url}60`));
  expect(few.statements.length).toBe(many.statements.length);
  expect(many.statements.length).toBeLessThanOrEqual(most);
  expect(many.statements.length).toBeGreaterThan(0);
});

test('the reviews of a book take as many statements for one as for many', async () => {
  const client = await shop.as();
  const none = await countQueries(() => client.get('/api/books/6/reviews/'));
  const two = await countQueries(() => client.get('/api/books/1/reviews/'));
  expect(two.statements.length).toBe(none.statements.length);
});
