import type { APIClient } from '@rf/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Shop } from './shop.ts';

interface ShownBook {
  readonly id: number;
  readonly title: string;
  readonly [field: string]: unknown;
}

interface Page<Item> {
  readonly count: number;
  readonly next: string | null;
  readonly previous: string | null;
  readonly results: readonly Item[];
}

let shop: Shop;
let stranger: APIClient;
let bob: APIClient;
let carol: APIClient;

beforeAll(async () => {
  shop = await Shop.open();
  [stranger, bob, carol] = await Promise.all([shop.as(), shop.as('bob'), shop.as('carol')]);
});
afterAll(() => shop.close());

const sanditon = {
  title: 'Sanditon',
  isbn: '9780141439792',
  price: '6.50',
  publisher: '/api/publishers/1/',
  authorIds: [1],
  tags: ['classic', 'satire'],
};

async function titles(query: Record<string, string>): Promise<string[]> {
  const { data } = await stranger.get<Page<ShownBook>>('/api/books/', query);
  return data.results.map(({ title }) => title);
}

describe('reading', () => {
  test('the root lists the resources, and the front door leads there', async () => {
    const { data } = await stranger.get<Record<string, string>>('/', {}, { follow: true });
    expect(data).toEqual({
      books: 'http://testserver/api/books/',
      authors: 'http://testserver/api/authors/',
      publishers: 'http://testserver/api/publishers/',
      tags: 'http://testserver/api/tags/',
    });
    for (const url of Object.values(data)) expect((await stranger.get(url)).status).toBe(200);
  });

  test('a book is shown with its authors, its tags and links to the rest', async () => {
    const { data } = await stranger.get('/api/books/1/');
    expect(data).toEqual({
      url: 'http://testserver/api/books/1/',
      id: 1,
      title: 'Emma',
      isbn: '9780141439587',
      price: '8.99',
      onSale: true,
      published: '1815-12-23',
      pages: 474,
      language: 'en',
      inPrint: true,
      cover: null,
      publisher: 'http://testserver/api/publishers/1/',
      authors: [{ id: 1, name: 'Jane Austen' }],
      tags: ['classic', 'satire'],
      reviews: 'http://testserver/api/books/1/reviews/',
    });
  });

  test('every link of a book leads somewhere', async () => {
    const { data } = await stranger.get<ShownBook>('/api/books/1.json');
    for (const link of [data.publisher, data.reviews]) expect((await stranger.get(link as string)).status).toBe(200);
  });

  test('a publisher links its books, an author counts them', async () => {
    const publisher = await stranger.get('/api/publishers/1/');
    expect(publisher.data).toMatchObject({
      name: 'John Murray',
      books: ['http://testserver/api/books/1/', 'http://testserver/api/books/2/'],
    });
    expect((await stranger.get('/api/authors/1/')).data).toMatchObject({
      name: 'Jane Austen',
      bookCount: 2,
      rating: 4.5,
    });
  });

  test('OPTIONS tells staff what can be sent, and others only what the view is', async () => {
    const forStaff = await carol.options<{ actions: { POST: Record<string, object> } }>('/api/books/');
    expect(forStaff.data.actions.POST.cover).toMatchObject({ type: 'image upload', required: false, max_length: 100 });
    expect(forStaff.data.actions.POST.language).toMatchObject({ type: 'choice' });
    expect((await bob.options('/api/books/')).data).not.toHaveProperty('actions');
  });
});

describe('filters, search, ordering', () => {
  test.each([
    [{ language: 'de' }, ['Buddenbrooks', 'Der Zauberberg']],
    [{ language__in: 'de,fr' }, ['Buddenbrooks', 'Der Zauberberg', 'Madame Bovary']],
    [{ price__lt: '8' }, ['Madame Bovary', 'Persuasion']],
    [{ on_sale: 'false' }, ['Bleak House', 'Buddenbrooks', 'Der Zauberberg']],
    [{ author: 'dickens' }, ['Bleak House', 'The Lazy Tour of Two Idle Apprentices']],
    [{ tag: 'satire' }, ['Emma', 'The Lazy Tour of Two Idle Apprentices']],
    [{ published__year: '1857', tag: 'classic' }, ['Madame Bovary']],
    [{ search: 'austen' }, ['Emma', 'Persuasion']],
    [{ search: 'der mann' }, ['Der Zauberberg']],
    [{ author: 'collins', search: 'dickens' }, ['The Lazy Tour of Two Idle Apprentices']],
    [
      { ordering: '-price', language: 'en' },
      ['Bleak House', 'The Lazy Tour of Two Idle Apprentices', 'Emma', 'Persuasion'],
    ],
    [{ ordering: 'isbn', language: 'de' }, ['Buddenbrooks', 'Der Zauberberg']],
  ])('%j finds %j', async (query, found) => {
    expect(await titles(query as Record<string, string>)).toEqual(found);
  });

  test('wrong values are answered 400 by parameter', async () => {
    const { status, data } = await stranger.get('/api/books/', { price__lt: 'cheap', language: 'xx' });
    expect(status).toBe(400);
    expect(data).toEqual({
      price__lt: ['Enter a number.'],
      language: ['Select a valid choice. xx is not one of the available choices.'],
    });
  });
});

describe('pages', () => {
  test('books come by page number', async () => {
    const { data } = await stranger.get<Page<ShownBook>>('/api/books/', { page_size: '3', page: '2' });
    expect(data.count).toBe(7);
    expect(data.results.map(({ title }) => title)).toEqual(['Emma', 'Madame Bovary', 'Persuasion']);
    expect(data.next).toBe('http://testserver/api/books/?page=3&page_size=3');
    expect(data.previous).toBe('http://testserver/api/books/?page_size=3');
    expect((await stranger.get('/api/books/', { page: '9' })).data).toEqual({ detail: 'Invalid page.' });
  });

  test('authors come by limit and offset', async () => {
    const { data } = await stranger.get<Page<{ name: string }>>('/api/authors/', { limit: '2', offset: '1' });
    expect(data.results.map(({ name }) => name)).toEqual(['Gustave Flaubert', 'Jane Austen']);
    expect([data.count, data.next]).toEqual([5, 'http://testserver/api/authors/?limit=2&offset=3']);
  });

  test('the newest come by signed links, each book once', async () => {
    const seen: string[] = [];
    for (let url: string | null = '/api/books/newest/'; url !== null; ) {
      const { data }: { data: Page<ShownBook> } = await stranger.get<Page<ShownBook>>(url);
      seen.push(...data.results.map(({ title }) => title));
      url = data.next;
    }
    expect(seen).toEqual([
      'Der Zauberberg',
      'Buddenbrooks',
      'The Lazy Tour of Two Idle Apprentices',
      'Madame Bovary',
      'Bleak House',
      'Persuasion',
      'Emma',
    ]);
  });

  test('a link that somebody edited is 404', async () => {
    const { data } = await stranger.get<Page<ShownBook>>('/api/books/newest/');
    const edited = (data.next as string).replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
    const { status, data: answer } = await stranger.get(edited);
    expect([status, answer]).toEqual([404, { detail: 'Invalid cursor' }]);
  });
});

describe('writing', () => {
  test('staff with the permission makes a book; its answer and its Location agree', async () => {
    const made = await carol.post<ShownBook>('/api/books/', sanditon);
    expect(made.status).toBe(201);
    expect(made.headers.get('location')).toBe(made.data.url);
    expect(made.data).toMatchObject({ authors: [{ id: 1, name: 'Jane Austen' }], tags: ['classic', 'satire'] });
    expect((await stranger.get(made.data.url as string)).data).toEqual(made.data);
    expect((await carol.delete(made.data.url as string)).status).toBe(204);
    expect((await stranger.get(made.data.url as string)).status).toBe(404);
  });

  test.each([
    ['a stranger', () => stranger, 401],
    ['a member without the permission', () => bob, 403],
  ])('%s changes nothing', async (_who, client, status) => {
    expect((await client().post('/api/books/', sanditon)).status).toBe(status);
    expect((await client().patch('/api/books/1/', { title: 'Emma!' })).status).toBe(status);
    expect((await client().delete('/api/books/1/')).status).toBe(status);
    expect((await client().post('/api/books/1/discontinue/')).status).toBe(status);
  });

  test('wrong input is answered with a text for each field', async () => {
    const { status, data } = await carol.post('/api/books/', {
      title: ['Sanditon'],
      isbn: '9780141439793',
      price: 'much',
      published: '2024-02-30',
      pages: 0,
      language: 'xx',
      inPrint: 'perhaps',
      publisher: '/api/tags/classic/',
      authorIds: [1, 99],
      tags: 'classic',
    });
    expect(status).toBe(400);
    expect(data).toEqual({
      title: ['Not a valid string.'],
      isbn: ['Not an ISBN.'],
      price: ['A valid number is required.'],
      published: ['Date has wrong format. Use one of these formats instead: YYYY-MM-DD.'],
      pages: ['Ensure this value is greater than or equal to 1.'],
      language: ['"xx" is not a valid choice.'],
      inPrint: ['Must be a valid boolean.'],
      publisher: ['Invalid hyperlink - Incorrect URL match.'],
      authorIds: ['Invalid pk "99" - object does not exist.'],
      tags: ['Expected a list of items but got type "str".'],
    });
  });

  test.each(['[]', 'null', '7', '{"title":'])('the body %s is answered 400', async (body) => {
    const { status } = await carol.post('/api/books/', body, { contentType: 'application/json' });
    expect(status).toBe(400);
  });

  test('of two books with one ISBN that come at the same time, one is made and the other told', async () => {
    const answers = await Promise.all([carol.post('/api/books/', sanditon), carol.post('/api/books/', sanditon)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 400]);
    const [made, refused] = answers.sort((a, b) => a.status - b.status);
    expect(refused.data).toEqual({ isbn: ['book with this ISBN already exists.'] });
    await carol.delete((made.data as ShownBook).url as string);
  });

  test('a change of the tags leaves the rest alone', async () => {
    const { data } = await carol.patch('/api/books/4/', { tags: ['travel'] });
    expect(data).toMatchObject({ tags: ['travel'], authors: [{ id: 2 }, { id: 5 }], price: '9.95' });
    await carol.patch('/api/books/4/', { tags: ['travel', 'satire'] });
  });

  test('a publisher with books cannot be deleted', async () => {
    expect((await carol.delete('/api/publishers/1/')).status).toBe(409);
  });

  test('discontinuing a book takes it off sale', async () => {
    expect((await carol.post('/api/books/2/discontinue/')).data).toMatchObject({ inPrint: false, onSale: false });
    await carol.patch('/api/books/2/', { inPrint: true });
    expect((await carol.get('/api/books/2/discontinue/')).status).toBe(405);
  });

  test('many tags are made at once, or none', async () => {
    const many = Array.from({ length: 50 }, (_, at) => ({ slug: `shelf-${at}`, label: `Shelf ${at}` }));
    const made = await carol.post<unknown[]>('/api/tags/', many);
    expect([made.status, made.data.length]).toEqual([201, 50]);

    const refused = await carol.post('/api/tags/', [
      { slug: 'fresh', label: 'Fresh' },
      many[0],
      { slug: 'a b', label: '' },
    ]);
    expect(refused.status).toBe(400);
    expect(refused.data).toEqual({
      1: { slug: ['tag with this slug already exists.'] },
      2: {
        slug: ['Enter a valid "slug" consisting of letters, numbers, underscores or hyphens.'],
        label: ['This field may not be blank.'],
      },
    });
    expect((await stranger.get('/api/tags/fresh/')).status).toBe(404);
    expect((await carol.post('/api/tags/', { slug: 'one', label: 'One' })).data).toEqual({ slug: 'one', label: 'One' });
  });
});

describe('conditional requests', () => {
  test('a client that has the book gets 304 without it', async () => {
    const first = await stranger.get('/api/books/3/');
    const etag = first.headers.get('etag') as string;
    const again = await stranger.get('/api/books/3/', {}, { headers: { 'If-None-Match': etag } });
    expect([again.status, again.text, again.headers.get('etag')]).toEqual([304, '', etag]);
  });

  test.each([
    ['its tags change', '/api/books/5/', { tags: ['family'] }],
    ['an author that it shows is renamed', '/api/authors/3/', { name: 'Paul Thomas Mann' }],
    ['a tag that it shows is renamed', '/api/tags/family/', { slug: 'dynasty' }],
  ])('a client gets the book anew when %s', async (_what, url, change) => {
    const etag = (await stranger.get('/api/books/5/')).headers.get('etag') as string;
    expect((await carol.patch(url, change)).status).toBe(200);
    const { status, headers } = await stranger.get('/api/books/5/', {}, { headers: { 'If-None-Match': etag } });
    expect([status, headers.get('etag') === etag]).toEqual([200, false]);
  });

  test('a change that changes nothing leaves the version', async () => {
    const first = await carol.patch('/api/books/5/', { tags: ['dynasty'] });
    const second = await carol.patch('/api/books/5/', { tags: ['dynasty'], language: 'de' });
    expect(second.headers.get('etag')).toBe(first.headers.get('etag'));
  });

  test('of two changes to one version the second is answered 412', async () => {
    const etag = (await carol.get('/api/books/3/')).headers.get('etag') as string;
    const headers = { 'If-Match': etag };
    const first = await carol.patch('/api/books/3/', { price: '11.00' }, { headers });
    const second = await carol.patch('/api/books/3/', { price: '10.00' }, { headers });
    expect([first.status, second.status]).toEqual([200, 412]);
    expect(first.headers.get('etag')).not.toBe(etag);
    expect((await stranger.get('/api/books/3/')).data).toMatchObject({ price: '11.00' });
    expect((await carol.delete('/api/books/3/', null, { headers })).status).toBe(412);
  });
});
