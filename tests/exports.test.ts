import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const packages = resolve(import.meta.dirname, '../packages');

/** Names that a package exports, types among them, by its entry points. */
function exportsOf(name: string): Record<string, string[]> {
  const folder = join(packages, name);
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    exports: Record<string, { '@rf/source'?: string }>;
  };
  const entries = Object.entries(manifest.exports).flatMap(([entry, { '@rf/source': source }]) =>
    source?.endsWith('.ts') ? [[entry, namesIn(readFileSync(join(folder, source), 'utf8'))] as const] : [],
  );
  return Object.fromEntries(entries);
}

function namesIn(text: string): string[] {
  const lists = [...text.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, list = '']) =>
    list
      .split(',')
      .map((item) => item.trim().replace(/^type /, ''))
      .filter((item) => item !== '')
      .map((item) => item.split(' as ').at(-1) as string),
  );
  const own = [...text.matchAll(/^export (?:abstract |async )?(?:class|function|const|interface|type) (\w+)/gm)].map(
    ([, name]) => name as string,
  );
  return [...lists, ...own].sort();
}

describe('the public names', () => {
  // A name that goes away is a breaking change: say so in the changelog, then run `npx vitest run tests/exports.test.ts -u`.
  it.each(readdirSync(packages).sort())('of @rf/%s are those that were decided on', (name) => {
    const names = exportsOf(name);
    expect(Object.values(names).flat().length).toBeGreaterThan(0);
    expect(names).toMatchSnapshot();
  });
});
