// Projects and apps
export { type App, type AppDefinition, defineApp } from './app.ts';
export { defineProject, type Project, type ProjectDefinition } from './project.ts';
export { type OpenOptions, openProject, type ProjectSite } from './project-site.ts';
export { type EntityHook, onCreate, onRemove } from './entity-hooks.ts';
export { type Check, type CheckMessage, runChecks } from './checks.ts';
export { consoleLogger } from './console-logger.ts';
export { OfflineSite } from './offline-site.ts';

// Commands
export {
  type ArgumentSpec,
  type Command,
  type CommandContext,
  type CommandDefinition,
  CommandError,
  defineCommand,
  type OptionSpec,
  type Terminal,
  UsageError,
} from './command.ts';
export { helpOf, usageOf } from './command-line.ts';
export { type CommandEnvironment, runCommand } from './run-command.ts';
export { processTerminal, StreamTerminal } from './stream-terminal.ts';

// Migrations
export {
  type Migration,
  type MigrationClass,
  type MigrationKey,
  swappable,
  type SwappableDependency,
} from './migration.ts';
export { MigrationError } from './migration-error.ts';
export { type LoadOptions, MigrationGraph, type MigrationNode } from './migration-graph.ts';
export { type MigrationStep, type MigrationTarget } from './migration-plan.ts';
export {
  appliedMigrations,
  migrate,
  migrateDatabase,
  type MigrateOptions,
  pendingMigrations,
  type TakenStep,
} from './migrate.ts';
export type { PostMigrateContext } from './post-migrate.ts';
export {
  type AppReference,
  dependenciesOf,
  detectChanges,
  type DetectOptions,
  type SchemaChanges,
} from './schema-changes.ts';
export type { SchemaOperation, SchemaQuestions } from './schema-comparison.ts';
export {
  type NewDependency,
  type NewMigration,
  nextName,
  type SwappableImport,
  writeMigration,
} from './migration-file.ts';
export { migrationSql } from './migration-sql.ts';
