import { existsSync, readdirSync } from 'node:fs';
import { ImproperlyConfigured } from '@rf/exceptions';
import type { App } from './app.ts';
import type { MigrationClass } from './migration.ts';

const FILE = /^(\d{4}_\w+)\.(?:ts|mts|js|mjs)$/;

/** The migrations of an app in the order of its list, or of the names of its files. */
export async function loadMigrations(app: App): Promise<readonly MigrationClass[]> {
  if (!(app.migrations instanceof URL)) return app.migrations ?? [];
  const files = migrationFiles(app.migrations);
  return Promise.all(files.map((file) => loadFile(new URL(file, app.migrations as URL), app)));
}

/** File names of migrations in a folder, sorted; none when there is no folder yet. */
export function migrationFiles(folder: URL): string[] {
  if (!existsSync(folder)) return [];
  // Compiled code has declarations beside it: `0001_initial.d.ts` does not match.
  return readdirSync(folder)
    .filter((name) => FILE.test(name))
    .sort();
}

async function loadFile(file: URL, app: App): Promise<MigrationClass> {
  const module: { default?: unknown } = await import(file.href);
  if (typeof module.default === 'function') return module.default as MigrationClass;
  throw new ImproperlyConfigured(
    `${file.pathname}, a migration of ${app.label}, has no default export: write export default class implements Migration { … }.`,
  );
}
