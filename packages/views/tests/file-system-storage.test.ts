import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ImproperlyConfigured } from '@rf/exceptions';
import { FileSystemStorage } from '@rf/views';
import { afterAll, beforeAll, expect, it } from 'vitest';

let folder: string;
let storage: FileSystemStorage;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rf-storage-'));
  storage = new FileSystemStorage({ directory: join(folder, 'media') });
});
afterAll(() => rm(folder, { recursive: true }));

const file = (text: string) => ({ name: 'sent.txt', bytes: () => Buffer.from(text) });

async function textOf(name: string): Promise<string | null> {
  const stored = await storage.open(name);
  return stored === null ? null : Buffer.concat(await stored.stream().toArray()).toString();
}

it('keeps a file under its name, in folders that it makes', async () => {
  expect(await storage.save('letters/emma.txt', file('Dear'))).toBe('letters/emma.txt');
  expect(await textOf('letters/emma.txt')).toBe('Dear');
  expect(await storage.open('letters/emma.txt')).toMatchObject({ size: 4, modified: expect.any(Date) });
});

it('gives ten files of one name that come at once ten names, and each its own content', async () => {
  const names = await Promise.all(Array.from({ length: 10 }, (_, at) => storage.save('race/a.txt', file(`${at}`))));
  expect(new Set(names).size).toBe(10);
  expect(names).toContain('race/a.txt');
  for (const name of names) expect(name).toMatch(/^race\/a(_[0-9a-f]{7})?\.txt$/);
  expect((await Promise.all(names.map(textOf))).sort()).toEqual([...'0123456789']);
});

it('makes names safe and short enough, and keeps their endings', async () => {
  expect(await storage.save('My  Bücher?* (1).txt', file('x'))).toBe('My__Bücher_1.txt');
  expect(await storage.save(`covers/${'a'.repeat(90)}.png`, file('x'), { maxLength: 30 })).toBe(
    `covers/${'a'.repeat(19)}.png`,
  );
  const second = await storage.save(`covers/${'a'.repeat(90)}.png`, file('y'), { maxLength: 30 });
  expect(second).toMatch(/^covers\/a{11}_[0-9a-f]{7}\.png$/);
});

it.each(['../out.txt', 'a/../../out.txt', '/etc/passwd', '.', '', 'a//b', 'a\\..\\b', 'nul\0'])(
  'finds nothing and removes nothing under %j',
  async (name) => {
    expect(await storage.open(name)).toBeNull();
    await storage.delete(name);
  },
);

it.each(['../out.txt', '..', 'a/../b.txt', '???'])('refuses to keep a file as %j', async (name) => {
  await expect(storage.save(name, file('x'))).rejects.toThrow('is no name of a file');
  expect(await readdir(folder)).toEqual(['media']);
});

it('forgets a file that is deleted', async () => {
  await storage.save('gone.txt', file('x'));
  await storage.delete('gone.txt');
  expect(await storage.open('gone.txt')).toBeNull();
});

it('has URLs under its own, percent-encoded', () => {
  expect(storage.url('covers/ö#1.png')).toBe('/media/covers/%C3%B6%231.png');
  const elsewhere = new FileSystemStorage({ directory: folder, url: 'https://cdn.example.com/m/' });
  expect(elsewhere.url('a/b.png')).toBe('https://cdn.example.com/m/a/b.png');
  expect(() => new FileSystemStorage({ directory: folder, url: '/media' })).toThrow(ImproperlyConfigured);
});
