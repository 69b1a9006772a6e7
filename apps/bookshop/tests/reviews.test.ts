import type { APIClient } from '@rf/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Shop } from './shop.ts';

interface ShownReview {
  readonly id: number;
  readonly reviewer: string;
  readonly text: string;
}

interface Page {
  readonly next: string | null;
  readonly results: readonly ShownReview[];
}

let shop: Shop;
let stranger: APIClient;
let alice: APIClient;
let bob: APIClient;
let carol: APIClient;

beforeAll(async () => {
  shop = await Shop.open();
  [stranger, alice, bob, carol] = await Promise.all([shop.as(), shop.as('alice'), shop.as('bob'), shop.as('carol')]);
});
afterAll(() => shop.close());

test('the reviews of a book are those of that book, the newest first', async () => {
  await alice.post('/api/books/3/reviews/', { stars: 2, text: 'Long.' });
  await bob.post('/api/books/3/reviews/', { stars: 4, text: 'Fog everywhere.' });
  const { data } = await stranger.get<Page>('/api/books/3/reviews/');
  expect(data.results.map(({ reviewer, text }) => [reviewer, text])).toEqual([
    ['bob', 'Fog everywhere.'],
    ['alice', 'Long.'],
  ]);
});

test('a review belongs to the book of its URL and to whoever sends it, whatever the body says', async () => {
  const { status, data } = await bob.post<ShownReview>('/api/books/5/reviews/', {
    stars: 5,
    reviewer: 'alice',
    book: 1,
  });
  expect([status, data.reviewer]).toEqual([201, 'bob']);
  expect((await stranger.get(`/api/books/5/reviews/${data.id}/`)).status).toBe(200);
  expect((await stranger.get(`/api/books/1/reviews/${data.id}/`)).status).toBe(404);
});

test('a book that there is not has no reviews, and takes none', async () => {
  expect((await stranger.get('/api/books/99/reviews/')).status).toBe(404);
  expect((await bob.post('/api/books/99/reviews/', { stars: 5 })).status).toBe(404);
});

test('strangers read and do not write', async () => {
  expect((await stranger.get('/api/books/1/reviews/1/')).status).toBe(200);
  expect((await stranger.post('/api/books/1/reviews/', { stars: 1 })).status).toBe(401);
  expect((await stranger.delete('/api/books/1/reviews/1/')).status).toBe(401);
});

test('only who wrote a review changes it; staff may delete it', async () => {
  const { data: review } = await alice.post<ShownReview>('/api/books/2/reviews/', { stars: 3 });
  const url = `/api/books/2/reviews/${review.id}/`;

  for (const other of [bob, carol]) {
    const refused = await other.patch(url, { stars: 1 });
    expect([refused.status, refused.data]).toEqual([403, { detail: 'This is not your review.' }]);
  }
  expect((await bob.delete(url)).status).toBe(403);
  expect((await alice.patch(url, { text: 'Sooner or later.' })).data).toMatchObject({
    stars: 3,
    text: 'Sooner or later.',
  });
  expect((await carol.delete(url)).status).toBe(204);
  expect((await alice.get(url)).status).toBe(404);
});

test('one book has one review of one member, even when two come at the same time', async () => {
  const send = () => alice.post('/api/books/6/reviews/', { stars: 5 });
  const answers = await Promise.all([send(), send()]);
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 400]);
  expect((await send()).data).toEqual({ non_field_errors: ['The fields book, reviewer must make a unique set.'] });
});

test.each([
  [{ stars: 6 }, { stars: ['Ensure this value is less than or equal to 5.'] }],
  [{ stars: 'many' }, { stars: ['A valid integer is required.'] }],
  [{ text: 'No stars.' }, { stars: ['This field is required.'] }],
])('%j is refused with %j', async (data, errors) => {
  const answer = await bob.post('/api/books/7/reviews/', data);
  expect([answer.status, answer.data]).toEqual([400, errors]);
});

test('pages of reviews follow each other by cursor and show each once', async () => {
  const seen: number[] = [];
  for (let url: string | null = '/api/books/1/reviews/?ordering=x'; url !== null; ) {
    const { data }: { data: Page } = await stranger.get<Page>(url);
    seen.push(...data.results.map(({ id }) => id));
    url = data.next;
  }
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen.length).toBeGreaterThanOrEqual(2);
  expect((await stranger.get('/api/books/1/reviews/', { cursor: 'nonsense' })).status).toBe(404);
});
