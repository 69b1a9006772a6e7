import { readFileSync } from 'node:fs';
import type { Command } from '@rf/project';

/** The version of the package, which all packages share. */
export const version = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
).version;

/** What `rf --help` shows. */
export function overview(builtIn: readonly Command[], ofProject: readonly Command[]): string {
  const width = Math.max(...[...builtIn, ...ofProject].map(({ name }) => name.length));
  const lines = (commands: readonly Command[]) => commands.map(({ name, help }) => `  ${name.padEnd(width)}  ${help}`);
  return [
    'Usage: rf [--project FILE] COMMAND …',
    '',
    'Commands:',
    ...lines(builtIn),
    ...(ofProject.length === 0 ? [] : ['', 'Commands of the project’s apps:', ...lines(ofProject)]),
    '',
    'rf COMMAND --help tells more about one.',
  ].join('\n');
}
