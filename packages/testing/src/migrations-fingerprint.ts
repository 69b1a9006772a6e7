import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import type { EntityClass } from '@rf/orm';
import type { MigrationGraph, Project } from '@rf/project';
import { getMetadataArgsStorage } from 'typeorm';

/** Tells sets of migrations apart. */
export interface MigrationsFingerprint {
  /** Of their names. */
  readonly family: string;
  /** Of all that decides which tables they make: their code, the entities that they ask about, the framework. */
  readonly key: string;
}

/** The fingerprint of a project's migrations. */
export async function fingerprintMigrations(project: Project, graph: MigrationGraph): Promise<MigrationsFingerprint> {
  const hash = createHash('sha256');
  hash.update(await frameworkStamp());
  for (const node of graph.order) hash.update(`${node.id}\n${String(node.migration.constructor)}\n`);
  for (const app of project.apps) {
    if (app.migrations instanceof URL) hash.update(await filesIn(app.migrations));
  }
  for (const entity of project.entities) hash.update(JSON.stringify(describeEntity(entity)));
  const family = createHash('sha256').update(graph.order.map(({ id }) => id).join('\n'));
  return { family: family.digest('hex').slice(0, 12), key: hash.digest('hex').slice(0, 20) };
}

/** With what the files define beside the classes. */
async function filesIn(folder: URL): Promise<string> {
  const names = (await readdir(folder)).filter((name) => /\.[cm]?[jt]s$/.test(name)).sort();
  const texts = await Promise.all(names.map((name) => readFile(new URL(name, folder), 'utf8')));
  return texts.join('\n');
}

function describeEntity(entity: EntityClass): unknown {
  const { tables, columns } = getMetadataArgsStorage();
  const isOf = (target: unknown) =>
    target === entity || (typeof target === 'function' && entity.prototype instanceof target);
  return [
    entity.name,
    tables.filter(({ target }) => isOf(target)).map(({ name, schema }) => [name, schema]),
    columns.filter(({ target }) => isOf(target)).map(({ propertyName, options }) => [propertyName, options]),
  ];
}

/** The framework's version; of a checkout that runs from its sources, also how old these are. */
async function frameworkStamp(): Promise<string> {
  const manifest = await readFile(new URL('../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(manifest) as { version: string };
  return import.meta.url.endsWith('.ts') ? `${version} ${await newest(new URL('../../', import.meta.url))}` : version;
}

/** When a source of these packages was last changed: milliseconds since 1970. */
async function newest(packages: URL): Promise<number> {
  const folders = (await readdir(packages)).map((name) => new URL(`${name}/src/`, packages));
  const times = await Promise.all(
    folders.map(async (folder) => {
      const names = await readdir(folder, { recursive: true }).catch(() => []);
      return Promise.all(names.map(async (name) => (await stat(new URL(name, folder))).mtimeMs));
    }),
  );
  return times.flat().reduce((latest, time) => Math.max(latest, time), 0);
}
