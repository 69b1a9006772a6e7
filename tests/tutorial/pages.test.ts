import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const parts = readdirSync(import.meta.dirname).filter((name) => /^\d-[a-z-]+$/.test(name));
const pages = join(import.meta.dirname, '../../docs/tutorial');

/** The files that a page shows, as it shows them last: a block whose first line is `// notes/views.ts`. */
function shownFiles(part: string): ReadonlyMap<string, string> {
  const page = readFileSync(join(pages, `${part}.md`), 'utf8');
  const blocks = page.matchAll(/^```ts\n\/\/ (\S+\.ts)\n(.*?)^```$/gms);
  return new Map(Array.from(blocks, ([, name, code]) => [name as string, code as string]));
}

describe.each(parts)('%s', (part) => {
  it('shows the code that is tested', () => {
    const shown = shownFiles(part);
    expect(shown.size).toBeGreaterThan(0);
    for (const [name, code] of shown) {
      const file = join(import.meta.dirname, part, name);
      expect(existsSync(file) ? readFileSync(file, 'utf8') : `${name} is not there`).toBe(code);
    }
  });
});
