import { existsSync, readFileSync } from 'node:fs';
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
  if (/\.[cm]?ts$/.test(file)) {
    requireModules(file);
    await compileTypeScript();
  }
  const module = await importFile(file);
  if (isProject(module.default)) return module.default;
  throw new CommandError(`${file} has no project: write export default defineProject({ … }).`);
}

async function importFile(file: string): Promise<{ default?: unknown }> {
  try {
    return await import(pathToFileURL(file).href);
  } catch (error) {
    // Node's own words tell what is wrong, and often not where.
    const place = placeOf(error, path.dirname(file));
    if (error instanceof Error && place !== undefined && !error.message.includes(place.split(':', 1)[0] as string)) {
      error.message += ` (${place})`;
    }
    throw error;
  }
}

/** `urls.ts:4`: where in the project an error was thrown; undefined for one that says itself what is wrong. */
function placeOf(error: unknown, folder: string): string | undefined {
  if (!(error instanceof SyntaxError || error instanceof ReferenceError || error instanceof TypeError))
    return undefined;
  const places = (error.stack ?? '').matchAll(/(?:file:\/\/)?(\/[^\s()?:]+)(?:\?[^\s():]*)?:(\d+)/g);
  for (const [, name = '', line] of places) {
    const relative = path.relative(folder, decodeURI(name));
    if (!relative.startsWith('..') && !relative.includes('node_modules')) return `${relative}:${line}`;
  }
  return undefined;
}

/**
 * Refuses a file that would be compiled to CommonJS, as `npm init` leaves it: the packages are ES modules, so Node would load them in
 * circles, or twice.
 */
function requireModules(file: string): void {
  if (file.endsWith('.mts')) return;
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    const manifest = path.join(folder, 'package.json');
    if (existsSync(manifest)) {
      const { type } = JSON.parse(readFileSync(manifest, 'utf8')) as { type?: unknown };
      if (type === 'module') return;
      throw new CommandError(`${file} is no ES module. Write "type": "module" in ${manifest}.`);
    }
    if (folder === path.dirname(folder)) return;
  }
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
