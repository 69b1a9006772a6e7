import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { CommandError } from '@rf/project';

const FILES = ['project.ts', 'project.js', 'project.mjs', 'src/project.ts', 'src/project.js'];

/**
 * The file that defines the project: the one named, else `"rf": { "project": "…" }` of package.json, else project.ts or
 * src/project.ts; in the working directory or the nearest one above that has one of these. Null when there is none.
 *
 * Throws CommandError when the file that is named does not exist.
 */
export function findProjectFile(named: string | undefined, directory: string): string | null {
  if (named !== undefined) return existing(path.resolve(directory, named), '--project');
  for (let folder = directory; ; folder = path.dirname(folder)) {
    const configured = configuredIn(folder);
    if (configured !== undefined) return existing(path.resolve(folder, configured), path.join(folder, 'package.json'));
    const file = FILES.map((name) => path.join(folder, name)).find((candidate) => existsSync(candidate));
    if (file !== undefined) return file;
    if (folder === path.dirname(folder)) return null;
  }
}

function configuredIn(folder: string): string | undefined {
  const manifest = path.join(folder, 'package.json');
  if (!existsSync(manifest)) return undefined;
  try {
    const { rf } = JSON.parse(readFileSync(manifest, 'utf8')) as { rf?: { project?: unknown } };
    return typeof rf?.project === 'string' ? rf.project : undefined;
  } catch (error) {
    throw new CommandError(`${manifest} cannot be read: ${(error as Error).message}`);
  }
}

function existing(file: string, source: string): string {
  if (existsSync(file)) return file;
  throw new CommandError(`${file}, named by ${source}, does not exist.`);
}
