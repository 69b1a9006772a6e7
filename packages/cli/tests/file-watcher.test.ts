import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FileWatcher } from '../src/file-watcher.ts';

let folder: string;
let watcher: FileWatcher;
let told: string[];
const file = (name: string) => path.join(folder, name);

/** As many editors save: the new text beside the file, then in its place. */
function replace(name: string, text: string): void {
  writeFileSync(file(`${name}~`), text);
  renameSync(file(`${name}~`), file(name));
}

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'rf-watch-'));
  for (const name of ['notes', 'data', 'node_modules']) mkdirSync(file(name));
  writeFileSync(file('project.ts'), '');
  writeFileSync(file('notes/views.ts'), '');
  told = [];
  watcher = new FileWatcher(folder, (name) => told.push(name));
});
afterEach(() => {
  watcher.close();
  rmSync(folder, { recursive: true });
});

describe('a watcher of files tells', () => {
  test('of every save, also when the file is replaced each time', async () => {
    for (let count = 1; count <= 3; count += 1) {
      replace('notes/views.ts', String(count));
      await expect.poll(() => told).toHaveLength(count);
    }
    writeFileSync(file('notes/views.ts'), 'in place');
    await expect.poll(() => told).toEqual(Array(4).fill(path.join('notes', 'views.ts')));
  });

  test('of files in folders that have come meanwhile', async () => {
    mkdirSync(file('notes/migrations'));
    await expect.poll(() => told).toHaveLength(1);
    writeFileSync(file('notes/migrations/0001_initial.ts'), '');
    await expect.poll(() => told).toContain(path.join('notes', 'migrations', '0001_initial.ts'));
  });

  test('of nothing that is no source of the project', async () => {
    writeFileSync(file('data/base.json'), '{}');
    writeFileSync(file('node_modules/index.js'), '');
    writeFileSync(file('notes/server.log'), '');
    writeFileSync(file('project.ts'), 'the last');
    await expect.poll(() => told).toEqual(['project.ts']);
  });

  test('on when a folder is taken away and comes back', async () => {
    rmSync(file('notes'), { recursive: true });
    await expect.poll(() => told.length).toBeGreaterThan(0);
    mkdirSync(file('notes'));
    await expect.poll(() => told).toContain('notes');
    replace('notes/views.ts', '');
    await expect.poll(() => told).toContain(path.join('notes', 'views.ts'));
  });
});
