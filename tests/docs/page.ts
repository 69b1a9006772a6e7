import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');

/** Code of a page that stands in one module, by line: the first line of the page is 0. */
export type Snippet = ReadonlyMap<number, string>;

/** A link of a page. */
export interface Link {
  readonly line: number;
  readonly target: string;
}

/** A page of the documentation. */
export class Page {
  readonly #lines: readonly string[];

  private constructor(readonly file: string) {
    this.#lines = readFileSync(file, 'utf8').split('\n');
  }

  /** Every page: `docs/`, the READMEs, and what else stands at the top. */
  static all(): Page[] {
    const tops = readdirSync(root).filter((name) => name.endsWith('.md'));
    const docs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((name) =>
      join('docs', name),
    );
    const readmes = ['packages', 'apps'].flatMap((folder) =>
      readdirSync(join(root, folder)).flatMap((name) =>
        readdirSync(join(root, folder, name))
          .filter((file) => file === 'README.md')
          .map((file) => join(folder, name, file)),
      ),
    );
    return [...tops, ...docs.filter((name) => name.endsWith('.md')), ...readmes]
      .sort()
      .map((name) => new Page(join(root, name)));
  }

  get text(): string {
    return this.#lines.join('\n');
  }

  /** Path from the top of the repository. */
  get name(): string {
    return relative(root, this.file);
  }

  /**
   * Its TypeScript. A snippet with imports begins a module, one without goes on with the module before it. What readers need not see stands in
   * a comment: `<!-- ts`, lines of code, `-->`; it begins a module of which the next snippet is part.
   */
  snippets(): Snippet[] {
    const found: Map<number, string>[] = [];
    let isOpen = false;
    for (const { language, lines } of this.#blocks()) {
      if (language !== 'ts' && language !== 'hidden') continue;
      const begins = language === 'hidden' || (!isOpen && lines.some(([, text]) => /^import\b/.test(text)));
      if (begins || found.length === 0) found.push(new Map());
      const snippet = found.at(-1) as Map<number, string>;
      for (const [line, text] of lines) snippet.set(line, text);
      isOpen = language === 'hidden';
    }
    return found;
  }

  /** Links to other pages, files and headings of this repository. */
  links(): Link[] {
    return this.#prose().flatMap(([line, text]) =>
      [...text.replace(/`[^`]*`/g, '').matchAll(/\]\(([^)\s]+)\)/g)]
        .map((match) => match[1] as string)
        .filter((target) => !/^[a-z]+:/.test(target))
        .map((target) => ({ line, target })),
    );
  }

  /** What links may name after `#`: the headings, as GitHub makes them. */
  anchors(): string[] {
    return this.#prose()
      .filter(([, text]) => /^#{1,6} /.test(text))
      .map(([, text]) =>
        text
          .replace(/^#+ /, '')
          .toLowerCase()
          .replace(/[^\p{L}\p{N} _-]/gu, '')
          .replaceAll(' ', '-'),
      );
  }

  /** The file that a link leads to. */
  resolve(target: string): string {
    const [path = ''] = target.split('#');
    return path === '' ? this.file : resolve(dirname(this.file), path);
  }

  #prose(): [line: number, text: string][] {
    const inBlocks = new Set([...this.#blocks()].flatMap(({ lines }) => lines.map(([line]) => line)));
    return this.#lines.flatMap((text, line): [number, string][] => (inBlocks.has(line) ? [] : [[line, text]]));
  }

  *#blocks(): Generator<{ language: string; lines: [line: number, text: string][] }> {
    let open: { language: string; end: string; lines: [number, string][] } | null = null;
    for (const [line, text] of this.#lines.entries()) {
      const [, indent = '', fence] = /^(\s*)```([a-z]*)/.exec(text) ?? [];
      if (open === null) {
        if (fence !== undefined) open = { language: fence, end: `${indent}\`\`\``, lines: [] };
        else if (text === '<!-- ts') open = { language: 'hidden', end: '-->', lines: [] };
      } else if (text === open.end) {
        yield open;
        open = null;
      } else {
        open.lines.push([line, text]);
      }
    }
    if (open !== null) throw new Error(`${this.name} does not close its last block.`);
  }
}
