import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { APIClient } from '@rf/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Shop } from './shop.ts';

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=',
  'base64',
);
const IEND = PNG.subarray(-12);

let shop: Shop;
let carol: APIClient;

beforeAll(async () => {
  shop = await Shop.open();
  carol = await shop.as('carol');
});
afterAll(() => shop.close());

function send(bytes: Uint8Array, name = 'emma.png', client = carol) {
  const cover = new File([new Uint8Array(bytes)], name, { type: 'image/png' });
  return client.patch<{ cover: string | null }>('/api/books/1/', { cover }, { format: 'multipart' });
}

const kept = () => readdir(join(shop.media, 'covers')).catch(() => []);

/** A picture of so many bytes: what is left over is a chunk that nobody reads. */
function pictureOf(size: number): Buffer {
  const padding = Buffer.alloc(size - PNG.length);
  padding.writeUInt32BE(padding.length - 12);
  padding.write('teXt', 4, 'latin1');
  return Buffer.concat([PNG.subarray(0, -12), padding, IEND]);
}

test('what is no picture, empty, too large or no file at all is refused, and nothing is kept', async () => {
  const invalid = 'Upload a valid image. The file you uploaded was either not an image or a corrupted image.';
  expect((await send(Buffer.from('<script>alert(1)</script>'))).data).toEqual({ cover: [invalid] });
  expect((await send(Buffer.alloc(0))).data).toEqual({ cover: ['The submitted file is empty.'] });
  expect((await send(pictureOf(1_000_001))).data).toEqual({ cover: ['A cover has at most 1 MB.'] });
  expect((await send(PNG, 'emma.html')).status).toBe(400);
  expect((await send(PNG, `${'a'.repeat(100)}.png`)).data).toEqual({
    cover: ['Ensure this filename has at most 100 characters (it has 104).'],
  });
  expect((await carol.patch('/api/books/1/', { cover: 'emma.png' })).data).toEqual({
    cover: ['The submitted data was not a file. Check the encoding type on the form.'],
  });
  expect((await send(pictureOf(5_100_000))).status).toBe(413);
  expect(await kept()).toEqual([]);
});

test('a member without the permission uploads nothing', async () => {
  expect((await send(PNG, 'emma.png', await shop.as('bob'))).status).toBe(403);
  expect(await kept()).toEqual([]);
});

test('a cover is kept, shown as a URL, and served to anybody as it came', async () => {
  const { status, data } = await send(PNG);
  expect([status, data.cover]).toEqual([200, 'http://testserver/media/covers/emma.png']);
  const served = await (await shop.as()).get(data.cover as string);
  expect(served.headers.get('content-type')).toBe('image/png');
  expect(Buffer.from(served.content)).toEqual(PNG);
});

test('a second file of the same name does not replace the first', async () => {
  const { data } = await send(pictureOf(200));
  expect(data.cover).toMatch(/covers\/emma_[0-9a-f]{7}\.png$/);
  expect((await kept()).length).toBe(2);
});

test('null takes the cover off', async () => {
  expect((await carol.patch('/api/books/1/', { cover: null })).data).toMatchObject({ cover: null });
});
