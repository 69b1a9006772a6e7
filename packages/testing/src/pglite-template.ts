import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createDataSource } from '@rf/orm';

/**
 * Makes a directory with an empty embedded database, as a copy: to make one anew takes seconds, to copy it does not.
 *
 * The original is kept in `node_modules/.cache`, one for each version of PGlite. Returns the directory, whose parent is the
 * caller's to remove.
 */
export async function copyOfEmptyDatabase(): Promise<string> {
  const template = path.resolve('node_modules/.cache/rf-testing', `pglite-${pgliteVersion()}`);
  const parent = mkdtempSync(path.join(tmpdir(), 'rf-test-'));
  const directory = path.join(parent, 'data');
  if (!existsSync(template)) await makeTemplate(template);
  cpSync(template, directory, { recursive: true });
  return directory;
}

async function makeTemplate(template: string): Promise<void> {
  const parent = mkdtempSync(path.join(tmpdir(), 'rf-template-'));
  const made = path.join(parent, 'data');
  const source = await createDataSource({ url: `pglite://${made}`, entities: [] });
  await source.destroy();
  // Beside its place first, since a rename within one file system is at once: others see all of it or nothing.
  const beside = `${template}-${process.pid}`;
  cpSync(made, beside, { recursive: true });
  try {
    renameSync(beside, template);
  } catch (error) {
    rmSync(beside, { recursive: true, force: true });
    // Another test process was faster.
    if (!existsSync(template)) throw error;
  } finally {
    rmSync(parent, { recursive: true, force: true });
  }
}

function pgliteVersion(): string {
  const entry = createRequire(import.meta.url).resolve('@electric-sql/pglite');
  const manifest = path.join(path.dirname(entry), '..', 'package.json');
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}
