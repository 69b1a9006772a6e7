import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import * as serializers from '@rf/serializers';
import { afterAll, describe, expect, it } from 'vitest';
import { Page, root, type Snippet } from './docs/page.ts';

const pages = Page.all();
const cache = join(root, 'node_modules/.cache');
mkdirSync(cache, { recursive: true });
const folder = mkdtempSync(join(cache, 'docs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the compiler says of files in this folder, without the folder. */
async function compile(files: readonly string[]): Promise<string[]> {
  const settings = {
    extends: join(root, 'tsconfig.base.json'),
    compilerOptions: { composite: false, declaration: false, declarationMap: false, sourceMap: false, noEmit: true },
    files,
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings));
  const compiler = join(root, 'node_modules/.bin/tsc');
  const run = promisify(execFile)(compiler, ['-p', folder, '--pretty', 'false'], { cwd: folder });
  const output = await run.then(
    () => '',
    (error: { stdout: string }) => error.stdout,
  );
  return output.split('\n').filter((line) => line.includes('error TS'));
}

/** The snippet as a file whose lines are those of the page. */
function moduleText(snippet: Snippet): string {
  const last = Math.max(...snippet.keys());
  const lines = Array.from({ length: last + 1 }, (_, line) => snippet.get(line) ?? '');
  return `${lines.join('\n')}\nexport {};\n`;
}

const isTutorial = ({ name }: Page): boolean => name.startsWith('docs/tutorial/');

const partOf = (page: Page): string => join(root, 'tests', page.name.replace(/^docs/, '').replace(/\.md$/, ''));

function readersProject(page: Page): string {
  return isTutorial(page) ? partOf(page) : join(root, 'tests/docs/reader');
}

/** The folder that a snippet of the tutorial stands in, when its first line names its file: `// notes/views.ts`. */
function placeOf(page: Page, snippet: Snippet): string {
  if (!isTutorial(page)) return '.';
  const [first = ''] = snippet.values();
  return dirname(/^\/\/ (\w[\w/.-]*\.ts)$/.exec(first)?.[1] ?? '.');
}

describe('the documentation', () => {
  it('has TypeScript that type-checks', { timeout: 180_000 }, async () => {
    const files: string[] = [];
    // The parts of the tutorial that have no folder are compiled by its own test.
    for (const page of pages.filter((each) => !isTutorial(each) || existsSync(partOf(each)))) {
      const place = join(folder, page.name);
      for (const [at, snippet] of page.snippets().entries()) {
        // Each page has the reader's project beside it, a part of the tutorial that of the part.
        if (at === 0) cpSync(readersProject(page), place, { recursive: true });
        const file = join(page.name, placeOf(page, snippet), `${at}.ts`);
        mkdirSync(dirname(join(folder, file)), { recursive: true });
        writeFileSync(join(folder, file), moduleText(snippet));
        files.push(file);
      }
    }
    const told = (await compile(files)).map((line) => line.replace(/\/\d+\.ts\((\d+),\d+\): error/, ':$1'));

    expect(files.length).toBeGreaterThan(100);
    expect(told.join('\n')).toBe('');
  });

  it('has links that lead somewhere', () => {
    const byFile = new Map(pages.map((page) => [page.file, page]));
    const broken = pages.flatMap((page) =>
      page
        .links()
        .filter(({ target }) => {
          const file = page.resolve(target);
          const [, anchor] = target.split('#');
          return !existsSync(file) || (anchor !== undefined && !byFile.get(file)?.anchors().includes(anchor));
        })
        .map(({ line, target }) => `${page.name}:${line + 1} ${target}`),
    );
    expect(broken.join('\n')).toBe('');
  });

  it('has a line for every field', () => {
    const text = pages.find((page) => page.name === 'docs/fields.md')?.text ?? '';
    const fields = Object.values(serializers).filter(
      (value): value is typeof serializers.CharField =>
        typeof value === 'function' && value.prototype instanceof serializers.Field,
    );
    expect(fields.length).toBeGreaterThan(25);
    expect(fields.map(({ name }) => name).filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
  });

  it('is reached from its index', () => {
    const index = pages.find((page) => page.name === 'docs/README.md') as Page;
    const named = new Set(index.links().map(({ target }) => index.resolve(target)));
    const lost = pages.filter((page) => page.name.startsWith('docs/') && page !== index && !named.has(page.file));
    expect(lost.map((page) => page.name).join('\n')).toBe('');
  });
});
