import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { createDataSource } from '@rf/orm';

/** How long a dump is kept that a newer one replaces: a test that runs may be about to read it. */
const KEPT_MS = 60 * 60 * 1000;

/** Where templates and dumps are kept between runs. */
function cache(): string {
  return path.resolve('node_modules/.cache/rf-testing');
}

/**
 * Makes a directory with an empty embedded database, as a copy: to make one anew takes seconds, to copy it does not.
 *
 * The original is kept in `node_modules/.cache`, one for each version of PGlite. Returns the directory, whose parent is the
 * caller's to remove.
 */
export async function copyOfEmptyDatabase(): Promise<string> {
  const template = path.join(cache(), `pglite-${pgliteVersion()}`);
  const parent = mkdtempSync(path.join(tmpdir(), 'rf-test-'));
  const directory = path.join(parent, 'data');
  if (!existsSync(template)) await makeTemplate(template);
  cpSync(template, directory, { recursive: true });
  return directory;
}

/**
 * The file with the dump of an embedded database that `make` has prepared; made once for each `key` and kept in `node_modules/.cache`
 * until there is another one of the same `family`.
 *
 * A database in memory that begins with it is there in a third of the time that a directory takes.
 *
 * @param make is given the directory of an empty database, and leaves it closed
 */
export async function dumpOf(family: string, key: string, make: (directory: string) => Promise<void>): Promise<string> {
  const file = path.join(cache(), `dump-${family}-${key}-${pgliteVersion()}.tar`);
  if (existsSync(file)) {
    const now = new Date();
    utimesSync(file, now, now);
    return file;
  }
  const directory = await copyOfEmptyDatabase();
  try {
    await make(directory);
    const database = await PGlite.create({ dataDir: directory });
    const dump = await database.dumpDataDir('none');
    await database.close();
    removeOld(family);
    writeWhole(file, Buffer.from(await dump.arrayBuffer()));
  } finally {
    rmSync(path.dirname(directory), { recursive: true, force: true });
  }
  return file;
}

/** Beside its place first, since a rename within one file system is at once: others see all of it or nothing. */
function writeWhole(file: string, content: Buffer): void {
  mkdirSync(path.dirname(file), { recursive: true });
  const beside = `${file}-${process.pid}`;
  writeFileSync(beside, content);
  renameSync(beside, file);
}

function removeOld(family: string): void {
  const old = Date.now() - KEPT_MS;
  for (const name of readdirSync(cache())) {
    const file = path.join(cache(), name);
    if (name.startsWith(`dump-${family}-`) && statSync(file).mtimeMs < old) rmSync(file, { force: true });
  }
}

async function makeTemplate(template: string): Promise<void> {
  const parent = mkdtempSync(path.join(tmpdir(), 'rf-template-'));
  const made = path.join(parent, 'data');
  const source = await createDataSource({ url: `pglite://${made}`, entities: [] });
  await source.destroy();
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
