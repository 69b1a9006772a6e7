/** A block of code of a page. */
export interface Block {
  /** `ts`, `sh`, `json`, `text`. */
  readonly language: string;
  /** The file that it is, where its first line names one. */
  readonly file: string | undefined;
  readonly text: string;
  /** Of the page, from 1. */
  readonly line: number;
}

/** The blocks of a tutorial page in order, those without a language left out. The first line of a file is its name: `// notes/views.ts`. */
export function tutorialBlocks(page: string): Block[] {
  return [...page.matchAll(/^```([a-z]+)\n(?:\/\/ (\S+\.ts)\n)?(.*?)^```$/gms)].map((match) => {
    const [, language = '', file, text = ''] = match;
    return { language, file, text, line: page.slice(0, match.index).split('\n').length };
  });
}
