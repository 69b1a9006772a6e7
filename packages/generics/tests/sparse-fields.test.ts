import { mix, ModelViewSet, OrderingFilter, SimpleRouter, SparseFieldsMixin } from '@rf/generics';
import { ModelSerializer } from '@rf/orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ShopServer } from './fixtures/server.ts';
import { Book, PublisherSerializer, TagSerializer } from './fixtures/shop.ts';

class WholeSerializer extends ModelSerializer(Book, {
  fields: ['id', 'title', 'isbn', 'pages', 'publisher', 'tags'],
}) {}

class Books extends mix(ModelViewSet, SparseFieldsMixin)<Book> {
  override queryset = Book;
  override serializerClass = WholeSerializer;
  override filterBackends = [OrderingFilter];
  override expandable = { publisher: PublisherSerializer, tags: TagSerializer };
}
class Renamed extends Books {
  override fieldsQueryParam = 'only';
  override omitQueryParam = null;
  override expandQueryParam = null;
}
const router = new SimpleRouter();
router.register('books', Books);
router.register('renamed', Renamed, { basename: 'renamed' });

let shop: ShopServer;
beforeAll(async () => {
  shop = await ShopServer.start(router.urls);
  await shop.reset();
});
afterAll(() => shop.close());

const publisher = { id: 1, name: 'Arbor House', city: 'Leeds' };
const tags = [{ id: 1, slug: 'fiction', label: 'Fiction' }];

describe('SparseFieldsMixin', () => {
  test.each([
    ['/books/1/?fields=id,title', { id: 1, title: 'Amber Fields' }],
    ['/books/1/?fields=title&fields=%20id', { id: 1, title: 'Amber Fields' }],
    ['/books/1/?omit=isbn,pages,publisher,tags', { id: 1, title: 'Amber Fields' }],
    ['/books/1/?fields=id,pages&omit=pages', { id: 1 }],
    ['/books/1/?fields=id,nothing,__proto__', { id: 1 }],
    ['/books/1/?fields=', {}],
    ['/books/1/?fields=id,publisher&expand=publisher', { id: 1, publisher }],
    ['/books/1/?fields=tags,publisher&expand=tags,publisher', { publisher, tags }],
    ['/books/4/?fields=publisher&expand=publisher', { publisher: null }],
    ['/books/1/?fields=id,pages&expand=pages,owner', { id: 1, pages: 320 }],
    ['/renamed/1/?only=id&omit=id&expand=publisher', { id: 1 }],
  ])('%s shows %j (W32)', async (at, shown) => {
    expect((await shop.get(at)).json).toEqual(shown);
  });

  test('reads from the database what is shown, and nothing else', async () => {
    shop.statements = [];
    await shop.get('/books/?fields=id,title');
    expect(shop.statements).toHaveLength(1);
    expect(shop.statements[0]).not.toMatch(/isbn|pages|publisher/);

    const plain = await shop.countStatements(() => shop.get('/books/'));
    const expanded = await shop.countStatements(() => shop.get('/books/?expand=publisher,tags'));
    expect(expanded).toBeLessThanOrEqual(plain + 1);
  });

  test('does not change by what lists can be ordered', async () => {
    expect(await shop.list('/books/?fields=id&ordering=-title')).toEqual([2, 6, 5, 3, 1, 4]);
  });

  test('takes whole bodies, and answers what the client wants to see', async () => {
    const json = { title: 'T', isbn: '1', publisher: 1, tags: [1] };
    const made = await shop.send('POST', '/books/?fields=title,publisher&expand=publisher', { json });
    const invalid = await shop.send('POST', '/books/?fields=title', { json: {} });

    expect([made.status, made.json]).toEqual([201, { title: 'T', publisher }]);
    expect(invalid.json).toMatchObject({ isbn: ['This field is required.'] });
  });

  test('says in OpenAPI what it reads', () => {
    const parameters = new Books().getSparseFieldParameters().map(({ name, description }) => [name, description]);

    expect(parameters).toEqual([
      ['fields', 'The only fields to show, separated by commas.'],
      ['omit', 'Fields to leave out, separated by commas.'],
      ['expand', 'Relations to show whole: publisher, tags.'],
    ]);
  });
});
