import { defineApp, defineProject, detectChanges, MigrationGraph, nextName, writeMigration } from '@rf/project';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { Author, Book } from './fixtures/library.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'rf-migrations-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const operation = (summary: string) => ({ summary, up: [], down: [] });
const now = new Date('2026-01-31T08:15:00Z');

describe('nextName', () => {
  test.each([
    [[], ['create shop_item'], undefined, '0001_initial'],
    [['0001_initial'], ['add shop_item.pages'], undefined, '0002_shop_item_pages'],
    [
      ['0001_initial', '0009_x'],
      ['remove shop_item.pages', 'alter shop_item.name'],
      undefined,
      '0010_remove_shop_item_pages_alter_shop_item_name',
    ],
    [
      ['0001_initial'],
      ['create shop_item', 'create shop_basket', 'create shop_customer_address'],
      undefined,
      '0002_auto_202601310815',
    ],
    [['0001_initial'], ['add shop_item.pages'], 'pages', '0002_pages'],
  ])('after %j for %j is told by what happens', (existing, summaries, chosen, name) => {
    expect(nextName(existing, summaries.map(operation), chosen, now)).toBe(name);
  });
});

describe('writeMigration', () => {
  const app = defineApp({
    label: 'library',
    entities: [Author, Book],
    migrations: pathToFileURL(path.join(folder, 'migrations/')),
  });
  const project = defineProject({ apps: [app], database: 'pglite://memory', urls: [] });

  test('writes what makes entities and migrations agree', async () => {
    const [changes] = await detectChanges(project);
    if (changes === undefined) throw new Error('an app without migrations must have changes');
    const file = writeMigration({
      app,
      name: '0001_initial',
      dependencies: [['auth', '0001_initial']],
      operations: changes.operations,
    });
    const source = readFileSync(file, 'utf8');

    expect(source).toContain("static readonly dependencies = [['auth', '0001_initial']] as const;");
    expect(source).toContain("readonly name = '0001_initial';");
    expect(source).toContain('await queryRunner.query(`DROP TABLE "library_book"`);');
    // The dependency is there for the text only.
    writeFileSync(file, source.replace(/ {2}static readonly dependencies.*\n\n/, ''));
    expect((await MigrationGraph.load(project)).order.map(({ id }) => id)).toEqual(['library.0001_initial']);
    expect(await detectChanges(project)).toEqual([]);
  });

  test('keeps what JavaScript would read otherwise', () => {
    const up = ["SELECT '`', '${1}', '\\'"];
    const file = writeMigration({
      app,
      name: '0002_odd',
      dependencies: [],
      operations: [{ summary: 'odd', up, down: [] }],
    });

    expect(readFileSync(file, 'utf8')).toContain("queryRunner.query(`SELECT '\\`', '\\${1}', '\\\\'`)");
    rmSync(file);
  });

  test('never writes over a file', () => {
    const migration = { app, name: '0001_initial', dependencies: [], operations: [] };

    expect(() => writeMigration(migration)).toThrow('exists already');
  });

  test('writes JavaScript beside JavaScript', () => {
    const plain = defineApp({ label: 'plain', migrations: pathToFileURL(path.join(folder, 'plain/')) });
    const first = writeMigration({ app: plain, name: '0001_initial', dependencies: [], operations: [] });
    writeFileSync(first.replace(/ts$/, 'js'), 'export default class {}');
    rmSync(first);
    const second = writeMigration({ app: plain, name: '0002_more', dependencies: [], operations: [] });

    expect(path.basename(second)).toBe('0002_more.js');
    expect(readFileSync(second, 'utf8')).not.toContain('import type');
  });

  test('refuses an app without a folder and says what to write', () => {
    const listed = defineApp({ label: 'listed', migrations: [] });

    expect(() => writeMigration({ app: listed, name: '0001_initial', dependencies: [], operations: [] })).toThrow(
      "write: migrations: new URL('./migrations/', import.meta.url)",
    );
    expect(existsSync('migrations')).toBe(false);
  });
});
