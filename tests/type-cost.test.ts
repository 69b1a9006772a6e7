import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { configureCheck } from '../benchmarks/src/check-only.ts';
import { fileOfSerializers } from '../benchmarks/src/many-serializers.ts';

const root = resolve(import.meta.dirname, '..');
const cache = join(root, 'node_modules/.cache');
mkdirSync(cache, { recursive: true });
const folder = mkdtempSync(join(cache, 'type-cost-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Cost {
  readonly types: number;
  readonly instantiations: number;
}

/** What the compiler makes of the files; with one checker the numbers are the same at every run. */
function costOf(files: readonly string[]): Cost {
  configureCheck(folder, files);
  const compiler = join(root, 'node_modules/.bin/tsc');
  const report = execFileSync(compiler, ['-p', folder, '--extendedDiagnostics', '--singleThreaded'], {
    encoding: 'utf8',
  });
  const number = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(report)?.[1]);
  return { types: number('Types'), instantiations: number('Instantiations') };
}

test('a field of a serializer costs the compiler no more than it did', () => {
  writeFileSync(join(folder, 'none.ts'), "export * as serializers from '@rf/serializers';\n");
  const files = ['file0.ts', 'file1.ts', 'file2.ts', 'file3.ts'];
  for (const [at, name] of files.entries()) writeFileSync(join(folder, name), fileOfSerializers(at, 20));
  const none = costOf(['none.ts']);
  const some = costOf(files.slice(0, 2));
  const more = costOf(files);
  // What one field adds when there are some already: the first of a kind costs more.
  const fields = 20 * 20;
  expect(some.types).toBeGreaterThan(none.types);
  expect((more.types - some.types) / fields).toBeLessThan(7);
  expect((more.instantiations - some.instantiations) / fields).toBeLessThan(31);
});
