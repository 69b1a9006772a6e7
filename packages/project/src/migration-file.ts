import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { App } from './app.ts';
import { CommandError } from './command.ts';
import type { MigrationKey, SwappableDependency } from './migration.ts';
import type { SchemaOperation } from './schema-comparison.ts';

/** A dependency on whichever app owns a model, and where the class that stands for it is imported from. */
export interface SwappableImport extends SwappableDependency {
  /** `@rf/auth` */
  readonly module: string;
}

/** What a migration to be written depends on. */
export type NewDependency = MigrationKey | SwappableImport;

/** A migration to be written. */
export interface NewMigration {
  readonly app: App;
  readonly name: string;
  readonly dependencies: readonly NewDependency[];
  readonly operations: readonly SchemaOperation[];
}

/** `0003_book_pages`: the next number of the app, and what the operations do. */
export function nextName(
  existing: readonly string[],
  operations: readonly SchemaOperation[],
  chosen: string | undefined,
  now: Date,
): string {
  const last = Math.max(0, ...existing.map((name) => Number.parseInt(name, 10) || 0));
  const number = String(last + 1).padStart(4, '0');
  if (chosen !== undefined) return `${number}_${chosen}`;
  if (existing.length === 0) return `${number}_initial`;
  const words = [
    ...new Set(operations.map(({ summary }) => summary.replace(/^add /, '').replaceAll(/[^a-z0-9]+/gi, '_'))),
  ];
  const text = words.join('_').toLowerCase();
  const stamp = now.toISOString().replaceAll(/[-T:]/g, '').slice(0, 12);
  return `${number}_${text.length > 0 && text.length <= 50 ? text : `auto_${stamp}`}`;
}

/** Writes the file into the folder of the app and returns its path. Throws CommandError for an app without a folder. */
export function writeMigration(migration: NewMigration): string {
  const folder = folderOf(migration.app);
  mkdirSync(folder, { recursive: true });
  const isTyped = !existsSync(folder) || !readdirSync(folder).some((file) => /^\d{4}_\w+\.m?js$/.test(file));
  const file = new URL(`${migration.name}.${isTyped ? 'ts' : 'js'}`, folder);
  const path = fileURLToPath(file);
  try {
    writeFileSync(file, isTyped ? typedSource(migration) : plainSource(migration), { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw new CommandError(`${path} exists already.`);
    throw error;
  }
  return path;
}

function folderOf(app: App): URL {
  if (!(app.migrations instanceof URL)) {
    throw new CommandError(
      `${app.label} lists its migrations by hand, so there is no folder to write to. ` +
        "In its defineApp write: migrations: new URL('./migrations/', import.meta.url).",
    );
  }
  return app.migrations.href.endsWith('/') ? app.migrations : new URL(`${app.migrations.href}/`);
}

function typedSource({ name, dependencies, operations }: NewMigration): string {
  const swappables = dependencies.filter(isSwappable);
  const fromProject = swappables.length > 0 ? 'import { type Migration, swappable }' : 'import type { Migration }';
  return `${modelImports(swappables)}${fromProject} from '@rf/project';
import type { QueryRunner } from 'typeorm';

export default class implements Migration {
${dependencyLine(dependencies, 'static readonly', ' as const')}  readonly name = ${quote(name)};

  async up(queryRunner: QueryRunner): Promise<void> {
${statements(upOf(operations))}  }

  async down(queryRunner: QueryRunner): Promise<void> {
${statements(downOf(operations))}  }
}
`;
}

function plainSource({ name, dependencies, operations }: NewMigration): string {
  const swappables = dependencies.filter(isSwappable);
  const imports =
    swappables.length > 0 ? `${modelImports(swappables)}import { swappable } from '@rf/project';\n\n` : '';
  return `${imports}export default class {
${dependencyLine(dependencies, 'static', '')}  name = ${quote(name)};

  async up(queryRunner) {
${statements(upOf(operations))}  }

  async down(queryRunner) {
${statements(downOf(operations))}  }
}
`;
}

function isSwappable(dependency: NewDependency): dependency is SwappableImport {
  return 'swappable' in dependency;
}

function modelImports(swappables: readonly SwappableImport[]): string {
  return swappables.map((each) => `import { ${each.swappable.name} } from ${quote(each.module)};\n`).join('');
}

function dependencyLine(dependencies: readonly NewDependency[], modifiers: string, suffix: string): string {
  if (dependencies.length === 0) return '';
  const list = dependencies.map((each) =>
    isSwappable(each) ? `swappable(${each.swappable.name})` : `[${quote(each[0])}, ${quote(each[1])}]`,
  );
  return `  ${modifiers} dependencies = [${list.join(', ')}]${suffix};\n\n`;
}

function upOf(operations: readonly SchemaOperation[]): string[] {
  return operations.flatMap(({ up }) => up);
}

function downOf(operations: readonly SchemaOperation[]): string[] {
  return operations.toReversed().flatMap(({ down }) => down);
}

function statements(list: readonly string[]): string {
  if (list.length === 0) return '    // Nothing yet: await queryRunner.query(`…`);\n';
  return list.map((sql) => `    await queryRunner.query(\`${escapeTemplate(sql)}\`);\n`).join('');
}

function escapeTemplate(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('`', '\\`').replaceAll('${', '\\${');
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
