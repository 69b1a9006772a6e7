import { ImproperlyConfigured } from '@rf/exceptions';
import type { EntityClass } from '@rf/orm';
import type { Awaitable, Settings, UrlEntry } from '@rf/views';
import type { Check } from './checks.ts';
import type { Command } from './command.ts';
import type { EntityHook } from './entity-hooks.ts';
import type { MigrationClass } from './migration.ts';
import type { PostMigrateContext } from './post-migrate.ts';
import type { Project } from './project.ts';
import type { ProjectSite } from './project-site.ts';

/** What an app brings to a project. Everything but the label may be left out. */
export interface AppDefinition {
  /** Names the app in migrations, commands and permissions: lower-case letters, digits and `_`. */
  readonly label: string;
  /** Its tables, as a list or worked out from the project. A class that the project replaces is left out by itself. */
  readonly entities?: readonly EntityClass[] | ((project: Project) => readonly EntityClass[]);
  /**
   * Its migrations: a list of classes, or the folder that holds them as files `0001_initial.ts`, each with the class as its
   * default export: `new URL('./migrations/', import.meta.url)`.
   */
  readonly migrations?: readonly MigrationClass[] | URL;
  /** Its share of the `rf` command. */
  readonly commands?: readonly Command[];
  /** Looked at by `rf check`. */
  readonly checks?: readonly Check[];
  /** URLs that come with the app, after the project's own. */
  readonly urls?: readonly UrlEntry[];
  /** Settings that it would have; the project's own count more, and those of apps later in the list. */
  readonly settings?: Partial<Settings>;
  /** Its own user model, which a project may replace by `userModel`. */
  readonly userModel?: EntityClass;
  /** What the user model is imported from, `'@rf/auth'`: `rf makemigrations` writes `swappable(User)` with that import. */
  readonly module?: string;
  /** What else happens when entities are written; see {@link onCreate}. */
  readonly hooks?: readonly EntityHook[];
  /** Puts the app's services on the site: `site.provide(key, value)`. Runs before `ready` of any app. */
  readonly resources?: (site: ProjectSite) => Awaitable<void>;
  /** Last word before the first request. Throws ImproperlyConfigured for what cannot work. */
  readonly ready?: (site: ProjectSite) => Awaitable<void>;
  /** Runs after `rf migrate`, when all migrations of the app are applied, in a transaction of its own. */
  readonly postMigrate?: (context: PostMigrateContext) => Awaitable<void>;
}

/** An app, complete. */
export interface App extends Omit<AppDefinition, 'commands' | 'checks' | 'hooks' | 'urls' | 'settings'> {
  readonly commands: readonly Command[];
  readonly checks: readonly Check[];
  readonly urls: readonly UrlEntry[];
  readonly settings: Partial<Settings>;
  readonly hooks: readonly EntityHook[];
}

/**
 * Declares an app: entities with their migrations, commands and checks.
 *
 * ```ts
 * export const bookshop = defineApp({
 *   label: 'bookshop',
 *   entities: [Author, Book],
 *   migrations: new URL('./migrations/', import.meta.url),
 * });
 * ```
 *
 * Throws ImproperlyConfigured for a label that cannot be one.
 */
export function defineApp(definition: AppDefinition): App {
  if (!/^[a-z][a-z0-9_]*$/.test(definition.label)) {
    throw new ImproperlyConfigured(
      `defineApp({ label: ${JSON.stringify(definition.label)} }): a label is made of lower-case letters, digits and "_", ` +
        "and begins with a letter: label: 'bookshop'.",
    );
  }
  return { commands: [], checks: [], hooks: [], urls: [], settings: {}, ...definition };
}
