import type { EntityManager } from 'typeorm';
import type { App } from './app.ts';
import type { Project } from './project.ts';

/** What an app's `postMigrate` gets. */
export interface PostMigrateContext {
  readonly project: Project;
  /** Of a transaction. */
  readonly manager: EntityManager;
  /** Apps whose migrations are all applied: their tables exist. */
  readonly migratedApps: readonly App[];
  /** Writes a line for the operator. */
  readonly log: (text: string) => void;
}
