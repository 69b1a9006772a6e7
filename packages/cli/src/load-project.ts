import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { CommandError, type Project } from '@rf/project';

/**
 * Imports a project: the default export of its file. A TypeScript file is compiled on the way, and an `.env` file beside it
 * is read first; variables that are set already count more.
 */
export async function loadProject(file: string): Promise<Project> {
  const environment = path.join(path.dirname(file), '.env');
  if (existsSync(environment)) process.loadEnvFile(environment);
  if (/\.[cm]?ts$/.test(file)) await compileTypeScript();
  const module = (await import(pathToFileURL(file).href)) as { default?: unknown };
  if (isProject(module.default)) return module.default;
  throw new CommandError(`${file} has no project: write export default defineProject({ … }).`);
}

let isCompiling = false;

async function compileTypeScript(): Promise<void> {
  // A process that was started with the loader has it already.
  if (isCompiling || process.execArgv.some((argument) => argument.includes('tsx'))) return;
  const { register } = await import('tsx/esm/api');
  register();
  isCompiling = true;
}

function isProject(value: unknown): value is Project {
  return typeof value === 'object' && value !== null && 'apps' in value && 'entitiesOf' in value;
}
