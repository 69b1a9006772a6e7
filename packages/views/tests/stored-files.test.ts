import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { ImproperlyConfigured } from '@rf/exceptions';
import { FileSystemStorage, path, StoredFiles } from '@rf/views';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestSite } from './test-site.ts';

let directory: string;
let site: TestSite;
const urls = [path('/media/:name(.+)', StoredFiles)];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rf-files-'));
  const storage = new FileSystemStorage({ directory });
  site = new TestSite(urls, { storage });
  for (const name of ['covers/emma.png', 'page.html'])
    await storage.save(name, { name, bytes: () => Buffer.from(name) });
});
afterAll(() => rm(directory, { recursive: true }));

it('serves a picture as one, whatever the client accepts', async () => {
  const { response } = await site.get('/media/covers/emma.png', { accept: 'image/*' });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('image/png');
  expect(response.headers.get('content-length')).toBe('15');
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  expect(response.headers.has('content-disposition')).toBe(false);
  expect(Buffer.concat(await (response.content as Readable).toArray()).toString()).toBe('covers/emma.png');
});

it('answers 304 to a client that has it', async () => {
  const first = await site.send({ method: 'HEAD', path: '/media/page.html' });
  const again = await site.get('/media/page.html', { 'if-modified-since': first.header('last-modified') as string });
  expect([first.status, again.status, again.text]).toEqual([200, 304, '']);
});

it('offers a page for download, so that it does not run as one of the site', async () => {
  const answer = await site.send({ method: 'HEAD', path: '/media/page.html' });
  expect(answer.header('content-type')).toBe('application/octet-stream');
  expect(answer.header('content-disposition')).toBe('attachment');
});

it.each(['none.png', 'covers', '..%2Fpackage.json', 'covers/..%2Fpage.html'])('answers 404 to %s', async (name) => {
  expect((await site.get(`/media/${name}`)).status).toBe(404);
});

it('is refused at start-up where the project has no storage', () => {
  expect(() => new TestSite(urls)).toThrow(ImproperlyConfigured);
  expect(() => new TestSite(urls)).toThrow(/storage: new FileSystemStorage/);
});
